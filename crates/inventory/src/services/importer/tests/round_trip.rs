//! Importing the server's own exports changes nothing.

use ironwood_store::{Fragment, fragment};
use serde_json::{Map, Value as Json, json};

use super::super::models::{self, MODELS, Model};
use super::{keys, path, rows, session, wait_until};
use crate::installation::worker::Worker;
use crate::platform::output::sheet::Format;
use crate::testing::{Client, Server, on_each_server};

/// The table of a list, in a format.
fn exported(server: &Server, client: &Client, model: &Model, format: Format) -> Vec<u8> {
    let address = format!("{}?export=true&export_format={}", model.resource.path, format.extension());
    let output = client.read(&address)["output"].as_str().unwrap().to_owned();
    std::fs::read(server.app.inventory().media.join(output.split_once("/media/").unwrap().1)).unwrap()
}

/// Some rows of all parts of a table.
fn some_rows(csv: &[u8]) -> Vec<u8> {
    const SOME: usize = 30;
    let mut reader = csv::Reader::from_reader(csv);
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(reader.headers().unwrap()).unwrap();
    for record in records.iter().step_by(records.len() / SOME + 1) {
        writer.write_record(record).unwrap();
    }
    writer.into_inner().unwrap()
}

fn count(server: &Server, model: &Model) -> i64 {
    server.int(&format!("SELECT COUNT(*) FROM {}", model.resource.view.table.name), &[])
}

/// What a table holds, but for when its rows were last changed.
fn held(server: &Server, model: &'static Model) -> Vec<String> {
    let table = model.resource.view.table;
    let changed = |name: &str| matches!(name, "updated" | "metadata");
    let columns: Vec<String> =
        table.columns.iter().filter(|c| c.stored() && !changed(c.name)).map(|c| format!("\"{}\"", c.name)).collect();
    let sql = format!("SELECT id, {} FROM {} ORDER BY id", columns.join(", "), table.name);
    server.write(move |conn| {
        Ok(conn.rows(Fragment::generated(&sql), &[])?.iter().map(|row| format!("{row:?}")).collect())
    })
}

/// Imports a file as changes of the records that it names; gives the rows that were refused.
fn changed(client: &Client, model: &Model, file: (&str, &[u8])) -> Vec<Json> {
    let begun = session(client, model.name(), file, &[("update_records", "true")]);
    let id = begun["pk"].as_i64().unwrap();
    for map in begun["column_mappings"].as_array().unwrap() {
        let field = map["field"].as_str().unwrap();
        let is_link = begun["available_fields"][field].get("lookup_fields").is_some();
        assert!(!is_link || map["column"] == "" || map["lookup_field"] == "pk", "{}: {map}", model.name());
    }
    client.done(&path(id, "accept_fields/"), json!({}));
    wait_until(client, id, 30);
    let all = rows(client, id);
    let bad: Vec<Json> = all.iter().filter(|row| row["valid"] != true).map(|r| r["errors"].clone()).collect();
    if bad.is_empty() && !all.is_empty() {
        client.done(&path(id, "accept_rows/"), json!({"rows": keys(&all)}));
        wait_until(client, id, 40);
    }
    bad
}

#[test]
fn every_export_is_imported_again_unchanged() {
    on_each_server(|server| {
        server.fill_with_demo();
        let admin = server.superuser();
        let worker = Worker::start(&server.app).unwrap();
        let (mut wrong, mut tried) = (Vec::new(), 0);
        for model in &MODELS {
            let before = held(server, model);
            let number = count(server, model);
            for format in [Format::Csv, Format::Tsv, Format::Xlsx] {
                // the larger tables once
                if number == 0 || number > 30 && format != Format::Csv {
                    continue;
                }
                let mut bytes = exported(server, &admin, model, format);
                if format == Format::Csv {
                    bytes = some_rows(&bytes);
                }
                let name = format!("a.{}", format.extension());
                let bad = changed(&admin, model, (&name, &bytes));
                tried += 1;
                if !bad.is_empty() {
                    wrong.push(format!("{} {name}: {} of {number}, {}", model.name(), bad.len(), bad[0]));
                    continue;
                }
                let after = held(server, model);
                if let Some((old, new)) = before.iter().zip(&after).find(|(old, new)| old != new) {
                    wrong.push(format!("{} {name}:\n  {old}\n  {new}", model.name()));
                }
                assert_eq!(before.len(), after.len());
            }
        }
        drop(worker);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(tried > 40, "{tried}");
    });
}

/// Rows that no one would take for a file of theirs: they become records as they were.
#[test]
fn exported_rows_become_new_records_like_the_old_ones() {
    on_each_server(|server| {
        server.fill_with_demo();
        let admin = server.superuser();
        let worker = Worker::start(&server.app).unwrap();
        for name in ["stockitemtestresult", "partsellpricebreak", "contact", "projectcode", "parametertemplate"] {
            let model = models::find(name).unwrap();
            let shown = |admin: &Client| -> Vec<Json> {
                let all = admin.read(model.resource.path);
                let plain = |row: &Json| -> Json {
                    let mut row: Map<String, Json> = row.as_object().unwrap().clone();
                    ["pk", "date", "user", "updated", "updated_by"].iter().for_each(|name| drop(row.remove(*name)));
                    Json::Object(row)
                };
                let mut all: Vec<Json> = all.as_array().unwrap().iter().map(plain).collect();
                all.sort_by_key(Json::to_string);
                all
            };
            let before = shown(&admin);
            let bytes = exported(server, &admin, model, Format::Csv);
            assert!(!before.is_empty(), "{name}");
            let table = model.resource.view.table.name;
            server.write(move |conn| conn.execute(fragment!("DELETE FROM {table}"), &[]).map(|_| ()));
            let id = session(&admin, name, ("a.csv", &bytes), &[])["pk"].as_i64().unwrap();
            admin.done(&path(id, "accept_fields/"), json!({}));
            wait_until(&admin, id, 30);
            let all = rows(&admin, id);
            let bad: Vec<&Json> = all.iter().filter(|row| row["valid"] != true).collect();
            assert!(bad.is_empty(), "{name}: {} of {}: {}", bad.len(), all.len(), bad[0]);
            admin.done(&path(id, "accept_rows/"), json!({"rows": keys(&all)}));
            wait_until(&admin, id, 40);
            assert_eq!(shown(&admin), before, "{name}");
        }
        drop(worker);
    });
}
