//! Rules of project codes, custom states, trees, and what records have in common, on both databases.

use ironwood_rest::http::{Body, Method};
use serde_json::{Value as Json, json};

use super::{contenttype, tag};
use crate::platform::users::permission::{Permission, Ruleset};
use crate::testing::{Client, on_each_server};

fn names(rows: &Json, field: &str) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
}

#[test]
fn project_codes_are_unique_and_staff_keeps_them() {
    on_each_server(|server| {
        let admin = server.superuser();
        let code = admin.made("/api/project-code/", json!({"code": "P-1", "description": "First"}));
        let (status, answer) = admin.post("/api/project-code/", json!({"code": "P-1"}));
        assert!(status == 400 && answer["code"].is_array(), "{status} {answer}");
        let old = admin.made("/api/project-code/", json!({"code": "P-0", "active": false}));
        assert_eq!(names(&admin.read("/api/project-code/?active=true"), "code"), ["P-1"]);
        let bob = server.user("bob", &[(Ruleset::Admin, Permission::ALL.as_slice())]);
        let path = format!("/api/project-code/{code}/");
        assert_eq!(bob.get(&path).0, 200, "every user reads them");
        assert_eq!(bob.post("/api/project-code/", json!({"code": "P-2"})).0, 403);
        assert_eq!((bob.patch(&path, json!({"code": "P-2"})).0, bob.delete(&path).0), (403, 403));
        // an order outlives its code
        let supplier = admin.made("/api/company/", json!({"name": "Seller", "is_supplier": true, "currency": "USD"}));
        let order = admin.made("/api/order/po/", json!({"supplier": supplier, "project_code": code}));
        let orders = |query: &str| admin.read(&format!("/api/order/po/?{query}")).as_array().unwrap().len();
        assert_eq!((orders(&format!("project_code={code}")), orders(&format!("project_code={old}"))), (1, 0));
        assert_eq!(admin.delete(&path).0, 204);
        assert_eq!(admin.read(&format!("/api/order/po/{order}/"))["project_code"], Json::Null);
        assert_eq!((orders("has_project_code=true"), orders("has_project_code=false")), (0, 1));
    });
}

#[test]
fn an_inactive_project_code_is_not_given_to_records() {
    on_each_server(|server| {
        let admin = server.superuser();
        let old = admin.made("/api/project-code/", json!({"code": "P-0"}));
        let company = json!({"name": "Both", "is_supplier": true, "is_customer": true, "currency": "USD"});
        let company = admin.made("/api/company/", company);
        let part = admin.made("/api/part/", json!({"name": "Lamp", "assembly": true, "salable": true}));
        let order = admin.made("/api/order/so/", json!({"customer": company, "project_code": old}));
        admin.patch(&format!("/api/project-code/{old}/"), json!({"active": false}));
        for (path, body) in [
            ("/api/order/po/", json!({"supplier": company})),
            ("/api/order/so/", json!({"customer": company})),
            ("/api/order/ro/", json!({"customer": company})),
            ("/api/order/transfer-order/", json!({})),
            ("/api/order/so-line/", json!({"order": order, "part": part, "quantity": 1})),
            ("/api/order/so-extra-line/", json!({"order": order, "quantity": 1})),
            ("/api/build/", json!({"part": part, "quantity": 1})),
        ] {
            let mut body = body;
            body["project_code"] = old.into();
            let (status, answer) = admin.post(path, body.clone());
            assert!(status == 400 && answer["project_code"].is_array(), "{path}: {status} {answer}");
            body["project_code"] = Json::Null;
            assert_eq!(admin.post(path, body).0, 201, "{path}");
        }
        // what has it keeps it
        let path = format!("/api/order/so/{order}/");
        let (status, answer) = admin.patch(&path, json!({"project_code": old, "description": "Lamps"}));
        assert_eq!(status, 200, "{answer}");
        assert_eq!(admin.read(&format!("/api/order/so/?project_code={old}")).as_array().map(Vec::len), Some(1));
    });
}

#[test]
fn custom_states_supplement_the_built_in_ones() {
    on_each_server(|server| {
        let admin = server.superuser();
        let model = contenttype::number("stock.stockitem").unwrap();
        let state = |change: Json| {
            let mut body = json!({
                "key": 1_010, "name": "BURNED_IN", "label": "Burned in", "color": "success", "logical_key": 10,
                "reference_status": "StockStatus", "model": model,
            });
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            admin.post("/api/generic/status/custom/", body)
        };
        for (field, change) in [
            ("name", json!({"name": "burned_in"})),
            ("name", json!({"name": "1_BURNED"})),
            ("name", json!({"name": "BURNED IN"})),
            ("name", json!({"name": "DAMAGED"})),
            ("key", json!({"key": 55})),
            ("logical_key", json!({"logical_key": 11})),
            ("reference_status", json!({"reference_status": "NoStatus"})),
            ("model", json!({"model": 100_000})),
            ("model", json!({"model": null})),
            ("color", json!({"color": "mauve"})),
        ] {
            let (status, answer) = state(change.clone());
            assert!(status == 400 && answer[field].is_array(), "{change}: {status} {answer}");
        }
        let (status, made) = state(json!({}));
        assert_eq!((status, &made["model_name"]), (201, &json!("stockitem")), "{made}");
        let twice = state(json!({"name": "OTHER"}));
        assert_eq!(twice.0, 400, "the number is taken: {}", twice.1);
        let twice = state(json!({"key": 1_011}));
        assert_eq!(twice.0, 400, "the name is taken: {}", twice.1);
        // the same number for another type of status
        let order = contenttype::number("order.purchaseorder").unwrap();
        let change = json!({"reference_status": "PurchaseOrderStatus", "model": order});
        assert_eq!(state(change).0, 201);
        let shown = admin.read("/api/generic/status/StockStatus/")["values"]["BURNED_IN"].clone();
        assert_eq!((&shown["key"], &shown["logical_key"], &shown["custom"]), (&json!(1_010), &json!(10), &json!(true)));
        let of_stock = admin.read(&format!("/api/generic/status/custom/?model={model}"));
        assert_eq!(names(&of_stock, "name"), ["BURNED_IN"]);
        assert_eq!(admin.get("/api/generic/status/custom/?model=100000").0, 400);
        assert_eq!(admin.get("/api/generic/status/NoStatus/").0, 404);
        let bob = server.user("bob", &[(Ruleset::Stock, Permission::ALL.as_slice())]);
        let path = format!("/api/generic/status/custom/{}/", made["pk"]);
        assert_eq!((bob.get(&path).0, bob.delete(&path).0), (200, 403));
    });
}

/// Three nodes below each other, and a record in each.
fn nested(admin: &Client, nodes: &str, record: impl Fn(i64)) -> [i64; 3] {
    let mut parent = Json::Null;
    ["top", "middle", "low"].map(|name| {
        let key = admin.made(nodes, json!({"name": name, "parent": parent}));
        parent = json!(key);
        record(key);
        key
    })
}

#[test]
fn what_lies_in_a_node_moves_up_when_it_is_deleted_unless_it_goes_too() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        let categories = |names: &str| {
            nested(&admin, "/api/part/category/", |category| {
                admin.made("/api/part/", json!({"name": format!("{names} {category}"), "category": category}));
            })
        };
        let locations = || {
            nested(&admin, "/api/stock/location/", |location| {
                admin.made("/api/stock/", json!({"part": part, "quantity": 1, "location": location}));
            })
        };
        let delete = |path: String, body: Json| {
            let (status, answer) = admin.send(Method::Delete, &path, Body::Json(body));
            assert_eq!(status, 204, "{path}: {answer}");
        };
        for (nodes, records, column, with_children, with_contents) in [
            ("part_partcategory", "part_part", "category", "delete_child_categories", "delete_parts"),
            ("stock_stocklocation", "stock_stockitem", "location", "delete_sub_locations", "delete_stock_items"),
        ] {
            let api = if column == "category" { "/api/part/category/" } else { "/api/stock/location/" };
            let made = |names: &str| if column == "category" { categories(names) } else { locations() };
            let inside = |node: i64| {
                server.int(
                    &format!("SELECT COUNT(*) FROM {records} WHERE {column} = $1", records = records),
                    &[node.into()],
                )
            };
            let there = |node: i64| server.int(&format!("SELECT COUNT(*) FROM {nodes} WHERE id = $1"), &[node.into()]);
            let all = || server.int(&format!("SELECT COUNT(*) FROM {records}"), &[]);

            let [top, middle, low] = made("a");
            delete(format!("{api}{middle}/"), json!({}));
            assert_eq!((there(middle), inside(top), inside(low)), (0, 2, 1), "{api}");
            let row = admin.read(&format!("{api}{low}/"));
            assert_eq!((&row["parent"], &row["level"]), (&json!(top), &json!(1)), "{row}");

            let [top, middle, low] = made("b");
            delete(format!("{api}{middle}/"), json!({(with_children): true}));
            assert_eq!((there(middle) + there(low), inside(top)), (0, 3), "all that was below: {api}");

            let before = all();
            let [top, middle, low] = made("c");
            delete(format!("{api}{middle}/"), json!({(with_contents): true}));
            assert_eq!((there(low), inside(top), inside(low)), (1, 1, 1), "what lay in it alone: {api}");
            assert_eq!(all(), before + 2);

            let before = all();
            let [top, middle, low] = made("d");
            delete(format!("{api}{top}/"), json!({(with_children): true, (with_contents): true}));
            assert_eq!((there(top) + there(middle) + there(low), all()), (0, before), "{api}");

            let [top, ..] = made("e");
            delete(format!("{api}{top}/"), json!({}));
            let roots = admin.read(&format!("{api}?top_level=true"));
            assert!(names(&roots, "name").contains(&"middle".to_owned()), "a child of a root is a root: {roots}");
        }
    });
}

#[test]
fn trees_are_listed_by_level_and_branch() {
    on_each_server(|server| {
        let admin = server.superuser();
        let [top, middle, low] = nested(&admin, "/api/stock/location/", |_| {});
        let found = |query: &str| {
            let mut keys: Vec<i64> = admin
                .read(&format!("/api/stock/location/?{query}"))
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["pk"].as_i64().unwrap())
                .collect();
            keys.sort_unstable();
            keys
        };
        assert_eq!(found(&format!("parent={top}")), [middle]);
        assert_eq!(found(&format!("parent={top}&cascade=true")), [middle, low]);
        assert_eq!(found(&format!("parent={top}&cascade=true&depth=1")), [middle]);
        assert_eq!(found("parent=null"), [top]);
        assert_eq!(found("top_level=true"), [top]);
        assert_eq!(found("depth=1"), [top, middle]);
        let rows = admin.read("/api/stock/location/tree/?max_level=0");
        assert_eq!(names(&rows, "name"), ["top"]);
        let rows = admin.read("/api/stock/location/tree/?level=1");
        assert_eq!(names(&rows, "name"), ["middle"]);
        assert_eq!(admin.get("/api/stock/location/?parent=99999").0, 400);
        let path = format!("/api/stock/location/{top}/");
        for parent in [top, low] {
            let (status, answer) = admin.patch(&path, json!({"parent": parent}));
            assert!(status == 400 && answer["parent"].is_array(), "not below itself: {status} {answer}");
        }
    });
}

#[test]
fn a_model_is_found_by_number_and_name() {
    let number = contenttype::number("part.part").unwrap();
    for name in ["part.part", "part", "PART", &number.to_string()] {
        assert_eq!(contenttype::find(name), Some("part.part"), "{name}");
    }
    for name in ["", "0", "-1", "99999", "no.model"] {
        assert_eq!(contenttype::find(name), None, "{name}");
    }
}

#[test]
fn a_slug_is_of_one_tag_alone() {
    on_each_server(|server| {
        let admin = server.superuser();
        let slug = |name: &str| {
            let part = admin.made("/api/part/", json!({"name": format!("Part {name}"), "tags": [name]}));
            let sql = "SELECT i.tag FROM taggit_taggeditem i WHERE i.content_type = 'part.part' AND i.object_id = $1";
            let tag = server.int(sql, &[part.into()]);
            server.write(move |conn| {
                let row = conn.one("SELECT slug FROM taggit_tag WHERE id = $1", &[tag.into()])?;
                Ok(row.map_or(String::new(), |row| row.text(0).to_owned()))
            })
        };
        assert_eq!((slug("Big one"), slug("big ONE")), ("big-one".into(), "big-one".into()), "the same tag");
        assert_eq!((slug("big-one"), slug("Big, one").is_empty()), ("big-one_1".into(), false));
        assert!(!slug("!!").is_empty());
        let part = admin.made("/api/part/", json!({"name": "Tagged"}));
        let path = format!("/api/part/{part}/");
        let (status, answer) = admin.patch(&path, json!({"tags": ["x".repeat(tag::LONGEST + 1)]}));
        assert!(status == 400 && answer["tags"].is_array(), "{status} {answer}");
        let many: Vec<String> = (0..=tag::MOST_OF_A_RECORD).map(|i| format!("t{i}")).collect();
        let (status, answer) = admin.patch(&path, json!({ "tags": many }));
        assert!(status == 400 && answer["tags"].is_array(), "{status} {answer}");
    });
}
