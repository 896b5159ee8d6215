//! The embedded database.

mod functions;

use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use ironwood_base::Error;
use rusqlite::backup::StepResult;
use rusqlite::config::DbConfig;
use rusqlite::{ErrorCode, OpenFlags, ffi, types};

use crate::connection::{Fault, FaultKind, Mode, Stop, internal};
use crate::value::{Row, Source, Value, ValueRef};
use crate::{Access, Options, constraint, file};

pub(crate) struct SqliteConnection {
    connection: rusqlite::Connection,
    /// Whether it never writes.
    reads: bool,
    /// Tells its database from all others.
    pub(crate) source: u64,
}

/// Opens the file, and makes it where it is missing and the options say so. A reader's connection
/// refuses to write.
pub(crate) fn open(path: &Path, mode: Mode, options: &Options, source: u64) -> Result<SqliteConnection, Error> {
    set_up(connect(path, options)?, path, mode, options, source)
}

/// Opens a connection that writes and one that reads, side by side where they can be: each reads the whole schema,
/// which takes longer than all else.
pub(crate) fn open_both(
    path: &Path,
    options: &Options,
    source: u64,
) -> Result<(SqliteConnection, SqliteConnection), Error> {
    let writer = connect(path, options)?;
    // this read opens the log of a database that has one; otherwise the writer has to give it one first
    let read = writer.query_row("PRAGMA schema_version", [], |row| row.get::<_, i64>(0));
    read.map_err(|error| Error::Internal(explain(path, &error)))?;
    if !file::sibling(path, "-wal").exists() {
        let writer = set_up(writer, path, Mode::Write, options, source)?;
        return Ok((writer, open(path, Mode::Read, options, source)?));
    }
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| open(path, Mode::Read, options, source));
        let writer = set_up(writer, path, Mode::Write, options, source);
        let reader = reader.join().map_err(|_| Error::Internal("panic while opening the database".into()))?;
        Ok((writer?, reader?))
    })
}

fn connect(path: &Path, options: &Options) -> Result<rusqlite::Connection, Error> {
    let fail = |error: rusqlite::Error| Error::Internal(explain(path, &error));
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty())
        && !parent.is_dir()
    {
        return Err(Error::Internal(format!(
            "cannot open the database {}: the folder {} does not exist",
            path.display(),
            parent.display()
        )));
    }
    make_or_find(path, options.access)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(path, flags).map_err(fail)?;
    if options.access != Access::ReadOnly && connection.is_readonly("main").map_err(fail)? {
        return Err(Error::Internal(format!("cannot write to the database {}: it is read-only", path.display())));
    }
    connection.busy_timeout(Duration::from_secs(60)).map_err(fail)?;
    Ok(connection)
}

fn set_up(
    connection: rusqlite::Connection,
    path: &Path,
    mode: Mode,
    options: &Options,
    source: u64,
) -> Result<SqliteConnection, Error> {
    let fail = |error: rusqlite::Error| Error::Internal(explain(path, &error));
    connection.set_prepared_statement_cache_capacity(options.statement_cache);
    let cache = if mode == Mode::Write { 4096 } else { 2048 };
    let mut setup = format!(
        // the writer's log is flushed by `flush`, once for all transactions that wait
        "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -{cache}; \
         PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16777216; PRAGMA trusted_schema = OFF;"
    );
    if mode == Mode::Write {
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0)).map_err(fail)?;
    } else {
        setup.push_str("PRAGMA query_only = ON;");
    }
    connection.execute_batch(&setup).map_err(fail)?;
    // otherwise statements are planned again whenever their parameters change
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(fail)?;
    functions::register(&connection).map_err(fail)?;
    Ok(SqliteConnection { connection, reads: mode == Mode::Read, source })
}

/// Makes a missing file, readable for its owner alone (SQLite gives the files beside it the same
/// mode), where that is wanted.
fn make_or_find(path: &Path, access: Access) -> Result<(), Error> {
    let cannot = |error: &dyn std::fmt::Display| {
        Error::Internal(format!("cannot open the database {}: {error}", path.display()))
    };
    match std::fs::metadata(path) {
        Ok(about) if !about.is_file() => Err(cannot(&"it is not a file")),
        Ok(about) if about.len() == 0 && access != Access::Create => {
            Err(Error::Internal(format!("the database {} is empty: it has no Ironwood tables", path.display())))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound && access == Access::Create => {
            match file::private().write(true).create_new(true).open(path) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(cannot(&error)),
                _ => Ok(()),
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(Error::Internal(format!("the database {} does not exist", path.display())))
        }
        Err(error) => Err(cannot(&error)),
    }
}

impl SqliteConnection {
    pub(crate) fn begin(&mut self, mode: Mode) -> Result<(), Fault> {
        self.batch(if mode == Mode::Write { "BEGIN IMMEDIATE" } else { "BEGIN" })
    }

    pub(crate) fn roll_back(&mut self) {
        if self.connection.is_autocommit() {
            return; // SQLite has rolled back by itself
        }
        if let Err(error) = self.connection.execute_batch("ROLLBACK") {
            tracing::error!("cannot roll back: {error}");
        }
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), Fault> {
        self.connection.execute_batch(sql).map_err(|error| fault(sql, &error))
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, Fault> {
        let fail = |error| fault(sql, &error);
        let mut statement = self.connection.prepare_cached(sql).map_err(fail)?;
        bind(&mut statement, sql, params)?;
        if statement.column_count() == 0 {
            return statement.raw_execute().map(|count| count as u64).map_err(fail);
        }
        // RETURNING: the rows are read, and left
        let mut rows = statement.raw_query();
        let mut count = 0;
        while rows.next().map_err(fail)?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    pub(crate) fn query(
        &mut self,
        sql: &str,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<usize, Stop> {
        let fail = |error| Stop::Database(fault(sql, &error));
        let mut statement = self.connection.prepare_cached(sql).map_err(fail)?;
        bind(&mut statement, sql, params)?;
        let mut rows = statement.raw_query();
        let mut count = 0;
        while let Some(row) = rows.next().map_err(fail)? {
            each(&Row(Source::Sqlite(row))).map_err(Stop::Caller)?;
            count += 1;
        }
        Ok(count)
    }

    /// A number that stays the same until another connection has changed something; none where this one may.
    pub(crate) fn moment(&mut self) -> Result<Option<String>, Fault> {
        const SQL: &str = "PRAGMA data_version";
        if !self.reads {
            return Ok(None);
        }
        let version: i64 = self.connection.query_row(SQL, [], |row| row.get(0)).map_err(|error| fault(SQL, &error))?;
        Ok(Some(version.to_string()))
    }

    /// Copies the whole database, as it is now, into an empty file: in one step, within one read
    /// transaction, so that writers neither disturb it nor wait for it.
    pub(crate) fn copy_into(&self, to: &Path) -> Result<(), Error> {
        let copy = || -> Result<(), rusqlite::Error> {
            let mut target = rusqlite::Connection::open(to)?;
            let backup = rusqlite::backup::Backup::new(&self.connection, &mut target)?;
            let started = Instant::now();
            loop {
                match backup.step(-1)? {
                    StepResult::Done => break,
                    _ if started.elapsed() > COPY_WAIT => return Err(busy()),
                    _ => std::thread::sleep(Duration::from_millis(20)),
                }
            }
            drop(backup);
            // one file that can be copied: no log beside it
            target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
        };
        copy().map_err(|error| Error::Internal(plain(&error)))
    }

    /// Leaves everything in the one file.
    pub(crate) fn finish(&mut self) {
        if let Err(error) = self.connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)") {
            // readers cannot write; the writer does it
            tracing::debug!("cannot close the database: {error}");
        }
    }
}

/// How long a copy waits for a lock that another program holds.
const COPY_WAIT: Duration = Duration::from_secs(60);

fn busy() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None)
}

fn bind(statement: &mut rusqlite::Statement<'_>, sql: &str, params: &[Value]) -> Result<(), Fault> {
    let count = statement.parameter_count();
    if count != params.len() {
        return Err(lasting(internal(sql, format!("{} parameters for {count} placeholders", params.len()))));
    }
    // SQLite looks for each name through all of them: with many it is faster to read the statement
    let read =
        if count > MAX_NAMED_LOOKUPS { Some(numbers(sql)).filter(|numbers| numbers.len() == count) } else { None };
    for index in 1..=count {
        // SQLite counts placeholders by first appearance, whatever their number
        let number = match &read {
            Some(numbers) => numbers[index - 1],
            None => {
                let name = statement.parameter_name(index);
                name.and_then(|name| name[1..].parse::<usize>().ok()).unwrap_or(index)
            }
        };
        let Some(value) = number.checked_sub(1).and_then(|at| params.get(at)) else {
            return Err(lasting(internal(sql, format!("no parameter ${number}"))));
        };
        let value = match value {
            Value::Null => types::ValueRef::Null,
            Value::Bool(value) => types::ValueRef::Integer(i64::from(*value)),
            Value::Int(value) => types::ValueRef::Integer(*value),
            Value::Real(value) => types::ValueRef::Real(*value),
            Value::Text(text) => types::ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => types::ValueRef::Blob(bytes),
        };
        statement.raw_bind_parameter(index, types::ToSqlOutput::Borrowed(value)).map_err(|error| fault(sql, &error))?;
    }
    Ok(())
}

/// Maximum number of placeholders in a statement.
const MOST: usize = 100_000;
/// Up to this many placeholders, names are looked up by SQLite.
const MAX_NAMED_LOOKUPS: usize = 32;

/// The numbers of a statement's placeholders (`$2`), each once, in the order of their first appearance.
fn numbers(sql: &str) -> Vec<usize> {
    let bytes = sql.as_bytes();
    let (mut found, mut seen) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            // what is quoted holds no placeholders
            b'\'' | b'"' => at += bytes[at..].iter().position(|b| b == byte).map_or(bytes.len() - at, |end| end + 1),
            b'$' => {
                let end = bytes[at..].iter().position(|b| !b.is_ascii_digit()).map_or(bytes.len(), |end| at + end);
                if let Some(number) = sql[at..end].parse::<usize>().ok().filter(|number| *number <= MOST) {
                    if seen.len() <= number {
                        seen.resize(number + 1, false);
                    }
                    if !std::mem::replace(&mut seen[number], true) {
                        found.push(number);
                    }
                }
                at = end;
            }
            _ => {}
        }
    }
    found
}

pub(crate) fn read<'r>(row: &'r rusqlite::Row<'_>, i: usize) -> ValueRef<'r> {
    match row.get_ref(i) {
        Ok(types::ValueRef::Integer(value)) => ValueRef::Int(value),
        Ok(types::ValueRef::Real(value)) => ValueRef::Real(value),
        Ok(types::ValueRef::Text(text)) => ValueRef::Text(std::str::from_utf8(text).unwrap_or("\u{fffd}")),
        Ok(types::ValueRef::Blob(bytes)) => ValueRef::Bytes(bytes),
        Ok(types::ValueRef::Null) | Err(_) => ValueRef::Null,
    }
}

fn lasting(error: Error) -> Fault {
    Fault { error, kind: FaultKind::Lasting }
}

fn fault(sql: &str, error: &rusqlite::Error) -> Fault {
    let (code, message) = match error {
        rusqlite::Error::SqliteFailure(code, message) => (*code, message.as_deref().unwrap_or_default()),
        rusqlite::Error::SqlInputError { error, msg, .. } => (*error, msg.as_str()),
        other => return lasting(internal(sql, other)),
    };
    let after = |mark: &str| message.split_once(mark).map_or(message, |(_, rest)| rest).trim();
    let error = match code.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            let what = after("failed:");
            match what.strip_prefix("index ") {
                Some(index) => constraint::unique_index(index.trim_matches('\'')),
                None => constraint::unique(&what.split(", ").map(column).collect::<Vec<_>>()),
            }
        }
        ffi::SQLITE_CONSTRAINT_NOTNULL => constraint::not_null(column(after("failed:"))),
        ffi::SQLITE_CONSTRAINT_CHECK => constraint::check(after("failed:"), None),
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => constraint::foreign_key(sql),
        _ => match code.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                return Fault {
                    error: Error::Status(503, "The database is busy. Try again later.".into()),
                    kind: FaultKind::Conflict,
                };
            }
            ErrorCode::DiskFull => {
                tracing::error!("the disk of the database is full");
                ironwood_base::error::disk_full()
            }
            ErrorCode::ReadOnly => internal(sql, "the database is read-only"),
            ErrorCode::DatabaseCorrupt => internal(sql, format!("the database file is damaged: {message}")),
            _ if message.starts_with(functions::PATTERN) => Error::non_field(message),
            _ if message == "integer overflow" => Error::non_field("A number is out of range."),
            _ => internal(sql, message),
        },
    };
    lasting(error)
}

fn column(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, column)| column)
}

fn plain(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full".into(),
        Some(ErrorCode::ReadOnly) => "the file or its folder is read-only".into(),
        Some(ErrorCode::CannotOpen) => "the file or its folder cannot be opened (check the permissions)".into(),
        Some(ErrorCode::NotADatabase) => "not an SQLite database".into(),
        Some(ErrorCode::DatabaseCorrupt) => "the file is damaged".into(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "the file is locked by another program".into(),
        _ => error.to_string(),
    }
}

fn explain(path: &Path, error: &rusqlite::Error) -> String {
    format!("cannot open the database {}: {}", path.display(), plain(error))
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn placeholders_are_counted_by_first_appearance() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        for sql in [
            "SELECT $3, $1, $3, $2",
            "SELECT '$9', \"a$8\", $2, 'it''s $7', $1 FROM (SELECT 1 AS \"a$8\")",
            "SELECT 1",
            "SELECT $12,$11, $1 || '$'",
        ] {
            let statement = connection.prepare(sql).unwrap();
            let expected: Vec<usize> = (1..=statement.parameter_count())
                .map(|i| statement.parameter_name(i).unwrap()[1..].parse().unwrap())
                .collect();
            assert_eq!(numbers(sql), expected, "{sql}");
        }
    }
}
