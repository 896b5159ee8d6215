//! Jobs: background work, written in the transaction that causes it.
//!
//! A job is a row of `ironwood_job`: it is there if and only if its cause was committed. The worker
//! ([`super::worker`]) does it at least once; work within the database exactly once, because the job
//! ends in the transaction that does the work. An action that does such work itself leaves a finished
//! job behind ([`done_now`]), so that its `task_id` can be asked for like any other.

use ironwood_base::{Error, Result, clock};
use ironwood_rest::context::{Ahead, Context};
use ironwood_rest::http::Answer;
use ironwood_rest::view::{BOOL, INT, TEXT, View, value};
use ironwood_store::{Connection, Value};
use serde_json::{Value as Json, json};

use crate::platform::state::Inventory;
use crate::schema::keys::{JobKey, UserKey, caller_key};

/// Most characters of an error that is kept.
const LONGEST_ERROR: usize = 2_000;

/// Seconds before the second try of a job that failed; doubled for each further one, up to
/// [`LONGEST_WAIT`].
const FIRST_WAIT: i64 = 5;
/// Longest time between two tries, in seconds.
pub(crate) const LONGEST_WAIT: i64 = FIRST_WAIT << 9;

/// What a step of a job leaves to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Nothing: the job is done.
    Done,
    /// Further steps, which begin with this payload. `progress` of `total` is done; both are shown.
    More { payload: Json, progress: i64, total: i64 },
}

/// A job at work.
pub struct Job<'a, 'c> {
    pub ctx: &'a mut Context<'c>,
    pub id: JobKey,
    pub payload: &'a Json,
}

/// Finds slow work that a step needs before its transaction, as [`ironwood_rest::context::Look`] does for requests.
pub type Look = fn(&mut Job<'_, '_>) -> Result<Option<Ahead>>;

/// How a type of job does its work.
#[derive(Debug, Clone, Copy)]
pub enum Work {
    /// Steps inside one transaction each: the end of a step is committed with what it did. A step should
    /// be short, because an embedded database has one writer.
    Bound(fn(&mut Job<'_, '_>) -> Result<Next>),
    /// Outside of any transaction, for what talks to other machines. It may be done twice.
    Free(fn(&Inventory, &Json) -> Result<Next>),
}

/// Jobs of each queue are done one after the other, by a thread of their own on every node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    Main,
    /// Labels and reports, which can take a minute each.
    Printing,
}

impl Queue {
    /// All of them.
    pub const ALL: [Queue; 2] = [Queue::Main, Queue::Printing];
}

/// A type of job. Areas list theirs in `JOBS`; [`crate::lists::job_types`] collects them.
#[derive(Debug)]
pub struct JobType {
    /// Stands in the rows: it must not change.
    pub name: &'static str,
    pub work: Work,
    /// How often a job is tried that fails for a reason that may pass.
    pub tries: i64,
    /// Finds slow work that precedes the transaction of a step.
    pub look: Option<Look>,
    pub queue: Queue,
}

impl JobType {
    /// Work inside of transactions.
    pub const fn bound(name: &'static str, run: fn(&mut Job<'_, '_>) -> Result<Next>) -> Self {
        JobType { name, work: Work::Bound(run), tries: 5, look: None, queue: Queue::Main }
    }
    /// Work outside of transactions.
    pub const fn free(name: &'static str, run: fn(&Inventory, &Json) -> Result<Next>) -> Self {
        JobType { name, work: Work::Free(run), tries: 5, look: None, queue: Queue::Main }
    }
    /// Steps take time before their transactions (see the field).
    pub const fn look(mut self, look: Look) -> Self {
        self.look = Some(look);
        self
    }
    /// Jobs of this type wait in another queue than the main one.
    pub const fn queue(mut self, queue: Queue) -> Self {
        self.queue = queue;
        self
    }
    pub const fn tries(mut self, tries: i64) -> Self {
        self.tries = tries;
        self
    }
}

/// A job that is made again and again.
#[derive(Debug)]
pub struct Schedule {
    pub name: &'static str,
    pub job: &'static JobType,
    /// Minutes between two runs.
    pub minutes: i64,
}

/// Work that is due as long as there are rows of some kind, instead of a job for each of them.
#[derive(Debug)]
pub struct Sweep {
    /// A statement that gives a row where there is work.
    pub due: &'static str,
    pub job: &'static JobType,
}

/// Queues a job; gives its key. The worker of this node is woken at the commit.
///
/// # Errors
/// Those of the database.
pub fn enqueue(ctx: &mut Context<'_>, job_type: &JobType, payload: &Json) -> Result<JobKey> {
    let user = caller_key(ctx).known();
    wake(ctx);
    insert(ctx.conn, job_type, payload, user, "")
}

/// Queues a job unless one of its type with the same payload waits already; gives the key of the one
/// that waits.
///
/// # Errors
/// Those of the database.
pub fn enqueue_once(ctx: &mut Context<'_>, job_type: &JobType, payload: &Json) -> Result<JobKey> {
    let user = caller_key(ctx).known();
    wake(ctx);
    insert_once(ctx.conn, job_type, payload, user)
}

/// Wakes the worker of this node once the transaction is committed.
pub fn wake(ctx: &mut Context<'_>) {
    if let Ok(inventory) = Inventory::of(ctx.domain) {
        let wakeup = inventory.wakeup.clone();
        ctx.effects.on_commit(move || wakeup.notify());
    }
}

/// [`enqueue_once`] where there is no request.
///
/// # Errors
/// Those of the database.
pub fn insert_once(conn: &mut Connection, job_type: &JobType, payload: &Json, user: Option<UserKey>) -> Result<JobKey> {
    let sql = "SELECT id FROM ironwood_job WHERE kind = $1 AND state = 'pending' AND payload = $2 LIMIT 1";
    match conn.one(sql, &[job_type.name.into(), payload.to_string().into()])? {
        Some(row) => Ok(row.cell(0)),
        None => insert(conn, job_type, payload, user, ""),
    }
}

/// Queues a job that is not to be done before this moment (empty: at once).
///
/// # Errors
/// Those of the database.
pub fn insert(
    conn: &mut Connection,
    job_type: &JobType,
    payload: &Json,
    user: Option<UserKey>,
    after: &str,
) -> Result<JobKey> {
    let after = if after.is_empty() { Value::Null } else { after.into() };
    let sql = "INSERT INTO ironwood_job (kind, payload, state, progress, total, attempts, created, run_after, \"user\") \
               VALUES ($1, $2, 'pending', 0, 0, 0, $3, $4, $5) RETURNING id";
    let params = [job_type.name.into(), payload.to_string().into(), clock::now().into(), after, user.into()];
    Ok(conn.one(sql, &params)?.map_or_else(JobKey::default, |row| row.cell(0)))
}

/// A job as shown to clients.
pub static DETAIL: View = View::plain(
    "TaskDetail",
    &[
        value("task_id", TEXT),
        value("exists", BOOL),
        value("pending", BOOL),
        value("complete", BOOL),
        value("success", BOOL),
        value("http_status", INT),
    ],
);

/// The answer of an action that did its work within the request: it leaves a finished job behind.
/// `exists` is false: nothing of it is left to be waited for.
///
/// # Errors
/// Those of the database.
pub fn done_now(ctx: &mut Context<'_>, job_type: &str, payload: &Json) -> Result<Answer> {
    Ok(Answer::json(200, &note_done(ctx, job_type, payload)?))
}

/// Notes a job that was done within the request, and gives what [`done_now`] answers.
///
/// # Errors
/// Those of the database.
pub fn note_done(ctx: &mut Context<'_>, job_type: &str, payload: &Json) -> Result<Json> {
    let sql = "INSERT INTO ironwood_job (kind, payload, state, progress, total, attempts, created, started, finished, \
               \"user\") VALUES ($1, $2, 'done', 1, 1, 1, $3, $3, $3, $4) RETURNING id";
    let params = [job_type.into(), payload.to_string().into(), clock::now().into(), ctx.caller.id().into()];
    let id = ctx.conn.one(sql, &params)?.map_or(0, |row| row.int(0));
    Ok(json!({
        "task_id": id.to_string(), "exists": false, "pending": false, "complete": true, "success": true,
        "http_status": 200,
    }))
}

/// Notes that a job failed: it is tried again later where that may help.
pub(crate) fn fail(conn: &mut Connection, id: JobKey, tries: i64, error: &Error) -> Result<()> {
    let Some(row) = conn.one("SELECT attempts FROM ironwood_job WHERE id = $1", &[id.into()])? else {
        return Ok(());
    };
    let attempts = row.int(0);
    let may_pass = matches!(error, Error::Internal(_) | Error::TooMany(_) | Error::Status(500.., _));
    let text: String = error.to_string().chars().filter(|c| *c != '\0').take(LONGEST_ERROR).collect();
    let now = clock::now();
    if may_pass && attempts < tries {
        let wait = (FIRST_WAIT << attempts.clamp(0, 9)).min(LONGEST_WAIT);
        let sql = "UPDATE ironwood_job SET state = 'pending', error = $1, run_after = $2, owner = NULL, lease = NULL \
                   WHERE id = $3";
        conn.execute(sql, &[text.into(), clock::seconds_from_now(wait).into(), id.into()])?;
    } else {
        let sql = "UPDATE ironwood_job SET state = 'failed', error = $1, finished = $2, owner = NULL, lease = NULL \
                   WHERE id = $3";
        conn.execute(sql, &[text.into(), now.into(), id.into()])?;
    }
    Ok(())
}
