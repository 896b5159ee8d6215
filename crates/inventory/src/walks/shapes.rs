//! Small things that people and clients know from the reference: titles of fields, and the forms of some answers.

use std::collections::BTreeSet;

use ironwood_rest::http::{Body, Method};
use serde_json::{Value as Json, json};

use crate::testing::{Client, on_each_server};

/// Titles that are not those of the reference: it names another field there, or two fields alike, which then could not
/// be told apart in an exported table.
const OWN_TITLES: &[(&str, &str)] = &[
    ("SalesOrderShipmentAllocationItem", "line_item"),
    ("TransferOrderAllocationItem", "line_item"),
    ("Location", "custom_icon"),
    ("PatchedLocation", "custom_icon"),
];

fn title(document: &Json, schema: &str, field: &str) -> Json {
    document["components"]["schemas"][schema]["properties"][field]["title"].clone()
}

#[test]
fn titles_of_fields_are_those_that_instructions_name() {
    let own = crate::platform::server::document(crate::installation::app::the_registry());
    for (schema, field, expected) in [
        ("StockItem", "batch", "Batch Code"),
        ("Part", "total_in_stock", "Total Stock"),
        ("Part", "ordering", "On Order"),
        ("PurchaseOrder", "complete_date", "Completion Date"),
        ("BarcodeAssign", "stockitem", "Stock Item"),
        ("BomItem", "building", "In Production"),
    ] {
        assert_eq!(title(&own, schema, field), json!(expected), "{schema} {field}");
    }
    let Ok(shared) = std::env::var("IRONWOOD_SHARED") else {
        eprintln!("skipped: IRONWOOD_SHARED does not say where the reference's document is");
        return;
    };
    let text = std::fs::read_to_string(format!("{shared}/reference/api.yaml")).expect("the reference's document");
    let theirs: serde_norway::Value = serde_norway::from_str(&text).unwrap();
    let schemas = theirs["components"]["schemas"].as_mapping().unwrap();
    let (mut other, mut compared) = (BTreeSet::new(), 0);
    for (name, schema) in schemas {
        let name = name.as_str().unwrap();
        for (field, about) in schema.get("properties").and_then(|p| p.as_mapping()).into_iter().flatten() {
            let field = field.as_str().unwrap();
            let known = own["components"]["schemas"][name]["properties"].get(field).is_some();
            let Some(expected) = about.get("title").and_then(|t| t.as_str()).filter(|_| known) else { continue };
            compared += 1;
            let found = title(&own, name, field);
            if found != json!(expected) && !OWN_TITLES.contains(&(name, field)) {
                other.insert(format!("{name} {field}: {expected}, not {found}"));
            }
        }
    }
    assert!(compared > 500, "{compared}");
    assert!(other.is_empty(), "{other:#?}");
}

fn keys(row: &Json) -> BTreeSet<String> {
    row.as_object().map(|row| row.keys().cloned().collect()).unwrap_or_default()
}

#[test]
fn options_of_the_own_token_tell_its_name() {
    on_each_server(|server| {
        let (status, answer) = server.superuser().send(Method::Options, "/api/user/me/token/", Body::Empty);
        assert_eq!(status, 200);
        let name = &answer["actions"]["GET"]["name"];
        assert_eq!((&name["read_only"], &name["type"]), (&json!(false), &json!("string")), "{answer}");
    });
}

#[test]
fn refused_passwords_name_every_fault() {
    on_each_server(|server| {
        let (root, short) = (server.superuser(), server.user("12345", &[]));
        let path = format!("/api/user/{}/set-password/", short.user);
        let (status, answer) = root.put(&path, json!({"password": "12345"}));
        // too short, digits alone, and the name of the user
        let faults = answer["password"].as_array().map_or(0, Vec::len);
        assert_eq!((status, faults), (400, 3), "{answer}");
    });
}

#[test]
fn changes_of_parts_answer_with_the_way_to_their_category() {
    on_each_server(|server| {
        let root = server.superuser();
        let above = root.made("/api/part/category/", json!({"name": "Above"}));
        let below = root.made("/api/part/category/", json!({"name": "Below", "parent": above}));
        let part = root.made("/api/part/", json!({"name": "P", "category": below}));
        let (_, changed) = root.patch(&format!("/api/part/{part}/"), json!({"description": "x"}));
        let names: Vec<&Json> =
            changed["category_path"].as_array().into_iter().flatten().map(|step| &step["name"]).collect();
        assert_eq!(names, [&json!("Above"), &json!("Below")], "{changed}");
    });
}

fn trackable(root: &Client, numbers: &str) -> (i64, Vec<i64>) {
    let part = root.made("/api/part/", json!({"name": "T", "trackable": true, "salable": true}));
    let (status, made) = root.post("/api/stock/", json!({"part": part, "quantity": 3, "serial_numbers": numbers}));
    assert_eq!(status, 201, "{made}");
    (part, made.as_array().unwrap().iter().map(|item| item["pk"].as_i64().unwrap()).collect())
}

#[test]
fn neighbors_by_serial_number_have_the_columns_of_items() {
    on_each_server(|server| {
        let root = server.superuser();
        let (_, items) = trackable(&root, "1-3");
        let found = root.read(&format!("/api/stock/{}/serial-numbers/", items[1]));
        let listed = root.read("/api/stock/?limit=1");
        for place in ["next", "previous"] {
            let missing: Vec<String> = keys(&listed["results"][0]).difference(&keys(&found[place])).cloned().collect();
            assert_eq!(missing, Vec::<String>::new(), "{place}");
        }
    });
}

#[test]
fn active_owners_are_not_filtered_away() {
    on_each_server(|server| {
        let (root, ann) = (server.superuser(), server.user("ann", &[]));
        let names = |query: &str| -> BTreeSet<String> {
            let all = root.read(&format!("/api/user/owner/{query}"));
            all.as_array().unwrap().iter().map(|owner| owner["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names("?is_active=true"), names(""), "users and groups");
        root.patch(&format!("/api/user/{}/", ann.user), json!({"is_active": false}));
        assert!(!names("?is_active=true").contains("ann") && names("?is_active=true").contains("root"));
        assert!(names("?is_active=true").contains("group of ann"), "groups are always active");
    });
}

#[test]
fn tags_that_nothing_has_find_nothing() {
    on_each_server(|server| {
        let root = server.superuser();
        root.made("/api/part/", json!({"name": "P", "tags": ["red"]}));
        for (query, count) in [("red", 1), ("green", 0), ("red,green", 0)] {
            let found = root.read(&format!("/api/part/?tags={query}"));
            assert_eq!(found.as_array().map(Vec::len), Some(count), "{query}");
        }
    });
}

#[test]
fn refused_settings_answer_under_no_field() {
    on_each_server(|server| {
        let root = server.superuser();
        for (path, value) in [
            ("/api/settings/global/INVENTREE_BACKUP_DAYS/", json!("many")),
            ("/api/settings/global/CURRENCY_CODES/", json!("X")),
            ("/api/settings/user/SEARCH_PREVIEW_RESULTS/", json!("none")),
        ] {
            let (status, answer) = root.patch(path, json!({"value": value}));
            assert_eq!(
                (status, answer["non_field_errors"].as_array().map(Vec::len)),
                (400, Some(1)),
                "{path}: {answer}"
            );
        }
    });
}

#[test]
fn setting_serial_numbers_aside_echoes_the_shipment() {
    on_each_server(|server| {
        let root = server.superuser();
        let (part, _) = trackable(&root, "1-3");
        let customer = root.made("/api/company/", json!({"name": "C", "is_customer": true}));
        let order = root.made("/api/order/so/", json!({"customer": customer}));
        let line = root.made("/api/order/so-line/", json!({"order": order, "part": part, "quantity": 3}));
        root.done(&format!("/api/order/so/{order}/issue/"), json!({}));
        let shipment = root.made("/api/order/so/shipment/", json!({"order": order, "reference": "2"}));
        let path = format!("/api/order/so/{order}/allocate-serials/");
        let body = json!({"line_item": line, "quantity": 2, "serial_numbers": "1,2", "shipment": shipment});
        assert_eq!(root.done(&path, body)["shipment"], json!(shipment));
        let body = json!({"line_item": line, "quantity": 1, "serial_numbers": "3", "shipment": null});
        assert!(root.done(&path, body).as_object().is_some_and(|answer| answer.contains_key("shipment")));
    });
}

#[test]
fn reading_all_notifications_answers_an_object() {
    on_each_server(|server| {
        let (status, answer) = server.superuser().post("/api/notifications/readall/", json!({}));
        assert!(matches!(status, 200 | 201) && answer.is_object(), "{status}: {answer}");
    });
}
