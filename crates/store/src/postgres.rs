//! The database server.
//!
//! With `sslmode=require` in its address the connection is encrypted and the server's certificate is
//! checked against the system's authorities, or against those in the file that `SSL_CERT_FILE` names.
//! Otherwise it is in plain text: for a socket, the same machine or a private network.

mod types;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ironwood_base::Error;
use postgres::config::SslMode;
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{ToSql, Type};
use postgres::{Client, Config, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(crate) use self::types::read;
use crate::connection::{Fault, FaultKind, Stop, internal};
use crate::value::{Row, Source, Value};
use crate::{constraint, versions};

/// Time for which a connection is tried, unless the address says otherwise.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// Time without an answer of the other machine after which a connection is given up.
const UNANSWERED: Duration = Duration::from_secs(15);
/// Time without traffic after which the other machine is asked whether it is still there.
const QUIET: Duration = Duration::from_secs(30);
/// Time without a statement after which the server ends a transaction, as that of a machine that was suspended. While
/// one is open, the server keeps what all others read meanwhile, for which it has only so much room.
const IDLE_IN_TRANSACTION: &str = "5min";
/// Time between two attempts to reach a server that is away.
const RETRY: Duration = Duration::from_secs(1);

/// Where the server is, and how to talk to it.
#[derive(Clone)]
pub(crate) struct Address {
    config: Config,
    encrypted: Option<MakeRustlsConnect>,
    /// Since when the server cannot be reached: known to all connections.
    outage: Arc<Mutex<Option<Outage>>>,
    /// Tells the database from all others; another number once a connection was lost, because another server, or a
    /// copy that was restored, may have taken its place.
    source: Arc<AtomicU64>,
}

/// For which values a statement is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    /// As the server likes: a plan for any values is kept where it seems no worse.
    Kept,
    /// For those that it is run with.
    Fresh,
}

struct Outage {
    since: Instant,
    next_try: Instant,
}

pub(crate) struct PostgresConnection {
    address: Address,
    client: Option<Client>,
    cache: Cache,
    /// Whether there is something to roll back.
    in_transaction: bool,
    /// [`Address::source`] as it was when it was connected.
    pub(crate) source: u64,
}

/// Prepared statements by their SQL; the one unused for longest leaves when it is full.
struct Cache {
    statements: HashMap<String, (Statement, u64)>,
    capacity: usize,
    clock: u64,
}

impl Cache {
    fn get(&mut self, client: &mut Client, sql: &str) -> Result<Statement, postgres::Error> {
        self.clock += 1;
        if let Some((statement, used)) = self.statements.get_mut(sql) {
            *used = self.clock;
            return Ok(statement.clone());
        }
        let statement = prepare(client, sql)?;
        if self.statements.len() >= self.capacity.max(1)
            && let Some(oldest) = self.statements.iter().min_by_key(|(_, (_, used))| *used).map(|(sql, _)| sql.clone())
        {
            self.statements.remove(&oldest);
        }
        self.statements.insert(sql.to_owned(), (statement.clone(), self.clock));
        Ok(statement)
    }
}

/// Prepares a statement so that its whole numbers are of 64 bits wherever the server leaves it open
/// (`LENGTH(name) <= $1` would take 32).
fn prepare(client: &mut Client, sql: &str) -> Result<Statement, postgres::Error> {
    let statement = client.prepare(sql)?;
    let wide = |ty: &Type| if matches!(*ty, Type::INT2 | Type::INT4) { Type::INT8 } else { ty.clone() };
    let types: Vec<Type> = statement.params().iter().map(wide).collect();
    if types == statement.params() {
        return Ok(statement);
    }
    // in a savepoint: a function that takes 32 bits only would spoil the transaction
    client.batch_execute("SAVEPOINT widened")?;
    let widened = client.prepare_typed(sql, &types);
    client.batch_execute(if widened.is_ok() { "RELEASE widened" } else { "ROLLBACK TO widened; RELEASE widened" })?;
    Ok(widened.unwrap_or(statement))
}

/// Reads the address of a server; nothing is contacted yet.
pub(crate) fn address(url: &str) -> Result<Address, Error> {
    let mut config: Config =
        url.parse().map_err(|error| Error::Internal(format!("invalid database address: {error}")))?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIME);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNANSWERED).keepalives_idle(QUIET);
    }
    if config.get_application_name().is_none() {
        config.application_name("ironwood");
    }
    // compiling a statement takes far longer than running it here: its many small totals look costly
    let given = config.get_options().map(|options| format!(" {options}")).unwrap_or_default();
    config.options(&format!("-c jit=off -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION}{given}"));
    let encrypted = if config.get_ssl_mode() == SslMode::Require {
        Some(encryption()?)
    } else {
        config.ssl_mode(SslMode::Disable);
        None
    };
    Ok(Address { config, encrypted, outage: Arc::default(), source: Arc::new(versions::new_source().into()) })
}

impl Address {
    fn connect(&self) -> Result<Client, postgres::Error> {
        match &self.encrypted {
            Some(encrypted) => self.config.connect(encrypted.clone()),
            None => self.config.connect(NoTls),
        }
    }

    /// Connects again. While the server is away one connection tries at a time, now and then, and the others
    /// fail at once; the log has one line for the begin of an outage and one for its end.
    fn reconnect(&self) -> Result<Client, Fault> {
        let away = || Fault {
            error: Error::Status(503, "The database is not available. Try again later.".into()),
            kind: FaultKind::Away,
        };
        let now = Instant::now();
        if let Some(outage) = self.outage().as_mut() {
            if now < outage.next_try {
                return Err(away());
            }
            outage.next_try = now + CONNECT_TIME + RETRY;
        }
        let connected = self.connect();
        let mut outage = self.outage();
        match connected {
            Ok(client) => {
                if let Some(outage) = outage.take() {
                    tracing::warn!("connected to the database again after {} s", outage.since.elapsed().as_secs());
                }
                Ok(client)
            }
            Err(error) => {
                let next_try = Instant::now() + RETRY;
                match outage.as_mut() {
                    Some(outage) => outage.next_try = next_try,
                    None => {
                        tracing::error!("cannot connect to the database: {}", text(&error));
                        *outage = Some(Outage { since: now, next_try });
                    }
                }
                Err(away())
            }
        }
    }

    fn outage(&self) -> std::sync::MutexGuard<'_, Option<Outage>> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn encryption() -> Result<MakeRustlsConnect, Error> {
    let fail = |reason: String| Error::Internal(format!("cannot encrypt the connection to the database: {reason}"));
    // another library may have chosen the implementation for the process already
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (connect, _) = MakeRustlsConnect::with_native_certs().map_err(|errors| {
        fail(errors.first().map_or("no certificate authorities found".into(), ToString::to_string))
    })?;
    Ok(connect)
}

impl PostgresConnection {
    pub(crate) fn new(address: Address, statement_cache: usize) -> Self {
        let cache = Cache { statements: HashMap::new(), capacity: statement_cache, clock: 0 };
        let source = address.source.load(Ordering::SeqCst);
        PostgresConnection { address, client: None, cache, in_transaction: false, source }
    }

    /// Connects, and refuses a server that lacks what the SQL relies on.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        let mut client = self
            .address
            .connect()
            .map_err(|error| Error::Internal(format!("cannot connect to the database: {}", text(&error))))?;
        let row = client
            .query_one(
                "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), \
                 EXISTS (SELECT 1 FROM pg_catalog.pg_collation WHERE collname = 'und-x-icu')",
                &[],
            )
            .map_err(|error| fault("SELECT", &error).error)?;
        let (version, encoding, icu): (i32, String, bool) = (row.get(0), row.get(1), row.get(2));
        let lacking = if version < 130_000 {
            "PostgreSQL 13 or later is required".to_owned()
        } else if encoding != "UTF8" {
            format!("the encoding of the database must be UTF8, not {encoding}")
        } else if !icu {
            "the PostgreSQL server must be built with ICU".to_owned()
        } else {
            self.client = Some(client);
            return Ok(());
        };
        Err(Error::Internal(format!("cannot use the database: {lacking}")))
    }

    fn connected(&mut self) -> Result<&mut Client, Fault> {
        if self.client.as_ref().is_none_or(Client::is_closed) {
            self.lose();
            self.cache.statements.clear();
            self.in_transaction = false;
            let client = self.address.reconnect()?;
            self.source = self.address.source.load(Ordering::SeqCst);
            return Ok(self.client.insert(client));
        }
        self.client.as_mut().ok_or_else(lost)
    }

    /// Whether a transaction is open.
    pub(crate) fn is_open(&self) -> bool {
        self.in_transaction
    }

    /// Gives up the connection, if there is one.
    pub(crate) fn lose(&mut self) {
        if self.client.take().is_some() {
            self.address.source.store(versions::new_source(), Ordering::SeqCst);
        }
    }

    /// Begins a transaction; one that writes where it is said who does, which the triggers of the change log read.
    pub(crate) fn begin(&mut self, origin: Option<&str>) -> Result<(), Fault> {
        self.connected()?;
        // the last transaction, which only read, ends on the way
        let end = if std::mem::take(&mut self.in_transaction) { "COMMIT; " } else { "" };
        match origin {
            None => self.batch(&format!("{end}BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))?,
            Some(origin) => {
                let origin = origin.replace('\'', "''");
                let begin = "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL ironwood.origin =";
                self.batch(&format!("{end}{begin} '{origin}'"))?;
            }
        }
        self.in_transaction = true;
        Ok(())
    }

    /// Ends the transaction; where that fails it is over, too, and undone.
    pub(crate) fn commit(&mut self) -> Result<(), Fault> {
        self.in_transaction = false;
        self.batch("COMMIT")
    }

    pub(crate) fn roll_back(&mut self) {
        if !std::mem::take(&mut self.in_transaction) {
            return; // the server warns of a ROLLBACK outside of a transaction
        }
        let Some(client) = &mut self.client else { return };
        if !client.is_closed()
            && let Err(error) = client.batch_execute("ROLLBACK")
        {
            tracing::warn!("cannot roll back: {}", text(&error));
            self.lose(); // the server rolls back when the connection ends
        }
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), Fault> {
        let client = self.client.as_mut().ok_or_else(lost)?;
        let done = client.batch_execute(sql).map_err(|error| fault(sql, &error));
        self.note(done)
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, Fault> {
        let client = self.client.as_mut().ok_or_else(lost)?;
        let mut run = || {
            let statement = self.cache.get(client, sql)?;
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
            client.execute(&statement, &params)
        };
        let done = run().map_err(|error| fault(sql, &error));
        self.note(done)
    }

    /// Runs a statement; `plan` says for which values it is planned.
    pub(crate) fn query(
        &mut self,
        sql: &str,
        params: &[Value],
        plan: Plan,
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<usize, Stop> {
        let client = self.client.as_mut().ok_or_else(lost)?;
        let mut run = || {
            let fail = |error| Stop::Database(fault(sql, &error));
            let statement = self.cache.get(client, sql).map_err(fail)?;
            if statement.params().len() != params.len() {
                let message = format!("{} parameters for {} placeholders", params.len(), statement.params().len());
                return Err(Stop::Database(Fault { error: internal(sql, message), kind: FaultKind::Lasting }));
            }
            let mut rows = match plan {
                Plan::Kept => client.query_raw(&statement, params),
                // without a name, it is planned for its values each time, which takes no further round trip
                Plan::Fresh => client.query_typed_raw(sql, params.iter().zip(statement.params().iter().cloned())),
            }
            .map_err(fail)?;
            let mut count = 0;
            while let Some(row) = rows.next().map_err(fail)? {
                each(&Row(Source::Postgres(&row))).map_err(Stop::Caller)?;
                count += 1;
            }
            Ok(count)
        };
        match run() {
            Err(Stop::Database(fault)) => self.note(Err(fault)).map_err(Stop::Database),
            other => other,
        }
    }

    /// A connection that closed while a statement ran is lost, whatever the error said.
    fn note<T>(&mut self, done: Result<T, Fault>) -> Result<T, Fault> {
        done.map_err(|mut fault| {
            if self.client.as_ref().is_none_or(Client::is_closed) {
                fault.kind = FaultKind::Lost;
            }
            if fault.kind == FaultKind::Stale {
                self.cache.statements.clear();
            }
            fault
        })
    }
}

fn lost() -> Fault {
    Fault {
        error: Error::Status(503, "The connection to the database was lost. Try again.".into()),
        kind: FaultKind::Lost,
    }
}

/// The server's message, or the whole chain of causes, in one line.
fn text(error: &postgres::Error) -> String {
    if let Some(db) = error.as_db_error() {
        return format!("{} ({})", db.message(), db.code().code());
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}

fn fault(sql: &str, error: &postgres::Error) -> Fault {
    let Some(db) = error.as_db_error() else {
        let kind = if error.is_closed() { FaultKind::Lost } else { FaultKind::Lasting };
        return Fault { error: internal(sql, text(error)), kind };
    };
    let code = db.code();
    let kind = match code.code() {
        // serialisation failure, deadlock, lock not to be had
        "40001" | "40P01" | "55P03" => FaultKind::Conflict,
        // no room to keep what others read, which ends when a long transaction does; other lacks of memory stay
        "53200" if db.hint().is_some_and(|hint| hint.contains("max_pred_locks_per_transaction")) => {
            tracing::warn!("PostgreSQL: {}", text(error));
            FaultKind::Conflict
        }
        "26000" => FaultKind::Stale,
        "0A000" if db.message().contains("cached plan") => FaultKind::Stale,
        // administrator's shutdown, crash, start-up, end of an idle session
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => FaultKind::Lost,
        _ => FaultKind::Lasting,
    };
    let error = match *code {
        SqlState::UNIQUE_VIOLATION => unique(db.detail(), db.constraint()),
        SqlState::NOT_NULL_VIOLATION => constraint::not_null(db.column().unwrap_or(ironwood_base::error::NON_FIELD)),
        SqlState::CHECK_VIOLATION => constraint::check(db.constraint().unwrap_or_default(), db.table()),
        SqlState::FOREIGN_KEY_VIOLATION | SqlState::RESTRICT_VIOLATION => constraint::foreign_key(sql),
        SqlState::NUMERIC_VALUE_OUT_OF_RANGE => Error::non_field("A number is out of range."),
        SqlState::INVALID_REGULAR_EXPRESSION => Error::non_field("This is not a valid regular expression."),
        SqlState::DISK_FULL => {
            tracing::error!("the disk of the database is full: {}", text(error));
            ironwood_base::error::disk_full()
        }
        _ if kind == FaultKind::Lasting => internal(sql, text(error)),
        _ => Error::Status(503, "The database is busy. Try again later.".into()),
    };
    Fault { error, kind }
}

/// The detail reads `Key (part, serial)=(1, 7) already exists.` in the server's language; only the
/// brackets are sure.
fn unique(detail: Option<&str>, name: Option<&str>) -> Error {
    let columns: Vec<&str> = detail
        .and_then(|detail| {
            let (head, _) = detail.split_once(")=(")?;
            let (_, columns) = head.split_once('(')?;
            Some(columns.split(", ").map(|column| column.trim_matches('"')).collect())
        })
        .unwrap_or_default();
    let plain = |column: &&str| column.chars().all(|c| c.is_alphanumeric() || c == '_');
    if columns.iter().all(plain) {
        constraint::unique(&columns)
    } else {
        constraint::unique_index(name.unwrap_or_default())
    }
}
