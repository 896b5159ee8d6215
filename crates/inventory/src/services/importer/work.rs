//! Background work of import sessions.

use ironwood_base::{Error, Key, Result};
use ironwood_rest::context::{Ahead, Context};
use ironwood_rest::selected;
use ironwood_store::Value;
use serde_json::{Value as Json, json};

use super::rows;
use super::state::{self, Session};
use crate::platform::system::job::{self, Job, JobType, Next};
use crate::platform::users::background_user::BackgroundUser;
use crate::platform::users::permission::User;
use crate::schema::keys::{FileRowKey, ImportKey, caller_key};

/// Rows that a request tries, or makes into records, itself.
const AT_ONCE: usize = 500;
/// Bytes of a file that a request reads itself.
const SMALL: u64 = 500_000;
/// Rows of one step.
const STEP: i64 = 200;

static READ: JobType = JobType::bound("read_import", read).look(look_at_file);
static ACCEPT: JobType = JobType::bound("accept_import", accept);

/// Jobs of this file.
pub(crate) static JOBS: &[&JobType] = &[&READ, &ACCEPT];

/// Does a step with the rights of whoever asked for it.
fn on_behalf<T>(job: &mut Job<'_, '_>, work: impl FnOnce(&mut Context<'_>) -> Result<T>) -> Result<T> {
    let gone = || Error::bad_request("The user who started this import no longer exists.");
    let user = caller_key(job.ctx).known().ok_or_else(gone)?;
    let caller = BackgroundUser(User::by_id(job.ctx.conn, user)?.ok_or_else(gone)?);
    let ctx = &mut *job.ctx;
    let mut inner = Context::new(ctx.conn, &caller, ctx.request, ctx.domain, ctx.registry, ctx.limits);
    inner.ahead = ctx.ahead.clone();
    let done = work(&mut inner)?;
    let effects = std::mem::take(&mut inner.effects);
    ctx.effects.absorb(effects);
    Ok(done)
}

/// Whether a request reads a session's file itself.
///
/// # Errors
/// 500.
pub(crate) fn is_small(ctx: &Context<'_>, session: &Session) -> Result<bool> {
    Ok(session.file_size(ctx)? <= SMALL)
}

/// Reads the rows of a session whose mapping is accepted: at once where there are few.
///
/// # Errors
/// [`Error::Invalid`] naming what cannot be read.
pub(crate) fn read_rows(ctx: &mut Context<'_>, mut session: Session) -> Result<()> {
    if !is_small(ctx, &session)? {
        return job::enqueue_once(ctx, &READ, &json!({"session": session.id})).map(|_| ());
    }
    if rows::take_in(ctx, &session)? > AT_ONCE {
        return job::enqueue_once(ctx, &READ, &json!({"session": session.id, "after": 0})).map(|_| ());
    }
    let ids: Vec<FileRowKey> = rows::all(ctx.conn, session.id)?.iter().map(|row| row.id).collect();
    rows::validate(ctx, &session, &ids)?;
    session.set_status(ctx.conn, state::PROCESSING)
}

/// Makes records of rows: at once where there are few.
///
/// # Errors
/// Those of the database.
pub(crate) fn accept_rows(ctx: &mut Context<'_>, session: &Session, ids: &[FileRowKey]) -> Result<()> {
    if ids.len() <= AT_ONCE {
        return rows::accept(ctx, session, ids);
    }
    job::enqueue(ctx, &ACCEPT, &json!({"session": session.id, "rows": ids, "at": 0})).map(|_| ())
}

fn number(payload: &Json, name: &str) -> Option<i64> {
    payload.get(name).and_then(Json::as_i64)
}

fn session_of(job: &mut Job<'_, '_>) -> Result<Option<Session>> {
    match Session::load(job.ctx.conn, ImportKey::from_id(number(job.payload, "session").unwrap_or(0))) {
        // it was deleted meanwhile
        Err(Error::NotFound) => Ok(None),
        session => session.map(Some),
    }
}

/// The first step of reading needs the file.
fn look_at_file(job: &mut Job<'_, '_>) -> Result<Option<Ahead>> {
    let is_first = number(job.payload, "after").is_none();
    match session_of(job)?.filter(|session| is_first && session.status == state::IMPORTING) {
        Some(session) => session.read_ahead(job.ctx).map(Some),
        None => Ok(None),
    }
}

/// A step of reading: first all rows as they are, then so many of them are tried at a time.
fn read(job: &mut Job<'_, '_>) -> Result<Next> {
    let Some(mut session) = session_of(job)?.filter(|s| s.status == state::IMPORTING) else {
        return Ok(Next::Done);
    };
    let done = read_step(job, &mut session);
    if let Err(Error::Invalid(_) | Error::Denied(_)) = &done {
        // the mapping can be accepted again
        session.set_status(job.ctx.conn, state::MAPPING)?;
        return Ok(Next::Done);
    }
    done
}

selected! {
    /// How many rows there are, and how many of them were read up to one (`$2`).
    struct Count {
        total: i64 = "COUNT(*)",
        progress: i64 = "(SELECT COUNT(*) FROM importer_dataimportrow r WHERE r.session = $1 AND r.id <= $2)",
    }
}

fn read_step(job: &mut Job<'_, '_>, session: &mut Session) -> Result<Next> {
    let id = session.id;
    let Some(after) = number(job.payload, "after") else {
        let total = on_behalf(job, |ctx| rows::take_in(ctx, session))?;
        return Ok(Next::More { payload: json!({"session": id, "after": 0}), progress: 0, total: total as i64 });
    };
    let sql = "SELECT id FROM importer_dataimportrow WHERE session = $1 AND id > $2 ORDER BY id LIMIT $3";
    let found = job.ctx.conn.rows(sql, &[id.into(), Value::Int(after), Value::Int(STEP)])?;
    let ids: Vec<FileRowKey> = found.iter().map(|row| row.cell(0)).collect();
    let Some(last) = ids.last().copied() else {
        session.set_status(job.ctx.conn, state::PROCESSING)?;
        return Ok(Next::Done);
    };
    on_behalf(job, |ctx| rows::validate(ctx, session, &ids))?;
    let from = "FROM importer_dataimportrow WHERE session = $1";
    let count = selected::first(job.ctx.conn, from, &[id.into(), last.into()])?;
    let (total, progress) = count.map_or((0, 0), |count: Count| (count.total, count.progress));
    Ok(Next::More { payload: json!({"session": id, "after": last}), progress, total })
}

/// A step of accepting.
fn accept(job: &mut Job<'_, '_>) -> Result<Next> {
    let Some(session) = session_of(job)?.filter(|s| s.status == state::PROCESSING) else {
        return Ok(Next::Done);
    };
    let all = job.payload.get("rows").and_then(Json::as_array).cloned().unwrap_or_default();
    let at = usize::try_from(number(job.payload, "at").unwrap_or(0)).unwrap_or(0);
    let ids: Vec<FileRowKey> =
        all.iter().skip(at).take(STEP as usize).filter_map(Json::as_i64).map(Key::from_id).collect();
    if ids.is_empty() {
        return Ok(Next::Done);
    }
    on_behalf(job, |ctx| {
        rows::check_rights(ctx, &session)?;
        rows::accept(ctx, &session, &ids)
    })?;
    let next = at + ids.len();
    let payload = json!({"session": session.id, "rows": all, "at": next});
    Ok(Next::More { payload, progress: next as i64, total: all.len() as i64 })
}
