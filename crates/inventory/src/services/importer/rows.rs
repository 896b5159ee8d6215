//! Rows of an import session: read from the file, validated, and imported.
//!
//! A row is tried by doing it: the record is made by the same code that a POST runs, inside a savepoint
//! that is then undone. So a row is valid if and only if it could be accepted at that moment.

use std::collections::{BTreeSet, HashMap};

use ironwood_base::error::{Fields, NON_FIELD};
use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::http::Method;
use ironwood_rest::input::{self, Mode, RawObject};
use ironwood_rest::list;
use ironwood_rest::registry::check_access;
use ironwood_rest::resource::Resource;
use ironwood_rest::selected;
use ironwood_rest::table::{Column, ColumnType};
use ironwood_rest::view::Source;
use ironwood_rest::write;
use ironwood_store::{Connection, Fragment, Value, fragment, sql};
use serde_json::{Map, Value as Json};

use super::ahead;
use super::extract::{self, Extracted};
use super::file::is_empty;
use super::lookup::{Found, Lookup};
use super::models::{self, ID};
use super::state::{self, Session};
use super::within::{self, Named, Names};
use crate::platform::file_rules::FileRow;
use crate::platform::output::sheet::text_of;
use crate::schema::keys::{AnyKey, FileRowKey, ImportKey};

/// Rows of one INSERT.
const LOT: usize = 100;
/// Bytes of a row's errors: the least and the most.
const LEAST_ERRORS: usize = 500;
const LONGEST_ERRORS: usize = 10_000;
/// Bytes of all errors of a file.
const ALL_ERRORS: usize = 10_000_000;
/// Times that a row is tried to find everything that is wrong with it.
const TRIES: usize = 6;

/// Keeps the rows of the file, with the values of their fields, untried. Gives their number.
///
/// # Errors
/// [`Error::Invalid`] on `data_file` or `field_filters`.
pub(crate) fn take_in(ctx: &mut Context<'_>, session: &Session) -> Result<usize> {
    let read = ahead::read(ctx, &session.again())?;
    let data = read.data();
    let fields = models::fields(ctx, session.model, session.update)?;
    let cells: Vec<&[Json]> = data.rows.iter().map(|(_, cells)| cells.as_slice()).collect();
    let found = extract::rows(ctx, session, &fields, &session.mapping, &data.columns, &cells)?;
    let mut rows: Vec<FileRow> = Vec::with_capacity(found.len());
    let mut warnings: Vec<Fields> = Vec::with_capacity(found.len());
    for ((index, cells), mut row) in data.rows.iter().zip(found) {
        if cells.iter().skip(data.named).any(|cell| !is_empty(cell)) {
            row.warnings.add(NON_FIELD, "This row has more cells than there are column headings.");
        }
        warnings.push(row.warnings);
        let (values, faults) = (row.data, row.faults);
        rows.push(FileRow { id: FileRowKey::default(), index: *index, values, faults, complete: false, above: None });
    }
    if let Some(rules) = session.model.rules {
        let before: Vec<Map<String, Json>> = rows.iter().map(|row| row.values.clone()).collect();
        for row in &mut rows {
            row.values = session.merged(&row.values);
        }
        (rules.arrange)(&mut rows);
        for (row, mut data) in rows.iter_mut().zip(before) {
            let merged = session.merged(&data);
            data.extend(
                row.values.iter().filter(|(k, v)| merged.get(*k) != Some(v)).map(|(k, v)| (k.clone(), v.clone())),
            );
            row.values = data;
        }
    }
    ctx.conn.execute("DELETE FROM importer_dataimportrow WHERE session = $1", &[session.id.into()])?;
    let most = most_errors(rows.len());
    let named: Vec<((&FileRow, &[Json]), &Fields)> = rows.iter().zip(cells).zip(&warnings).collect();
    for lot in named.chunks(LOT) {
        let mut sql = Fragment::from(
            "INSERT INTO importer_dataimportrow \
             (session, row_index, row_data, data, errors, warnings, valid, complete) VALUES ",
        );
        let mut params = vec![session.id.into()];
        for (at, ((row, cells), warnings)) in lot.iter().enumerate() {
            let first = params.len() + 1;
            let comma = if at == 0 { "" } else { ", " };
            sql.push(fragment!(
                "{comma}($1, ${first}, ${}, ${}, ${}, ${}, FALSE, FALSE)",
                first + 1,
                first + 2,
                first + 3,
                first + 4
            ));
            let shown: Map<String, Json> = data.columns.iter().cloned().zip(cells.iter().cloned()).collect();
            params.push(Value::Int(row.index));
            params.push(Json::Object(shown).to_string().into());
            params.push(Json::Object(row.values.clone()).to_string().into());
            params.push(errors_value(&row.faults, most));
            params.push(errors_value(warnings, most));
        }
        ctx.conn.execute(&sql, &params)?;
    }
    Ok(rows.len())
}

/// Bytes of what is wrong with a row, in a file of so many: a file full of faults is no larger in the end than
/// one without.
fn most_errors(rows: usize) -> usize {
    (ALL_ERRORS / rows.max(1)).clamp(LEAST_ERRORS, LONGEST_ERRORS)
}

pub(super) fn errors_value(faults: &Fields, most: usize) -> Value {
    if faults.is_empty() { Value::Null } else { shortened(&faults.json(), most).to_string().into() }
}

/// So many of the errors of a row as fit.
pub(super) fn shortened(errors: &Json, most: usize) -> Json {
    if errors.to_string().len() <= most {
        return errors.clone();
    }
    let mut kept = Map::new();
    let mut length = 0;
    for (field, messages) in errors.as_object().into_iter().flatten() {
        let text = messages.to_string().len() + field.len() + 8;
        if length + text <= most {
            length += text;
            kept.insert(field.clone(), messages.clone());
        }
    }
    kept.insert(NON_FIELD.into(), serde_json::json!(["This row has more errors. Fix these first and try again."]));
    Json::Object(kept)
}

/// The rows of a session in the order of the file. `values` are those of the row itself.
pub(crate) fn all(conn: &mut Connection, session: ImportKey) -> Result<Vec<FileRow>> {
    let sql =
        sql!("SELECT ", StoredRow::COLUMNS, " FROM importer_dataimportrow WHERE session = $1 ORDER BY row_index, id");
    let mut rows = Vec::new();
    conn.query(sql, &[session.into()], |row| {
        rows.push(StoredRow::read(row).file_row());
        Ok(())
    })?;
    Ok(rows)
}

selected! {
    /// A row of a session as it is stored.
    struct StoredRow<'r> {
        id: FileRowKey = "id",
        index: i64 = "row_index",
        data: &'r str = "data",
        complete: bool = "complete",
    }
}

impl StoredRow<'_> {
    fn file_row(self) -> FileRow {
        FileRow {
            id: self.id,
            index: self.index,
            values: state::object(self.data),
            faults: Fields::new(),
            complete: self.complete,
            above: None,
        }
    }
}

/// Rows of a session that work is done on, with all others where the model's rules look at them.
struct Work {
    rows: Vec<FileRow>,
    /// Places in `rows`, in the order of the file.
    chosen: Vec<usize>,
    /// What the rows are called, as far as one names another.
    names: Names,
}

impl Work {
    fn of(ctx: &mut Context<'_>, session: &Session, ids: &[FileRowKey]) -> Result<Self> {
        let wanted: BTreeSet<FileRowKey> = ids.iter().copied().collect();
        let mut rows = match session.model.rules {
            Some(_) => all(ctx.conn, session.id)?,
            None => some(ctx.conn, session.id, ids)?,
        };
        let waiting = rows.iter().any(|row| within::is_waiting(session.model, &row.values));
        if waiting && session.model.rules.is_none() {
            rows = all(ctx.conn, session.id)?;
        }
        for row in &mut rows {
            row.values = session.merged(&row.values);
        }
        if let Some(rules) = session.model.rules {
            (rules.arrange)(&mut rows);
        }
        let chosen = (0..rows.len()).filter(|at| wanted.contains(&rows[*at].id)).collect();
        let names = if waiting { within::names_of_rows(ctx, session, &rows)? } else { Names::default() };
        Ok(Work { rows, chosen, names })
    }
}

fn some(conn: &mut Connection, session: ImportKey, ids: &[FileRowKey]) -> Result<Vec<FileRow>> {
    let sql = fragment!(
        "SELECT {} FROM importer_dataimportrow WHERE session = {session} AND id IN ({{keys}})",
        StoredRow::COLUMNS
    );
    let mut rows = Vec::new();
    conn.of_keys(&sql, ids, |row| rows.push(StoredRow::read(row).file_row()))?;
    rows.sort_by_key(|row| (row.index, row.id));
    Ok(rows)
}

/// What came of a row.
enum Outcome {
    Fine,
    Refused(Json),
}

/// Makes the record of a row, or changes it; with `keep` false, everything is undone. All that is wrong with
/// the row is told: what is refused is left out, and the rest is tried again.
fn attempt(
    ctx: &mut Context<'_>,
    session: &Session,
    rows: &[FileRow],
    names: &Names,
    at: usize,
    keep: bool,
) -> Result<Outcome> {
    let Json::Object(mut faults) = rows[at].faults.json() else { return Ok(Outcome::Fine) };
    let mut values = rows[at].values.clone();
    if !faults.is_empty() {
        check_fields(ctx, session, &mut values, &mut faults)?;
    }
    for _ in 0..TRIES {
        values.retain(|name, _| !faults.contains_key(name));
        let keep = keep && faults.is_empty();
        let refused = match attempt_once(ctx, session, rows, names, (at, &values), keep)? {
            Outcome::Fine if faults.is_empty() => return Ok(Outcome::Fine),
            Outcome::Fine => break,
            Outcome::Refused(Json::Object(refused)) => refused,
            Outcome::Refused(_) => break,
        };
        // where something was left out, only what is said of the row's own values is certain
        let given = |name: &str| values.get(name).is_some_and(|value| !is_empty(value));
        let is_first = faults.is_empty();
        let known = faults.len();
        for (name, messages) in refused {
            if is_first || !faults.contains_key(&name) && given(&name) {
                faults.insert(name, messages);
            }
        }
        if faults.len() == known {
            break;
        }
        if is_first {
            check_fields(ctx, session, &mut values, &mut faults)?;
        }
    }
    Ok(Outcome::Refused(Json::Object(faults)))
}

/// Adds what is wrong with each value by itself.
fn check_fields(
    ctx: &mut Context<'_>,
    session: &Session,
    values: &mut Map<String, Json>,
    faults: &mut Map<String, Json>,
) -> Result<()> {
    let view = session.model.resource.row_view();
    let mode = if session.update { Mode::Partial } else { Mode::Whole };
    for _ in 0..TRIES {
        values.retain(|name, _| !faults.contains_key(name));
        let refused = match input::check(ctx.conn, view, RawObject::object(values), mode) {
            Ok(_) => return Ok(()),
            Err(Error::Invalid(refused)) => refused.json(),
            Err(error @ Error::Internal(_)) => return Err(error),
            Err(_) => return Ok(()),
        };
        let known = faults.len();
        for (name, messages) in refused.as_object().into_iter().flatten() {
            faults.entry(name.as_str()).or_insert_with(|| messages.clone());
        }
        if faults.len() == known {
            return Ok(());
        }
    }
    Ok(())
}

fn attempt_once(
    ctx: &mut Context<'_>,
    session: &Session,
    rows: &[FileRow],
    names: &Names,
    (at, values): (usize, &Map<String, Json>),
    keep: bool,
) -> Result<Outcome> {
    let mut done = false;
    let tried = ctx.savepoint(|ctx| {
        let there = match session.model.rules {
            Some(rules) => (rules.is_there)(ctx, rows, at)?,
            None => false,
        };
        if !there {
            make(ctx, session, rows, names, (at, values), if keep { 0 } else { within::DEEPEST })?;
        }
        done = true;
        if keep { Ok(()) } else { Err(Error::Status(UNDONE, String::new())) }
    });
    match tried {
        Ok(()) => Ok(Outcome::Fine),
        Err(Error::Status(UNDONE, _)) if done => Ok(Outcome::Fine),
        Err(error @ Error::Internal(_)) => Err(error),
        Err(error) => Ok(Outcome::Refused(errors_by_field(&error))),
    }
}

/// Makes or changes the record of a row; gives its key. Rows that it names and that are no records yet are made
/// before, each naming another one at most so often; none where that is 0.
fn make(
    ctx: &mut Context<'_>,
    session: &Session,
    rows: &[FileRow],
    names: &Names,
    (at, values): (usize, &Map<String, Json>),
    deepest: usize,
) -> Result<i64> {
    let mut values = values.clone();
    for field in within::own_fields(session.model) {
        let Some(Json::String(text)) = values.get(field).filter(|value| !is_empty(value)).cloned() else {
            continue;
        };
        let by = session.mapping.iter().find(|m| m.field == field).and_then(|m| m.lookup.as_deref());
        let filters = session.filters.get(field).and_then(Json::as_object);
        let lookup = Lookup { table: session.model.resource.view.table, by, filters };
        let found = lookup.find(ctx, &BTreeSet::from([text.clone()]))?;
        let found = found.get(&text).copied().unwrap_or(Found::None);
        let unnamed = matches!(found, Found::None | Found::Key(_)) && by != Some("pk");
        let named = if unnamed { names.before(&text, at) } else { Named::None };
        let key = match (named, found) {
            (Named::Several, _) | (_, Found::Several) => {
                return Err(Error::field(field, "More than one record matches."));
            }
            (Named::Row(_), _) if deepest == 0 => return Err(within::not_yet(field)),
            (Named::Row(_), _) if deepest == 1 => return Err(within::too_deep(field)),
            (Named::Row(other), _) => make(ctx, session, rows, names, (other, &rows[other].values), deepest - 1)
                .map_err(|_| Error::field(field, "The row of the file that this value refers to is not valid."))?,
            (Named::None, found) => found.key().ok_or_else(|| Error::field(field, "No record matches."))?,
        };
        values.insert(field.to_owned(), key.into());
    }
    write(ctx, session, &values)
}

/// Not an HTTP status: marks the rollback of a row that was only validated.
const UNDONE: u16 = 0;

/// The messages of an error, by field.
fn errors_by_field(error: &Error) -> Json {
    let message = match error {
        Error::Invalid(fields) => return fields.json(),
        Error::NotFound => "This record does not exist.".to_owned(),
        other => other.json().get("detail").and_then(Json::as_str).unwrap_or("This is not possible.").to_owned(),
    };
    let mut fields = Fields::new();
    fields.add(NON_FIELD, message);
    fields.json()
}

fn write(ctx: &mut Context<'_>, session: &Session, values: &Map<String, Json>) -> Result<i64> {
    let resource = session.model.resource;
    let whole = values;
    let mut values = values.clone();
    if let Some(rules) = session.model.rules {
        rules.fields.fields.iter().for_each(|field| drop(values.remove(field.name)));
    }
    let made = |ctx: &mut Context<'_>, key: i64| match session.model.rules {
        Some(rules) => (rules.made)(ctx, whole, AnyKey::from_id(key)).map(|()| key),
        None => Ok(key),
    };
    if !session.update {
        let view = resource.row_view();
        let says_nothing = |name: &str| view.field(name).and_then(|f| f.column(view.table)).is_some_and(is_left_open);
        values.retain(|name, value| value.as_str() != Some("") || !says_nothing(name));
        let key = (session.model.make)(ctx, resource, RawObject::object(&values))?;
        return made(ctx, key);
    }
    let named = values.remove(ID);
    let key = named.as_ref().and_then(|key| key.as_i64().or_else(|| key.as_str()?.trim().parse().ok()));
    let key = key.ok_or_else(|| Error::field(ID, "The ID of the record is required."))?;
    write::visible(ctx, resource, key).map_err(|error| match error {
        Error::NotFound => Error::field(ID, "No record with this ID exists."),
        other => other,
    })?;
    if let Some(guard) = resource.guard {
        guard(ctx, AnyKey::from_id(key))?;
    }
    keep_changed(ctx, resource, key, &mut values)?;
    if !values.is_empty() {
        write::update(ctx, resource, key, RawObject::object(&values), Mode::Partial)?;
    }
    made(ctx, key)
}

/// Whether an empty cell says nothing of a column of a new record: it may be null, and is no text that may be empty.
fn is_left_open(column: &Column) -> bool {
    let may_be_empty = column.blank && matches!(column.kind, ColumnType::Text | ColumnType::Url | ColumnType::Email);
    column.null && !may_be_empty
}

/// Leaves out the values that the record has already, so that rows that change nothing touch nothing, and rules
/// about changes apply to changes alone. An empty cell stands for an empty text as well as for none.
fn keep_changed(
    ctx: &mut Context<'_>,
    resource: &'static Resource,
    key: i64,
    values: &mut Map<String, Json>,
) -> Result<()> {
    let view = resource.row_view();
    let input = input::check(ctx.conn, view, RawObject::object(values), Mode::Partial)?;
    let change = Change::update(ctx.conn, view.table, key, input)?;
    let is_none = |value: &Value| matches!(value, Value::Null) || matches!(value, Value::Text(t) if t.is_empty());
    for field in view.fields {
        let Some(column) = field.column(view.table).filter(|_| !matches!(field.source, Source::Input)) else {
            continue;
        };
        let both_none = is_none(change.get(column.name)) && is_none(change.old(column.name));
        if !change.is_changed(column.name) || both_none {
            values.remove(field.name);
        }
    }
    if !values.is_empty() {
        // what the record shows may be made of several columns
        let shown = list::row(ctx, resource, key)?.unwrap_or_default();
        let shown = state::object(std::str::from_utf8(&shown).unwrap_or_default());
        values.retain(|name, value| shown.get(name).is_none_or(|shown| text_of(shown) != text_of(value)));
    }
    Ok(())
}

/// Tries rows and notes which are valid, and what is wrong with the others. Those that are records
/// already stay as they are.
///
/// # Errors
/// Those of the database.
pub(crate) fn validate(ctx: &mut Context<'_>, session: &Session, ids: &[FileRowKey]) -> Result<()> {
    let mut known = faults_of(ctx.conn, ids)?;
    let mut work = Work::of(ctx, session, ids)?;
    let most = most_errors(count(ctx.conn, session.id)?);
    for at in work.chosen {
        if work.rows[at].complete {
            continue;
        }
        for (field, messages) in known.remove(&work.rows[at].id).into_iter().flatten() {
            work.rows[at].faults.nest(&field, messages);
        }
        let outcome = attempt(ctx, session, &work.rows, &work.names, at, false)?;
        note(ctx.conn, work.rows[at].id, &outcome, false, most)?;
    }
    Ok(())
}

/// How many rows a session has.
fn count(conn: &mut Connection, session: ImportKey) -> Result<usize> {
    let sql = "SELECT COUNT(*) FROM importer_dataimportrow WHERE session = $1";
    let count = conn.one(sql, &[session.into()])?.map_or(0, |row| row.int(0));
    Ok(usize::try_from(count).unwrap_or(0))
}

selected! {
    /// A row with what was found wrong with it.
    struct Faulty {
        id: FileRowKey = "id",
        errors: String = "errors",
    }
}

/// What was found wrong with rows when they were read: values that no meaning could be found for.
fn faults_of(conn: &mut Connection, ids: &[FileRowKey]) -> Result<HashMap<FileRowKey, Map<String, Json>>> {
    let from = "FROM importer_dataimportrow WHERE errors IS NOT NULL AND id IN ({keys})";
    let found: Vec<Faulty> = selected::among(conn, from, ids)?;
    Ok(found.into_iter().map(|row| (row.id, state::object(&row.errors))).collect())
}

fn note(conn: &mut Connection, id: FileRowKey, outcome: &Outcome, complete: bool, most: usize) -> Result<()> {
    let (valid, errors) = match outcome {
        Outcome::Fine => (true, Value::Null),
        Outcome::Refused(errors) => (false, shortened(errors, most).to_string().into()),
    };
    let sql = "UPDATE importer_dataimportrow SET valid = $1, errors = $2, complete = $3 WHERE id = $4";
    conn.execute(sql, &[valid.into(), errors, (complete && valid).into(), id.into()]).map(|_| ())
}

/// Tries the values of one row that a client sets; gives what is wrong with them, if anything.
///
/// # Errors
/// Those of the database.
pub(crate) fn try_values(
    ctx: &mut Context<'_>,
    session: &Session,
    id: FileRowKey,
    row: &mut Extracted,
) -> Result<Option<Json>> {
    let fields = models::fields(ctx, session.model, session.update)?;
    let mut rows = if session.model.rules.is_some() || within::is_waiting(session.model, &row.data) {
        all(ctx.conn, session.id)?
    } else {
        some(ctx.conn, session.id, &[id])?
    };
    let at = rows.iter().position(|row| row.id == id).ok_or(Error::NotFound)?;
    let names = within::names_of_rows(ctx, session, &rows)?;
    extract::given(ctx, session, &fields, row, (&names, at))?;
    rows[at].values = row.data.clone();
    rows[at].faults = row.faults.clone();
    for row in &mut rows {
        row.values = session.merged(&row.values);
    }
    if let Some(rules) = session.model.rules {
        let before = rows[at].values.clone();
        (rules.arrange)(&mut rows);
        let after = &rows[at].values;
        row.data.extend(after.iter().filter(|(k, v)| before.get(*k) != Some(v)).map(|(k, v)| (k.clone(), v.clone())));
    }
    Ok(match attempt(ctx, session, &rows, &names, at, false)? {
        Outcome::Fine => None,
        Outcome::Refused(errors) => Some(shortened(&errors, LONGEST_ERRORS)),
    })
}

/// After a row was changed: rows whose values follow from it are tried again.
///
/// # Errors
/// Those of the database.
pub(crate) fn follow(ctx: &mut Context<'_>, session: &Session, changed: FileRowKey) -> Result<()> {
    let Some(rules) = session.model.rules else { return Ok(()) };
    let own = all(ctx.conn, session.id)?;
    let mut rows = own.clone();
    rows.iter_mut().for_each(|row| row.values = session.merged(&row.values));
    (rules.arrange)(&mut rows);
    let mut again = Vec::new();
    for (before, after) in own.iter().zip(&rows) {
        let merged = session.merged(&before.values);
        let news: Vec<_> = after.values.iter().filter(|(name, value)| merged.get(*name) != Some(value)).collect();
        if before.complete || before.id == changed || news.is_empty() {
            continue;
        }
        let mut data = before.values.clone();
        data.extend(news.into_iter().map(|(name, value)| (name.clone(), value.clone())));
        let sql = "UPDATE importer_dataimportrow SET data = $1, errors = NULL WHERE id = $2";
        ctx.conn.execute(sql, &[Json::Object(data).to_string().into(), before.id.into()])?;
        again.push(before.id);
    }
    validate(ctx, session, &again)
}

/// Refuses callers who may not make (or change) the session's records.
///
/// # Errors
/// 403.
pub(crate) fn check_rights(ctx: &Context<'_>, session: &Session) -> Result<()> {
    let method = if session.update { Method::Patch } else { Method::Post };
    check_access(ctx.caller, session.model.resource.access, method)
}

/// Whether all that speaks against a row is that it names one which is no record yet.
fn waits(session: &Session, errors: &Json) -> bool {
    let faults = errors.as_object();
    faults.is_some_and(|faults| {
        within::own_fields(session.model).any(|field| faults.len() == 1 && within::not_yet(field).json() == *errors)
    })
}

/// Makes records of rows, each of them whole or not at all. Those that are records already are passed
/// over; those that are refused keep what is wrong with them.
///
/// # Errors
/// Those of the database.
pub(crate) fn accept(ctx: &mut Context<'_>, session: &Session, ids: &[FileRowKey]) -> Result<()> {
    let mut work = Work::of(ctx, session, ids)?;
    let most = most_errors(count(ctx.conn, session.id)?);
    for at in work.chosen {
        if work.rows[at].complete {
            continue;
        }
        let outcome = attempt(ctx, session, &work.rows, &work.names, at, true)?;
        let waits = matches!(&outcome, Outcome::Refused(errors) if waits(session, errors));
        note(ctx.conn, work.rows[at].id, &outcome, true, most)?;
        if waits {
            // it is as valid as before: it can be accepted after the row that it names
            let sql = "UPDATE importer_dataimportrow SET valid = TRUE WHERE id = $1";
            ctx.conn.execute(sql, &[work.rows[at].id.into()])?;
        }
        work.rows[at].complete = matches!(outcome, Outcome::Fine);
    }
    state::end_if_complete(ctx.conn, session.id)
}
