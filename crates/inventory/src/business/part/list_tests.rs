use ironwood_store::Fragment;
use serde_json::{Value as Json, json};

use crate::testing::{Client, on_each_server};

/// Names of the rows of a list.
fn names(client: &Client, path: &str) -> Vec<String> {
    let mut names: Vec<String> = client
        .read(path)
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| row["name"].as_str().unwrap_or_default().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn what_may_be_used_for_an_assembly() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = |name: &str, more: Json| {
            let mut body = json!({"name": name, "component": true});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            admin.made("/api/part/", body)
        };
        let template = part("Box", json!({"assembly": true, "is_template": true, "component": false}));
        let variant = part("Small box", json!({"assembly": true, "variant_of": template, "component": false}));
        let screw = part("Screw", json!({"is_template": true}));
        part("Short screw", json!({"variant_of": screw}));
        part("Numbered screw", json!({"variant_of": screw, "trackable": true}));
        let nail = part("Nail", json!({"is_template": true}));
        part("Short nail", json!({"variant_of": nail}));
        let line = |more: Json| {
            let mut body = json!({"part": template, "quantity": 1});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            admin.made("/api/bom/", body)
        };
        let inherited = line(json!({"sub_part": screw, "allow_variants": true, "inherited": true}));
        admin.made("/api/bom/substitute/", json!({"bom_item": inherited, "part": nail}));
        let board = part("Board", json!({"is_template": true}));
        part("Short board", json!({"variant_of": board}));
        line(json!({"sub_part": board}));
        let used = |part: i64| names(&admin, &format!("/api/part/?in_bom_for={part}"));
        assert_eq!(used(template), ["Board", "Nail", "Screw", "Short nail", "Short screw"]);
        assert_eq!(used(variant), ["Nail", "Screw", "Short nail", "Short screw"]);
    });
}

#[test]
fn relations_and_their_absence() {
    on_each_server(|server| {
        let admin = server.superuser();
        let keys: Vec<i64> = ["A", "B", "C"].iter().map(|n| admin.made("/api/part/", json!({"name": n}))).collect();
        admin.made("/api/part/related/", json!({"part_1": keys[1], "part_2": keys[0]}));
        let found = |query: &str| names(&admin, &format!("/api/part/?{query}"));
        assert_eq!(found(&format!("related={}", keys[0])), ["B"]);
        assert_eq!(found(&format!("exclude_related={}", keys[0])), ["A", "C"]);
        assert_eq!(found("related=0"), ["A", "B", "C"]);
        assert_eq!(found("related=98765"), [""; 0]);
        assert_eq!(admin.get("/api/part/?related=x").0, 400);
    });
}

#[test]
fn a_tree_is_shown_with_the_way_to_what_was_found() {
    on_each_server(|server| {
        let admin = server.superuser();
        for path in ["/api/part/category/", "/api/stock/location/"] {
            let node = |name: &str, parent: Json| {
                admin.made(path, json!({"name": name, "description": "A node", "parent": parent}))
            };
            let top = node("Top", Json::Null);
            let middle = node("Middle", json!(top));
            let leaf = node("Red leaf", json!(middle));
            node("Blue leaf", json!(middle));
            node("Other", Json::Null);
            let tree = |query: &str| names(&admin, &format!("{path}tree/?{query}"));
            assert_eq!(tree("search=red"), ["Middle", "Red leaf", "Top"]);
            // both words in one node, not one here and one there
            assert_eq!(tree("search=red blue"), [""; 0]);
            assert_eq!(tree("search=leaf&level=2"), ["Blue leaf", "Middle", "Red leaf", "Top"]);
            assert_eq!(tree("level=0"), ["Other", "Top"]);
            assert_eq!(tree(&format!("level=0&expand_to={middle}")), ["Middle", "Other", "Top"]);
            assert_eq!(tree(&format!("level=0&expand_to={leaf}")), ["Blue leaf", "Middle", "Other", "Red leaf", "Top"]);
            assert_eq!(tree("level=0&expand_to=x"), ["Other", "Top"]);
            assert_eq!(tree("max_level=1.5"), ["Middle", "Other", "Top"]);
        }
    });
}

#[test]
fn tests_of_a_part_with_or_without_inherited_ones() {
    on_each_server(|server| {
        let admin = server.superuser();
        let template = admin.made("/api/part/", json!({"name": "T", "is_template": true, "testable": true}));
        let variant = admin.made("/api/part/", json!({"name": "V", "variant_of": template, "testable": true}));
        for (part, name) in [(template, "Drop"), (variant, "Shake")] {
            let body = json!({"part": part, "test_name": name, "description": "A test"});
            admin.made("/api/part/test-template/", body);
        }
        let count = |query: &str| {
            let path = format!("/api/part/test-template/?part={variant}{query}");
            admin.read(&path).as_array().map_or(0, Vec::len)
        };
        assert_eq!([count(""), count("&include_inherited=true"), count("&include_inherited=false")], [2, 2, 1]);
    });
}

#[test]
fn a_search_takes_what_stands_between_quotation_marks_as_a_whole() {
    on_each_server(|server| {
        let admin = server.superuser();
        for name in ["Red paint", "Paint for red walls", "Glue"] {
            admin.made("/api/part/", json!({"name": name}));
        }
        let found = |text: &str| names(&admin, &format!("/api/part/?search={text}"));
        assert_eq!(found("paint red"), ["Paint for red walls", "Red paint"]);
        assert_eq!(found("\"red paint\""), ["Red paint"]);
        assert_eq!(found("\"red paint\" glue"), [""; 0]);
    });
}

#[test]
fn few_finds_and_many_are_counted_and_paged_alike() {
    on_each_server(|server| {
        let admin = server.superuser();
        server.write(|conn| {
            let rows: Vec<String> = (0..1_100).map(|n| format!("('Bulk {n:04}', 'ÄRGER', {n}, '/{n}/')")).collect();
            let sql =
                format!("INSERT INTO part_part (name, description, tree_id, tree_path) VALUES {}", rows.join(", "));
            conn.execute(Fragment::generated(&sql), &[])
        });
        let page = |search: &str| {
            let answer = admin.read(&format!("/api/part/?search={search}&limit=3&offset=3&ordering=-name"));
            let found: Vec<String> = answer["results"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|row| row["name"].as_str().unwrap_or_default().to_owned())
                .collect();
            (answer["count"].as_i64().unwrap_or(-1), found.join(","))
        };
        assert_eq!(page("ärger"), (1_100, "Bulk 1096,Bulk 1095,Bulk 1094".to_owned()));
        assert_eq!(page("bulk 109"), (11, "Bulk 1096,Bulk 1095,Bulk 1094".to_owned()));
        // terms are found in one field or another, and never across two
        assert_eq!(page("\"0109ärger\""), (0, String::new()));
        assert_eq!(page("0109\u{1f}ä"), (0, String::new()));
    });
}

#[test]
fn parts_are_sorted_by_a_parameter_that_some_lack() {
    on_each_server(|server| {
        let admin = server.superuser();
        let template = admin.made("/api/parameter/template/", json!({"name": "R", "units": "ohm"}));
        let other = admin.made("/api/parameter/template/", json!({"name": "Colour"}));
        for (name, value) in [("A", Some("2k")), ("B", None), ("C", Some("470 ohm")), ("D", Some("1 Mohm"))] {
            let part = admin.made("/api/part/", json!({"name": name}));
            for (template, data) in [(template, value), (other, Some("red"))] {
                if let Some(data) = data {
                    let body = json!({"model_type": "part.part", "model_id": part, "template": template, "data": data});
                    admin.made("/api/parameter/", body);
                }
            }
        }
        let sorted = |query: &str| {
            let answer = admin.read(&format!("/api/part/?limit=10&{query}"));
            let rows = answer["results"].as_array().cloned().unwrap_or_default();
            assert_eq!(answer["count"], rows.len(), "{query}");
            rows.iter().map(|row| row["name"].as_str().unwrap_or_default().to_owned()).collect::<String>()
        };
        assert_eq!(sorted(&format!("ordering=parameter_{template}")), "CADB");
        assert_eq!(sorted(&format!("ordering=-parameter_{template}")), "DACB");
        assert_eq!(sorted(&format!("ordering=-parameter_{template}&parameter_{template}_lt=1M")), "AC");
        assert_eq!(sorted(&format!("ordering=parameter_{template}&parameter_{template}_ne=2k")), "CDB");
        assert_eq!(sorted(&format!("ordering=parameter_{template}&parameter_{other}=red")), "CADB");
        assert_eq!(sorted(&format!("ordering=parameter_{template}&parameter_{template}_icontains=k")), "A");
    });
}

#[test]
fn notes_are_shown_of_a_row_by_itself_and_not_in_lists() {
    on_each_server(|server| {
        let admin = server.superuser();
        let maker = admin.made("/api/company/", json!({"name": "B", "is_manufacturer": true, "is_supplier": true}));
        let part = admin.made("/api/part/", json!({"name": "P", "purchaseable": true}));
        let rows = [
            ("/api/part/", json!({"name": "A", "notes": "Long"})),
            (
                "/api/company/part/manufacturer/",
                json!({"part": part, "manufacturer": maker, "MPN": "M", "notes": "Long"}),
            ),
            ("/api/order/po/", json!({"supplier": maker, "notes": "Long"})),
        ];
        for (path, body) in rows {
            let (status, answer) = admin.post(path, body);
            assert_eq!((status, &answer["notes"]), (201, &json!("Long")), "{answer}");
            assert_eq!(admin.read(&format!("{path}{}/", answer["pk"]))["notes"], "Long");
            for query in ["", "?limit=1"] {
                let list = admin.read(&format!("{path}{query}"));
                let row = list.get("results").unwrap_or(&list)[0].clone();
                assert!(row["pk"].is_i64() && row.get("notes").is_none(), "{row}");
            }
        }
    });
}
