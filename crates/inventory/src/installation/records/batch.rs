//! Rows on their way into one table, several with one statement where that saves round trips.

use ironwood_base::Error;
use ironwood_store::{Backend, Connection, Fragment, Value, fragment};

use super::split::RecordPosition;

/// Most parameters of one statement.
const PARAMETERS: usize = 1600;

/// Rows after which the planner of PostgreSQL is told what the table holds, and by how much it grows
/// until it is told again. Without that the plans of triggers, which it keeps, would be those for the
/// empty tables that the import began with.
const ANALYZE_AFTER: usize = 1000;
const ANALYZE_AGAIN: usize = 8;

/// Which record something belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    pub(super) place: RecordPosition,
    pub(super) model: &'static str,
    pub(super) key: i64,
}

impl Origin {
    /// A refused record as one line: place, model, key, field, reason.
    pub(super) fn fault(&self, field: &str, reason: &str) -> Error {
        let field = if field.is_empty() { String::new() } else { format!(", field {field}") };
        super::refused(format!("{}: {} {}{field}: {reason}", self.place, self.model, self.key))
    }
}

pub(super) struct Batch {
    head: Fragment,
    width: usize,
    most: usize,
    full: Fragment,
    params: Vec<Value>,
    origins: Vec<Origin>,
    written: usize,
    /// Rows that make the next `ANALYZE` worthwhile, and that statement; not for SQLite, whose plans do
    /// not depend on it.
    analyze: Option<(usize, Fragment)>,
}

impl Batch {
    pub(super) fn new(table: &'static str, columns: &[&'static str], backend: Backend) -> Self {
        let columns: Vec<Fragment> = columns.iter().map(|name| fragment!("\"{name}\"")).collect();
        let head = fragment!("INSERT INTO \"{table}\" ({}) VALUES ", Fragment::join(&columns, ", "));
        let width = columns.len();
        // SQLite has no round trips to save, and one row at a time names a refused row at once
        let most = if backend == Backend::Sqlite { 1 } else { (PARAMETERS / width).max(1) };
        let full = statement(&head, width, most);
        let analyze = (backend == Backend::Postgres).then(|| (ANALYZE_AFTER, fragment!("ANALYZE \"{table}\"")));
        Batch { head, width, most, full, params: Vec::new(), origins: Vec::new(), written: 0, analyze }
    }

    /// Takes a row, and writes what has gathered when it is enough.
    pub(super) fn push(
        &mut self,
        conn: &mut Connection,
        origin: Origin,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<(), Error> {
        self.params.extend(values);
        self.origins.push(origin);
        debug_assert_eq!(self.params.len(), self.width * self.origins.len());
        if self.origins.len() >= self.most { self.flush(conn) } else { Ok(()) }
    }

    /// Writes what has gathered.
    pub(super) fn flush(&mut self, conn: &mut Connection) -> Result<(), Error> {
        let count = self.origins.len();
        if count == 0 {
            return Ok(());
        }
        let short;
        let sql = if count == self.most {
            &self.full
        } else {
            short = statement(&self.head, self.width, count);
            &short
        };
        if count == 1 {
            conn.execute(sql, &self.params).map_err(|error| named(&self.origins[0], error))?;
        } else if let Err(error) = conn.savepoint(|conn| conn.execute(sql, &self.params)) {
            if matches!(error, Error::Internal(_)) {
                return Err(named(&self.origins[0], error));
            }
            // which one was it?
            let single = statement(&self.head, self.width, 1);
            for (origin, values) in self.origins.iter().zip(self.params.chunks(self.width)) {
                conn.execute(&single, values).map_err(|error| named(origin, error))?;
            }
            return Err(error);
        }
        self.params.clear();
        self.origins.clear();
        self.written += count;
        if let Some((at, sql)) = &mut self.analyze
            && self.written >= *at
        {
            *at = self.written * ANALYZE_AGAIN;
            conn.batch(&*sql)?;
        }
        Ok(())
    }
}

fn statement(head: &Fragment, width: usize, rows: usize) -> Fragment {
    let mut sql = head.clone();
    for row in 0..rows {
        let places = Fragment::parameters(row * width + 1..=(row + 1) * width);
        sql.push(fragment!("{}({places})", if row == 0 { "" } else { ", " }));
    }
    sql
}

/// What the database refused, with the record it belongs to. A fault of the database itself (a full
/// disk) is no record's.
fn named(origin: &Origin, error: Error) -> Error {
    match error {
        Error::Invalid(fields) => {
            let json = fields.json();
            let mut parts = Vec::new();
            for (field, messages) in json.as_object().into_iter().flatten() {
                let text = match messages {
                    serde_json::Value::Array(list) => {
                        list.iter().filter_map(|m| m.as_str()).collect::<Vec<_>>().join(" ")
                    }
                    other => other.to_string(),
                };
                parts.push((field.as_str(), text));
            }
            match parts.as_slice() {
                [(field, text)] if *field != ironwood_base::error::NON_FIELD => origin.fault(field, text),
                _ => origin.fault("", &parts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")),
            }
        }
        Error::Internal(text) => Error::Internal(text),
        other => origin.fault("", &other.to_string()),
    }
}
