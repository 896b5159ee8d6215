//! What there is: tables of the database, views of them, resources with their addresses and actions.

pub mod markup;
pub mod parts;
pub mod resource;
pub mod subject;
pub mod table;
pub mod tree;
pub mod view;
