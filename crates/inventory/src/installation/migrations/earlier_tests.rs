//! Databases of every earlier version open, are brought up to date, and keep their rows.
//!
//! `earlier/` has one of each version and kind, with two rows in each table: SQLite files and dumps of PostgreSQL,
//! compressed. `UPDATE_EARLIER=1` adds those that are missing; what is there is never written again.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use ironwood_rest::table::{Column, ColumnType, PATH, Table};
use ironwood_store::migrate::{MigrateOptions, migrate, schema_version};
use ironwood_store::{Connection, Database, Fragment, Options, OwnedRow};
use ironwood_testbed::TestDatabase;

use super::MIGRATIONS;
use super::catalogue::catalogue;
use crate::schema::TABLES;
use crate::testing::origin;

const NO_COPY: MigrateOptions = MigrateOptions { backup: false };

fn kept(version: u32, is_postgres: bool) -> PathBuf {
    let kind = if is_postgres { "postgres.sql" } else { "sqlite3" };
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/installation/migrations/earlier/{version:04}.{kind}.gz"))
}

/// The tables of a database as it is, with the columns that it has.
fn tables(connection: &mut Connection) -> BTreeMap<&'static str, Vec<&'static Column>> {
    let lines = catalogue(connection).unwrap();
    let has = |table: &Table, column: &Column| {
        let starts = [format!("{}: {} ", table.name, column.name), format!("{}.{}: ", table.name, column.name)];
        lines.iter().any(|line| starts.iter().any(|start| line.starts_with(start.as_str())))
    };
    let columns = |table: &Table| table.columns.iter().filter(|c| c.stored() && has(table, c)).collect::<Vec<_>>();
    TABLES.iter().map(|table| (table.name, columns(table))).filter(|(_, columns)| !columns.is_empty()).collect()
}

/// All rows of these columns.
fn rows(
    connection: &mut Connection,
    tables: &BTreeMap<&'static str, Vec<&'static Column>>,
) -> BTreeMap<String, Vec<OwnedRow>> {
    let read = |(table, columns): (&&'static str, &Vec<&'static Column>)| {
        let names: Vec<String> = columns.iter().map(|column| format!(", \"{}\"", column.name)).collect();
        let found = connection
            .rows(Fragment::generated(format!("SELECT id{} FROM {table} ORDER BY id", names.concat())), &[])
            .unwrap();
        ((*table).to_owned(), found)
    };
    tables.iter().map(read).collect()
}

/// A value that a column takes, for the row with this key.
fn example(column: &Column, key: i64) -> String {
    if let Some((value, _)) = column.choices.first() {
        return if matches!(column.kind, ColumnType::Int { .. }) { (*value).to_owned() } else { format!("'{value}'") };
    }
    match column.kind {
        _ if column.name == PATH => format!("'/{key}/'"),
        ColumnType::Int { min, .. } => key.max(min).to_string(),
        ColumnType::Decimal { places, .. } => (key * ironwood_base::decimal::scale(places) + 1).to_string(),
        ColumnType::Bool => "TRUE".into(),
        ColumnType::Real => format!("{}.5", key + 1),
        ColumnType::Date => "'2026-11-28'".into(),
        ColumnType::Time => "'2026-11-28T12:00:00.000Z'".into(),
        ColumnType::Json => format!("'{{\"key\": {key}}}'"),
        ColumnType::Model => "'part.part'".into(),
        // a row above itself would be a circle
        ColumnType::Link(target, _) if column.null && target.tree.is_some() => "NULL".into(),
        ColumnType::Link(..) => key.to_string(),
        ColumnType::Many { .. } => unreachable!(),
        ColumnType::Text | ColumnType::Url | ColumnType::Email | ColumnType::File | ColumnType::Image => {
            format!("'{} {key} é'", column.name)
        }
    }
}

/// Whether triggers, or whoever makes them, make the rows of a table.
fn by_triggers(table: &str) -> bool {
    let kept = [
        "ironwood_part_total",
        "ironwood_location_content",
        "ironwood_category_content",
        "ironwood_stock_tally",
        "ironwood_part_tally",
        "ironwood_history_tally",
        "ironwood_version",
        "ironwood_log_columns",
    ];
    kept.iter().any(|name| table.starts_with(name))
}

fn fill(connection: &mut Connection) -> ironwood_base::Result<()> {
    connection.defer_foreign_keys()?;
    for (table, columns) in tables(connection) {
        if table == "ironwood_log_state" || by_triggers(table) {
            continue;
        }
        // the change log numbers these changes from 1
        let first = if ["ironwood_transaction", "ironwood_change"].contains(&table) { 1001 } else { 1 };
        for key in first..first + 2 {
            let names: Vec<String> = columns.iter().map(|column| format!(", \"{}\"", column.name)).collect();
            let values: Vec<String> = columns.iter().map(|column| format!(", {}", example(column, key))).collect();
            let sql = format!("INSERT INTO {table} (id{}) VALUES ({key}{})", names.concat(), values.concat());
            connection.batch(Fragment::generated(sql))?;
        }
    }
    Ok(())
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// Makes a database of a version, and keeps it.
fn make(version: u32, place: &TestDatabase) {
    let database = Database::open(&place.url, &Options::default()).unwrap();
    migrate(&database, &MIGRATIONS[..version as usize], &NO_COPY).unwrap();
    database.write(&origin(), fill).unwrap();
    database.close();
    let bytes = match place.url.strip_prefix("sqlite:") {
        Some(file) => fs::read(file).unwrap(),
        None => {
            let options = ["--inserts", "--no-owner", "--no-privileges", "-d", &place.url];
            let done = Command::new("pg_dump").args(options).output().expect("pg_dump");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            done.stdout
        }
    };
    let file = kept(version, place.is_postgres());
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, compressed(&bytes)).unwrap();
}

/// Puts a database that was kept into an empty place.
fn restore(version: u32, place: &TestDatabase) {
    let file = kept(version, place.is_postgres());
    let packed = fs::read(&file).unwrap_or_else(|error| {
        panic!("{}: {error}: UPDATE_EARLIER=1 cargo test -p ironwood-inventory earlier", file.display())
    });
    let mut bytes = Vec::new();
    GzDecoder::new(&*packed).read_to_end(&mut bytes).unwrap();
    if let Some(file) = place.url.strip_prefix("sqlite:") {
        return fs::write(file, bytes).unwrap();
    }
    let text = String::from_utf8(bytes).unwrap();
    // not what is meant for psql, nor settings of the session
    let of_psql = |line: &&str| !line.starts_with('\\') && !line.starts_with("SET ") && !line.contains("set_config");
    let sql: String = text.lines().filter(of_psql).map(|line| format!("{line}\n")).collect();
    let database = Database::open(&place.url, &Options::default()).unwrap();
    database.write(&origin(), move |connection| connection.batch(Fragment::generated(&sql))).unwrap();
    database.close();
}

fn check(version: u32, place: &TestDatabase, current: &std::collections::BTreeSet<String>) {
    restore(version, place);
    let database = Database::open(&place.url, &Options::default()).unwrap();
    assert_eq!(database.read(schema_version).unwrap(), version);
    let read = |connection: &mut Connection| {
        let tables = tables(connection);
        let rows = rows(connection, &tables);
        Ok((tables, rows))
    };
    let (tables, before) = database.read(read).unwrap();
    assert!(
        before.len() >= 90 && before.iter().all(|(table, rows)| !rows.is_empty() || by_triggers(table)),
        "version {version}: {}",
        before.len()
    );
    let steps = super::upgrade(&database, &NO_COPY).unwrap();
    assert_eq!(steps.len(), MIGRATIONS.len() - version as usize);
    let (known, found) =
        database.read(move |connection| Ok((rows(connection, &tables), catalogue(connection)?))).unwrap();
    // totals are made anew
    let kept = |table: &str| table != "ironwood_log_state" && !by_triggers(table);
    for (table, rows) in before.iter().filter(|(table, _)| kept(table)) {
        assert_eq!(&known[table], rows, "rows of {table} from version {version}");
    }
    assert_eq!(database.read(crate::schema::totals::check).unwrap(), Vec::<String>::new(), "version {version}");
    let lost: Vec<&String> = current.symmetric_difference(&found).collect();
    assert!(lost.is_empty(), "version {version}: {lost:#?}");
    // and what changes from now on is logged
    let changed = database.write(&origin(), |connection| {
        connection.batch("UPDATE part_part SET description = 'changed' WHERE id = 1")?;
        connection
            .one("SELECT COUNT(*) FROM ironwood_change WHERE \"table\" = 'part_part' AND changes LIKE '%changed%'", &[])
    });
    assert_eq!(changed.unwrap().map(|row| row.int(0)), Some(1));
    database.close();
}

fn place_like(is_postgres: bool) -> Option<TestDatabase> {
    if is_postgres { TestDatabase::postgres() } else { Some(TestDatabase::sqlite()) }
}

fn every_version(is_postgres: bool) {
    let Some(new) = place_like(is_postgres) else { return eprintln!("skipped: there is no PostgreSQL here") };
    let database = Database::open(&new.url, &Options::default()).unwrap();
    super::upgrade(&database, &NO_COPY).unwrap();
    let current = database.read(catalogue).unwrap();
    database.close();
    let newest = u32::try_from(MIGRATIONS.len()).unwrap();
    // the newest is kept once there is a newer one
    for version in (1..=newest).filter(|version| *version < newest || kept(*version, is_postgres).exists()) {
        if std::env::var("UPDATE_EARLIER").is_ok_and(|value| value == "1") && !kept(version, is_postgres).exists() {
            make(version, &place_like(is_postgres).unwrap());
        }
        check(version, &place_like(is_postgres).unwrap(), &current);
    }
}

#[test]
fn sqlite_files_of_every_version_keep_their_rows() {
    every_version(false);
}

#[test]
fn postgres_databases_of_every_version_keep_their_rows() {
    every_version(true);
}
