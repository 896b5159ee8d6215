//! Metadata: an object that other programs store with a record.
//!
//! Every table with a column `metadata` has it: at `/api/metadata/{model}/{id}/` by the name of its record
//! model, and below each row of its resource (`/api/part/3/metadata/`). It has the rights of its row.

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::input::{Input, RawObject};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Access, Action, Args, Resource, RowEndpoint, Shape, action};
use ironwood_rest::table::{ColumnType, Table};
use ironwood_rest::view::{Type, View, value};
use ironwood_rest::{registry, seen};
use ironwood_store::{Value, fragment};
use serde_json::{Map, Value as Json};

use crate::schema::TABLES;

/// Most characters of a record's metadata as JSON text.
const LONGEST: usize = 1_000_000;

static VIEW: View = View::plain("Metadata", &[value("metadata", Type::Any).writable().required()]);

/// The metadata of a row, below its address.
pub(crate) static OF_ROW: RowEndpoint = RowEndpoint {
    name: "metadata",
    of: |resource| has_metadata(resource.view.table),
    view: &VIEW,
    operations: &[(Method::Get, of_row), (Method::Put, of_row), (Method::Patch, of_row)],
};

fn has_metadata(table: &Table) -> bool {
    table.column("metadata").is_some()
}

fn of_row(ctx: &mut Context<'_>, resource: &'static Resource, id: i64) -> Result<Answer> {
    answer(ctx, resource.view.table, id)
}

const fn by_key(method: Method, id: &'static str) -> Action {
    let action = action(method, "/api/metadata/{model}/{id}/", id, Access::SignedIn, of_key);
    described(action, method)
}

const fn by_field(method: Method, id: &'static str) -> Action {
    let path = "/api/metadata/{model}/{lookup_field}/{lookup_value}/";
    described(action(method, path, id, Access::SignedIn, of_field), method)
}

const fn described(action: Action, method: Method) -> Action {
    let action =
        action.response(200, Shape::Object(&VIEW)).help("Metadata of a record: an object for use by other programs.");
    if matches!(method, Method::Get) { action } else { action.request(Shape::Object(&VIEW)) }
}

/// Actions of this file.
pub(crate) static ACTIONS: &[&Action] = &[
    &const { by_key(Method::Get, "metadata_pk_retrieve") },
    &const { by_key(Method::Put, "metadata_pk_update") },
    &const { by_key(Method::Patch, "metadata_pk_partial_update") },
    &const { by_field(Method::Get, "metadata_retrieve") },
    &const { by_field(Method::Put, "metadata_update") },
    &const { by_field(Method::Patch, "metadata_partial_update") },
];

/// The table of a model (`part`, `part.part`) whose records have metadata, after the check that the caller
/// may do to some of its rows what the method does.
fn table_of(ctx: &Context<'_>, model: &str) -> Result<&'static Table> {
    let named = |record: &str| record.rsplit('.').next() == Some(model) || record == model;
    let table = TABLES.iter().find(|t| !t.record.is_empty() && has_metadata(t) && named(t.record));
    let table = table.ok_or_else(|| Error::non_field("This model does not exist or its records have no metadata."))?;
    match resource_of(ctx, table) {
        Some(resource) => registry::check_access(ctx.caller, resource.access, ctx.request.method)?,
        None if table.user.is_empty() && !ctx.caller.is_superuser() => return Err(Error::denied()),
        None => {}
    }
    Ok(table)
}

/// The resource that shows the rows of a table.
fn resource_of(ctx: &Context<'_>, table: &Table) -> Option<&'static Resource> {
    let shows = |r: &&'static Resource| r.view.table.name == table.name && r.operations.retrieve;
    ctx.registry.resources.iter().copied().find(shows)
}

/// The metadata of a row has the rights of the row.
fn permit(ctx: &mut Context<'_>, table: &'static Table, id: i64) -> Result<()> {
    if let Some(resource) = resource_of(ctx, table) {
        return registry::permit_row(ctx, resource, id);
    }
    let mut query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, table);
    seen::restrict(&mut query, ctx.caller);
    query.and_value("{id} = {value}", id);
    if query.count(ctx.conn)? == 0 { Err(Error::NotFound) } else { Ok(()) }
}

fn arg(args: &Args, at: usize) -> &str {
    args.get(at).map(String::as_str).unwrap_or_default()
}

fn of_key(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let table = table_of(ctx, arg(args, 0))?;
    let id = arg(args, 1).parse().map_err(|_| Error::NotFound)?;
    permit(ctx, table, id)?;
    answer(ctx, table, id)
}

/// By another column than the key, if its values are unique.
fn of_field(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let table = table_of(ctx, arg(args, 0))?;
    let (field, text) = (arg(args, 1), arg(args, 2));
    if matches!(field, "pk" | "id") {
        let id = text.parse().map_err(|_| Error::NotFound)?;
        permit(ctx, table, id)?;
        return answer(ctx, table, id);
    }
    let column = table.column(field).filter(|c| c.unique && matches!(c.kind, ColumnType::Text));
    let column = column.ok_or_else(|| Error::non_field("Records cannot be looked up by this field."))?;
    let sql = fragment!("SELECT id FROM {} WHERE \"{}\" = $1", table.name, column.name);
    let id = ctx.conn.one(&sql, &[text.into()])?.ok_or(Error::NotFound)?.int(0);
    permit(ctx, table, id)?;
    answer(ctx, table, id)
}

/// Shows the metadata of a row; PUT replaces it before, PATCH adds to it.
fn answer(ctx: &mut Context<'_>, table: &'static Table, id: i64) -> Result<Answer> {
    if ctx.request.method.safe() {
        let sql = fragment!("SELECT metadata FROM {} WHERE id = $1", table.name);
        let row = ctx.conn.one(&sql, &[Value::Int(id)])?.ok_or(Error::NotFound)?;
        return Ok(shown(row.opt_text(0).unwrap_or_default()));
    }
    let mut change = Change::update(ctx.conn, table, id, Input::default())?;
    let given = read(&RawObject::read(&ctx.request.body)?)?;
    let kept: Json = serde_json::from_str(change.text("metadata")).unwrap_or(Json::Null);
    let metadata = match kept {
        Json::Object(mut kept) if ctx.request.method == Method::Patch => {
            kept.extend(given);
            kept
        }
        _ => given,
    };
    let text = Json::Object(metadata).to_string();
    if text.chars().count() > LONGEST {
        return Err(Error::field("metadata", format!("Metadata must be at most {LONGEST} characters.")));
    }
    change.set("metadata", text.as_str());
    change.write(ctx.conn)?;
    Ok(shown(&text))
}

fn shown(text: &str) -> Answer {
    // clients count on an object, also where older records have none
    let text = if text.is_empty() || text == "null" { "{}" } else { text };
    Answer::json_bytes(200, format!("{{\"metadata\":{text}}}").into_bytes())
}

fn read(given: &RawObject) -> Result<Map<String, Json>> {
    let parsed = match given.values.get("metadata") {
        // a form has only texts
        Some(Json::String(text)) => serde_json::from_str(text).ok(),
        other => other.cloned(),
    };
    match parsed {
        Some(Json::Object(metadata)) => Ok(metadata),
        None if !given.values.contains_key("metadata") => Err(Error::field("metadata", "This field is required.")),
        _ => Err(Error::field("metadata", "Metadata must be an object.")),
    }
}
