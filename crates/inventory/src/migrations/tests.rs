use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ironwood_rest::table::{Kind, PATH, PATH_END, Table};
use ironwood_store::migrate::{MigrateOptions, migrate};
use ironwood_store::{Backend, Connection, Database, Options};
use ironwood_testbed::for_each_database;

use super::{MIGRATIONS, ddl};
use crate::tables::{TABLES, table_by_name};

/// Names of the columns of a table, and whether they may be null.
fn columns(connection: &mut Connection, table: &str) -> BTreeMap<String, bool> {
    let sql = match connection.backend() {
        Backend::Sqlite => {
            "SELECT name, CASE WHEN \"notnull\" = 0 AND pk = 0 THEN 1 ELSE 0 END FROM pragma_table_xinfo($1)"
        }
        Backend::Postgres => {
            "SELECT column_name::text, CASE is_nullable WHEN 'YES' THEN 1::bigint ELSE 0 END \
             FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1"
        }
    };
    let rows = connection.rows(sql, &[table.into()]).unwrap();
    rows.iter().map(|row| (row.text(0).to_owned(), row.int(1) == 1)).collect()
}

fn tables(connection: &mut Connection) -> BTreeSet<String> {
    let sql = match connection.backend() {
        Backend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        Backend::Postgres => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()"
        }
    };
    connection.rows(sql, &[]).unwrap().iter().map(|row| row.text(0).to_owned()).collect()
}

/// The keys between tables: table, column, table linked to.
fn links(connection: &mut Connection) -> BTreeSet<(String, String, String)> {
    let sql = match connection.backend() {
        Backend::Sqlite => {
            "SELECT m.name, f.\"from\", f.\"table\" FROM sqlite_master m, pragma_foreign_key_list(m.name) f \
             WHERE m.type = 'table'"
        }
        Backend::Postgres => {
            "SELECT c.conrelid::regclass::text, a.attname::text, c.confrelid::regclass::text FROM pg_constraint c \
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'"
        }
    };
    let rows = connection.rows(sql, &[]).unwrap();
    rows.iter().map(|row| (row.text(0).into(), row.text(1).into(), row.text(2).into())).collect()
}

#[test]
fn the_first_step_is_what_the_descriptions_say() {
    // once there is a second step, the first one stays as it is
    let [first] = MIGRATIONS else { return };
    let made = format!("-- Made from the descriptions of the tables, see mod.rs here.\n\n{}", ddl::create(TABLES));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migrations/0001_initial.sql");
    if std::env::var("UPDATE_SCHEMA").is_ok_and(|value| value == "1") {
        std::fs::write(path, made).unwrap();
    } else {
        assert!(first.sql == made, "run UPDATE_SCHEMA=1 cargo test -p ironwood-inventory migrations");
    }
}

#[test]
fn the_steps_lead_to_the_tables_described() {
    for_each_database(|test| {
        let database = Database::open(&test.url, &Options::default()).unwrap();
        let options = MigrateOptions { backup: false };
        assert_eq!(migrate(&database, MIGRATIONS, &options).unwrap().len(), MIGRATIONS.len());
        assert!(migrate(&database, MIGRATIONS, &options).unwrap().is_empty(), "nothing is left to do");
        let compared = database.read(|connection| {
            let mut expected: BTreeSet<String> = TABLES.iter().map(|table| table.name.to_owned()).collect();
            expected.insert("ironwood_migration".into());
            assert_eq!(tables(connection), expected);
            let mut expected_links = BTreeSet::new();
            for table in TABLES {
                let mut expected = BTreeMap::from([("id".to_owned(), false)]);
                for column in table.columns.iter().filter(|column| column.stored()) {
                    expected.insert(column.name.to_owned(), column.null);
                    if column.name == PATH {
                        expected.insert(PATH_END.to_owned(), true);
                    }
                    if let Kind::Link(target, _) = column.kind {
                        expected_links.insert((table.name.to_owned(), column.name.to_owned(), target.name.to_owned()));
                    }
                }
                assert_eq!(columns(connection, table.name), expected, "columns of {}", table.name);
            }
            assert_eq!(links(connection), expected_links);
            Ok(TABLES.len())
        });
        assert_eq!(compared.unwrap(), TABLES.len());
    });
}

#[test]
fn the_database_holds_what_must_hold() {
    for_each_database(|test| {
        let database = Database::open(&test.url, &Options::default()).unwrap();
        migrate(&database, MIGRATIONS, &MigrateOptions { backup: false }).unwrap();
        let refused =
            |sql: &'static str| database.write(move |connection| connection.batch(sql)).unwrap_err().to_string();
        let done = |sql: &'static str| database.write(move |connection| connection.batch(sql)).unwrap();
        done(
            "INSERT INTO part_part (name) VALUES ('Bolt'); INSERT INTO stock_stockitem (part, serial, serial_space) VALUES (1, '7', 1)",
        );
        done("INSERT INTO stock_stockitem (part, serial) VALUES (1, ''), (1, ''), (1, NULL), (1, NULL)");
        let doubled = refused("INSERT INTO stock_stockitem (part, serial, serial_space) VALUES (1, '7', 1)");
        assert!(doubled.contains("serial") && !doubled.contains("space"), "the field is named: {doubled}");
        refused("INSERT INTO stock_stockitem (part) VALUES (2)");
        let negative = refused("UPDATE stock_stockitem SET quantity = -1");
        assert!(negative.contains("quantity"), "the field is named: {negative}");
        // lists of values and their default refer to each other
        done(
            "INSERT INTO common_selectionlist (id, name, \"default\", created, last_updated) VALUES (1, 'Sizes', 1, '', ''); \
             INSERT INTO common_selectionlistentry (id, list, value, label) VALUES (1, 1, 'S', 'Small')",
        );
        refused("UPDATE common_selectionlist SET \"default\" = 2");
        done("DELETE FROM common_selectionlistentry");
        done("DELETE FROM part_part");
        let counts = "SELECT (SELECT COUNT(*) FROM stock_stockitem), \
                      (SELECT COUNT(*) FROM common_selectionlist WHERE \"default\" IS NULL)";
        let left =
            database.read(move |connection| Ok(connection.one(counts, &[])?.map(|row| (row.int(0), row.int(1)))));
        assert_eq!(left.unwrap(), Some((0, 1)));
    });
}

#[test]
fn descriptions_name_what_is_there() {
    let mut names = BTreeSet::new();
    let mut models = BTreeSet::new();
    for table in TABLES {
        let name = table.name;
        assert!(names.insert(name), "{name} is there twice");
        assert!(table.record.is_empty() || models.insert(table.record), "{} is there twice", table.record);
        assert!(
            table.record.is_empty() || table.record.replace('.', "_") == name,
            "{name} is not named after its model"
        );
        let listed = |target: &Table| table_by_name(target.name).is_some_and(|found| std::ptr::eq(found, target));
        let there = |column: &str| {
            assert!(table.column(column).is_some_and(|c| c.stored()), "{name} has no column {column}");
        };
        let mut columns = BTreeSet::from(["id"]);
        for column in table.columns {
            assert!(columns.insert(column.name), "{name}.{} is there twice", column.name);
            match column.kind {
                Kind::Link(target, _) => assert!(listed(target), "{name}.{} leads nowhere", column.name),
                Kind::Many { link, own, other, target } => {
                    assert!(listed(target));
                    let link = table_by_name(link).unwrap();
                    let leads = |column: &str, to: &Table| matches!(link.column(column).unwrap().kind, Kind::Link(found, _) if std::ptr::eq(found, to));
                    assert!(leads(own, table) && leads(other, target), "{name}.{}", column.name);
                }
                _ => {}
            }
            assert!(column.check.is_empty() || column.check.contains("{}"), "{name}.{}", column.name);
        }
        let sets = table.unique.iter().chain(table.indexes).chain(table.unique_where.iter().map(|(set, _)| set));
        sets.flat_map(|set| set.iter()).chain(table.natural_key).for_each(|column| there(column));
        if let Some(tree) = table.tree {
            there(PATH);
            there(tree.order);
            assert!(tree.names.is_empty() || table.column(tree.names).is_some());
            let parent = table.column(tree.parent).unwrap();
            assert!(matches!(parent.kind, Kind::Link(target, _) if std::ptr::eq(target, *table)));
        }
    }
}

/// The folder with recorded data, where there is one.
fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("IRONWOOD_SHARED").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    folder.is_dir().then_some(folder)
}

#[test]
fn every_recorded_model_and_field_is_known() {
    let Some(shared) = shared() else {
        eprintln!("skipped: the recorded data is not here");
        return;
    };
    // machinery of the reference that is not taken over
    const NOT_OURS: [&str; 2] = ["usersessions.usersession", "error_report.error"];
    const COMPUTED: [&str; 3] = ["lft", "rght", "level"];
    for file in ["demo_records.json", "fixtures_records.json"] {
        let text = std::fs::read_to_string(shared.join("data").join(file)).unwrap();
        let records: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        for record in records.iter().filter(|r| r.get("metadata").is_none()) {
            let model = record["model"].as_str().unwrap();
            if NOT_OURS.contains(&model) {
                continue;
            }
            let table = TABLES.iter().find(|t| t.record == model).unwrap_or_else(|| panic!("{model} is not known"));
            for name in record["fields"].as_object().unwrap().keys() {
                let known = table.columns.iter().any(|c| c.record == name || c.aliases.contains(&name.as_str()));
                assert!(known || COMPUTED.contains(&name.as_str()), "{model}.{name} is not known");
            }
        }
    }
}
