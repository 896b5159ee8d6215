use serde_json::{Value as Json, json};

use crate::testing::on_each_server;

#[test]
fn a_copy_has_what_was_asked_for() {
    on_each_server(|server| {
        let admin = server.superuser();
        let bolt = admin.made("/api/part/", json!({"name": "Bolt", "component": true}));
        let body =
            json!({"name": "A", "assembly": true, "testable": true, "notes": "Careful", "link": "http://example.org/"});
        let original = admin.made("/api/part/", body);
        admin.made("/api/bom/", json!({"part": original, "sub_part": bolt, "quantity": 3}));
        admin.made(
            "/api/part/test-template/",
            json!({"part": original, "test_name": "Drop it", "description": "From a table"}),
        );
        let copy = |name: &str, options: Json| {
            let mut duplicate = options;
            duplicate["original"] = json!(original);
            admin.made("/api/part/", json!({"name": name, "assembly": true, "testable": true, "duplicate": duplicate}))
        };
        let whole = copy("B", json!({"copy_bom": true, "copy_tests": true}));
        let bare = copy("C", json!({"copy_notes": false}));
        let count = |path: String| admin.read(&path).as_array().map_or(0, Vec::len);
        assert_eq!(admin.read(&format!("/api/part/{whole}/"))["notes"], "Careful");
        assert_eq!(admin.read(&format!("/api/part/{bare}/"))["notes"], Json::Null);
        for (part, there) in [(whole, 1), (bare, 0)] {
            assert_eq!(count(format!("/api/bom/?part={part}")), there);
            assert_eq!(count(format!("/api/part/test-template/?part={part}")), there);
        }
        let (status, answer) = admin.post("/api/part/", json!({"name": "D", "duplicate": {"original": 98765}}));
        assert_eq!((status, answer["duplicate"]["original"].is_array()), (400, true), "{answer}");
    });
}

#[test]
fn revisions_have_codes_of_their_own_and_the_same_template() {
    on_each_server(|server| {
        let admin = server.superuser();
        let template = admin.made("/api/part/", json!({"name": "T", "is_template": true}));
        let first = admin.made("/api/part/", json!({"name": "P", "revision": "A"}));
        let refused = |more: Json, field: &str| {
            let mut body = json!({"name": "P", "revision_of": first});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let (status, answer) = admin.post("/api/part/", body);
            assert_eq!((status, answer[field].is_array()), (400, true), "{answer}");
        };
        refused(json!({}), "revision");
        refused(json!({"revision": "B", "variant_of": template}), "revision_of");
        refused(json!({"revision": "B", "revision_of": template}), "revision_of");
        let second = admin.made("/api/part/", json!({"name": "P", "revision": "B", "revision_of": first}));
        refused(json!({"name": "Q", "revision": "B"}), "non_field_errors");
        let (status, _) = admin.patch(&format!("/api/part/{second}/"), json!({"revision_of": second}));
        assert_eq!(status, 400);
        let setting = "/api/settings/global/PART_REVISION_ASSEMBLY_ONLY/";
        assert_eq!(admin.patch(setting, json!({"value": true})).0, 200);
        refused(json!({"revision": "C"}), "revision_of");
    });
}

#[test]
fn what_a_trackable_part_is_built_into_becomes_trackable() {
    on_each_server(|server| {
        let admin = server.superuser();
        let made = |name: &str| admin.made("/api/part/", json!({"name": name, "assembly": true, "component": true}));
        let (outer, inner, bolt) = (made("Outer"), made("Inner"), made("Bolt"));
        admin.made("/api/bom/", json!({"part": outer, "sub_part": inner, "quantity": 1}));
        admin.made("/api/bom/", json!({"part": inner, "sub_part": bolt, "quantity": 1}));
        assert_eq!(admin.patch(&format!("/api/part/{bolt}/"), json!({"trackable": true})).0, 200);
        assert_eq!(admin.read(&format!("/api/part/{outer}/"))["trackable"], json!(true));
    });
}

#[test]
fn internal_numbers_follow_the_settings() {
    on_each_server(|server| {
        let admin = server.superuser();
        let set = |key: &str, value: Json| {
            assert_eq!(admin.patch(&format!("/api/settings/global/{key}/"), json!({"value": value})).0, 200);
        };
        set("PART_IPN_REGEX", json!("^[A-Z]{2}-[0-9]+$"));
        let tried = |name: &str, ipn: &str| admin.post("/api/part/", json!({"name": name, "IPN": ipn}));
        let (status, answer) = tried("A", "no");
        assert_eq!((status, answer["IPN"].is_array()), (400, true), "{answer}");
        assert_eq!(tried("A", "AB-1").0, 201);
        assert_eq!(tried("B", "AB-1").0, 201);
        set("PART_ALLOW_DUPLICATE_IPN", json!(false));
        assert_eq!(tried("C", "AB-1").0, 400);
        let part = admin.made("/api/part/", json!({"name": "D", "IPN": "AB-2"}));
        let change = |ipn: &str| admin.patch(&format!("/api/part/{part}/"), json!({"IPN": ipn})).0;
        assert_eq!(change("AB-3"), 200);
        set("PART_ALLOW_EDIT_IPN", json!(false));
        assert_eq!((change("AB-4"), change("AB-3")), (400, 200));
    });
}

#[test]
fn parts_in_use_are_not_deleted() {
    on_each_server(|server| {
        let admin = server.superuser();
        let assembly = admin.made("/api/part/", json!({"name": "A", "assembly": true}));
        let part = admin.made("/api/part/", json!({"name": "P", "component": true}));
        admin.made("/api/bom/", json!({"part": assembly, "sub_part": part, "quantity": 1}));
        let path = format!("/api/part/{part}/");
        assert_eq!(admin.delete(&path).0, 400);
        assert_eq!(admin.patch(&path, json!({"active": false, "locked": true})).0, 200);
        assert_eq!(admin.delete(&path).0, 400);
        assert_eq!(admin.patch(&path, json!({"locked": false})).0, 200);
        assert_eq!(admin.delete(&path).0, 400);
        let setting = "/api/settings/global/PART_ALLOW_DELETE_FROM_ASSEMBLY/";
        assert_eq!(admin.patch(setting, json!({"value": true})).0, 200);
        assert_eq!(admin.delete(&path).0, 204);
        assert_eq!(admin.read(&format!("/api/bom/?part={assembly}")), json!([]));
    });
}

#[test]
fn a_copy_has_no_parameters_whose_values_are_unique() {
    on_each_server(|server| {
        let admin = server.superuser();
        let original = admin.made("/api/part/", json!({"name": "A"}));
        let mut templates = Vec::new();
        for (name, unique) in [("Colour", 0), ("Mark", 1), ("Licence", 2)] {
            let template = admin.made("/api/parameter/template/", json!({"name": name, "unique": unique}));
            let body = json!({"template": template, "model_type": "part.part", "model_id": original, "data": "X1"});
            admin.made("/api/parameter/", body);
            templates.push(template);
        }
        let copy = admin
            .made("/api/part/", json!({"name": "B", "duplicate": {"original": original, "copy_parameters": true}}));
        let has = admin.read(&format!("/api/parameter/?model_type=part.part&model_id={copy}"));
        let has: Vec<&Json> = has.as_array().unwrap().iter().map(|row| &row["template"]).collect();
        assert_eq!(has, [&json!(templates[0])]);
    });
}

#[test]
fn first_stock_obeys_the_rules_of_stock() {
    on_each_server(|server| {
        let admin = server.superuser();
        let hall = admin.made("/api/stock/location/", json!({"name": "Hall", "structural": true}));
        let shelf = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        let make = |name: &str, more: Json| {
            let mut body = json!({"name": name, "trackable": true, "default_expiry": 10});
            body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
            admin.post("/api/part/", body)
        };
        for (stock, field) in [
            (json!({"quantity": 0.5, "location": shelf}), "quantity"),
            (json!({"quantity": 1, "location": hall}), "location"),
            (json!({"quantity": -1}), "quantity"),
            (json!({"quantity": "many"}), "quantity"),
            (json!({"quantity": 1, "location": 98765}), "location"),
        ] {
            let (status, answer) = make("A", json!({ "initial_stock": stock }));
            assert_eq!((status, answer["initial_stock"][field].is_array()), (400, true), "{answer}");
        }
        // the usual location of the part is one, too
        let (status, answer) = make("A", json!({"default_location": hall, "initial_stock": {"quantity": 1}}));
        assert_eq!(status, 400, "{answer}");
        assert_eq!(server.int("SELECT COUNT(*) FROM part_part", &[]), 0);
        let (status, answer) = make("A", json!({"initial_stock": {"quantity": 3, "location": shelf}}));
        assert_eq!(status, 201, "{answer}");
        let sql = "SELECT COUNT(*) FROM stock_stockitem WHERE quantity = 300000 AND expiry_date IS NOT NULL";
        assert_eq!(server.int(sql, &[]), 1);
        assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitemtracking WHERE after_stock = 300000", &[]), 1);
    });
}
