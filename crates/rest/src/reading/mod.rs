//! From a request to rows: statements, filters, sort orders, searches, and rows as JSON.

pub(crate) mod exists;
pub mod list;
pub mod query;
pub(crate) mod remembered;
pub mod row;
pub mod search;
pub mod seen;
pub mod select;
pub mod selected;
pub mod sight;
