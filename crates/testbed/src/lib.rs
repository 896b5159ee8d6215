//! Databases for tests: every test gets a fresh SQLite file and a fresh database on a PostgreSQL
//! server that is made for the purpose and thrown away.
//!
//! The address in `IRONWOOD_TEST_POSTGRES` names a server to use instead; its user must be allowed
//! to create databases. Without PostgreSQL on the machine the tests say so and run on SQLite alone,
//! unless `IRONWOOD_REQUIRE_POSTGRES=1`: then they fail.

// what cannot be prepared fails the test
#![allow(clippy::missing_panics_doc)]

mod cluster;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

pub use cluster::Cluster;

/// Names the server to use.
pub const SERVER: &str = "IRONWOOD_TEST_POSTGRES";
/// Set to `1`: a machine without PostgreSQL fails the tests.
pub const REQUIRE: &str = "IRONWOOD_REQUIRE_POSTGRES";

/// An empty database, removed when this is dropped.
pub struct TestDatabase {
    /// Its address, as the server's `--database` takes it.
    pub url: String,
    kept: Kept,
}

enum Kept {
    Folder(PathBuf),
    Server { address: String, name: String },
}

impl TestDatabase {
    /// A fresh SQLite database in a folder of its own.
    ///
    /// # Panics
    /// Where the folder cannot be made.
    pub fn sqlite() -> TestDatabase {
        let folder = std::env::temp_dir().join(format!("ironwood-{}", unique_name()));
        std::fs::create_dir_all(&folder).expect("a folder for temporary files");
        TestDatabase { url: format!("sqlite:{}", folder.join("test.sqlite3").display()), kept: Kept::Folder(folder) }
    }

    /// A fresh PostgreSQL database; `None` where the machine has no PostgreSQL.
    ///
    /// # Panics
    /// Where PostgreSQL is required or does not start.
    pub fn postgres() -> Option<TestDatabase> {
        let address = server()?;
        let name = unique_name();
        run(address, &format!("CREATE DATABASE {name}")).expect("a database for the test");
        let (base, _) = address.rsplit_once('/').expect("an address that ends in /DATABASE");
        Some(TestDatabase { url: format!("{base}/{name}"), kept: Kept::Server { address: address.to_owned(), name } })
    }

    /// A PostgreSQL database that `prepare` has filled; `None` where the machine has no PostgreSQL. The work
    /// is done once for each `key` and copied for everyone who asks for the same.
    ///
    /// # Panics
    /// Where PostgreSQL is required or does not start.
    pub fn postgres_prepared(key: &str, prepare: impl FnOnce(&str)) -> Option<TestDatabase> {
        let address = server()?;
        let (base, _) = address.rsplit_once('/').expect("an address that ends in /DATABASE");
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let template = format!("prepared_{:x}", hasher.finish());
        let mut client = postgres::Client::connect(address, postgres::NoTls).expect("a PostgreSQL server");
        // the tests run in many processes: one of them does the work, the others wait for it
        client.batch_execute("SELECT pg_advisory_lock(7460231)").expect("a lock");
        let known = client.query("SELECT 1 FROM pg_database WHERE datname = $1", &[&template]).expect("a list");
        if known.is_empty() {
            let unfinished = unique_name();
            client.batch_execute(&format!("CREATE DATABASE {unfinished}")).expect("a database to prepare");
            prepare(&format!("{base}/{unfinished}"));
            client.batch_execute(&format!("ALTER DATABASE {unfinished} RENAME TO {template}")).expect("a new name");
        }
        client.batch_execute("SELECT pg_advisory_unlock(7460231)").expect("an unlock");
        let name = unique_name();
        let copy = format!("CREATE DATABASE {name} TEMPLATE {template}");
        // copying files takes a quarter of the time; servers before 15 do nothing else and do not know the word
        if client.batch_execute(&format!("{copy} STRATEGY FILE_COPY")).is_err() {
            client.batch_execute(&copy).expect("a database for the test");
        }
        Some(TestDatabase { url: format!("{base}/{name}"), kept: Kept::Server { address: address.to_owned(), name } })
    }

    /// Whether it is on PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.kept, Kept::Server { .. })
    }

    /// The folder that holds the SQLite file; a test may put its own files there.
    pub fn folder(&self) -> Option<&Path> {
        match &self.kept {
            Kept::Folder(folder) => Some(folder),
            Kept::Server { .. } => None,
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.kept {
            Kept::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            Kept::Server { address, name } => {
                if let Err(error) = run(address, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")) {
                    eprintln!("cannot remove the database {name}: {error}");
                }
            }
        }
    }
}

/// A fresh database of each kind that the machine offers.
pub fn databases() -> Vec<TestDatabase> {
    std::iter::once(TestDatabase::sqlite()).chain(TestDatabase::postgres()).collect()
}

/// Runs a test on a fresh database of each kind.
pub fn for_each_database(mut test: impl FnMut(&TestDatabase)) {
    for database in databases() {
        eprintln!("on {}", database.url);
        test(&database);
    }
}

/// Runs a test on a database of each kind. What `prepare` does to it is done once for each `key` where it takes
/// long, on PostgreSQL, and copied.
pub fn for_each_prepared(key: &str, prepare: impl Fn(&str), mut test: impl FnMut(&TestDatabase)) {
    let sqlite = TestDatabase::sqlite();
    prepare(&sqlite.url);
    for database in std::iter::once(sqlite).chain(TestDatabase::postgres_prepared(key, &prepare)) {
        eprintln!("on {}", database.url);
        test(&database);
    }
}

/// Address of the server's maintenance database; found or started once for each process.
fn server() -> Option<&'static str> {
    static ADDRESS: OnceLock<Option<String>> = OnceLock::new();
    let address = ADDRESS.get_or_init(|| {
        if let Some(address) = std::env::var(SERVER).ok().filter(|address| !address.is_empty()) {
            return Some(address);
        }
        match Cluster::shared() {
            Ok(Some(cluster)) => {
                let address = cluster.address();
                // held until the process ends: it tells the cluster that someone uses it
                std::mem::forget(cluster);
                Some(address)
            }
            Ok(None) => {
                let required = std::env::var(REQUIRE).is_ok_and(|value| value == "1");
                assert!(!required, "PostgreSQL is required ({REQUIRE}=1), and initdb is not to be found");
                eprintln!("SKIPPED on PostgreSQL: it is not installed here");
                None
            }
            Err(error) => panic!("a PostgreSQL server for the tests: {error}"),
        }
    });
    address.as_deref()
}

fn run(address: &str, sql: &str) -> Result<(), postgres::Error> {
    postgres::Client::connect(address, postgres::NoTls)?.batch_execute(sql)
}

fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let moment =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.subsec_nanos());
    format!("t_{}_{moment:x}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
