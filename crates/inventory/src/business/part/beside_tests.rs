//! Records created with a part require their own permissions.

use serde_json::{Value as Json, json};

use crate::platform::users::permission::{Permission, Ruleset};
use crate::testing::on_each_server;

const ALL: &[Permission] = &[Permission::View, Permission::Add];

#[test]
fn what_comes_with_a_part_needs_the_right_for_it() {
    on_each_server(|server| {
        let admin = server.superuser();
        let supplier = admin.made("/api/company/", json!({"name": "S", "is_supplier": true, "currency": "USD"}));
        let original = admin.made("/api/part/", json!({"name": "A", "assembly": true, "testable": true}));
        let bolt = admin.made("/api/part/", json!({"name": "Bolt", "component": true}));
        admin.made("/api/bom/", json!({"part": original, "sub_part": bolt, "quantity": 2}));
        let body = |name: &str, more: &Json| {
            let mut body = json!({"name": name, "assembly": true, "purchaseable": true});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let stock = json!({"initial_stock": {"quantity": 5}});
        let bom = json!({"duplicate": {"original": original, "copy_bom": true}});
        let sold = json!({"initial_supplier": {"supplier": supplier, "sku": "S-1"}});
        let clerk = server.user("clerk", &[(Ruleset::Part, &[Permission::View, Permission::Add])]);
        let parts = || server.int("SELECT COUNT(*) FROM part_part", &[]);
        let before = parts();
        let (status, answer) = clerk.post("/api/part/", body("B", &stock));
        assert_eq!(status, 403, "{answer}");
        assert!(answer["detail"].as_str().unwrap().contains("add stock"), "{answer}");
        assert_eq!((parts(), server.int("SELECT COUNT(*) FROM stock_stockitem", &[])), (before, 0));
        // supplier parts belong to parts as well, so this right is enough
        let mut sold_once = body("C", &sold);
        sold_once["name"] = json!("C");
        assert_eq!(clerk.post("/api/part/", sold_once).0, 201);
        let keeper = server.user("keeper", &[(Ruleset::Part, ALL), (Ruleset::Stock, ALL)]);
        assert_eq!(keeper.post("/api/part/", body("D", &stock)).0, 201);
        // the permission to change parts (implied by adding) covers their bills of materials
        assert_eq!(keeper.post("/api/part/", body("E", &bom)).0, if may_add_lines(server) { 201 } else { 403 });
    });
}

fn may_add_lines(server: &crate::testing::Server) -> bool {
    server.int(
        "SELECT COUNT(*) FROM users_ruleset r JOIN auth_group g ON g.id = r.\"group\" \
         WHERE g.name = 'group of keeper' AND r.name = 'part' AND r.can_change",
        &[],
    ) > 0
}

#[test]
fn what_goes_with_a_category_or_location_needs_the_right_for_it() {
    on_each_server(|server| {
        let admin = server.superuser();
        let category = admin.made("/api/part/category/", json!({"name": "K"}));
        let part = admin.made("/api/part/", json!({"name": "P", "category": category, "active": false}));
        let location = admin.made("/api/stock/location/", json!({"name": "L"}));
        admin.made("/api/stock/", json!({"part": part, "quantity": 1, "location": location}));
        let rights: &[Permission] = &[Permission::View, Permission::Delete];
        let sweeper = server.user("sweeper", &[(Ruleset::PartCategory, rights), (Ruleset::StockLocation, rights)]);
        let delete = |path: String, body: Json| {
            sweeper.send(ironwood_rest::http::Method::Delete, &path, ironwood_rest::http::Body::Json(body)).0
        };
        assert_eq!(delete(format!("/api/part/category/{category}/"), json!({"delete_parts": true})), 403);
        assert_eq!(delete(format!("/api/stock/location/{location}/"), json!({"delete_stock_items": true})), 403);
        assert_eq!(server.int("SELECT COUNT(*) FROM part_part", &[]), 1);
        assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitem", &[]), 1);
        assert_eq!(delete(format!("/api/part/category/{category}/"), json!({})), 204);
        assert_eq!(delete(format!("/api/stock/location/{location}/"), json!({})), 204);
    });
}

#[test]
fn numbers_are_generated_for_those_who_may_view_what_they_are_for() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "P", "trackable": true}));
        let nobody = server.user("nobody", &[]);
        let clerk = server.user("clerk", &[(Ruleset::Part, &[Permission::View])]);
        for path in ["/api/generate/serial-number/", "/api/generate/batch-code/"] {
            assert_eq!(nobody.post(path, json!({ "part": part })).0, 403, "{path}");
            assert_eq!(clerk.post(path, json!({ "part": part })).0, 201, "{path}");
            assert_eq!(nobody.post(path, json!({})).0, 201, "{path}");
        }
    });
}
