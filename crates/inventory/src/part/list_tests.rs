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
