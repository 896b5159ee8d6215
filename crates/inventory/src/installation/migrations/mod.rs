//! The schema of the database, in numbered steps.
//!
//! A step that was released is never changed: a change of a table is a new file, a new line here, and a new
//! description. The tests compare the whole catalogue of a database that went through the steps with that of one made
//! from the descriptions ([`ddl`]), on both databases, and bring databases of every earlier version up to date. The
//! triggers of the change log are no steps: they follow the descriptions at every start ([`triggers`]).

use ironwood_base::Result;
use ironwood_store::Database;
use ironwood_store::migrate::{self, MigrateOptions, Migration};

use crate::platform::changelog::triggers;

#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod ddl;
#[cfg(test)]
mod earlier_tests;
#[cfg(test)]
mod search;
#[cfg(test)]
mod tallies;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod totals;

/// All steps, in order.
pub static MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "initial tables", sql: include_str!("0001_initial.sql") },
    Migration { number: 2, name: "rows by their files", sql: include_str!("0002_files.sql") },
    Migration { number: 3, name: "formats of import files", sql: include_str!("0003_import_formats.sql") },
    Migration { number: 4, name: "idempotency keys", sql: include_str!("0004_idempotency.sql") },
    Migration { number: 5, name: "change log", sql: include_str!("0005_change_log.sql") },
    Migration { number: 6, name: "an index for searches", sql: include_str!("0006_search.sql") },
    Migration { number: 7, name: "totals of parts", sql: include_str!("0007_totals.sql") },
    Migration { number: 8, name: "totals of transfer orders", sql: include_str!("0008_totals.sql") },
    Migration { number: 9, name: "totals of part families", sql: include_str!("0009_family_totals.sql") },
    Migration { number: 10, name: "indexes in the order of lists", sql: include_str!("0010_stock_updated.sql") },
    Migration { number: 11, name: "counters of changes", sql: include_str!("0011_versions.sql") },
    Migration { number: 12, name: "totals changed at once", sql: include_str!("0012_totals_at_once.sql") },
    Migration { number: 13, name: "contents of locations and categories", sql: include_str!("0013_contents.sql") },
    Migration { number: 14, name: "last use of sessions", sql: include_str!("0014_session_use.sql") },
    Migration { number: 15, name: "columns of the change log", sql: include_str!("0015_log_columns.sql") },
    Migration { number: 16, name: "numbers of items of parts", sql: include_str!("0016_totals.sql") },
    Migration { number: 17, name: "numbers of rows by the usual filters", sql: include_str!("0017_tallies.sql") },
    Migration { number: 18, name: "totals of one part at once", sql: include_str!("0018_totals.sql") },
];

/// Brings a database up to date: the numbered steps, then the triggers of the change log.
///
/// # Errors
/// Those of [`migrate::migrate`] and of the database.
pub fn upgrade(database: &Database, options: &MigrateOptions) -> Result<Vec<u32>> {
    let done = migrate::migrate(database, MIGRATIONS, options)?;
    triggers::install(database)?;
    Ok(done)
}

/// Everything that makes a database, as one text.
#[cfg(test)]
pub(crate) fn everything() -> String {
    use ironwood_store::Backend;
    let steps = MIGRATIONS.iter().map(|migration| migration.sql.to_owned());
    let all = [Backend::Sqlite, Backend::Postgres].map(|kind| triggers::statements(kind, crate::schema::TABLES));
    steps.chain(all.into_iter().flatten()).collect()
}
