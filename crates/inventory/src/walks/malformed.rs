//! What is malformed is refused by its name: query parameters of every operation that reads, and fields that
//! are not known in bodies that are refused anyway.

use ironwood_rest::http::Method;
use ironwood_rest::registry::access_of;
use ironwood_rest::resource::Access;
use serde_json::{Value as Json, json};

use super::{filled, the_document};
use crate::installation::app::the_registry;
use crate::testing::on_each_server;

/// What cannot be read as a value of this type; `None` where any text can.
fn malformed(schema: &Json) -> Option<&'static str> {
    match (schema["type"].as_str()?, schema["format"].as_str().unwrap_or_default()) {
        ("integer" | "number", _) => Some("twelve"),
        ("boolean", _) => Some("perhaps"),
        ("string", "date" | "date-time") => Some("tomorrow"),
        _ => None,
    }
}

/// Parameters that are passed over: an action that does not read them in this case.
const UNREAD: &[&str] = &[];

#[test]
fn every_parameter_is_read_strictly() {
    on_each_server(|server| {
        let admin = server.superuser();
        admin.made("/api/part/", json!({"name": "Bolt"}));
        let document = the_document();
        let (mut tried, mut wrong) = (0, Vec::new());
        for (path, methods) in document["paths"].as_object().unwrap() {
            let params = methods["get"]["parameters"].as_array().into_iter().flatten();
            for param in params.filter(|p| p["in"] == "query") {
                let name = param["name"].as_str().unwrap();
                let Some(text) = malformed(&param["schema"]).filter(|_| !UNREAD.contains(&name)) else { continue };
                tried += 1;
                let address = filled(path, |part| if part == "model" { "part".into() } else { "1".into() });
                let (status, answer) = admin.get(&format!("{address}?{name}={text}"));
                if status != 400 || answer.get(name).is_none() {
                    wrong.push(format!("{address}?{name}={text}: {status} {answer:.100}"));
                }
            }
        }
        assert!(tried > 500, "{tried} parameters were tried");
        assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    });
}

#[test]
fn numbers_of_rows_are_not_negative() {
    on_each_server(|server| {
        let admin = server.superuser();
        for path in ["/api/part/", "/api/plugins/", "/api/icons/", "/api/contenttype/", "/api/part/thumbs/"] {
            for bad in ["limit=-1", "limit=1.5", "limit=99999999999999999999", "limit=5&offset=-1", "offset=x"] {
                let (status, answer) = admin.get(&format!("{path}?{bad}"));
                assert_eq!(status, 400, "{path}?{bad}: {answer}");
            }
            assert_eq!(admin.get(&format!("{path}?limit=&offset=")).0, 200, "{path}");
            assert_eq!(admin.get(&format!("{path}?limit=0")).0, 200, "{path}");
        }
        let (status, answer) = admin.post("/api/search/", json!({"search": "x", "limit": "all", "part": {}}));
        assert_eq!((status, answer["limit"].is_array()), (400, true), "{answer}");
    });
}

#[test]
fn unknown_fields_are_named_where_a_body_is_refused() {
    on_each_server(|server| {
        let admin = server.superuser();
        let mut wrong = Vec::new();
        for (path, operation) in the_registry().operations() {
            if operation.method != Method::Post || matches!(access_of(operation), Access::Public) {
                continue;
            }
            let address = filled(&path, |part| if part == "model" { "part".into() } else { "1".into() });
            let (status, answer) = admin.post(&address, json!({"no_such_field": 1}));
            let by_field = answer.as_object().is_some_and(|map| map.values().all(Json::is_array) && !map.is_empty());
            if status == 400 && by_field && answer.get("no_such_field").is_none() {
                wrong.push(format!("{path}: {answer}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        // what is taken is taken as before
        admin.made("/api/part/", json!({"name": "Bolt", "no_such_field": 1}));
        let (status, answer) = admin.post("/api/part/", json!([{"name": "A"}, {"nam": "B"}]));
        assert!(status == 400 || status == 405, "{answer}");
    });
}
