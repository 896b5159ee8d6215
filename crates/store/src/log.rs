//! The change log, as far as a connection has to do with it.
//!
//! Triggers write a row of `ironwood_change` for each row that is made, changed or deleted. What belongs to the whole
//! transaction, its number and its [`Origin`], comes from here: on PostgreSQL as settings of the transaction, which a
//! trigger reads when it writes the first row; on SQLite as the one row of `ironwood_log_state`, which triggers read,
//! and a row of `ironwood_transaction` that is written at the end where triggers wrote something.
//!
//! Changes by other programs are logged as well, as transactions of the kind `outside`.

use std::sync::LazyLock;

use ironwood_base::Error;
use serde_json::Value as Json;

use crate::connection::{Fault, Stop};
use crate::origin::{COLUMNS, Origin};
use crate::{Backend, Connection, Value, sqlite};

/// What `ironwood_log_state.open` says: a transaction of this program is open, and each row is logged.
const EACH_ROW: i64 = 1;
/// … or is open, and writes one entry for all of its rows itself.
const SUMMARY: i64 = 2;

const IS_THERE: &str = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'ironwood_log_state'";
const BEGIN: &str = "UPDATE ironwood_log_state SET open = $1, \"transaction\" = \"transaction\" + 1 WHERE id = 1 RETURNING \"transaction\"";
const END: &str = "UPDATE ironwood_log_state SET open = 0 WHERE id = 1";

/// Writes down where a transaction comes from that changed something.
static NOTE: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<String> = COLUMNS.iter().map(|column| format!(", \"{column}\"")).collect();
    let places: Vec<String> = (2..=COLUMNS.len() + 1).map(|n| format!(", ${n}")).collect();
    format!(
        "INSERT INTO ironwood_transaction (id{}) SELECT $1{} \
         WHERE EXISTS (SELECT 1 FROM ironwood_change WHERE \"transaction\" = $1)",
        columns.concat(),
        places.concat()
    )
});

/// Whether a database has a log: it has none before the migration that makes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Log {
    #[default]
    Unknown,
    Kept,
}

/// Opens a transaction in the log of an embedded database; gives its number, `None` where there is no log.
pub(crate) fn begin(raw: &mut sqlite::SqliteConnection, log: &mut Log) -> Result<Option<i64>, Fault> {
    if *log == Log::Unknown && first(raw, IS_THERE, &[])?.is_none() {
        return Ok(None);
    }
    *log = Log::Kept;
    first(raw, BEGIN, &[Value::Int(EACH_ROW)])
}

/// Closes it, and notes its origin where it changed something.
pub(crate) fn end(raw: &mut sqlite::SqliteConnection, number: i64, origin: &Origin) -> Result<(), Fault> {
    raw.execute(END, &[])?;
    let mut values = vec![Value::Int(number)];
    values.extend(origin.values());
    raw.execute(&NOTE, &values).map(drop)
}

fn first(raw: &mut sqlite::SqliteConnection, sql: &str, params: &[Value]) -> Result<Option<i64>, Fault> {
    let mut found = None;
    let done = raw.query(sql, params, &mut |row| {
        found = Some(row.int(0));
        Ok(())
    });
    match done {
        Ok(_) => Ok(found),
        Err(Stop::Database(fault)) => Err(fault),
        Err(Stop::Caller(_)) => Ok(None),
    }
}

impl Connection {
    /// Does something that changes very many rows, and gives them one entry in the change log together: `work` says
    /// what the entry tells. Where it fails, the transaction has to be undone.
    ///
    /// # Errors
    /// What `work` returns, and faults of the database.
    pub fn logged_as_one<T>(
        &mut self,
        action: &str,
        work: impl FnOnce(&mut Connection) -> Result<(T, Json), Error>,
    ) -> Result<T, Error> {
        let there = match self.backend() {
            Backend::Sqlite => self.logged().is_some(),
            Backend::Postgres => {
                self.one("SELECT 1 WHERE to_regproc('ironwood_log_transaction') IS NOT NULL", &[])?.is_some()
            }
        };
        if !there {
            return work(self).map(|(done, _)| done);
        }
        self.log_rows(false)?;
        let (done, entry) = work(self)?;
        self.log_rows(true)?;
        let number = match self.backend() {
            Backend::Sqlite => Value::from(self.logged()),
            Backend::Postgres => {
                let row = self.one("SELECT ironwood_log_transaction()", &[])?;
                Value::Int(row.map_or(0, |row| row.int(0)))
            }
        };
        let sql = "INSERT INTO ironwood_change (\"transaction\", \"table\", \"key\", action, changes) \
                   VALUES ($1, '', 0, $2, $3)";
        self.execute(sql, &[number, action.into(), entry.to_string().into()])?;
        Ok(done)
    }

    fn log_rows(&mut self, each: bool) -> Result<(), Error> {
        match self.backend() {
            Backend::Sqlite => {
                let open = Value::Int(if each { EACH_ROW } else { SUMMARY });
                self.execute("UPDATE ironwood_log_state SET open = $1 WHERE id = 1", &[open]).map(drop)
            }
            Backend::Postgres => {
                self.batch(if each { "SET LOCAL ironwood.log = 'on'" } else { "SET LOCAL ironwood.log = 'off'" })
            }
        }
    }
}
