//! The worker: threads of each node that do the jobs of [`crate::platform::system::job`], one for each queue.
//!
//! A job is claimed in a transaction of its own, by a row lock, and belongs to its worker until its
//! lease ends, which is renewed as long as the work goes on; then, should the worker have died, another
//! one takes it. An embedded database has one server, so its worker takes back at start what the one
//! before it left. A step holds the lock of its
//! job's row from its first statement to its commit, so no two workers ever do a step of one job at
//! once, whatever became of the lease.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ironwood_base::{Error, Key, Result, clock};
use ironwood_rest::context::{Caller, Context, Done, Permission};
use ironwood_rest::effects::Effects;
use ironwood_rest::http::{Body, Method, Presented, Request};
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_store::{Backend, Connection, Fragment, Origin, Value, fragment};
use serde_json::Value as Json;

use crate::installation::app::{App, the_registry};
use crate::lists::{job_types, schedules, sweeps};
#[cfg(test)]
use crate::platform::changelog::actors_tests;
#[cfg(test)]
use crate::platform::state::Inventory;
use crate::platform::system::job::{self, Job, JobType, Next, Queue, Work};
use crate::platform::system::wakeup::Wakeup;
use crate::platform::users::secret::{hex, random};
use crate::schema::keys::{JobKey, UserKey};

/// Seconds after which a claimed job may be taken by another worker, unless its lease is renewed.
const LEASE: i64 = 60;
/// How often the lease of work outside of the database is renewed: in time also after a lost attempt.
const RENEWAL: Duration = Duration::from_secs(20);
/// How often moments are looked for that a clock which ran ahead left behind.
const MENDING: Duration = Duration::from_secs(60);
/// How often a worker looks for work that other nodes left.
const LOOK: Duration = Duration::from_secs(1);

/// A running worker; it ends after its present step when this is dropped.
pub struct Worker {
    stop: Arc<AtomicBool>,
    wakeup: Arc<Wakeup>,
    threads: Vec<JoinHandle<()>>,
}

impl Worker {
    /// Starts a worker.
    ///
    /// # Errors
    /// Where no thread can be had.
    pub fn start(app: &App) -> Result<Worker> {
        let (stop, wakeup) = (Arc::new(AtomicBool::new(false)), app.inventory().wakeup.clone());
        wakeup.workers.fetch_add(1, Ordering::Relaxed);
        let mut worker = Worker { stop: stop.clone(), wakeup, threads: Vec::new() };
        let prepared = Arc::new(AtomicBool::new(false));
        for queue in Queue::ALL {
            let (app, stop, prepared) = (app.clone(), stop.clone(), prepared.clone());
            let name = match queue {
                Queue::Main => "worker",
                Queue::Printing => "print-worker",
            };
            let thread = std::thread::Builder::new()
                .name(name.into())
                .spawn(move || match queue {
                    Queue::Main => work(&app, &stop, &prepared),
                    other => work_beside(&app, other, &stop, &prepared),
                })
                .map_err(|error| Error::Internal(format!("cannot start the worker: {error}")))?;
            worker.threads.push(thread);
        }
        Ok(worker)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.wakeup.notify();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
        self.wakeup.workers.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The name under which a thread of a worker owns jobs, known to the others of the process until it ends.
struct Owner {
    wakeup: Arc<Wakeup>,
    name: String,
}

impl Owner {
    fn new(app: &App) -> Result<Self> {
        let (wakeup, name) = (app.inventory().wakeup.clone(), hex(&random::<16>()?));
        wakeup.owners().insert(name.clone());
        Ok(Owner { wakeup, name })
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.wakeup.owners().remove(&self.name);
    }
}

/// Does the jobs of the main queue, and what keeps all queues in order.
fn work(app: &App, stop: &AtomicBool, prepared: &AtomicBool) {
    let Ok(owner) = Owner::new(app) else { return };
    let (mut mended, mut seen) = (None, 0);
    while !stop.load(Ordering::Relaxed) {
        let done = match mended {
            None => prepare(app).map(|()| {
                mended = Some(Instant::now());
                prepared.store(true, Ordering::Relaxed);
                app.inventory().wakeup.notify();
                true
            }),
            Some(then) if then.elapsed() >= MENDING => {
                mended = Some(Instant::now());
                app.db()
                    .read(is_ahead)
                    .and_then(|ahead| if ahead { app.db().write(&origin(), mend) } else { Ok(()) })
                    .map(|()| true)
            }
            Some(_) => once(app, Queue::Main, &owner.name, stop),
        };
        rest(app, done, &mut seen);
    }
}

/// Does the jobs of another queue, as soon as the jobs that a server before this one left are taken back.
fn work_beside(app: &App, queue: Queue, stop: &AtomicBool, prepared: &AtomicBool) {
    let Ok(owner) = Owner::new(app) else { return };
    let mut seen = 0;
    while !stop.load(Ordering::Relaxed) {
        let done = if prepared.load(Ordering::Relaxed) { once(app, queue, &owner.name, stop) } else { Ok(false) };
        rest(app, done, &mut seen);
    }
}

/// Waits for work, unless there was some.
fn rest(app: &App, done: Result<bool>, seen: &mut u64) {
    match done {
        Ok(true) => return,
        Ok(false) => {}
        // the database says itself, once, when it cannot be reached
        Err(error @ Error::Status(503, _)) => tracing::debug!("worker error, will retry: {error}"),
        Err(error) => tracing::warn!("worker failed: {error}"),
    }
    app.inventory().wakeup.wait(seen, LOOK);
}

/// Writes down the schedules that the program names, and forgets those that it no longer does. Takes
/// back the jobs that a server before this one on an embedded database left unfinished.
fn prepare(app: &App) -> Result<()> {
    // held until the jobs are back: a worker that begins meanwhile claims none of them before
    let owners = app.inventory().wakeup.owners();
    let at_work: Vec<String> = owners.iter().map(ToString::to_string).collect();
    app.db().write(&origin(), move |conn| {
        if conn.backend() == Backend::Sqlite {
            // jobs that other workers of this process are doing stay theirs
            let sql = fragment!(
                "UPDATE ironwood_job SET state = 'pending', owner = NULL, lease = NULL \
                 WHERE state = 'running' AND (owner IS NULL OR owner NOT IN ({}))",
                conn.backend().texts("$1")
            );
            conn.execute(&sql, &[Value::texts(&at_work)])?;
        }
        mend(conn)?;
        let there: Vec<StoredSchedule> = selected::all(conn, "FROM ironwood_schedule", &[])?;
        for schedule in schedules() {
            let row = there.iter().find(|row| row.name == schedule.name);
            let params = [schedule.name.into(), schedule.job.name.into(), Value::Int(schedule.minutes)];
            match row {
                Some(row) if row.job_type == schedule.job.name && row.minutes == schedule.minutes => {}
                Some(_) => {
                    let sql = "UPDATE ironwood_schedule SET kind = $2, minutes = $3 WHERE name = $1";
                    conn.execute(sql, &params)?;
                }
                None => {
                    // the first run waits: a server that is only looked at changes nothing
                    let first = clock::seconds_from_now(schedule.minutes.saturating_mul(60));
                    let sql = "INSERT INTO ironwood_schedule (name, kind, minutes, next_run) VALUES ($1, $2, $3, $4)";
                    conn.execute(sql, &[&params[..], &[first.into()]].concat())?;
                }
            }
        }
        for row in there.iter().filter(|row| !schedules().any(|s| s.name == row.name)) {
            conn.execute("DELETE FROM ironwood_schedule WHERE name = $1", &[row.name.as_str().into()])?;
        }
        Ok(())
    })?;
    drop(owners);
    Ok(())
}

selected! {
    /// A schedule as it is stored.
    struct StoredSchedule {
        id: i64 = "id",
        name: String = "name",
        job_type: String = "kind",
        minutes: i64 = "minutes",
    }
}

selected! {
    /// When a schedule is next due.
    struct NextRun {
        id: i64 = "id",
        minutes: i64 = "minutes",
        next_run: String = "next_run",
    }
}

selected! {
    /// A job as it is stored.
    struct StoredJob {
        id: JobKey = "id",
        job_type: String = "kind",
        payload: String = "payload",
        attempts: i64 = "attempts",
        user: Option<UserKey> = "\"user\"",
    }
}

/// The latest moments that could have been written by now.
struct Latest {
    /// The next run of each schedule that is dated later than that: key of the schedule, latest moment.
    runs: Vec<(i64, String)>,
    /// The next try of a job.
    retry: String,
    /// The end of a lease.
    lease: String,
}

fn latest(conn: &mut Connection) -> Result<Latest> {
    let mut runs = Vec::new();
    for row in selected::all::<NextRun>(conn, "FROM ironwood_schedule ORDER BY id", &[])? {
        let latest = clock::seconds_from_now(row.minutes.saturating_mul(60).saturating_add(SLACK));
        if row.next_run > latest {
            runs.push((row.id, latest));
        }
    }
    let retry = clock::seconds_from_now(job::LONGEST_WAIT + SLACK);
    Ok(Latest { runs, retry, lease: clock::seconds_from_now(LEASE + SLACK) })
}

/// Seconds by which the clocks of two nodes may differ.
const SLACK: i64 = 60;

const TRIED_LATE: &str = "state = 'pending' AND run_after > $1";
const LEASED_LATE: &str = "state = 'running' AND lease > $1";

/// Whether a clock that ran ahead has left moments behind that work would wait for.
fn is_ahead(conn: &mut Connection) -> Result<bool> {
    let Latest { runs, retry, lease } = latest(conn)?;
    let mut found = !runs.is_empty();
    for (condition, at) in [(TRIED_LATE, retry), (LEASED_LATE, lease)] {
        let sql = fragment!("SELECT 1 FROM ironwood_job WHERE {condition} LIMIT 1");
        found |= conn.one(&sql, &[at.into()])?.is_some();
    }
    Ok(found)
}

/// Brings moments that a clock which ran ahead left behind back to the latest that can be right.
fn mend(conn: &mut Connection) -> Result<()> {
    let Latest { runs, retry, lease } = latest(conn)?;
    for (id, latest) in runs {
        conn.execute("UPDATE ironwood_schedule SET next_run = $1 WHERE id = $2", &[latest.into(), id.into()])?;
    }
    for (column, condition, at) in [("run_after", TRIED_LATE, retry), ("lease", LEASED_LATE, lease)] {
        conn.execute(&fragment!("UPDATE ironwood_job SET {column} = $1 WHERE {condition}"), &[at.into()])?;
    }
    Ok(())
}

/// Who changes the rows of jobs themselves.
fn origin() -> Origin {
    Origin::server("worker")
}

/// Does one piece of work of a queue; false where there was none.
fn once(app: &App, queue: Queue, owner: &str, stop: &AtomicBool) -> Result<bool> {
    if !app.db().read(move |conn| is_due(conn, queue))? {
        return Ok(false);
    }
    let name = owner.to_owned();
    let claimed = app.db().write(&origin(), move |conn| {
        if queue == Queue::Main {
            queue_scheduled(conn)?;
            queue_swept(conn)?;
        }
        claim(conn, queue, &name)
    })?;
    match claimed {
        Some(claimed) => run(app, owner, &claimed, stop).map(|()| true),
        None => Ok(false),
    }
}

const CLAIMABLE: &str = "((state = 'pending' AND (run_after IS NULL OR run_after <= $1)) \
    OR (state = 'running' AND (lease IS NULL OR lease < $1)))";

/// The condition on jobs that are in a queue. The main one has those that this version does not know, too.
fn is_in(queue: Queue) -> Fragment {
    let list = |inside: &dyn Fn(Queue) -> bool| {
        let names =
            job_types().filter(|job_type| inside(job_type.queue)).map(|job_type| Fragment::literal(job_type.name));
        Fragment::join(names, ", ")
    };
    match queue {
        Queue::Main => fragment!("kind NOT IN ({})", list(&|other| other != Queue::Main)),
        queue => fragment!("kind IN ({})", list(&|other| other == queue)),
    }
}

fn is_due(conn: &mut Connection, queue: Queue) -> Result<bool> {
    let mut due = fragment!("EXISTS (SELECT 1 FROM ironwood_job WHERE {CLAIMABLE} AND {})", is_in(queue));
    if queue == Queue::Main {
        due.push(" OR EXISTS (SELECT 1 FROM ironwood_schedule WHERE next_run <= $1)");
        due.extend(sweeps().map(|sweep| fragment!(" OR EXISTS ({})", sweep.due)));
    }
    let sql = fragment!("SELECT CASE WHEN {due} THEN 1 ELSE 0 END");
    Ok(conn.one(&sql, &[clock::now().into()])?.is_some_and(|row| row.int(0) == 1))
}

fn queue_scheduled(conn: &mut Connection) -> Result<()> {
    let now = clock::now();
    let from = fragment!("FROM ironwood_schedule WHERE next_run <= $1 ORDER BY id{}", conn.backend().take_rows());
    for row in selected::all::<StoredSchedule>(conn, &from, &[now.as_str().into()])? {
        let Some(job_type) = job_types().find(|job_type| job_type.name == row.job_type) else { continue };
        let job = job::insert_once(conn, job_type, &Json::Object(serde_json::Map::new()), None)?;
        let next = clock::seconds_from_now(row.minutes.saturating_mul(60));
        let sql = "UPDATE ironwood_schedule SET last_run = $1, next_run = $2, job = $3 WHERE id = $4";
        conn.execute(sql, &[now.as_str().into(), next.into(), job.into(), Value::Int(row.id)])?;
    }
    Ok(())
}

/// Queues a job for each type of work that rows wait for, unless one is there.
fn queue_swept(conn: &mut Connection) -> Result<()> {
    for sweep in sweeps() {
        let there = "SELECT 1 FROM ironwood_job WHERE kind = $1 AND state IN ('pending', 'running') LIMIT 1";
        if conn.one(&fragment!("{} LIMIT 1", sweep.due), &[])?.is_some()
            && conn.one(there, &[sweep.job.name.into()])?.is_none()
        {
            job::insert(conn, sweep.job, &Json::Object(serde_json::Map::new()), None, "")?;
        }
    }
    Ok(())
}

#[derive(Debug, Clone)]
struct Claimed {
    id: JobKey,
    job_type: String,
    payload: Json,
    attempts: i64,
    user: Option<UserKey>,
}

/// Takes the oldest job of a queue that is due.
fn claim(conn: &mut Connection, queue: Queue, owner: &str) -> Result<Option<Claimed>> {
    let sql = fragment!(
        "UPDATE ironwood_job SET state = 'running', owner = $2, started = $1, lease = $3, attempts = attempts + 1 \
         WHERE id = (SELECT id FROM ironwood_job WHERE {CLAIMABLE} AND {} ORDER BY id LIMIT 1{}) \
         RETURNING {}",
        is_in(queue),
        conn.backend().take_rows(),
        StoredJob::COLUMNS
    );
    let params = [clock::now().into(), owner.into(), clock::seconds_from_now(LEASE).into()];
    let job: Option<StoredJob> = selected::read_first(conn, &sql, &params)?;
    Ok(job.map(|StoredJob { id, job_type, payload, attempts, user }| Claimed {
        id,
        job_type,
        payload: serde_json::from_str(&payload).unwrap_or(Json::Null),
        attempts,
        user,
    }))
}

fn run(app: &App, owner: &str, claimed: &Claimed, stop: &AtomicBool) -> Result<()> {
    let id = claimed.id;
    let Some(job_type) = job_types().find(|job_type| job_type.name == claimed.job_type) else {
        let error = Error::bad_request("This task is not supported by this version.");
        return app.db().write(&origin(), move |conn| job::fail(conn, id, 0, &error));
    };
    // it was begun so often, and never came to an end
    if claimed.attempts > job_type.tries {
        let error = Error::bad_request("The worker stopped repeatedly while running this task.");
        return app.db().write(&origin(), move |conn| job::fail(conn, id, 0, &error));
    }
    let mut payload = claimed.payload.clone();
    loop {
        match step(app, owner, claimed, job_type, payload) {
            Ok(Some(Next::More { payload: rest, .. })) => payload = rest,
            Ok(_) => return Ok(()),
            Err(error) => {
                tracing::warn!(kind = job_type.name, id = id.id(), "task failed: {error}");
                let tries = job_type.tries;
                return app.db().write(&origin(), move |conn| job::fail(conn, id, tries, &error));
            }
        }
        if stop.load(Ordering::Relaxed) {
            let sql = "UPDATE ironwood_job SET state = 'pending', attempts = attempts - 1, owner = NULL, lease = NULL \
                       WHERE id = $1 AND state = 'running'";
            return app.db().write(&origin(), move |conn| conn.execute(sql, &[id.into()]).map(|_| ()));
        }
    }
}

/// One step; `None` where the job is no longer this worker's.
fn step(app: &App, owner: &str, claimed: &Claimed, job_type: &'static JobType, payload: Json) -> Result<Option<Next>> {
    let (id, user, owner) = (claimed.id, claimed.user, owner.to_owned());
    let by = Origin::job(job_type.name, user.map(Key::id));
    let done = match job_type.work {
        Work::Free(run) => {
            let acting = app.inventory().acting(by);
            #[cfg(test)]
            let run = |inventory: &Inventory, payload: &Json| match actors_tests::asks_for_witness(payload) {
                true => inventory.write(|conn| actors_tests::testify(conn, job_type.name)).map(|()| Next::Done),
                false => run(inventory, payload),
            };
            let next = while_leased(app, id, &owner, || run(&acting, &payload))?;
            acting.write(move |conn| {
                if !is_own(conn, id, &owner)? {
                    return Ok(None);
                }
                settle(conn, id, &next)?;
                Ok(Some((next.clone(), Effects::default())))
            })?
        }
        Work::Bound(run) => {
            let ahead = work_ahead(app, claimed, &owner, job_type, &payload)?;
            let app = app.clone();
            app.clone().db().write(&by, move |conn| {
                if !is_own(conn, id, &owner)? {
                    return Ok(None);
                }
                let request = no_request();
                let caller = System { user };
                let mut ctx = Context::new(conn, &caller, &request, app.inventory(), the_registry(), app.limits());
                ctx.ahead = ahead.clone();
                #[cfg(test)]
                if actors_tests::job_witnessed(ctx.conn, job_type, &payload)? {
                    settle(ctx.conn, id, &Next::Done)?;
                    return Ok(Some((Next::Done, Effects::default())));
                }
                let next = run(&mut Job { ctx: &mut ctx, id, payload: &payload })?;
                settle(ctx.conn, id, &next)?;
                Ok(Some((next, std::mem::take(&mut ctx.effects))))
            })?
        }
    };
    Ok(done.map(|(next, effects)| {
        effects.committed();
        next
    }))
}

/// Does what of a step takes time, before its transaction.
fn work_ahead(app: &App, claimed: &Claimed, owner: &str, job_type: &JobType, payload: &Json) -> Result<Option<Done>> {
    #[cfg(test)]
    if actors_tests::asks_for_witness(payload) {
        return Ok(None);
    }
    let Some(look) = job_type.look else { return Ok(None) };
    let (id, user, payload, inner) = (claimed.id, claimed.user, payload.clone(), app.clone());
    let work = app.db().read(move |conn| {
        let (request, caller) = (no_request(), System { user });
        let mut ctx = Context::new(conn, &caller, &request, inner.inventory(), the_registry(), inner.limits());
        look(&mut Job { ctx: &mut ctx, id, payload: &payload })
    })?;
    let Some(work) = work else { return Ok(None) };
    while_leased(app, id, owner, || work(&no_request())).map(Some)
}

/// Does work outside of any transaction, and renews the lease of its job meanwhile.
fn while_leased<T>(app: &App, id: JobKey, owner: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let (done, waiting) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // the other end goes when the work is done, also by a panic
            while waiting.recv_timeout(RENEWAL) == Err(RecvTimeoutError::Timeout) {
                let name = owner.to_owned();
                if let Err(error) = app.db().write(&origin(), move |conn| is_own(conn, id, &name)) {
                    tracing::warn!(id = id.id(), "cannot renew the lease of a task: {error}");
                }
            }
        });
        let result = work();
        drop(done);
        result
    })
}

/// Whether the job still belongs to the worker; then its row is locked until the transaction ends.
fn is_own(conn: &mut Connection, id: JobKey, owner: &str) -> Result<bool> {
    let sql = "UPDATE ironwood_job SET lease = $1 WHERE id = $2 AND owner = $3 AND state = 'running'";
    Ok(conn.execute(sql, &[clock::seconds_from_now(LEASE).into(), id.into(), owner.into()])? == 1)
}

fn settle(conn: &mut Connection, id: JobKey, next: &Next) -> Result<()> {
    match next {
        Next::Done => {
            let sql = "UPDATE ironwood_job SET state = 'done', finished = $1, error = NULL, owner = NULL, lease = NULL, \
                       progress = CASE WHEN total > 0 THEN total ELSE 1 END, \
                       total = CASE WHEN total > 0 THEN total ELSE 1 END WHERE id = $2";
            conn.execute(sql, &[clock::now().into(), id.into()])?;
        }
        Next::More { payload, progress, total } => {
            let sql = "UPDATE ironwood_job SET payload = $1, progress = $2, total = $3 WHERE id = $4";
            let params = [payload.to_string().into(), Value::Int(*progress), Value::Int(*total), id.into()];
            conn.execute(sql, &params)?;
        }
    }
    Ok(())
}

/// The server itself as a caller. The permissions were checked when the task was created.
struct System {
    user: Option<UserKey>,
}

impl Caller for System {
    fn id(&self) -> Option<i64> {
        self.user.map(Key::id)
    }
    fn is_staff(&self) -> bool {
        true
    }
    fn is_superuser(&self) -> bool {
        true
    }
    fn may(&self, _: &str, _: Permission) -> bool {
        true
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn no_request() -> Request {
    Request {
        method: Method::Post,
        path: "/".into(),
        query: Vec::new(),
        raw_query: String::new(),
        base_url: String::new(),
        body: Body::Empty,
        remote: std::net::Ipv4Addr::LOCALHOST.into(),
        presented: Presented::default(),
        accept: String::new(),
        id: String::new(),
    }
}
