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

use description::{access, operations, statement, template, values};
pub use description::{context, effects, http, markup, resource, segments, subject, subtree, table, view};
use face::{matched, tag};
pub use face::{openapi, options, params, registry};
use reading::{exists, remembered};
pub use reading::{list, query, row, search, seen, select, selected, sight};
use writing::permit;
pub use writing::{bulk, change, confirm, form, input, request, tree, write};
