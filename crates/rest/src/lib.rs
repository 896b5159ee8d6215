//! The resource engine: a description of a resource gives its statements, JSON, validation,
//! OPTIONS, OpenAPI, records in and out.
//!
//! [`table::Table`] says what the database holds, [`view::View`] what the API shows of it, and
//! [`resource::Resource`] under which address, with which filters, sort orders and rules. What is more
//! than rows of a table is an [`resource::Action`]. [`registry::Registry`] holds them all, matches
//! requests and checks rights.

pub mod bulk;
pub mod change;
pub mod confirm;
pub mod context;
pub mod effects;
pub mod form;
pub mod http;
pub mod input;
pub mod list;
pub mod markup;
pub mod openapi;
pub mod options;
pub mod params;
pub mod parts;
pub mod query;
pub mod registry;
mod remembered;
pub mod request;
pub mod resource;
pub mod row;
pub mod search;
pub mod select;
pub mod sight;
pub mod subject;
pub mod table;
pub mod tree;
pub mod view;
pub mod write;
