//! Rows of a session: read from the file, tried, and made into records.
//!
//! A row is tried by doing it: the record is made by the same code that a POST runs, inside a savepoint
//! that is then undone. So a row is valid if and only if it could be accepted at that moment.

use std::collections::BTreeSet;

use ironwood_base::error::{Fields, NON_FIELD};
use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::Method;
use ironwood_rest::input::{Given, Mode};
use ironwood_rest::registry::check_access;
use ironwood_rest::write;
use ironwood_store::{Connection, Value};
use serde_json::{Map, Value as Json};

use super::extract::{self, Extracted};
use super::file;
use super::file_rules::FileRow;
use super::lookup::{Found, Lookup};
use super::models::{self, ID};
use super::state::{self, Session};
use super::within::{self, Named, Names};

/// Rows of one INSERT.
const LOT: usize = 100;
/// Bytes of a row's errors.
const LONGEST_ERRORS: usize = 20_000;

/// Reads the file again and keeps its rows, with the values of their fields, untried. Gives their number.
///
/// # Errors
/// [`Error::Invalid`] on `data_file` or `field_filters`.
pub fn take_in(ctx: &mut Context<'_>, session: &Session) -> Result<usize> {
    let data = file::read(&session.data_file, &session.bytes(ctx)?)?;
    let fields = models::fields(ctx, session.model, session.update)?;
    let cells: Vec<&[Json]> = data.rows.iter().map(|(_, cells)| cells.as_slice()).collect();
    let found = extract::rows(ctx, session, &fields, &session.mapping, &data.columns, &cells)?;
    let mut rows: Vec<FileRow> = Vec::with_capacity(found.len());
    for ((index, _), Extracted { data, faults }) in data.rows.iter().zip(found) {
        rows.push(FileRow { id: 0, index: *index, values: data, faults, complete: false, above: None });
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
    ctx.conn.execute("DELETE FROM importer_dataimportrow WHERE session = $1", &[Value::Int(session.id)])?;
    let named: Vec<(&FileRow, &[Json])> = rows.iter().zip(cells).collect();
    for lot in named.chunks(LOT) {
        let mut sql = String::from(
            "INSERT INTO importer_dataimportrow (session, row_index, row_data, data, errors, valid, complete) VALUES ",
        );
        let mut params = vec![Value::Int(session.id)];
        for (at, (row, cells)) in lot.iter().enumerate() {
            let first = params.len() + 1;
            let comma = if at == 0 { "" } else { ", " };
            sql.push_str(&format!(
                "{comma}($1, ${first}, ${}, ${}, ${}, FALSE, FALSE)",
                first + 1,
                first + 2,
                first + 3
            ));
            let shown: Map<String, Json> = data.columns.iter().cloned().zip(cells.iter().cloned()).collect();
            params.push(Value::Int(row.index));
            params.push(Json::Object(shown).to_string().into());
            params.push(Json::Object(row.values.clone()).to_string().into());
            params.push(errors_value(&row.faults));
        }
        ctx.conn.execute(&sql, &params)?;
    }
    Ok(rows.len())
}

fn errors_value(faults: &Fields) -> Value {
    if faults.is_empty() { Value::Null } else { shortened(faults.json()) }
}

fn shortened(errors: Json) -> Value {
    let text = errors.to_string();
    if text.len() <= LONGEST_ERRORS {
        return text.into();
    }
    serde_json::json!({NON_FIELD: ["There is very much wrong with this row."]}).to_string().into()
}

/// The rows of a session in the order of the file. `values` are those of the row itself.
pub fn all(conn: &mut Connection, session: i64) -> Result<Vec<FileRow>> {
    let sql = "SELECT id, row_index, data, complete FROM importer_dataimportrow WHERE session = $1 \
               ORDER BY row_index, id";
    let mut rows = Vec::new();
    conn.query(sql, &[Value::Int(session)], |row| {
        let values = state::object(row.text(2));
        rows.push(FileRow {
            id: row.int(0),
            index: row.int(1),
            values,
            faults: Fields::new(),
            complete: row.bool(3),
            above: None,
        });
        Ok(())
    })?;
    Ok(rows)
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
    fn of(ctx: &mut Context<'_>, session: &Session, ids: &[i64]) -> Result<Self> {
        let wanted: BTreeSet<i64> = ids.iter().copied().collect();
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

fn some(conn: &mut Connection, session: i64, ids: &[i64]) -> Result<Vec<FileRow>> {
    let sql = format!(
        "SELECT id, row_index, data, complete FROM importer_dataimportrow WHERE session = {session} AND id IN ({{keys}})"
    );
    let mut rows = Vec::new();
    conn.of_keys(&sql, ids, |row| {
        rows.push(FileRow {
            id: row.int(0),
            index: row.int(1),
            values: state::object(row.text(2)),
            faults: Fields::new(),
            complete: row.bool(3),
            above: None,
        });
    })?;
    rows.sort_by_key(|row| (row.index, row.id));
    Ok(rows)
}

/// What came of a row.
enum Outcome {
    Fine,
    Refused(Json),
}

/// Makes the record of a row, or changes it; with `keep` false, everything is undone.
fn attempt(
    ctx: &mut Context<'_>,
    session: &Session,
    rows: &[FileRow],
    names: &Names,
    at: usize,
    keep: bool,
) -> Result<Outcome> {
    let row = &rows[at];
    if !row.faults.is_empty() {
        return Ok(Outcome::Refused(row.faults.json()));
    }
    let mut done = false;
    let tried = ctx.savepoint(|ctx| {
        let there = match session.model.rules {
            Some(rules) => (rules.is_there)(ctx, rows, at)?,
            None => false,
        };
        if !there {
            make(ctx, session, rows, names, at, if keep { 0 } else { within::DEEPEST })?;
        }
        done = true;
        if keep { Ok(()) } else { Err(Error::Status(UNDONE, String::new())) }
    });
    match tried {
        Ok(()) => Ok(Outcome::Fine),
        Err(Error::Status(UNDONE, _)) if done => Ok(Outcome::Fine),
        Err(error @ Error::Internal(_)) => Err(error),
        Err(error) => Ok(Outcome::Refused(told(&error))),
    }
}

/// Makes or changes the record of a row; gives its key. Rows that it names and that are no records yet are made
/// before, each naming another one at most so often; none where that is 0.
fn make(
    ctx: &mut Context<'_>,
    session: &Session,
    rows: &[FileRow],
    names: &Names,
    at: usize,
    deepest: usize,
) -> Result<i64> {
    let mut values = rows[at].values.clone();
    for field in within::own_fields(session.model) {
        let Some(Json::String(text)) = values.get(field).filter(|value| !extract::is_empty(value)).cloned() else {
            continue;
        };
        let by = session.mapping.iter().find(|m| m.field == field).and_then(|m| m.lookup.as_deref());
        let filters = session.filters.get(field).and_then(Json::as_object);
        let lookup = Lookup { table: session.model.resource.view.table, by, filters };
        let found = lookup.find(ctx, &BTreeSet::from([text.clone()]))?;
        let key = match (found.get(&text), names.before(&text, at)) {
            (Some(Found::One(key)), _) => *key,
            (Some(Found::Several), _) | (_, Named::Several) => {
                return Err(Error::field(field, "This names more than one row."));
            }
            (_, Named::None) => return Err(Error::field(field, "This names no row.")),
            (_, Named::Row(_)) if deepest == 0 => return Err(within::not_yet(field)),
            (_, Named::Row(_)) if deepest == 1 => return Err(within::too_deep(field)),
            (_, Named::Row(other)) => make(ctx, session, rows, names, other, deepest - 1)
                .map_err(|_| Error::field(field, "The row of the file that this names is not valid."))?,
        };
        values.insert(field.to_owned(), key.into());
    }
    write(ctx, session, &values)
}

/// No status of an answer: says that a row was only tried.
const UNDONE: u16 = 0;

/// What a refusal says of a row: messages by field.
fn told(error: &Error) -> Json {
    let message = match error {
        Error::Invalid(fields) => return fields.json(),
        Error::NotFound => "The record is not there.".to_owned(),
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
        Some(rules) => (rules.made)(ctx, whole, key).map(|()| key),
        None => Ok(key),
    };
    if !session.update {
        let key = (session.model.make)(ctx, resource, Given::object(&values))?;
        return made(ctx, key);
    }
    let named = values.remove(ID);
    let key = named.as_ref().and_then(|key| key.as_i64().or_else(|| key.as_str()?.trim().parse().ok()));
    let key = key.ok_or_else(|| Error::field(ID, "The key of the record is needed here."))?;
    write::visible(ctx, resource, key).map_err(|error| match error {
        Error::NotFound => Error::field(ID, "There is no record with this key."),
        other => other,
    })?;
    if let Some(guard) = resource.guard {
        guard(ctx, key)?;
    }
    write::update(ctx, resource, key, Given::object(&values), Mode::Part)?;
    made(ctx, key)
}

/// Tries rows and notes which are valid, and what is wrong with the others. Those that are records
/// already stay as they are.
///
/// # Errors
/// Those of the database.
pub fn validate(ctx: &mut Context<'_>, session: &Session, ids: &[i64]) -> Result<()> {
    let known = faults_of(ctx.conn, ids)?;
    let work = Work::of(ctx, session, ids)?;
    for at in work.chosen {
        let row = &work.rows[at];
        if row.complete || known.contains(&row.id) {
            continue;
        }
        let outcome = attempt(ctx, session, &work.rows, &work.names, at, false)?;
        note(ctx.conn, row.id, &outcome, false)?;
    }
    Ok(())
}

/// Rows with errors already: those that no value could be found for.
fn faults_of(conn: &mut Connection, ids: &[i64]) -> Result<BTreeSet<i64>> {
    let mut found = BTreeSet::new();
    let sql = "SELECT id FROM importer_dataimportrow WHERE errors IS NOT NULL AND id IN ({keys})";
    conn.of_keys(sql, ids, |row| found.extend([row.int(0)]))?;
    Ok(found)
}

fn note(conn: &mut Connection, id: i64, outcome: &Outcome, complete: bool) -> Result<()> {
    let (valid, errors) = match outcome {
        Outcome::Fine => (true, Value::Null),
        Outcome::Refused(errors) => (false, shortened(errors.clone())),
    };
    let sql = "UPDATE importer_dataimportrow SET valid = $1, errors = $2, complete = $3 WHERE id = $4";
    conn.execute(sql, &[valid.into(), errors, (complete && valid).into(), Value::Int(id)]).map(|_| ())
}

/// Tries the values of one row that a client sets; gives what is wrong with them, if anything.
///
/// # Errors
/// Those of the database.
pub fn try_values(ctx: &mut Context<'_>, session: &Session, id: i64, row: &mut Extracted) -> Result<Option<Json>> {
    let fields = models::fields(ctx, session.model, session.update)?;
    let mut rows = if session.model.rules.is_some() || within::is_waiting(session.model, &row.data) {
        all(ctx.conn, session.id)?
    } else {
        some(ctx.conn, session.id, &[id])?
    };
    let at = rows.iter().position(|row| row.id == id).ok_or(Error::NotFound)?;
    let names = within::names_of_rows(ctx, session, &rows)?;
    extract::given(ctx, session, &fields, row, (&names, at))?;
    if !row.faults.is_empty() {
        return Ok(Some(row.faults.json()));
    }
    rows[at].values = row.data.clone();
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
        Outcome::Refused(errors) => Some(errors),
    })
}

/// After a row was changed: rows whose values follow from it are tried again.
///
/// # Errors
/// Those of the database.
pub fn follow(ctx: &mut Context<'_>, session: &Session, changed: i64) -> Result<()> {
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
        ctx.conn.execute(sql, &[Json::Object(data).to_string().into(), Value::Int(before.id)])?;
        again.push(before.id);
    }
    validate(ctx, session, &again)
}

/// Refuses callers who may not make (or change) the session's records.
///
/// # Errors
/// 403.
pub fn check_rights(ctx: &Context<'_>, session: &Session) -> Result<()> {
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
pub fn accept(ctx: &mut Context<'_>, session: &Session, ids: &[i64]) -> Result<()> {
    let mut work = Work::of(ctx, session, ids)?;
    for at in work.chosen {
        if work.rows[at].complete {
            continue;
        }
        let outcome = attempt(ctx, session, &work.rows, &work.names, at, true)?;
        let waits = matches!(&outcome, Outcome::Refused(errors) if waits(session, errors));
        note(ctx.conn, work.rows[at].id, &outcome, true)?;
        if waits {
            // it is as valid as before: it can be accepted after the row that it names
            let sql = "UPDATE importer_dataimportrow SET valid = TRUE WHERE id = $1";
            ctx.conn.execute(sql, &[Value::Int(work.rows[at].id)])?;
        }
        work.rows[at].complete = matches!(outcome, Outcome::Fine);
    }
    state::end_if_complete(ctx.conn, session.id)
}
