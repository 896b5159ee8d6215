//! InvenTree records in and out: the way over from InvenTree, and the way back.
//!
//! A records file is one JSON array. First stands what it is (`{"metadata": true, "api_version": …}`),
//! then each row of each table as `{"model": "part.part", "pk": 5, "fields": {…}}`. Links are keys, or
//! natural keys where the table has them (`["username"]`).
//!
//! [`import`] takes a file into an empty database, whole or not at all. Nothing is added to what the
//! file says: rows that the reference makes beside others (an owner for each user, a profile, the
//! rulesets of a group) are made when they are first needed, so that an export after an import is the
//! same file again. What is told otherwise in the file than here (nested-set numbers, times with more
//! places) is computed on the way out.
//!
//! Everything derives from the tables' descriptions; only [`legacy`] knows tables by name.

mod batch;
mod export;
mod importer;
mod keys;
mod legacy;
mod legacy_rows;
pub mod media;
mod plan;
mod split;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use ironwood_base::Error;
use ironwood_rest::table::Table;
use ironwood_store::{Connection, Database, Origin, fragment};
use serde_json::Value as Json;

pub use export::{ExportOptions, export};

use crate::platform::users::secret::Secret;
use importer::Importer;
use split::{RecordPosition, Splitter};

/// The newest version of the reference's API whose records are known here.
pub const API_VERSION: i64 = 534;

/// Records on their way from the file to the database at a time.
const AHEAD: usize = 256;

/// How records are taken in.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Refuses models and fields that are not known here, instead of counting them.
    pub strict: bool,
    /// The server's own key, under which tokens are sealed. Without it a token is refused.
    pub secret: Option<Secret>,
}

/// What was taken in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows taken in.
    pub records: u64,
    /// Rows by model.
    pub models: Vec<(&'static str, u64)>,
    /// Records of models that are not known here, left out.
    pub unknown_models: BTreeMap<String, u64>,
    /// Fields (`part.part.colour`) that are not known here, left out.
    pub unknown_fields: BTreeMap<String, u64>,
    /// Records of the reference's own machinery (its sessions, its job queue), which nothing here needs.
    pub left_out: BTreeMap<String, u64>,
    /// Stock items whose serial number another item of the family has as well. They are taken in as they
    /// are; no one gets such a number again.
    pub doubled_serials: u64,
}

impl Report {
    fn unknown(&self) -> String {
        let list = |what: &str, found: &BTreeMap<String, u64>| {
            let names: Vec<String> = found.iter().map(|(name, count)| format!("{name} ({count})")).collect();
            if names.is_empty() { None } else { Some(format!("{what} {}", names.join(", "))) }
        };
        let parts = [list("models", &self.unknown_models), list("fields", &self.unknown_fields)];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for Report {
    /// What a person reads at the end of an import, without a line break at its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} records of {} models imported", self.records, self.models.len())?;
        if self.doubled_serials > 0 {
            write!(
                f,
                "\nStock items with a serial number that is already used within their part family: {}",
                self.doubled_serials
            )?;
        }
        let lists = [
            ("Unknown models, skipped", &self.unknown_models),
            ("Unknown fields, skipped", &self.unknown_fields),
            ("Internal records of InvenTree, skipped", &self.left_out),
        ];
        for (title, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            write!(f, "\n{title}:")?;
            for (name, count) in list {
                write!(f, "\n  {name}: {count}")?;
            }
        }
        Ok(())
    }
}

/// Why records were not taken in or written: one line for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsError(String);

impl fmt::Display for RecordsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RecordsError {}

impl From<Error> for RecordsError {
    fn from(error: Error) -> Self {
        let text = match error {
            Error::Internal(text) => format!("database error: {text}"),
            other => other.to_string(),
        };
        RecordsError(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// Records that are refused, with the reason.
fn refused(line: String) -> Error {
    Error::Status(422, line)
}

/// Takes a records file into an empty database that has been migrated, in one transaction.
///
/// `progress` is told the number of bytes read and of records found so far, now and then.
///
/// # Errors
/// One line with the place in the file, the model, the key, the field and the reason; the database is
/// then as it was before.
pub fn import(
    database: &Database,
    source: impl Read,
    options: &ImportOptions,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, RecordsError> {
    import_tables(database, tables(), source, options, progress)
}

fn import_tables(
    database: &Database,
    tables: &'static [&'static Table],
    source: impl Read,
    options: &ImportOptions,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, RecordsError> {
    let (sender, receiver) = sync_channel(AHEAD);
    let options = options.clone();
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            // only the first attempt has the file; a second one would find its beginning gone
            let mut receiver: Option<Receiver<_>> = Some(receiver);
            let origin = Origin::command("import");
            database.write(&origin, move |conn| match receiver.take() {
                Some(records) => take_in(conn, tables, &options, records),
                None => Err(Error::Status(409, "the database was changed by another process during the import".into())),
            })
        });
        send_records(source, &sender, progress);
        drop(sender);
        writer.join().unwrap_or_else(|_| Err(Error::Internal("the import failed".into())))
    })
    .map_err(RecordsError::from)
}

type Sent = Result<(RecordPosition, Json), String>;

fn take_in(
    conn: &mut Connection,
    tables: &[&'static Table],
    options: &ImportOptions,
    records: Receiver<Sent>,
) -> Result<Report, Error> {
    conn.without_predicate_locks()?;
    if filled(conn, tables)? {
        return Err(refused("the database is not empty: records can only be imported into an empty database".into()));
    }
    logged(conn, tables, options, |importer| {
        for sent in records {
            let (place, record) = sent.map_err(refused)?;
            importer.add(place, record)?;
        }
        Ok(())
    })
}

/// Takes records in. The change log gets one entry for all of them, with the number of rows of each table.
fn logged(
    conn: &mut Connection,
    tables: &[&'static Table],
    options: &ImportOptions,
    add: impl FnOnce(&mut Importer<'_>) -> Result<(), Error>,
) -> Result<Report, Error> {
    conn.logged_as_one("import", |conn| {
        conn.defer_foreign_keys()?;
        crate::schema::totals::suspend(conn)?;
        let mut importer = Importer::new(conn, tables, options);
        add(&mut importer)?;
        let report = importer.finish()?;
        let rows: serde_json::Map<String, Json> =
            report.models.iter().map(|(model, rows)| (model.replace('.', "_"), (*rows).into())).collect();
        Ok((report, rows.into()))
    })
}

/// Reads the file while the database works. Ends early where the other side has gone.
fn send_records(source: impl Read, sender: &SyncSender<Sent>, progress: &mut dyn FnMut(u64, u64)) {
    let mut splitter = Splitter::new(source);
    let mut count = 0_u64;
    loop {
        let sent = match splitter.next() {
            Ok(Some(record)) => sender.send(Ok(record)),
            Ok(None) => break,
            Err(error) => {
                let _ = sender.send(Err(error));
                break;
            }
        };
        if sent.is_err() {
            return;
        }
        count += 1;
        if count.is_multiple_of(128) {
            progress(splitter.bytes(), count);
        }
    }
    progress(splitter.bytes(), count);
}

/// Takes records from a generator into an empty database, within the caller's transaction. Memory
/// stays bounded where rows that natural keys name (users, groups), and rows above others in a tree,
/// come before those that refer to them.
///
/// # Errors
/// As [`import`], with the number of the record for its place. The transaction must then be undone.
pub fn import_records(
    conn: &mut Connection,
    records: impl IntoIterator<Item = Json>,
    options: &ImportOptions,
) -> Result<Report, Error> {
    logged(conn, tables(), options, |importer| {
        for (number, record) in records.into_iter().enumerate() {
            importer.add(RecordPosition::Number(number as u64 + 1), record)?;
        }
        Ok(())
    })
}

/// Whether no table that is part of records has a row.
///
/// # Errors
/// A fault of the database.
pub fn is_empty(conn: &mut Connection) -> Result<bool, Error> {
    filled(conn, tables()).map(|filled| !filled)
}

fn filled(conn: &mut Connection, tables: &[&'static Table]) -> Result<bool, Error> {
    for table in tables.iter().filter(|table| !table.record.is_empty()) {
        if conn.one(&fragment!("SELECT 1 FROM \"{}\" LIMIT 1", table.name), &[])?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The tables that are part of records, and others.
fn tables() -> &'static [&'static Table] {
    crate::schema::TABLES
}
