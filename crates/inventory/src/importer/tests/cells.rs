//! When files are read.

use serde_json::json;

use super::{accept_all, csv, path};
use crate::testing::{Client, on_each_server};

/// Reading takes time, which nobody may wait for who wants to write: only [`super::super::ahead`] reads, and it runs before
/// the transactions.
#[test]
fn files_are_read_outside_of_transactions() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/importer");
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
