//! What there is (tables of the database, views of them, resources with their addresses and actions), and what functions
//! over it are given: a request and its context, the new values of a row, a statement in the making. Descriptions hold
//! such functions, so these types belong together; what is done with them is in the other folders.

pub(crate) mod access;
pub mod context;
pub mod effects;
pub mod http;
pub mod markup;
pub(crate) mod operations;
pub mod resource;
pub mod segments;
pub(crate) mod statement;
pub mod subject;
pub mod subtree;
pub mod table;
pub(crate) mod template;
pub(crate) mod values;
pub mod view;
