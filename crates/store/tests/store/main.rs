//! The store's promises, each checked on both databases.

mod constraints;
mod functions;
mod migrations;
mod rows;
mod statements;
mod transactions;

use ironwood_store::migrate::dialect;
use ironwood_store::{Database, Options, Origin};
use ironwood_testbed::for_each_database;

/// Who writes in these tests.
fn tester() -> Origin {
    Origin::command("test")
}

/// Runs a test on a fresh database of each kind in which this SQL was run first.
fn with_schema(sql: &'static str, mut test: impl FnMut(&Database)) {
    for_each_database(|place| {
        let database = Database::open(&place.url, &Options { threads: 4, ..Options::default() }).unwrap();
        database.write(&tester(), move |connection| connection.batch(dialect(connection.backend(), sql))).unwrap();
        test(&database);
        database.close();
    });
}

/// The one number that a query answers.
fn number(database: &Database, sql: &'static str) -> i64 {
    database.read(move |connection| Ok(connection.one(sql, &[])?.map_or(0, |row| row.int(0)))).unwrap()
}
