//! Import and export of records, on both databases.

mod older;
mod refusals;
mod there_and_back;

use std::collections::BTreeMap;

use ironwood_store::migrate::dialect;
use ironwood_store::{Connection, Database, Fragment, Options};
use ironwood_testbed::TestDatabase;
use serde_json::Value as Json;

use super::*;

/// A database with the schema and nothing in it.
fn fresh(place: &TestDatabase) -> Database {
    let database = Database::open(&place.url, &Options::default()).unwrap();
    database
        .write(&crate::testing::origin(), |c| {
            use ironwood_rest::table::ColumnType;
            let mut sql = String::new();
            for t in tables() {
                let mut cols = vec!["id {{id}}".to_owned()];
                let mut has_path = false;
                for col in t.columns {
                    has_path |= col.name == "tree_path";
                    let ty = match col.kind {
                        ColumnType::Many { .. } => continue,
                        ColumnType::Int { .. } | ColumnType::Link(..) | ColumnType::Decimal { .. } => "BIGINT",
                        ColumnType::Bool => "BOOLEAN",
                        ColumnType::Real => "{{real}}",
                        _ => "{{text}}",
                    };
                    cols.push(format!(
                        "\"{}\" {ty}{}{}",
                        col.name,
                        if col.null { "" } else { " NOT NULL" },
                        if col.unique { " UNIQUE" } else { "" }
                    ));
                }
                if t.tree.is_some() && !has_path {
                    cols.push("tree_path {{text}} NOT NULL".into());
                }
                for u in t.unique {
                    cols.push(format!(
                        "UNIQUE ({})",
                        u.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(",")
                    ));
                }
                sql.push_str(&format!("CREATE TABLE {} ({});\n", t.name, cols.join(", ")));
            }
            c.batch(dialect(c.backend(), Fragment::generated(&sql)))
        })
        .unwrap();
    database
}

fn options() -> ImportOptions {
    let secret = Secret::from_text("a key for tests only, of more than thirty characters").unwrap();
    ImportOptions { strict: false, secret: Some(secret) }
}

fn take(database: &Database, text: &str) -> Result<Report, RecordsError> {
    import(database, text.as_bytes(), &options(), &mut |_, _| {})
}

fn give(database: &Database) -> String {
    let mut out = Vec::new();
    let at = Some("2026-11-24T00:00:00.000Z".to_owned());
    export(database, &mut out, &ExportOptions { at }).unwrap();
    String::from_utf8(out).unwrap()
}

/// The fields of each record by model and key. Numbers are compared by what they say.
fn by_key(text: &str) -> BTreeMap<(String, String), BTreeMap<String, Json>> {
    let records: Vec<Json> = serde_json::from_str(text).unwrap();
    let mut found = BTreeMap::new();
    for record in records.iter().filter(|record| record.get("model").is_some()) {
        let key = (record["model"].as_str().unwrap().to_owned(), record["pk"].to_string());
        let fields = record["fields"].as_object().unwrap();
        let fields = fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
        assert!(found.insert(key, fields).is_none());
    }
    found
}

/// Numbers as numbers, whatever their spelling; objects whatever their order.
fn plain(value: &Json) -> Json {
    match value {
        Json::Number(number) => Json::String(format!("number {:?}", number.as_f64().unwrap())),
        Json::Array(list) => list.iter().map(plain).collect(),
        Json::Object(map) => {
            let sorted: BTreeMap<_, _> = map.iter().collect();
            sorted.into_iter().map(|(name, value)| (name.clone(), plain(value))).collect()
        }
        other => other.clone(),
    }
}

fn count(database: &Database, sql: &'static str) -> i64 {
    database.read(move |conn: &mut Connection| Ok(conn.one(sql, &[])?.map_or(0, |row| row.int(0)))).unwrap()
}
