//! Duplicates records: what is copied, including parameters.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Key, Result};
use ironwood_rest::change::Change;
use ironwood_rest::input::{self, Mode, RawObject};
use ironwood_rest::row::{self, TableRow};
use ironwood_rest::table::Table;
use ironwood_rest::view::{BOOL, Field, INT, View, input as given};
use ironwood_store::{Connection, fragment};
use serde_json::Value as Json;

use crate::schema::common::Parameter;
use crate::schema::keys::AnyKey;

/// What is copied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    pub original: AnyKey,
    pub lines: bool,
    pub extra_lines: bool,
    pub parameters: bool,
}

/// The row that is copied: the first field of every view of options.
pub(crate) const fn original(table: &'static Table) -> Field {
    given("original", INT).links(table).required().help("Record to copy from.")
}
/// Whether lines are copied.
pub(crate) const LINES: Field = given("copy_lines", BOOL).default("true").help("Copy the lines.");
/// Whether extra lines are copied.
pub(crate) const EXTRA_LINES: Field = given("copy_extra_lines", BOOL).default("true").help("Copy the extra lines.");
/// Whether parameters are copied.
pub(crate) const PARAMETERS: Field = given("copy_parameters", BOOL).default("true").help("Copy the parameters.");

/// The options that a change brings under `duplicate`; `None` where nothing is to be copied.
///
/// # Errors
/// 400 below `duplicate`.
pub(crate) fn options(conn: &mut Connection, change: &Change, form: &'static View) -> Result<Option<Options>> {
    let Some(Json::Object(values)) = change.extra.get("duplicate") else { return Ok(None) };
    let input = input::check(conn, form, RawObject::object(values), Mode::Whole).map_err(|error| match error {
        Error::Invalid(inner) => {
            let mut fields = Fields::new();
            fields.nest("duplicate", inner.json());
            Error::Invalid(fields)
        }
        other => other,
    })?;
    let wants =
        |name: &str| form.field(name).is_some() && input.extra.get(name).and_then(Json::as_bool).unwrap_or(true);
    let Some(original) = input.extra.get("original").and_then(Json::as_i64) else { return Ok(None) };
    Ok(Some(Options {
        original: AnyKey::from_id(original),
        lines: wants("copy_lines"),
        extra_lines: wants("copy_extra_lines"),
        parameters: wants("copy_parameters"),
    }))
}

/// Gives a record the parameters of another one of its kind; it keeps those that it has. Parameters whose
/// values are unique stay with the original: the copy would say the same.
pub(crate) fn copy_parameters(conn: &mut Connection, table: &Table, from: AnyKey, to: AnyKey) -> Result<()> {
    let sql = fragment!(
        "SELECT {} FROM common_parameter p JOIN common_parametertemplate t ON t.id = p.template \
         WHERE p.model_type = $2 AND p.model_id = $3 AND t.\"unique\" = 0 AND NOT EXISTS (SELECT 1 FROM common_parameter q \
         WHERE q.model_type = $2 AND q.model_id = $1 AND q.template = p.template) ORDER BY p.template, p.id",
        row::columns::<Parameter>("p")
    );
    let mut copies = Vec::new();
    conn.query(&sql, &[to.into(), table.record.into(), from.into()], |row| {
        copies.push(Parameter { id: Key::default(), model_id: to, ..Parameter::read(row, 0) });
        Ok(())
    })?;
    row::insert::<Parameter>(conn, &copies)
}
