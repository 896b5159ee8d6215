//! One connection, as the code above sees it while its transaction runs.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use ironwood_base::Error;

use crate::fragment;
use crate::fragment::{AsSql, Fragment};
use crate::log::{self, Log};
use crate::origin::Origin;
use crate::postgres::Plan;
use crate::value::{OwnedRow, Row, Value};
use crate::versions::Versions;
use crate::{Backend, constraint, postgres, sqlite, watch};

/// How often a transaction is tried when it cannot be put in an order with others.
const CONFLICT_TRIES: u32 = 30;
/// How often a transaction loses to others before the others of this process wait for it.
const CONFLICTS_TOGETHER: u32 = 5;
/// Transactions that write on PostgreSQL: many at once, or one that has lost often.
static TURN: RwLock<()> = RwLock::new(());
/// How often a transaction is tried when its connection breaks.
const LOST_TRIES: u32 = 6;

/// What the client is told when no one knows whether its change was saved.
const UNKNOWN_END: &str = "The connection to the database was lost while the change was being saved. It may have been \
    saved: check before you send it again, or send it again with the same Idempotency-Key.";

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
}

/// Why a statement failed.
#[derive(Debug)]
pub(crate) struct Fault {
    /// What the caller gets.
    pub(crate) error: Error,
    pub(crate) kind: FaultKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// Would fail again.
    Lasting,
    /// Another transaction was in the way: it may succeed when run again.
    Conflict,
    /// A prepared statement that the schema has outgrown: it succeeds when prepared again.
    Stale,
    /// The connection is gone.
    Lost,
    /// There is no connection to be had: trying again at once would only keep others waiting.
    Away,
}

/// Why a query ended early.
pub(crate) enum Stop {
    Database(Fault),
    Caller(Error),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Database(fault)
    }
}

pub(crate) enum RawConnection {
    Sqlite(sqlite::SqliteConnection),
    Postgres(Box<postgres::PostgresConnection>),
}

/// A connection in a transaction.
///
/// After a statement has failed, every further one fails until the transaction or the savepoint
/// around it is over, on both databases: put what may fail in [`Connection::savepoint`].
pub struct Connection {
    raw: RawConnection,
    depth: u32,
    statements: u64,
    failed: bool,
    trouble: Option<(FaultKind, Error)>,
    /// Whether the database is known to have a change log.
    log: Log,
    /// Number in the change log of the transaction that is open on an embedded database.
    logged: Option<i64>,
    /// Whether its transaction only reads.
    reads: bool,
    /// Whether the database is known to count changes.
    pub(crate) counts: bool,
    /// What its counters say in this transaction, once they were read.
    pub(crate) versions: Option<Versions>,
    /// What this transaction has read, as long as it has changed nothing since.
    seen: Vec<Box<dyn Any + Send>>,
}

impl Connection {
    pub(crate) fn new(raw: RawConnection) -> Self {
        let (log, logged) = (Log::default(), None);
        let (counts, versions) = (false, None);
        Connection {
            raw,
            depth: 0,
            statements: 0,
            failed: false,
            trouble: None,
            log,
            logged,
            reads: false,
            counts,
            versions,
            seen: Vec::new(),
        }
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        match self.raw {
            RawConnection::Sqlite(_) => Backend::Sqlite,
            RawConnection::Postgres(_) => Backend::Postgres,
        }
    }

    /// Runs one statement and hands each row to `each` while it streams; answers the number of
    /// rows. The statement is prepared once for each connection.
    ///
    /// # Errors
    /// What `each` returns; a constraint that refuses the change, as `Error::Invalid` or status 409;
    /// any other fault of the database as `Error::Internal`.
    pub fn query(
        &mut self,
        sql: impl AsSql,
        params: &[Value],
        each: impl FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        self.run(&sql.as_sql(), params, Plan::Kept, each)
    }

    /// As [`Connection::query`], for a statement whose best plan depends on its values: PostgreSQL plans it each time. A
    /// plan that is kept for all values would guess how many rows each condition leaves.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub fn query_planned(
        &mut self,
        sql: impl AsSql,
        params: &[Value],
        each: impl FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        self.run(&sql.as_sql(), params, Plan::Fresh, each)
    }

    fn run(
        &mut self,
        sql: &str,
        params: &[Value],
        plan: Plan,
        mut each: impl FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        self.ready(params)?;
        if !sql.trim_ascii_start().starts_with("SELECT ") {
            self.seen.clear();
        }
        watch::note(sql, params);
        let done = match &mut self.raw {
            RawConnection::Sqlite(raw) => raw.query(sql, params, &mut each),
            RawConnection::Postgres(raw) => raw.query(sql, params, plan, &mut each),
        };
        match done {
            Ok(count) => Ok(count),
            Err(Stop::Caller(error)) => Err(error),
            Err(Stop::Database(fault)) => Err(self.note(fault)),
        }
    }

    /// All rows of a statement, copied.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub fn rows(&mut self, sql: impl AsSql, params: &[Value]) -> Result<Vec<OwnedRow>, Error> {
        let mut rows = Vec::new();
        self.query(sql, params, |row| {
            rows.push(row.to_owned());
            Ok(())
        })?;
        Ok(rows)
    }

    /// Runs one statement for any number of keys, which stand in it as `{keys}` (`id IN ({keys})`), and hands
    /// each row to `each`; none where there are no keys.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub fn of_keys<K: Copy + Into<i64>>(
        &mut self,
        sql: impl AsSql,
        keys: &[K],
        mut each: impl FnMut(&Row<'_>),
    ) -> Result<(), Error> {
        if keys.is_empty() {
            return Ok(());
        }
        let sql = sql.to_fragment().replace("{keys}", self.backend().keys("$1"));
        self.query(&sql, &[Value::keys(keys)], |row| {
            each(row);
            Ok(())
        })?;
        Ok(())
    }

    /// Executes one statement for any number of keys, as [`Connection::of_keys`] reads with one; gives the number
    /// of rows that were changed.
    ///
    /// # Errors
    /// As [`Connection::execute`].
    pub fn execute_keys<K: Copy + Into<i64>>(&mut self, sql: impl AsSql, keys: &[K]) -> Result<u64, Error> {
        if keys.is_empty() {
            return Ok(0);
        }
        let sql = sql.to_fragment().replace("{keys}", self.backend().keys("$1"));
        self.execute(&sql, &[Value::keys(keys)])
    }

    /// The first row of a statement, copied; `None` where there is none.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub fn one(&mut self, sql: impl AsSql, params: &[Value]) -> Result<Option<OwnedRow>, Error> {
        let mut first = None;
        self.query(sql, params, |row| {
            if first.is_none() {
                first = Some(row.to_owned());
            }
            Ok(())
        })?;
        Ok(first)
    }

    /// Runs one statement and answers the number of rows that it changed.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub fn execute(&mut self, sql: impl AsSql, params: &[Value]) -> Result<u64, Error> {
        self.ready(params)?;
        self.seen.clear();
        let sql = &sql.as_sql();
        let done = match &mut self.raw {
            RawConnection::Sqlite(raw) => raw.execute(sql, params),
            RawConnection::Postgres(raw) => raw.execute(sql, params),
        };
        done.map_err(|fault| self.note(fault))
    }

    /// Runs several statements, divided by `;`, without parameters.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub fn batch(&mut self, sql: impl AsSql) -> Result<(), Error> {
        self.ready(&[])?;
        self.seen.clear();
        self.control(&sql.as_sql()).map_err(|fault| self.note(fault))
    }

    /// Runs `f` so that what it did is undone, and the transaction goes on, when it returns an error.
    ///
    /// # Errors
    /// What `f` returns.
    pub fn savepoint<T>(&mut self, f: impl FnOnce(&mut Connection) -> Result<T, Error>) -> Result<T, Error> {
        self.ready(&[])?;
        let depth = self.depth;
        self.control(&format!("SAVEPOINT s{depth}")).map_err(|fault| self.note(fault))?;
        self.depth += 1;
        let result = f(self);
        self.depth = depth;
        let result = match result {
            Ok(_) if self.failed => Err(ignored_failure()),
            other => other,
        };
        let end = match result {
            Ok(_) => format!("RELEASE SAVEPOINT s{depth}"),
            Err(_) => {
                self.seen.clear();
                format!("ROLLBACK TO SAVEPOINT s{depth}; RELEASE SAVEPOINT s{depth}")
            }
        };
        self.failed = false;
        match self.control(&end) {
            Ok(()) => result,
            Err(fault) => {
                let error = self.note(fault);
                result.and(Err(error))
            }
        }
    }

    /// Lets this transaction only see the state that it began with, instead of being serializable: for a long one that
    /// fills an empty database. PostgreSQL keeps what all transactions read as long as it lasts, for which it has only so
    /// much room. Such a transaction may also wait for what it reads from elsewhere. Must come before anything is read.
    ///
    /// # Errors
    /// A fault of the database.
    pub fn without_predicate_locks(&mut self) -> Result<(), Error> {
        match self.backend() {
            Backend::Sqlite => Ok(()),
            Backend::Postgres => self.batch(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET LOCAL idle_in_transaction_session_timeout = 0",
            ),
        }
    }

    /// Lets foreign keys be checked at the end of this transaction instead of at once: for records
    /// that come in any order. PostgreSQL does so for constraints declared `DEFERRABLE`.
    ///
    /// # Errors
    /// A fault of the database.
    pub fn defer_foreign_keys(&mut self) -> Result<(), Error> {
        match self.backend() {
            Backend::Sqlite => self.batch("PRAGMA defer_foreign_keys = ON"),
            Backend::Postgres => self.batch("SET CONSTRAINTS ALL DEFERRED"),
        }
    }

    /// Must follow inserts that bring their own keys: later keys count on from the highest one of
    /// each table.
    ///
    /// # Errors
    /// A fault of the database.
    pub fn after_import(&mut self, tables: &[&str]) -> Result<(), Error> {
        if self.backend() == Backend::Sqlite {
            return Ok(()); // AUTOINCREMENT has seen the keys already
        }
        for table in tables {
            let Some(name) = Fragment::name(table) else {
                return Err(Error::Internal(format!("{table} is not the name of a table")));
            };
            let sql = fragment!(
                "SELECT setval(pg_get_serial_sequence($1, 'id'), COALESCE(MAX(id), 0) + 1, false) FROM {name}"
            );
            self.one(&sql, &[name.text().into()])?;
        }
        Ok(())
    }

    /// Keys for `count` rows that this transaction will insert with them: known before the rows are, so
    /// that rows which refer to each other can be written in bulk. Keys count on from the last one.
    ///
    /// # Errors
    /// A fault of the database.
    pub fn reserve_keys(&mut self, table: &str, count: usize) -> Result<Vec<i64>, Error> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        if count == 0 {
            return Ok(Vec::new());
        }
        let sql = match self.backend() {
            Backend::Postgres => {
                let quoted = format!("\"{}\"", table.replace('"', "\"\""));
                // the sequence is looked up once, not for each key
                let sql = "SELECT nextval(CAST((SELECT pg_get_serial_sequence($1, 'id')) AS regclass)) \
                           FROM generate_series(1, $2)";
                let rows = self.rows(sql, &[Value::Text(quoted), Value::Int(count)])?;
                return Ok(rows.iter().map(|row| row.int(0)).collect());
            }
            Backend::Sqlite => "UPDATE sqlite_sequence SET seq = seq + $1 WHERE name = $2 RETURNING seq",
        };
        let last = match self.one(sql, &[Value::Int(count), table.into()])? {
            Some(row) => row.int(0),
            None => {
                // no row was ever inserted
                self.execute(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)",
                    &[table.into(), Value::Int(count)],
                )?;
                count
            }
        };
        Ok((last - count + 1..=last).collect())
    }

    /// Number in the change log of the transaction that is open on an embedded database; `None` where there is no log.
    pub(crate) fn logged(&self) -> Option<i64> {
        self.logged
    }

    /// Number of statements that callers ran on this connection so far, or were spared; savepoints do not count.
    pub fn statements(&self) -> u64 {
        self.statements
    }

    /// Counts a statement that was not run, because its answer was remembered: what a request takes does not depend on
    /// what earlier ones left, nor on how long they took.
    pub fn spared(&mut self) {
        self.statements += 1;
    }

    /// The value passed to [`Connection::saw`] in this transaction, unless something may have changed since. Every
    /// statement that does not begin with `SELECT` counts as a change.
    pub fn seen<T: Any + Clone>(&self) -> Option<T> {
        self.seen.iter().find_map(|one| one.downcast_ref::<T>()).cloned()
    }

    /// Remembers a value that was read, so that it is not read again until something changes. Keeps one value of each
    /// type.
    pub fn saw<T: Any + Clone + Send>(&mut self, read: T) {
        self.seen.retain(|one| !one.is::<T>());
        self.seen.push(Box::new(read));
    }

    /// A text for what this transaction sees: where a later one on the same connection gets the same, nothing was
    /// changed in between. None where that cannot be told, as in a transaction that writes.
    ///
    /// # Errors
    /// A fault of the database.
    pub fn moment(&mut self) -> Result<Option<String>, Error> {
        const SNAPSHOT: &str = "SELECT pg_backend_pid()::text || ' ' || pg_current_snapshot()::text";
        if self.failed || !self.reads {
            return Ok(None);
        }
        let found = match &mut self.raw {
            RawConnection::Sqlite(raw) => raw.moment().map_err(Stop::Database),
            RawConnection::Postgres(raw) => {
                let mut found = None;
                let read = raw.query(SNAPSHOT, &[], Plan::Kept, &mut |row: &Row<'_>| {
                    found = Some(row.text(0).to_owned());
                    Ok(())
                });
                read.map(|_| found)
            }
        };
        match found {
            Ok(found) => Ok(found),
            Err(Stop::Caller(error)) => Err(error),
            Err(Stop::Database(fault)) => Err(self.note(fault)),
        }
    }

    pub(crate) fn raw(&mut self) -> &mut RawConnection {
        &mut self.raw
    }

    /// Which database this is, as it was opened or reached last.
    pub(crate) fn source(&self) -> u64 {
        match &self.raw {
            RawConnection::Sqlite(raw) => raw.source,
            RawConnection::Postgres(raw) => raw.source,
        }
    }

    /// Whether counters tell what its transaction sees.
    pub(crate) fn may_be_stamped(&self) -> bool {
        self.reads && !self.failed
    }

    fn ready(&mut self, params: &[Value]) -> Result<(), Error> {
        if self.failed {
            return Err(Error::Internal("a statement after a failed one in the same transaction".into()));
        }
        // PostgreSQL has no NUL in text
        if params.iter().any(|value| matches!(value, Value::Text(text) if text.contains('\0'))) {
            return Err(Error::non_field("Null characters are not allowed."));
        }
        self.statements += 1;
        Ok(())
    }

    pub(crate) fn note(&mut self, fault: Fault) -> Error {
        self.failed = true;
        if !matches!(fault.kind, FaultKind::Lasting | FaultKind::Away) {
            self.trouble = Some((fault.kind, fault.error.clone()));
        }
        fault.error
    }

    fn control(&mut self, sql: &str) -> Result<(), Fault> {
        match &mut self.raw {
            RawConnection::Sqlite(raw) => raw.batch(sql),
            RawConnection::Postgres(raw) => raw.batch(sql),
        }
    }

    fn roll_back(&mut self) {
        match &mut self.raw {
            RawConnection::Sqlite(raw) => raw.roll_back(),
            RawConnection::Postgres(raw) => raw.roll_back(),
        }
    }

    /// Ends what is still open of the last transaction.
    pub(crate) fn settle(&mut self) {
        if let RawConnection::Postgres(raw) = &mut self.raw
            && raw.is_open()
            && raw.commit().is_err()
        {
            raw.lose();
        }
    }

    /// Runs `f` in a transaction, again where another transaction was in the way or the connection
    /// broke before the end. It may write where it is said who writes.
    pub(crate) fn transaction<T>(
        &mut self,
        origin: Option<&Origin>,
        f: &mut dyn FnMut(&mut Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (mut conflicts, mut losses) = (0, 0);
        loop {
            let attempt = match (origin, self.backend()) {
                // after enough conflicts, a transaction runs exclusively: short ones could starve a long one
                (Some(_), Backend::Postgres) if conflicts >= CONFLICTS_TOGETHER => {
                    let _alone = TURN.write().unwrap_or_else(PoisonError::into_inner);
                    self.attempt(origin, f)
                }
                (Some(_), Backend::Postgres) => {
                    let _together = TURN.read().unwrap_or_else(PoisonError::into_inner);
                    self.attempt(origin, f)
                }
                _ => self.attempt(origin, f),
            };
            let (kind, error) = match attempt {
                Ok(result) => return result,
                Err(trouble) => trouble,
            };
            let pause = if kind == FaultKind::Lost {
                losses += 1;
                Duration::from_millis(25 << losses)
            } else {
                conflicts += 1;
                Duration::from_micros(jitter(500 << conflicts.min(8)))
            };
            if losses >= LOST_TRIES {
                return Err(error);
            }
            if conflicts >= CONFLICT_TRIES {
                return Err(Error::Status(
                    503,
                    "Too many simultaneous changes to the same records. Try again later.".into(),
                ));
            }
            std::thread::sleep(pause);
        }
    }

    /// `Err` where the attempt is worth repeating.
    fn attempt<T>(
        &mut self,
        origin: Option<&Origin>,
        f: &mut dyn FnMut(&mut Connection) -> Result<T, Error>,
    ) -> Result<Result<T, Error>, (FaultKind, Error)> {
        self.depth = 0;
        self.failed = false;
        self.trouble = None;
        self.logged = None;
        self.versions = None;
        self.seen.clear();
        self.reads = origin.is_none();
        let begun = match (&mut self.raw, origin) {
            (RawConnection::Sqlite(raw), None) => raw.begin(Mode::Read),
            (RawConnection::Sqlite(raw), Some(_)) => raw.begin(Mode::Write).and_then(|()| {
                self.logged = log::begin(raw, &mut self.log)?;
                Ok(())
            }),
            (RawConnection::Postgres(raw), None) => raw.begin(None),
            (RawConnection::Postgres(raw), Some(origin)) => raw.begin(Some(&origin.json())),
        };
        if let Err(fault) = begun {
            self.roll_back();
            return again(fault);
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| f(self)));
        if let Some(trouble) = self.trouble.take() {
            self.roll_back();
            return Err(trouble);
        }
        let result = match outcome {
            Ok(Ok(_)) if self.failed => Err(ignored_failure()),
            Ok(result) => result,
            Err(panic) => Err(Error::Internal(format!("panic in a database task: {}", panic_text(panic.as_ref())))),
        };
        if result.is_err() {
            self.roll_back();
            return Ok(result);
        }
        let ended = match &mut self.raw {
            // what only reads has its answer now: its end takes another round trip, which nobody waits for
            RawConnection::Postgres(_) if origin.is_none() => return Ok(result),
            RawConnection::Sqlite(raw) => match (self.logged, origin) {
                (Some(number), Some(origin)) => log::end(raw, number, origin).and_then(|()| raw.batch("COMMIT")),
                _ => raw.batch("COMMIT"),
            },
            RawConnection::Postgres(raw) => raw.commit(),
        };
        match ended {
            Ok(()) => Ok(result),
            Err(fault) => {
                self.roll_back();
                if fault.kind == FaultKind::Lost && origin.is_some() {
                    // the server may have committed: running it again could do everything twice
                    tracing::error!("lost the connection to the database during a commit: {}", fault.error);
                    // what was done beside the database (files) is left as it is: it may be needed
                    std::mem::forget(result);
                    return Ok(Err(Error::Status(504, UNKNOWN_END.into())));
                }
                again(fault)
            }
        }
    }
}

fn again<T>(fault: Fault) -> Result<Result<T, Error>, (FaultKind, Error)> {
    match fault.kind {
        FaultKind::Lasting | FaultKind::Away => Ok(Err(fault.error)),
        kind => Err((kind, fault.error)),
    }
}

fn ignored_failure() -> Error {
    Error::Internal("the failure of a statement was ignored".into())
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Between half of `micros` and all of it, at random: two transactions in each other's way shall
/// not meet again.
fn jitter(micros: u64) -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    micros / 2 + RandomState::new().build_hasher().finish() % (micros / 2 + 1)
}

/// A fault that would happen again, with the statement's first words.
pub(crate) fn internal(sql: &str, cause: impl std::fmt::Display) -> Error {
    Error::Internal(format!("{cause} [{}]", constraint::head(sql)))
}
