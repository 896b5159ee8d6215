use std::fs;

use ironwood_store::migrate::{MigrateOptions, Migration, migrate, schema_version};
use ironwood_store::{Backend, Database, Options, Value};
use ironwood_testbed::{TestDatabase, for_each_database};

use crate::tester;

const FIRST: Migration = Migration {
    number: 1,
    name: "parts",
    sql: "CREATE TABLE part (id {{id}}, name {{text}} NOT NULL, weight {{real}}); INSERT INTO part (name) VALUES ('a')",
};
const SECOND: Migration = Migration { number: 2, name: "notes", sql: "ALTER TABLE part ADD COLUMN notes {{text}}" };
const BROKEN: Migration =
    Migration { number: 3, name: "broken", sql: "CREATE TABLE half (id {{id}}); INSERT INTO nowhere VALUES (1)" };

fn open(place: &TestDatabase) -> Database {
    Database::open(&place.url, &Options::default()).unwrap()
}

#[test]
fn each_migration_runs_once_and_a_newer_database_is_refused() {
    for_each_database(|place| {
        let database = open(place);
        let options = MigrateOptions::default();
        assert_eq!(database.read(schema_version), Ok(0));
        assert_eq!(migrate(&database, &[FIRST], &options), Ok(vec![1]));
        assert_eq!(migrate(&database, &[FIRST, SECOND], &options), Ok(vec![2]));
        assert_eq!(migrate(&database, &[FIRST, SECOND], &options), Ok(vec![]));
        assert_eq!(database.read(schema_version), Ok(2));
        let error = migrate(&database, &[FIRST], &options).unwrap_err().to_string();
        assert!(error.contains("schema version 2") && error.contains("newer release"), "{error}");

        // a migration that fails leaves nothing behind
        assert!(migrate(&database, &[FIRST, SECOND, BROKEN], &options).unwrap_err().to_string().contains("broken"));
        assert_eq!(database.read(schema_version), Ok(2));
        assert!(database.read(|connection| connection.one("SELECT COUNT(*) FROM half", &[])).is_err());
    });
}

#[test]
fn servers_that_start_at_once_do_not_collide() {
    for_each_database(|place| {
        let databases: Vec<Database> = (0..3).map(|_| open(place)).collect();
        let mut done: Vec<u32> = std::thread::scope(|scope| {
            let threads: Vec<_> = databases
                .iter()
                .map(|database| scope.spawn(|| migrate(database, &[FIRST, SECOND], &MigrateOptions { backup: false })))
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap().unwrap()).collect()
        });
        done.sort_unstable();
        assert_eq!(done, [1, 2]);
    });
}

#[test]
fn an_upgrade_leaves_a_copy_of_the_old_database() {
    let place = TestDatabase::sqlite();
    let database = open(&place);
    let folder = place.folder().unwrap();
    let copies = || -> Vec<_> {
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|end| end == "backup")).collect()
    };
    migrate(&database, &[FIRST], &MigrateOptions::default()).unwrap();
    assert!(copies().is_empty(), "nothing was there to keep");
    migrate(&database, &[FIRST, SECOND], &MigrateOptions::default()).unwrap();
    let [copy] = &copies()[..] else { panic!("{:?}", copies()) };
    let old = Database::open(&format!("sqlite:{}", copy.display()), &Options::default()).unwrap();
    assert_eq!(old.read(schema_version), Ok(1));
    assert_eq!(old.read(|connection| connection.rows("SELECT name FROM part", &[])).unwrap()[0].text(0), "a");
}

#[test]
fn after_closing_one_file_holds_everything() {
    let place = TestDatabase::sqlite();
    let database = open(&place);
    migrate(&database, &[FIRST], &MigrateOptions::default()).unwrap();
    database.close();
    let names: Vec<_> = fs::read_dir(place.folder().unwrap()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["test.sqlite3"]);
    let copy = place.folder().unwrap().join("copy.sqlite3");
    fs::copy(place.folder().unwrap().join("test.sqlite3"), &copy).unwrap();
    let copy = Database::open(&format!("sqlite:{}", copy.display()), &Options::default()).unwrap();
    assert_eq!(copy.read(schema_version), Ok(1));
}

#[test]
fn what_cannot_be_opened_says_why() {
    let place = TestDatabase::sqlite();
    let folder = place.folder().unwrap();
    fs::write(
        folder.join("text"),
        "this is no database, but a text that is longer than the header of one. ".repeat(20),
    )
    .unwrap();
    for (url, reason) in [
        (format!("sqlite:{}/missing/db.sqlite3", folder.display()), "does not exist"),
        (format!("sqlite:{}", folder.display()), "cannot open"),
        (format!("sqlite:{}/text", folder.display()), "not an SQLite database"),
        ("sqlite:".to_owned(), "needs a file"),
        ("mysql://localhost/x".to_owned(), "sqlite:PATH or postgres://"),
        ("postgres://localhost:notaport/x".to_owned(), "invalid database address"),
        ("postgres://nobody@127.0.0.1:1/x".to_owned(), "cannot connect"),
    ] {
        let error = Database::open(&url, &Options::default()).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(reason) && !error.contains('\n'), "{url}: {error}");
    }
}

#[test]
fn a_full_disk_is_an_error_and_no_loss() {
    let place = TestDatabase::sqlite();
    let database = open(&place);
    assert_eq!(database.backend(), Backend::Sqlite);
    migrate(&database, &[FIRST], &MigrateOptions::default()).unwrap();
    let full = database.write(&tester(), |connection| {
        // SQLite's own limit stands for the end of the disk
        connection.one("PRAGMA max_page_count = 1", &[])?;
        for _ in 0..1000 {
            connection.execute("INSERT INTO part (name) VALUES ($1)", &[Value::from("x".repeat(1000))])?;
        }
        Ok(())
    });
    let error = full.unwrap_err();
    assert_eq!(error.status(), 507);
    assert!(error.to_string().contains("full"), "{error}");
    let count = |connection: &mut ironwood_store::Connection| connection.one("SELECT COUNT(*) FROM part", &[]);
    assert_eq!(database.read(count).unwrap().unwrap().int(0), 1);
    database.write(&tester(), |connection| connection.one("PRAGMA max_page_count = 1000000", &[])).unwrap();
    database.write(&tester(), |connection| connection.execute("INSERT INTO part (name) VALUES ('b')", &[])).unwrap();
}
