//! What empty cells mean, and when files are read.

use serde_json::json;

use super::{accept_all, csv, path};
use crate::testing::{Client, on_each_server};

/// An empty cell is an empty text where one may stand, as a client would send it, and nothing where only nothing can.
#[test]
fn empty_cells_are_empty_texts_where_these_may_stand() {
    on_each_server(|server| {
        let admin = server.superuser();
        let session = csv(&admin, "partcategory", "name,description,default_keywords,icon,default_location\nA,,,,\n");
        assert_eq!(accept_all(&admin, session)["status"], 40);
        let session = csv(&admin, "part", "name,IPN,keywords,link,units,category,default_expiry\nB,,,,,A,\n");
        assert_eq!(accept_all(&admin, session)["status"], 40);
        let session = csv(&admin, "part", "name\nC\n");
        assert_eq!(accept_all(&admin, session)["status"], 40);
        let held = |sql: &'static str| server.write(move |conn| Ok(format!("{:?}", conn.rows(sql, &[])?)));
        let category = held("SELECT description, default_keywords, icon, default_location FROM part_partcategory");
        // no icon is none, as everywhere
        assert_eq!(category, "[OwnedRow([Text(\"\"), Text(\"\"), Null, Null])]");
        let parts = held("SELECT keywords, link, units, notes FROM part_part ORDER BY name");
        let filled = "OwnedRow([Text(\"\"), Text(\"\"), Text(\"\"), Null])";
        let left = "OwnedRow([Null, Null, Text(\"\"), Null])";
        assert_eq!(parts, format!("[{filled}, {left}]"), "what has no column is left open");
        // both are the same to whoever asks
        for query in ["has_ipn=false", "IPN="] {
            assert_eq!(admin.read(&format!("/api/part/?{query}")).as_array().map(Vec::len), Some(2), "{query}");
        }
        // a file that says nothing new changes nothing
        let before = held("SELECT * FROM part_part ORDER BY id");
        let export = admin.read("/api/part/?export=true&export_format=csv")["output"].as_str().unwrap().to_owned();
        let file = server.app.inventory().media.join(export.split_once("/media/").unwrap().1);
        let bytes = std::fs::read(file).unwrap();
        let again = super::session(&admin, "part", ("p.csv", &bytes), &[("update_records", "true")]);
        assert_eq!(accept_all(&admin, again["pk"].as_i64().unwrap())["status"], 40);
        assert_eq!(held("SELECT * FROM part_part ORDER BY id"), before);
    });
}

/// Reading takes time, which nobody may wait for who wants to write: only [`super::super::ahead`] reads, and it runs before
/// the transactions.
#[test]
fn files_are_read_outside_of_transactions() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/services/importer");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let reads = text.contains("file::read(") && !path.ends_with("tests.rs");
        assert_eq!(reads, path.ends_with("ahead.rs"), "{}", path.display());
    }
    on_each_server(|server| {
        let admin = server.superuser();
        let id = csv(&admin, "projectcode", "code;description\nA;x\n");
        let one = path(id, "");
        let chosen = |client: &Client, sign: &str| client.patch(&one, json!({"file_format": {"separator": sign}}));
        let (status, read) = chosen(&admin, "|");
        assert_eq!((status, &read["columns"]), (200, &json!(["code;description"])), "{read}");
        let (status, read) = chosen(&admin, ";");
        assert_eq!((status, &read["columns"]), (200, &json!(["code", "description"])), "{read}");
        assert_eq!(chosen(&server.user("other", &[]), "|").0, 404, "the session of somebody else");
        // several sessions at once are not read again
        let body = json!({"items": [id], "file_format": {"separator": "|"}});
        let (status, _) = admin.patch("/api/importer/session/", body);
        assert!(matches!(status, 400 | 405), "{status}");
        assert_eq!(accept_all(&admin, id)["status"], 40);
    });
}
