//! From a request to rows: statements, filters, sort orders, searches, and rows as JSON.

pub mod list;
pub mod params;
pub mod query;
pub(crate) mod remembered;
pub mod row;
pub mod search;
pub mod select;
pub mod selected;
pub mod sight;
