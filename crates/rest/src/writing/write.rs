//! Making, changing and deleting rows.

use ironwood_base::error::{Fields, MOST_ROWS, NON_FIELD};
use ironwood_base::key::{self, Key};
use ironwood_base::{Error, Result};
use ironwood_store::{Connection, Value, fragment};
use serde_json::{Map, Value as Json};

use crate::access::{is_allowed, method_of};
use crate::change::Change;
use crate::confirm;
use crate::context::{Context, Permission};
use crate::http::{Answer, Body, Method, success};
use crate::input::{self, Input, Mode, RawObject};
use crate::list;
use crate::permit;
use crate::query::Query;
use crate::resource::{Access, Delete, Resource, Together};
use crate::seen;
use crate::select::{self, Rows};
use crate::table::{Column, ColumnType, Table};
use crate::view::{Source, Sql, View};

/// Makes one row from input; gives its key. Whatever operation does it, the caller needs the right to make such
/// rows by themselves.
///
/// # Errors
/// 403 without that right; what the view and the resource's rules refuse.
pub fn create(ctx: &mut Context<'_>, resource: &'static Resource, given: RawObject) -> Result<i64> {
    may(ctx, resource, Permission::Add)?;
    let view = resource.row_view();
    let mut input = input::check(ctx.conn, view, given, Mode::Whole)?;
    input::check_mandatory(view, true, &input)?;
    choose(ctx, view, &mut input, true)?;
    input.columns.extend(resource.fixed.iter().map(|(column, value)| (*column, Value::Text((*value).to_owned()))));
    save(ctx, resource, Change::create(view.table, input)).map_err(|error| by_field_names(view, error))
}

/// Rules name columns; where a view calls a column by another name, its messages stand under that.
fn by_field_names(view: &View, error: Error) -> Error {
    let Error::Invalid(fields) = error else { return error };
    let Json::Object(messages) = fields.json() else { return Error::Invalid(fields) };
    let mut named = Fields::new();
    for (name, below) in messages {
        let shown = view.fields.iter().find(|f| f.writable && matches!(f.source, Source::Column(c) if c == name));
        let known = view.field(&name).is_some();
        named.nest(shown.filter(|_| !known).map_or(name.as_str(), |f| f.name), below);
    }
    Error::Invalid(named)
}

/// Refuses what an operation does to rows of a resource, besides what it is asked for, without the right for it.
fn may(ctx: &Context<'_>, resource: &'static Resource, permission: Permission) -> Result<()> {
    match resource.access {
        Access::Table(table) | Access::ReadOrTable(table) => ctx.require(table, permission),
        access if is_allowed(ctx.caller, access, method_of(permission)) => Ok(()),
        _ => Err(Error::denied()),
    }
}

/// Changes one row, with the right to change such rows by themselves.
///
/// # Errors
/// As [`create`].
pub fn update(ctx: &mut Context<'_>, resource: &'static Resource, id: i64, given: RawObject, mode: Mode) -> Result<()> {
    may(ctx, resource, Permission::Change)?;
    let view = resource.row_view();
    let mut input = input::check(ctx.conn, view, given, mode)?;
    choose(ctx, view, &mut input, false)?;
    let change = Change::update(ctx.conn, view.table, id, input)?;
    save(ctx, resource, change).map(|_| ()).map_err(|error| by_field_names(view, error))
}

/// Refuses addresses without a scheme where the domain wants it.
fn complete_links(ctx: &mut Context<'_>, view: &'static View, input: &Input) -> Result<()> {
    let mut fields = Fields::new();
    for field in view.fields.iter().filter(|f| f.writable) {
        let Some(column) = field.column(view.table).filter(|c| matches!(c.kind, ColumnType::Url)) else { continue };
        let short = input.columns.iter().any(|(name, value)| {
            *name == column.name && matches!(value, Value::Text(t) if !t.is_empty() && !t.contains("://"))
        });
        if short && !ctx.domain.takes_short_links(ctx.conn)? {
            fields.add(field.name, "Enter a full URL that begins with its scheme, such as https://.");
        }
    }
    fields.check()
}

/// Values from lists that the domain keeps: one of the list where it is given, its default in a new row
/// where it is not.
///
/// # Errors
/// [`Error::Invalid`] naming the fields whose value is not on its list.
pub fn choose(ctx: &mut Context<'_>, view: &'static View, input: &mut Input, is_new: bool) -> Result<()> {
    complete_links(ctx, view, input)?;
    let mut fields = Fields::new();
    for field in view.fields.iter().filter(|f| f.writable && !f.chosen_from.is_empty()) {
        let Some(column) = field.column(view.table) else { continue };
        match input.columns.iter().find(|(name, _)| *name == column.name) {
            None if is_new && !column.null => {
                if let Some(value) = ctx.domain.chosen(ctx.conn, field.chosen_from)? {
                    input.columns.push((column.name, value));
                }
            }
            None | Some((_, Value::Null)) => {}
            Some((_, value)) => {
                let text = match value {
                    Value::Text(text) => text.clone(),
                    Value::Int(number) => number.to_string(),
                    _ => String::new(),
                };
                let blank = text.is_empty() && column.blank;
                if !blank && !ctx.domain.choices(ctx.conn, field.chosen_from)?.iter().any(|(v, _)| *v == text) {
                    fields.add(field.name, "Select a valid choice.");
                }
            }
        }
    }
    fields.check()
}

fn save(ctx: &mut Context<'_>, resource: &'static Resource, mut change: Change) -> Result<i64> {
    permit::check_change(ctx, &change)?;
    (resource.rules.check)(ctx, &mut change)?;
    let left = keep_files(ctx, resource.row_view(), &mut change)?;
    let id = change.write(ctx.conn)?;
    for (column, path) in left {
        forget_file(ctx, change.table, column, &path)?;
    }
    keep_values(ctx, resource.row_view(), &change, id)?;
    (resource.rules.saved)(ctx, &change, Key::from_id(id))?;
    ctx.domain.written(ctx, std::slice::from_ref(&change))?;
    Ok(id)
}

/// Keeps given values that have their place outside of the row.
fn keep_values(ctx: &mut Context<'_>, view: &'static View, change: &Change, id: i64) -> Result<()> {
    for field in view.fields {
        if let (Some(keep), Some(value)) = (field.keep, change.extra.get(field.name)) {
            keep(ctx, change, Key::from_id(id), value)?;
        }
    }
    Ok(())
}

/// Keeps the files that came with a change; gives the paths that the row named before and does no
/// longer.
///
/// # Errors
/// What the domain has against a file, by field; those of the database.
pub fn keep_files(
    ctx: &mut Context<'_>,
    view: &'static View,
    change: &mut Change,
) -> Result<Vec<(&'static Column, String)>> {
    let mut left = Vec::new();
    for field in view.fields.iter().filter(|f| f.writable) {
        let Some(column) = field.column(change.table).filter(|c| c.is_file()) else { continue };
        if let Some(upload) = change.files.remove(column.name) {
            let domain = ctx.domain;
            let uploads = ctx.uploads.clone();
            let prepared = uploads.get(field.name);
            let path = domain.keep_file(ctx.conn, &mut ctx.effects, change, column, &upload, prepared)?;
            change.set(column.name, path);
        }
        if change.is_changed(column.name)
            && let Value::Text(old) = change.old(column.name)
            && !old.is_empty()
        {
            left.push((column, old.clone()));
        }
    }
    Ok(left)
}

/// Drops a file unless another row still names it.
fn forget_file(ctx: &mut Context<'_>, table: &'static Table, column: &'static Column, path: &str) -> Result<()> {
    let sql = fragment!("SELECT 1 FROM {} WHERE \"{}\" = $1 LIMIT 1", table.name, column.name);
    if ctx.conn.one(&sql, &[path.into()])?.is_none() {
        let domain = ctx.domain;
        domain.drop_file(&mut ctx.effects, path);
    }
    Ok(())
}

/// Deletes rows, with the files that no other row names.
///
/// # Errors
/// What a rule or the database refuses.
pub fn delete(ctx: &mut Context<'_>, resource: &'static Resource, ids: &[i64]) -> Result<()> {
    may(ctx, resource, Permission::Delete)?;
    let table = resource.view.table;
    permit::check_rows(ctx, table, Method::Delete, ids)?;
    let files = files_of(ctx.conn, table, ids)?;
    let keys = key::of_ids(ids);
    ctx.domain.deleting(ctx, table, &keys)?;
    match resource.rules.delete {
        Delete::Each(rule) => {
            for id in ids {
                if rule(ctx, Key::from_id(*id))? {
                    erase(ctx.conn, table, &[*id])?;
                }
            }
        }
        Delete::Many(rule) => {
            if rule(ctx, &keys)? {
                erase(ctx.conn, table, ids)?;
            }
        }
    }
    for path in files {
        let domain = ctx.domain;
        domain.drop_file(&mut ctx.effects, &path);
    }
    Ok(())
}

fn erase(conn: &mut Connection, table: &Table, ids: &[i64]) -> Result<()> {
    conn.execute_keys(&fragment!("DELETE FROM {} WHERE id IN ({{keys}})", table.name), ids).map(|_| ())
}

/// Files that these rows name, and no others.
fn files_of(conn: &mut Connection, table: &'static Table, ids: &[i64]) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for column in table.columns.iter().filter(|c| c.is_file()) {
        let (table, column) = (table.name, column.name);
        let sql = fragment!(
            "SELECT DISTINCT t.\"{column}\" FROM {table} t WHERE t.id IN ({{keys}}) AND t.\"{column}\" <> '' \
             AND NOT EXISTS (SELECT 1 FROM {table} o WHERE o.\"{column}\" = t.\"{column}\" AND o.id NOT IN ({{keys}}))"
        );
        conn.of_keys(&sql, ids, |row| files.push(row.text(0).to_owned()))?;
    }
    Ok(files)
}

/// Refuses a row that does not exist for the caller or that they are not allowed to change.
///
/// # Errors
/// As [`visible`]; [`Error::Denied`].
pub fn reachable(ctx: &mut Context<'_>, resource: &'static Resource, id: i64) -> Result<()> {
    visible(ctx, resource, id)?;
    permit::check_rows(ctx, resource.view.table, ctx.request.method, &[id])?;
    resource.guard.map_or(Ok(()), |guard| guard(ctx, Key::from_id(id)))
}

/// Refuses a key of which this resource shows no row to the caller.
///
/// # Errors
/// 404, or 403 where the row hangs on a record that the caller may not view.
pub fn visible(ctx: &mut Context<'_>, resource: &'static Resource, id: i64) -> Result<()> {
    let mut query = Query::of(ctx, resource);
    query.and_value("{id} = {value}", id);
    if query.count(ctx.conn)? == 0 { Err(seen::missing(ctx, resource, id)?) } else { Ok(()) }
}

/// POST on a list: one object, or several where the resource allows it.
///
/// # Errors
/// As [`create`]; 400 where the body is not an object. Of a list, [`Error::List`] with what is wrong with each row.
pub fn post(ctx: &mut Context<'_>, resource: &'static Resource) -> Result<Answer> {
    match &ctx.request.body {
        Body::Json(Json::Array(list)) if resource.operations.bulk_create => post_many(ctx, resource, list),
        body => {
            let given = RawObject::read(body)?;
            let id = create(ctx, resource, given)?;
            let body = list::row(ctx, resource, id)?.ok_or(Error::NotFound)?;
            Ok(Answer::json_bytes(201, body))
        }
    }
}

/// All objects of a list, or none: the answer to a refused list names what is wrong with each.
fn post_many(ctx: &mut Context<'_>, resource: &'static Resource, list: &[Json]) -> Result<Answer> {
    if list.is_empty() {
        return Err(Error::non_field("The list of new records is empty."));
    }
    if list.len() > ctx.limits.bulk {
        return Err(Error::non_field("Too many records for one request."));
    }
    let mut refused = Vec::with_capacity(list.len());
    let mut ids = Vec::with_capacity(list.len());
    let mut faulty = 0;
    for item in list {
        if faulty == MOST_ROWS {
            refused.push(Error::non_field("The rows from this one on were not checked.").json());
            break;
        }
        let made = match item {
            Json::Object(values) => {
                let given = RawObject::object(values);
                ctx.savepoint(|ctx| create(ctx, resource, given))
            }
            _ => Err(Error::non_field("Must be an object.")),
        };
        match made {
            Ok(id) => {
                ids.push(id);
                refused.push(Json::Array(Vec::new()));
            }
            Err(Error::Invalid(fields)) => {
                faulty += 1;
                refused.push(fields.json());
            }
            Err(other) => return Err(other),
        }
    }
    if faulty > 0 {
        return Err(Error::List(refused));
    }
    let mut body = vec![b'['];
    for id in ids {
        if body.len() > 1 {
            body.push(b',');
        }
        body.extend_from_slice(&list::row(ctx, resource, id)?.unwrap_or_else(|| b"null".to_vec()));
    }
    body.push(b']');
    Ok(Answer::json_bytes(201, body))
}

/// PUT and PATCH on one row.
///
/// # Errors
/// [`Error::NotFound`] where the caller can view no such row; as [`update`].
pub fn put(ctx: &mut Context<'_>, resource: &'static Resource, id: i64, mode: Mode) -> Result<Answer> {
    reachable(ctx, resource, id)?;
    let given = RawObject::read(&ctx.request.body)?;
    update(ctx, resource, id, given, mode)?;
    list::retrieve(ctx, resource, id)
}

/// DELETE on one row.
///
/// # Errors
/// [`Error::NotFound`] where the caller can view no such row; 400 where the row is in use and the request does not
/// confirm its deletion; as [`delete`].
pub fn remove(ctx: &mut Context<'_>, resource: &'static Resource, id: i64) -> Result<Answer> {
    reachable(ctx, resource, id)?;
    confirm::check(ctx, resource, &[id])?;
    delete(ctx, resource, &[id])?;
    Ok(Answer::empty())
}

/// The rows that a bulk request names, by their keys (`items`) or by the list's own filters
/// (`filters`), as far as they are there and a condition holds for them.
fn named(ctx: &mut Context<'_>, resource: &'static Resource, given: &RawObject, only: Sql) -> Result<Vec<i64>> {
    let snapshot = if resource.uses_snapshot { Some(ctx.snapshot()?) } else { None };
    let mut query = Query::of(ctx, resource);
    query.snapshot = snapshot;
    query.and(only);
    match given.values.get("filters").and_then(Json::as_object).filter(|_| !given.values.contains_key("items")) {
        Some(filters) => by_filters(&mut query, resource, filters)?,
        None => {
            query.and_keys("{id}", &input::items(given, ctx.limits.bulk)?);
        }
    }
    query.check_links(ctx.conn)?;
    let found = query.keys(ctx.conn)?;
    if found.len() > ctx.limits.bulk {
        return Err(Error::non_field("Too many records for one request."));
    }
    Ok(found)
}

fn by_filters(query: &mut Query<'_>, resource: &'static Resource, filters: &Map<String, Json>) -> Result<()> {
    if filters.is_empty() {
        return Err(Error::field("filters", "At least one filter is required."));
    }
    for (name, value) in filters {
        let filter = resource.filters.iter().find(|f| f.name == name);
        let filter = filter.ok_or_else(|| Error::field("filters", format!("Unknown filter: {name}.")))?;
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Bool(_) | Json::Number(_) => value.to_string(),
            _ => return Err(Error::field(name, "Must be a string, a number, or a Boolean.")),
        };
        list::apply(query, filter, &text)?;
    }
    Ok(())
}

/// PUT and PATCH on a list: the same change for several rows.
///
/// # Errors
/// 400 naming unknown filters, keys that are no numbers, and fields that are not valid, or where no row is left; as
/// [`update`].
pub fn put_many(ctx: &mut Context<'_>, resource: &'static Resource) -> Result<Answer> {
    let mut given = RawObject::read(&ctx.request.body)?;
    let ids = named(ctx, resource, &given, "")?;
    if ids.is_empty() {
        return Err(Error::field(NON_FIELD, "None of these items exist."));
    }
    given.values.remove("items");
    given.values.remove("filters");
    let view = resource.row_view();
    let mut input = input::check(ctx.conn, view, given, Mode::Partial)?;
    choose(ctx, view, &mut input, false)?;
    match resource.rules.together {
        Some(rules) => save_together(ctx, resource, &ids, &input, rules)?,
        // what is done to one row may speak against the next
        None => {
            for id in &ids {
                let change = Change::update(ctx.conn, view.table, *id, input.clone())?;
                save(ctx, resource, change).map_err(|error| by_field_names(view, error))?;
            }
        }
    }
    let mut query = Query::of(ctx, resource);
    query.and_keys("{id}", &ids);
    query.order_by("{id}", false);
    let (rows, _) = select::write_rows(ctx, view, Rows { query, page: None })?;
    let head: &[u8] = b"{\"success\":\"Updated multiple items\",\"items\":";
    Ok(Answer::json_bytes(200, [head, rows.as_slice(), b"}"].concat()))
}

fn save_together(
    ctx: &mut Context<'_>,
    resource: &'static Resource,
    ids: &[i64],
    input: &Input,
    rules: Together,
) -> Result<()> {
    let view = resource.row_view();
    debug_assert!(view.table.tree.is_none() && !view.table.columns.iter().any(Column::is_file));
    let mut changes = Change::update_many(ctx.conn, view.table, ids, input)?;
    (rules.check)(ctx, &mut changes)?;
    Change::write_many(ctx.conn, &mut changes)?;
    for change in &changes {
        keep_values(ctx, view, change, change.id.unwrap_or_default())?;
    }
    (rules.saved)(ctx, &changes)?;
    ctx.domain.written(ctx, &changes)
}

/// DELETE on a list: several rows, all or none.
///
/// # Errors
/// 400 naming unknown filters and keys that are no numbers, or where rows are in use and the request does not confirm
/// their deletion; as [`delete`].
pub fn remove_many(ctx: &mut Context<'_>, resource: &'static Resource) -> Result<Answer> {
    let given = RawObject::read(&ctx.request.body)?;
    let ids = named(ctx, resource, &given, resource.bulk_deletes)?;
    confirm::check(ctx, resource, &ids)?;
    delete(ctx, resource, &ids)?;
    Ok(success(&format!("Deleted {} items", ids.len())))
}
