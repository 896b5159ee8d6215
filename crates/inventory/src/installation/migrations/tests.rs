use std::collections::BTreeSet;
use std::path::Path;

use ironwood_rest::table::{ColumnType, PATH, Table};
use ironwood_store::migrate::{MigrateOptions, Migration, dialect, migrate};
use ironwood_store::{Database, Fragment, Options};
use ironwood_testbed::{TestDatabase, for_each_database};

use super::catalogue::catalogue;
use super::{MIGRATIONS, ddl, search, tallies, totals};
use crate::platform::changelog::triggers;
use crate::schema::tallies::TALLIES;
use crate::schema::totals as kept;
use crate::schema::{TABLES, table_by_name};

#[test]
fn the_steps_lead_to_what_the_descriptions_say() {
    for_each_database(|stepped| {
        let database = Database::open(&stepped.url, &Options::default()).unwrap();
        let options = MigrateOptions { backup: false };
        assert_eq!(super::upgrade(&database, &options).unwrap().len(), MIGRATIONS.len());
        assert!(super::upgrade(&database, &options).unwrap().is_empty(), "nothing is left to do");
        let found = database.read(catalogue).unwrap();
        let described = if stepped.is_postgres() { TestDatabase::postgres().unwrap() } else { TestDatabase::sqlite() };
        let expected = described_catalogue(&described.url);
        let only = |these: &BTreeSet<String>, others: &BTreeSet<String>| {
            these.difference(others).map(|line| format!("\n  {line}")).collect::<String>()
        };
        assert!(
            found == expected,
            "a step is missing, or a description: the steps alone make{}\nand the descriptions alone{}{}",
            only(&found, &expected),
            only(&expected, &found),
            missing_columns(&found)
        );
        assert!(found.len() > 1_000, "{}", found.len());
        database.close();
    });
}

/// The statements of a step that adds the columns that a catalogue lacks.
fn missing_columns(found: &BTreeSet<String>) -> String {
    let has = |start: String| found.iter().any(|line| line.starts_with(&start));
    let is_there =
        |table: &Table, name: &str| has(format!("{}: {name} ", table.name)) || has(format!("{}.{name}: ", table.name));
    let mut lines = String::new();
    for table in TABLES.iter().filter(|table| is_there(table, "id")) {
        for column in table.columns.iter().filter(|column| column.stored() && !is_there(table, column.name)) {
            lines.push_str(&format!("\n  {}", ddl::add_column(table, column)));
        }
    }
    if lines.is_empty() { lines } else { format!("\na step that adds columns says{lines}") }
}

/// The catalogue of a database that is made from the descriptions alone.
fn described_catalogue(url: &str) -> BTreeSet<String> {
    let database = Database::open(url, &Options::default()).unwrap();
    // the list of steps is the store's
    let first = Migration { number: 1, name: "all", sql: "" };
    migrate(&database, &[first], &MigrateOptions { backup: false }).unwrap();
    let made = database.write(&crate::testing::origin(), |connection| {
        let backend = connection.backend();
        // kept totals come with the triggers that keep them
        let plain: Vec<&Table> = TABLES
            .iter()
            .copied()
            .filter(|table| ![kept::KEPT.name, kept::CHANGES.name].contains(&table.name))
            .filter(|table| !TALLIES.iter().any(|t| [t.kept.name, t.changes.name].contains(&table.name)))
            .collect();
        for step in [ddl::create(&plain), search::create(TABLES), totals::create(), tallies::create()] {
            connection.batch(dialect(backend, Fragment::generated(step)))?;
        }
        triggers::statements(backend, TABLES)
            .iter()
            .try_for_each(|statement| connection.batch(Fragment::generated(statement)))
    });
    made.unwrap();
    let found = database.read(catalogue).unwrap();
    database.close();
    found
}

/// Compares a step that is made from descriptions with what they say.
fn is_current(file: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/installation/migrations").join(file);
    if std::env::var("UPDATE_SCHEMA").is_ok_and(|value| value == "1") {
        std::fs::write(path, made).unwrap();
    } else {
        assert!(MIGRATIONS.iter().any(|step| step.sql == made), "{file}: a change is a new step");
    }
}

#[test]
fn the_index_for_searches_is_what_the_descriptions_say() {
    is_current("0006_search.sql", &search::create(TABLES));
}

#[test]
fn kept_totals_are_what_the_descriptions_say() {
    is_current("0018_totals.sql", &totals::replace(&MIGRATIONS[..17], false));
}

#[test]
fn kept_numbers_are_what_the_descriptions_say() {
    is_current("0017_tallies.sql", &tallies::replace(&MIGRATIONS[..15]));
}

#[test]
fn the_database_holds_what_must_hold() {
    for_each_database(|test| {
        let database = Database::open(&test.url, &Options::default()).unwrap();
        super::upgrade(&database, &MigrateOptions { backup: false }).unwrap();
        let refused = |sql: &'static str| {
            database.write(&crate::testing::origin(), move |connection| connection.batch(sql)).unwrap_err().to_string()
        };
        let done = |sql: &'static str| {
            database.write(&crate::testing::origin(), move |connection| connection.batch(sql)).unwrap()
        };
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
                ColumnType::Link(target, _) => assert!(listed(target), "{name}.{} leads nowhere", column.name),
                ColumnType::Many { link, own, other, target } => {
                    assert!(listed(target));
                    let link = table_by_name(link).unwrap();
                    let leads = |column: &str, to: &Table| matches!(link.column(column).unwrap().kind, ColumnType::Link(found, _) if std::ptr::eq(found, to));
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
            assert!(matches!(parent.kind, ColumnType::Link(target, _) if std::ptr::eq(target, *table)));
        }
    }
}

#[test]
fn every_recorded_model_and_field_is_known() {
    // machinery of the reference that is not taken over
    const NOT_OURS: [&str; 2] = ["usersessions.usersession", "error_report.error"];
    const COMPUTED: [&str; 3] = ["lft", "rght", "level"];
    for file in ["data/demo_records.json", "data/fixtures_records.json"] {
        let Some(text) = crate::testing::recorded(file) else { continue };
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
