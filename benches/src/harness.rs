//! Scenarios and how they are measured.
//!
//! Everything runs against one server on a database of its own, filled with the demo company:
//!
//! - **through the engine**: [`App::handle`] on one thread, with the number of SQL statements;
//! - **through HTTP**: several clients with a connection each that is kept open;
//! - **the statement floor**: what a program written by hand for this one answer would do. A prepared
//!   statement, its rows written as JSON, no HTTP, no sign-in, no rights;
//! - **the HTTP floor**: an answer of the same size that is ready in memory, through the same HTTP.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ironwood_base::{Key, Result};
use ironwood_inventory::installation::app::{App, AppConfig};
use ironwood_inventory::platform::changelog::triggers;
use ironwood_inventory::platform::users::{self, token};
use ironwood_inventory::{installation::demo, installation::records, platform::settings};
use ironwood_rest::http::{Body, Method, Presented, Request};
use ironwood_store::{Backend, Connection, Durability, Fragment, Options, Origin, Value, ValueRef};
use serde_json::Value as Json;

use crate::http::{Client, HttpServer};

/// What went wrong, for a person.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// One request of a scenario.
pub(crate) struct Ask {
    pub(crate) method: Method,
    /// Path with its query, as it goes over the wire.
    pub(crate) path: String,
    pub(crate) body: Option<Json>,
}

/// A GET request.
pub(crate) fn get(path: impl Into<String>) -> Ask {
    Ask { method: Method::Get, path: path.into(), body: None }
}

/// A POST request.
pub(crate) fn post(path: impl Into<String>, body: Json) -> Ask {
    Ask { method: Method::Post, path: path.into(), body: Some(body) }
}

/// Makes request number `n`; called by several threads.
pub(crate) type Requests = Box<dyn Fn(u64) -> Ask + Send + Sync>;

/// The statement floor: does the same as the request, as bare as can be, and gives the answer's bytes.
/// It reads within a transaction that stays open, or writes, in one transaction each time.
pub(crate) type Floor = Box<dyn FnMut(&mut Connection) -> Result<Vec<u8>> + Send>;

type Setup = fn(&Bench) -> std::result::Result<Requests, Failed>;
type MakeFloor = fn(&Bench) -> std::result::Result<Floor, Failed>;

/// Something to measure.
pub(crate) struct Scenario {
    /// Also what `--only` looks at: `part: list of 100`.
    pub(crate) name: &'static str,
    /// Prepares what the requests need (by [`Bench::ask`]).
    pub(crate) setup: Setup,
    pub(crate) floor: Option<MakeFloor>,
    /// Whether the requests and the floor write.
    pub(crate) writes: bool,
    /// What is sent after each request to undo it, unmeasured.
    pub(crate) undo: Option<Setup>,
}

impl Scenario {
    /// One that reads the same address again and again.
    pub(crate) const fn reads(name: &'static str, setup: Setup, floor: Option<MakeFloor>) -> Self {
        Scenario { name, setup, floor, writes: false, undo: None }
    }

    /// One that changes something with every request.
    pub(crate) const fn writes(name: &'static str, setup: Setup, floor: Option<MakeFloor>) -> Self {
        Scenario { name, setup, floor, writes: true, undo: None }
    }

    /// After each request another one, which is not measured, undoes it.
    pub(crate) const fn undone(mut self, undo: Setup) -> Self {
        self.undo = Some(undo);
        self
    }
}

/// How one scenario did.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) bytes: usize,
    pub(crate) statements: u64,
    /// Median of [`App::handle`].
    pub(crate) engine: Duration,
    /// Median of the floor.
    pub(crate) floor: Option<Duration>,
    pub(crate) http: Load,
    pub(crate) http_floor: Load,
}

/// How several clients did together.
pub(crate) struct Load {
    pub(crate) per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
}

/// Who makes the changes of scenarios past the API.
pub(crate) fn origin() -> Origin {
    Origin::command("benches")
}

/// A server with the demo company.
pub(crate) struct Bench {
    pub(crate) app: App,
    /// What it took to make the company.
    pub(crate) filled: Duration,
    /// Scale of the company.
    pub(crate) scale: u32,
    http: HttpServer,
    token: String,
    counter: AtomicU64,
}

impl Bench {
    /// Starts a server on a database, which is filled where it is empty.
    pub(crate) fn start(database: &str, scale: u32, flushed: bool) -> std::result::Result<Bench, Failed> {
        let app = App::open(AppConfig {
            database: database.to_owned(),
            store: Options {
                durability: if flushed { Durability::Full } else { Durability::Normal },
                ..Options::default()
            },
            media: std::env::temp_dir(),
            secret_key: Some("a key for benchmarks only, of more than thirty characters".into()),
            secret_key_file: None,
            limits: Default::default(),
            signin_limits: Default::default(),
            trusted_origins: Vec::new(),
            exchange: Default::default(),
            printing: Default::default(),
            setup: Vec::new(),
        })?;
        let started = Instant::now();
        let hash = users::password::unusable()?;
        app.db().write(&crate::harness::origin(), move |conn| {
            conn.without_predicate_locks()?;
            if conn.one("SELECT 1 FROM part_part LIMIT 1", &[])?.is_some() {
                return Ok(());
            }
            let import = records::ImportOptions { strict: true, secret: None };
            records::import_records(conn, demo::records(scale, &hash), &import)?;
            settings::ensure_instance_id(conn)?;
            // as the database would do by itself a little later
            conn.batch("ANALYZE")
        })?;
        let filled = started.elapsed();
        let authenticator = app.inventory().authenticator.clone();
        let token = app.db().write(&crate::harness::origin(), move |conn| {
            let admin = "SELECT id FROM auth_user WHERE is_superuser AND is_active ORDER BY id LIMIT 1";
            let admin = conn.one(admin, &[])?.map_or_else(Key::default, |row| row.cell(0));
            token::obtain(conn, authenticator.secret(), admin, "benches", None)
        })?;
        let token = token.key.unwrap_or_default();
        let http = HttpServer::start(app.clone())?;
        Ok(Bench { app, filled, scale, http, token, counter: AtomicU64::new(0) })
    }

    /// Takes the change log away: its triggers, and on SQLite what the store keeps for it.
    pub(crate) fn drop_log(&self) -> std::result::Result<(), Failed> {
        Ok(self.app.db().write(&origin(), |conn| {
            triggers::drop_all(conn)?;
            conn.execute("DELETE FROM ironwood_log_state", &[]).map(drop)
        })?)
    }

    /// Takes the triggers away that keep totals.
    pub(crate) fn drop_totals(&self) -> std::result::Result<(), Failed> {
        Ok(self.app.db().write(&origin(), |conn| {
            let sql = match conn.backend() {
                Backend::Sqlite => {
                    "SELECT 'DROP TRIGGER \"' || name || '\"' FROM sqlite_master WHERE type = 'trigger' \
                     AND (sql LIKE '%ironwood_part_total%' OR sql LIKE '%_tally%' OR sql LIKE '%_tallied_%' OR sql LIKE '%_content%')"
                }
                Backend::Postgres => {
                    "SELECT 'DROP TRIGGER \"' || t.tgname || '\" ON \"' || c.relname || '\"' FROM pg_trigger t \
                     JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid \
                     WHERE NOT t.tgisinternal AND (p.prosrc LIKE '%ironwood_part_total%' OR p.prosrc LIKE '%_tally%' \
                     OR p.prosrc LIKE '%_content%')"
                }
            };
            for row in conn.rows(sql, &[])? {
                conn.batch(Fragment::generated(row.text(0)))?;
            }
            Ok(())
        })?)
    }

    /// A number that was not given out before.
    pub(crate) fn next(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }

    /// Changes a row past HTTP.
    pub(crate) fn patch(&self, path: &str, body: Json) -> std::result::Result<Json, Failed> {
        self.ask(&Ask { method: Method::Patch, path: path.to_owned(), body: Some(body) })
    }

    /// Sends a request past HTTP; an error where the answer is not 2xx.
    pub(crate) fn ask(&self, ask: &Ask) -> std::result::Result<Json, Failed> {
        let (body, _) = self.handle(ask)?;
        Ok(serde_json::from_slice(&body).unwrap_or(Json::Null))
    }

    fn handle(&self, ask: &Ask) -> std::result::Result<(Vec<u8>, u64), Failed> {
        let (answer, statements) = self.app.handle_counted(self.request(ask));
        if !(200..300).contains(&answer.status) {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(format!("{} {}: {} {text}", ask.method.name(), ask.path, answer.status).into());
        }
        Ok((answer.body, statements))
    }

    fn request(&self, ask: &Ask) -> Request {
        let (path, raw_query) = ask.path.split_once('?').unwrap_or((&ask.path, ""));
        let pair = |p: &str| p.split_once('=').map_or((p.to_owned(), String::new()), |(n, v)| (n.into(), v.into()));
        Request {
            method: ask.method,
            path: path.trim_end_matches('/').to_owned(),
            query: raw_query.split('&').filter(|p| !p.is_empty()).map(pair).collect(),
            raw_query: raw_query.to_owned(),
            base_url: "http://127.0.0.1".into(),
            body: ask.body.clone().map_or(Body::Empty, Body::Json),
            remote: IpAddr::V4(Ipv4Addr::LOCALHOST),
            presented: Presented { authorization: Some(format!("Token {}", self.token)), ..Presented::default() },
            accept: String::new(),
            id: String::new(),
        }
    }

    /// Measures one scenario.
    pub(crate) fn measure(
        &self,
        scenario: &Scenario,
        time: Duration,
        clients: usize,
    ) -> std::result::Result<Measured, Failed> {
        let requests = (scenario.setup)(self)?;
        let undo = scenario.undo.map(|undo| undo(self)).transpose()?;
        let undo = || undo.as_ref().map(|undo| undo(self.next()));
        let next = || requests(self.next());
        let once = || -> std::result::Result<_, Failed> {
            let (ask, begun) = (next(), Instant::now());
            let answer = self.handle(&ask)?;
            let taken = begun.elapsed();
            if let Some(undo) = undo() {
                self.handle(&undo)?;
            }
            Ok((answer, taken))
        };
        let ((body, statements), _) = once()?;
        let engine = median(repeat_timed(time, || once().map(|(_, taken)| taken))?);
        let floor = match scenario.floor {
            None => None,
            Some(floor) => Some(median(self.floor(floor(self)?, scenario.writes, time)?)),
        };
        let http = self.load(&next, &undo, time, clients)?;
        let plain = format!("/floor/{}", body.len());
        let http_floor = self.load(&|| get(plain.clone()), &|| None, time, clients)?;
        let name = scenario.name;
        Ok(Measured { name, bytes: body.len(), statements, engine, floor, http, http_floor })
    }

    fn floor(&self, floor: Floor, writes: bool, time: Duration) -> std::result::Result<Vec<Duration>, Failed> {
        // a transaction may run more than once: what it does is lent to it
        let floor = Arc::new(Mutex::new(floor));
        let db = self.app.db();
        if writes {
            return repeat(time, || {
                let floor = floor.clone();
                db.write(&crate::harness::origin(), move |conn| lock(&floor)(conn).map(|_| ())).map_err(Failed::from)
            });
        }
        Ok(db.read(move |conn| repeat(time, || lock(&floor)(conn).map(|_| ())))?)
    }

    fn load(
        &self,
        next: &(dyn Fn() -> Ask + Sync),
        undo: &(dyn Fn() -> Option<Ask> + Sync),
        time: Duration,
        clients: usize,
    ) -> std::result::Result<Load, Failed> {
        let clients = clients.max(1);
        let taken = std::thread::scope(|scope| {
            let work = || {
                let mut client = Client::connect(self.http.address, &self.token)?;
                repeat_timed(time, || {
                    let (ask, begun) = (next(), Instant::now());
                    client.send(&ask)?;
                    let taken = begun.elapsed();
                    if let Some(undo) = undo() {
                        client.send(&undo)?;
                    }
                    Ok::<_, Failed>(taken)
                })
            };
            let running: Vec<_> = (0..clients).map(|_| scope.spawn(work)).collect();
            let mut all = Vec::new();
            for thread in running {
                all.extend(thread.join().map_err(|_| "a client panicked")??);
            }
            Ok::<_, Failed>(all)
        })?;
        Ok(Load::of(taken, clients))
    }
}

impl Load {
    fn of(mut taken: Vec<Duration>, clients: usize) -> Load {
        // what undoes a request takes time as well, which is not counted
        let whole = taken.iter().sum::<Duration>() / u32::try_from(clients).unwrap_or(1);
        taken.sort_unstable();
        let at = |share: usize| taken.get(taken.len() * share / 100).copied().unwrap_or_default();
        Load { per_second: taken.len() as f64 / whole.as_secs_f64(), p50: at(50), p99: at(99) }
    }
}

/// Does something again and again: a tenth of the time to get warm, then the time itself.
fn repeat<E>(
    time: Duration,
    mut work: impl FnMut() -> std::result::Result<(), E>,
) -> std::result::Result<Vec<Duration>, E> {
    repeat_timed(time, || {
        let begun = Instant::now();
        work()?;
        Ok(begun.elapsed())
    })
}

/// [`repeat`] for work that measures itself.
fn repeat_timed<E>(
    time: Duration,
    mut work: impl FnMut() -> std::result::Result<Duration, E>,
) -> std::result::Result<Vec<Duration>, E> {
    let warm = Instant::now();
    while warm.elapsed() < time / 10 {
        work()?;
    }
    let (started, mut taken) = (Instant::now(), Vec::new());
    while taken.is_empty() || started.elapsed() < time {
        taken.push(work()?);
    }
    Ok(taken)
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn median(mut taken: Vec<Duration>) -> Duration {
    taken.sort_unstable();
    taken.get(taken.len() / 2).copied().unwrap_or_default()
}

/// The rows of a statement as a JSON list of objects, written by hand. `names` are those of its
/// columns; one that begins with `.` and a digit is a decimal of so many places (`.5 quantity`).
pub(crate) fn json_rows(conn: &mut Connection, sql: &str, params: &[Value], names: &[&str]) -> Result<Vec<u8>> {
    let columns: Vec<(Option<u8>, String)> = names
        .iter()
        .map(|name| match name.strip_prefix('.').and_then(|rest| rest.split_once(' ')) {
            Some((places, name)) => (places.parse().ok(), format!("\"{name}\":")),
            None => (None, format!("\"{name}\":")),
        })
        .collect();
    let mut out = vec![b'['];
    let mut text = String::new();
    conn.query(Fragment::generated(sql), params, |row| {
        out.extend_from_slice(if out.len() > 1 { b",{" } else { b"{" });
        for (i, (places, name)) in columns.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            out.extend_from_slice(name.as_bytes());
            match (row.get(i), places) {
                (ValueRef::Int(value), Some(places)) => ironwood_base::decimal::write_short(&mut out, value, *places),
                (ValueRef::Int(value), None) => {
                    text.clear();
                    let _ = write!(text, "{value}");
                    out.extend_from_slice(text.as_bytes());
                }
                (ValueRef::Bool(value), _) => out.extend_from_slice(if value { b"true" } else { b"false" }),
                (ValueRef::Text(value), _) => serde_json::to_writer(&mut out, value).unwrap_or_default(),
                (ValueRef::Real(value), _) => serde_json::to_writer(&mut out, &value).unwrap_or_default(),
                _ => out.extend_from_slice(b"null"),
            }
        }
        out.push(b'}');
        Ok(())
    })?;
    out.push(b']');
    Ok(out)
}
