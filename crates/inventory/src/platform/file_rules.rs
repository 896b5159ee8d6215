//! Rules of a model over all rows of a file.

use ironwood_base::Result;
use ironwood_base::error::Fields;
use ironwood_rest::context::Context;
use ironwood_rest::view::View;
use serde_json::{Map, Value as Json};

use crate::schema::keys::{AnyKey, FileRowKey};

/// A row of a file on its way to a record.
#[derive(Debug, Clone)]
pub(crate) struct FileRow {
    pub id: FileRowKey,
    /// Its place in the file.
    pub index: i64,
    /// Values by field.
    pub values: Map<String, Json>,
    /// What is wrong with them.
    pub faults: Fields,
    /// Whether it is a record already.
    pub complete: bool,
    /// The row (its place among all) that this one belongs to, where the model's rules say so.
    pub above: Option<usize>,
}

/// Rules over all rows of a file.
#[derive(Debug)]
pub(crate) struct FileRules {
    /// Fields of files alone: they say where a row belongs, and are no part of the record.
    pub fields: &'static View,
    /// Sets values of rows that follow from other rows. Rows come in the order of the file.
    pub arrange: fn(&mut [FileRow]),
    /// Whether the record of a row is there already, so that none is to be made; may refuse.
    pub is_there: fn(&mut Context<'_>, &[FileRow], usize) -> Result<bool>,
    /// After the record of a row was made or changed: what its fields of files alone mean for it, by its key.
    pub made: fn(&mut Context<'_>, &Map<String, Json>, AnyKey) -> Result<()>,
}
