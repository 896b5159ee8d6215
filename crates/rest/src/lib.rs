//! The resource engine: a description of a resource gives its statements, JSON, validation,
//! OPTIONS, OpenAPI, records in and out.
//!
//! [`table::Table`] says what the database holds, [`view::View`] what the API shows of it, and
//! [`resource::Resource`] under which address, with which filters, sort orders and rules. What is more
//! than rows of a table is an [`resource::Action`]. [`registry::Registry`] holds them all, matches
//! requests and checks rights.

mod description;
mod face;
mod reading;
mod writing;

pub use description::{markup, parts, resource, subject, table, tree, view};
use face::tag;
pub use face::{context, http, openapi, options, registry};
use reading::remembered;
pub use reading::{list, params, query, row, search, select, selected, sight};
pub use writing::{bulk, change, confirm, effects, form, input, request, write};
