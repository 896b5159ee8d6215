//! What a form must not leave open: links that the database lets be null, and what the reference requires.

use std::collections::{BTreeSet, HashMap};

use ironwood_rest::table::ColumnType;
use ironwood_rest::view::Source;

use crate::installation::app::the_registry;
use crate::testing::on_each_server;
use serde_json::{Map, Value as Json, json};

/// Links that may be null in the database, because what they lead to may be deleted, and must be given all the same.
const MUST_BE_GIVEN: &[(&str, &str)] = &[
    ("/api/build/item/", "build_line"),
    ("/api/company/part/manufacturer/", "manufacturer"),
    ("/api/order/po/", "supplier"),
    ("/api/order/po-line/", "part"),
    ("/api/order/ro/", "customer"),
    ("/api/order/so/", "customer"),
    ("/api/order/so-line/", "part"),
    ("/api/order/transfer-order-line/", "part"),
];

#[test]
fn every_link_that_may_be_null_was_decided_on() {
    let mut found = BTreeSet::new();
    for resource in &the_registry().resources {
        let view = resource.row_view();
        for field in view.fields.iter().filter(|f| f.writable || f.described_output_only) {
            let Some(column) = field.column(view.table).filter(|_| matches!(field.source, Source::Column(_))) else {
                continue;
            };
            let link = matches!(column.kind, ColumnType::Link(..)) && column.null;
            if link && (field.mandatory || (field.is_required(view.table) && !field.may_be_null(view.table))) {
                found.insert((resource.path, field.name));
            }
        }
    }
    let expected: BTreeSet<(&str, &str)> = MUST_BE_GIVEN.iter().copied().collect();
    assert_eq!(found, expected);
}

/// The names that each schema of an OpenAPI document requires. The document is read line by line: its components are
/// indented by four spaces, their parts by six.
fn required_by(document: &str) -> HashMap<String, Vec<String>> {
    let mut all: HashMap<String, Vec<String>> = HashMap::new();
    let (mut schema, mut within) = (String::new(), false);
    for line in document.lines().skip_while(|line| !line.starts_with("components:")) {
        let indent = line.len() - line.trim_start().len();
        let text = line.trim();
        match indent {
            4 if text.ends_with(':') => {
                schema = text.trim_end_matches(':').to_owned();
                within = false;
            }
            6 if text.starts_with("- ") && within => {
                all.entry(schema.clone()).or_default().push(text[2..].trim_matches('\'').to_owned());
            }
            6 => within = text == "required:",
            _ => {}
        }
    }
    all
}

#[test]
fn what_the_reference_requires_is_required() {
    let Some(document) = crate::testing::recorded("reference/api.yaml") else { return };
    let required = required_by(&document);
    assert!(required["SalesOrderShipment"].contains(&"order".to_owned()), "the document was read");
    let (mut missing, mut compared) = (Vec::new(), 0);
    for resource in &the_registry().resources {
        let view = resource.row_view();
        for name in required.get(view.name).into_iter().flatten() {
            let Some(field) = view.fields.iter().find(|f| f.name == name && f.writable) else { continue };
            compared += 1;
            let has_default = !field.default.is_empty()
                || field.column(view.table).is_some_and(|c| c.default != ironwood_rest::table::Default::None);
            if !field.is_required(view.table) && !field.mandatory && !field.described_required && !has_default {
                missing.push(format!("{} {name}", resource.path));
            }
        }
    }
    assert!(compared > 60, "only {compared} fields were compared");
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn links_that_must_be_given_are_asked_for() {
    on_each_server(|server| {
        let admin = server.superuser();
        for (path, field) in MUST_BE_GIVEN {
            // everything else that is required, so that nothing else is refused first
            let view = the_registry().resources.iter().find(|r| r.path == *path).unwrap().row_view();
            let mut body = Map::new();
            for other in view.fields.iter().filter(|f| f.name != *field && f.is_required(view.table)) {
                let value = match other.column(view.table).map(|c| c.kind) {
                    Some(ColumnType::Link(target, _)) => {
                        json!(server.int(&format!("SELECT COALESCE(MIN(id), 0) FROM {}", target.name), &[]))
                    }
                    Some(ColumnType::Text) => json!("x"),
                    _ => json!(1),
                };
                body.insert(other.name.to_owned(), value);
            }
            for null in [false, true] {
                if null {
                    body.insert((*field).to_owned(), Json::Null);
                }
                let (status, answer) = admin.post(path, Json::Object(body.clone()));
                assert_eq!(status, 400, "{path}: {answer}");
            }
        }
        let customer = admin.made("/api/company/", json!({"name": "Buyer", "is_customer": true, "is_supplier": true}));
        for (path, field) in [("so", "customer"), ("ro", "customer"), ("po", "supplier")] {
            let path = format!("/api/order/{path}/");
            for body in [json!({}), json!({field: null}), json!({field: ""})] {
                let (status, answer) = admin.post(&path, body);
                assert_eq!((status, answer[field].is_array()), (400, true), "{path}: {answer}");
            }
            let order = admin.made(&path, json!({field: customer}));
            let one = format!("{path}{order}/");
            let (status, answer) = admin.patch(&one, json!({field: null}));
            assert_eq!((status, answer[field].is_array()), (400, true), "{path}: {answer}");
            assert_eq!(admin.patch(&one, json!({"description": "Urgent"})).0, 200);
            // what is left out of a change stays
            if path != "/api/order/po/" {
                assert_eq!(admin.put(&one, json!({"description": "Later"})).0, 200);
            }
        }
    });
}
