//! The column mapping and the rows of an import session.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Key, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{
    Access, Action, Args, Condition, Delete, NO_RULES, Operations, Resource, Rules, Shape, action,
};
use ironwood_rest::resource::{filter, flag_filter, sort};
use ironwood_rest::selected;
use ironwood_rest::view::{Type, View, col, input, pk};
use ironwood_store::Value;
use serde_json::{Value as Json, json};

use super::extract::Extracted;
use super::session::{self, MAP_VIEW};
use super::state::{self, Session};
use super::{models, rows, work};
use crate::schema::importer::{COLUMN_MAP, ROW as TABLE, SESSION};
use crate::schema::keys::{AnyKey, FileRowKey, ImportKey};

/// Bytes of a row's values.
const LONGEST_DATA: usize = 1_000_000;

/// Which columns go into which fields.
pub(crate) static MAPPINGS: Resource =
    Resource::new("/api/importer/column-mapping/", "importer_column_mapping", &MAP_VIEW)
        .operations(Operations { create: false, delete: false, ..Operations::ALL })
        .access(Access::SignedIn)
        .guard(|ctx, id| session::guard_of(ctx, COLUMN_MAP.name, id))
        .filters(&[filter("session", Condition::Link(&SESSION, "{session} = {value}"))])
        .search(&["{column}", "{field}"])
        .sorts(&[
            sort("pk", &["{id}"]),
            sort("session", &["{session}"]),
            sort("column", &["{column}"]),
            sort("field", &["{field}"]),
            sort("lookup_field", &["{lookup_field}"]),
        ])
        .rules(Rules { check: check_mapping, ..NO_RULES })
        .help("Mapping of file columns to fields.");

fn check_mapping(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let session = Session::load(ctx.conn, change.key("session").unwrap_or_default())?;
    let (column, field) = (change.text("column").to_owned(), change.text("field").to_owned());
    let mut fields = Fields::new();
    if (change.is_changed("column") || change.is_changed("lookup_field")) && session.status > state::MAPPING {
        fields.add("column", "The rows have already been read.");
    }
    let there = models::fields(ctx, session.model, session.update)?;
    let Some(described) = there.iter().find(|f| f.name == field) else {
        return Err(Error::field("field", "These records have no such field."));
    };
    if !column.is_empty() {
        let sql = "SELECT 1 FROM importer_dataimportcolumnmap WHERE session = $1 AND \"column\" = $2 AND id <> $3";
        let params = [session.id.into(), column.as_str().into(), change.id.unwrap_or(0).into()];
        if !session.columns.contains(&column) {
            fields.add("column", "The file has no such column.");
        } else if ctx.conn.one(sql, &params)?.is_some() {
            fields.add("column", "This column is mapped to another field.");
        }
    }
    let by = change.text("lookup_field").to_owned();
    if !by.is_empty() {
        match described.target() {
            None => fields.add("lookup_field", "This field does not refer to other records."),
            Some(table) if by != "pk" && !models::names_of(table).contains(&by.as_str()) => {
                let names = std::iter::once("pk").chain(models::names_of(table).iter().copied());
                let names = names.collect::<Vec<_>>().join(", ");
                fields.add("lookup_field", format!("These records can be looked up by: {names}."));
            }
            Some(_) => {}
        }
    }
    fields.check()
}

static VIEW: View = View::new(
    "DataImportRow",
    &TABLE,
    &[
        pk(),
        col("session").label("Import Session").read_only(),
        col("row_index").read_only().help("Position of the row in the file, counted from 0."),
        col("row_data").label("Original row data").read_only().nullable().help("Values in the file, by column."),
        col("data").kind(Type::Any).nullable().help("Values by field."),
        col("errors").read_only().nullable().help("Errors by field."),
        col("warnings").read_only().nullable().help("Warnings by field. The row can still be imported."),
        col("valid").read_only().help("Whether the row is valid."),
        col("complete").read_only().help("Whether the row has been imported."),
    ],
);

/// Rows of files.
pub(crate) static ROWS: Resource = Resource::new("/api/importer/row/", "importer_row", &VIEW)
    .operations(Operations { create: false, ..Operations::ALL }.bulk_delete())
    .access(Access::SignedIn)
    .guard(|ctx, id| session::guard_of(ctx, TABLE.name, id))
    .filters(&[
        filter("session", Condition::Link(&SESSION, "{session} = {value}")),
        flag_filter("valid", "{valid}", "NOT {valid}"),
        flag_filter("complete", "{complete}", "NOT {complete}"),
    ])
    .sorts(&[sort("pk", &["{id}"]), sort("row_index", &["{row_index}"]), sort("valid", &["{valid}"])])
    .search(&["{row_data}"])
    .default_sort(&["{row_index}"])
    .rules(Rules { check, saved, delete: Delete::Many(delete), ..NO_RULES })
    .help("Rows of an import session.");

/// A row is tried with its new values.
fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    if change.flag("complete") {
        return if change.is_changed("data") {
            Err(Error::field("data", "This row has already been imported."))
        } else {
            Ok(())
        };
    }
    let session = Session::load(ctx.conn, change.key("session").unwrap_or_default())?;
    if session.status == state::IMPORTING {
        return Err(Error::non_field("The rows are still being read."));
    }
    let text = change.text("data").to_owned();
    let data = match serde_json::from_str(if text.is_empty() { "{}" } else { &text }) {
        Ok(Json::Object(data)) if text.len() <= LONGEST_DATA => data,
        Ok(Json::Null) => Default::default(),
        _ => return Err(Error::field("data", "Must be an object.")),
    };
    let mut row = Extracted { data, ..Extracted::default() };
    let errors = rows::try_values(ctx, &session, change.id.map_or_else(Key::default, Key::from_id), &mut row)?;
    change.set("data", Json::Object(row.data).to_string());
    change.set("valid", errors.is_none());
    change.set("warnings", rows::errors_value(&row.warnings, LONGEST_DATA));
    change.set("errors", errors.map_or(Value::Null, |errors| errors.to_string().into()));
    Ok(())
}

fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    if !change.is_changed("data") {
        return Ok(());
    }
    let session = Session::load(ctx.conn, change.key("session").unwrap_or_default())?;
    rows::follow(ctx, &session, id.of_kind())
}

/// Without the rows that were no records yet, the session may be at its end.
fn delete(ctx: &mut Context<'_>, ids: &[AnyKey]) -> Result<bool> {
    session::guard_all(ctx, TABLE.name, "session", ids)?;
    let mut sessions = Vec::new();
    let sql = "SELECT DISTINCT session FROM importer_dataimportrow WHERE id IN ({keys})";
    ctx.conn.of_keys(sql, ids, |row| sessions.push(row.cell(0)))?;
    ctx.conn.execute_keys("DELETE FROM importer_dataimportrow WHERE id IN ({keys})", ids)?;
    for session in sessions {
        state::end_if_complete(ctx.conn, session)?;
    }
    Ok(false)
}

static ACCEPTED: View = View::plain(
    "DataImportAcceptRow",
    &[input("rows", Type::Ints).always().required().links(&TABLE).help("IDs of the records.")],
);

request! {
    struct AcceptRequest of ACCEPTED {
        rows: Vec<FileRowKey>,
    } without []
}

/// Rows become records.
pub(crate) static ACCEPT_ROWS: Action = action(
    Method::Post,
    "/api/importer/session/{id}/accept_rows/",
    "importer_session_accept_rows_create",
    Access::SignedIn,
    accept_rows,
)
.request(Shape::Object(&ACCEPTED))
.response(201, Shape::Object(&ACCEPTED))
.help("Imports valid rows. Each row is imported completely or not at all. Many rows are imported in the background.");

selected! {
    /// A problem found with a row.
    struct Judged {
        session: ImportKey = "session",
        valid: bool = "valid",
        complete: bool = "complete",
    }
}

fn accept_rows(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let session = match session::of(ctx, args) {
        // clients are told of their rows first
        Err(Error::NotFound) => {
            AcceptRequest::read(ctx)?;
            return Err(Error::NotFound);
        }
        found => found?,
    };
    let wanted = AcceptRequest::read(ctx)?.rows;
    let mut ids = wanted.clone();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Err(Error::field("rows", "There are no rows to import."));
    }
    rows::check_rights(ctx, &session)?;
    for row in selected::among::<Judged>(ctx.conn, "FROM importer_dataimportrow WHERE id IN ({keys})", &ids)? {
        let why = match (row.session == session.id, row.valid, row.complete) {
            (false, ..) => "A row belongs to another session.",
            (_, false, _) => "A row is not valid.",
            (.., true) => "A row has already been imported.",
            _ => continue,
        };
        return Err(Error::field("rows", why));
    }
    if session.status == state::IMPORTING {
        return Err(Error::field("rows", "The rows are still being read."));
    }
    work::accept_rows(ctx, &session, &ids)?;
    Ok(Answer::json(201, &json!({ "rows": wanted })))
}
