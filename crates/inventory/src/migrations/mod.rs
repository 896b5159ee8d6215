//! The schema of the database, in numbered steps.
//!
//! The first step was made from the descriptions of the tables:
//! `UPDATE_SCHEMA=1 cargo test -p ironwood-inventory migrations` writes it anew, which may be done
//! until the first release. After that a change of a table is a new file and a new line here. The
//! tests compare what the steps lead to with the descriptions, on both databases.

use ironwood_store::migrate::Migration;

#[cfg(test)]
mod ddl;
#[cfg(test)]
mod tests;

/// All steps, in order.
pub static MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "initial tables", sql: include_str!("0001_initial.sql") },
    Migration { number: 2, name: "rows by their files", sql: include_str!("0002_files.sql") },
    Migration { number: 3, name: "formats of import files", sql: include_str!("0003_import_formats.sql") },
    Migration { number: 4, name: "idempotency keys", sql: include_str!("0004_idempotency.sql") },
];
