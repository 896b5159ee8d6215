//! No text takes HTML, wherever it is given.

use ironwood_rest::http::Method;
use ironwood_rest::registry::Target;
use ironwood_rest::resource::Resource;
use ironwood_rest::table::ColumnType;
use ironwood_rest::view::{Field, Type};
use serde_json::{Value as Json, json};

use crate::installation::app::the_registry;
use crate::testing::on_each_server;

const MARKUP: &str = "Good <img src=x onerror=alert(1)>";

/// A value with HTML in it for a field that takes texts.
fn marked(field: &Field, resource: &Resource) -> Option<Json> {
    match field.wire(resource.view.table) {
        Type::Of(ColumnType::Text | ColumnType::Url | ColumnType::Email | ColumnType::Model) => Some(json!(MARKUP)),
        Type::Texts => Some(json!(["plain", MARKUP])),
        _ => None,
    }
}

#[test]
fn no_record_takes_html() {
    on_each_server(|server| {
        server.fill_with_demo();
        let admin = server.superuser();
        let (mut wrong, mut tried) = (Vec::new(), 0);
        for (path, operation) in the_registry().operations() {
            let Target::List(resource) = operation.target else { continue };
            if operation.method != Method::Post {
                continue;
            }
            for field in resource.row_view().fields.iter().filter(|f| f.writable) {
                let Some(value) = marked(field, resource) else { continue };
                tried += 1;
                let (status, answer) = admin.post(&path, json!({ field.name: value }));
                if status != 400 || answer.get(field.name).is_none() {
                    wrong.push(format!("POST {path} {}: {status} {answer}", field.name));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(tried > 100, "only {tried} fields were tried");
    });
}

#[test]
fn no_setting_takes_html() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (mut wrong, mut tried) = (Vec::new(), 0);
        for scope in ["global", "user"] {
            let list = admin.read(&format!("/api/settings/{scope}/"));
            for setting in list.as_array().unwrap() {
                // the groups of a regular expression have names in angle brackets
                let key = setting["key"].as_str().unwrap();
                if setting["type"] != "string" || key.ends_with("_REGEX") {
                    continue;
                }
                tried += 1;
                for value in [MARKUP, "http://localhost/<script>", "SO-{ref:04d}<b>", "@a.b<!-- -->"] {
                    let (status, _) = admin.patch(&format!("/api/settings/{scope}/{key}/"), json!({ "value": value }));
                    if status != 400 {
                        wrong.push(format!("{key} {value}: {status}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(tried > 20, "only {tried} settings were tried");
    });
}
