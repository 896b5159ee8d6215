//! What one node changes, the next request on every node sees.

use serde_json::{Value as Json, json};

use crate::platform::users::permission::{Action, Ruleset};
use crate::testing::{Client, on_each_server};

/// Changes at one node and reads at the other, in turn.
fn in_turn(nodes: &[Client; 2], mut act: impl FnMut(usize, &Client, &Client)) {
    for round in 0..8 {
        act(round, &nodes[round % 2], &nodes[(round + 1) % 2]);
    }
}

/// A PATCH that must be accepted.
fn changed(client: &Client, path: &str, body: Json) {
    let (status, answer) = client.patch(path, body);
    assert_eq!(status, 200, "PATCH {path}: {answer}");
}

#[test]
fn rights_and_settings_are_never_seen_late() {
    on_each_server(|server| {
        let other = server.another_node();
        let admin = server.superuser();
        let admins = [admin.clone(), admin.at(&other)];
        let user = server.user("erin", &[(Ruleset::Stock, &[Action::View])]);
        let users = [user.clone(), user.at(&other)];
        let rule = server.int("SELECT MAX(id) FROM users_ruleset WHERE name = 'part'", &[]);
        in_turn(&admins, |round, here, there| {
            let may = round % 2 == 0;
            changed(here, &format!("/api/user/ruleset/{rule}/"), json!({"can_view": may}));
            for user in &users {
                assert_eq!(user.get("/api/part/?limit=1").0, if may { 200 } else { 403 }, "round {round}");
                let named = user.read("/api/user/me/?roles=true")["roles"]["part"].to_string();
                assert_eq!(named.contains("view"), may, "round {round}: {named}");
            }
            let name = format!("Works {round}");
            changed(here, "/api/settings/global/INVENTREE_INSTANCE/", json!({"value": name}));
            assert_eq!(there.read("/api/settings/global/INVENTREE_INSTANCE/")["value"], name);
            let all = there.read("/api/settings/global/");
            let listed = all.as_array().into_iter().flatten().find(|s| s["key"] == "INVENTREE_INSTANCE").cloned();
            assert_eq!(listed.unwrap_or_default()["value"], name);
        });
        // whoever is no longer active is let in nowhere
        changed(&admins[0], &format!("/api/user/{}/", user.user), json!({"is_active": false}));
        assert_eq!(users.each_ref().map(|user| user.get("/api/part/?limit=1").0), [401, 401]);
    });
}

#[test]
fn stock_and_orders_are_never_seen_late() {
    on_each_server(|server| {
        server.fill_with_demo();
        let other = server.another_node();
        let admin = server.superuser();
        let nodes = [admin.clone(), admin.at(&other)];
        let template = admin.made("/api/part/", json!({"name": "Frame", "is_template": true, "minimum_stock": 100}));
        let part = admin.made("/api/part/", json!({"name": "Frame M", "variant_of": template, "purchaseable": true}));
        let supplier = server.int("SELECT MIN(id) FROM company_company WHERE is_supplier", &[]);
        let count = |client: &Client, path: &str| client.read(path)["count"].as_i64().unwrap_or(-1);
        let most = |client: &Client, order: &str| {
            client.read(&format!("/api/part/?limit=1&ordering={order}"))["results"][0]["pk"].as_i64()
        };
        let (mut total, mut orders) = (0, count(&admin, "/api/order/po/?limit=1"));
        let all = count(&admin, "/api/stock/?limit=1");
        in_turn(&nodes, |round, here, there| {
            let quantity = 10 * (round as i64 + 1);
            let item = here.made("/api/stock/", json!({"part": part, "quantity": quantity}));
            total += quantity;
            let items = round as i64 + 1;
            assert_eq!(count(there, "/api/stock/?limit=1"), all + items);
            assert_eq!(count(there, &format!("/api/stock/?limit=1&part={part}")), items);
            assert_eq!(count(there, &format!("/api/stock/?limit=1&part={template}")), items, "with variants");
            let number = |part: i64, name: &str| there.read(&format!("/api/part/{part}/"))[name].as_f64();
            assert_eq!(number(part, "in_stock"), Some(total as f64));
            assert_eq!(number(template, "total_in_stock"), Some(total as f64));
            let low = there.read("/api/part/?limit=500&low_stock=true&search=Frame");
            let listed = low["results"].as_array().into_iter().flatten().any(|p| p["pk"] == json!(template));
            assert_eq!(listed, total < 100, "round {round}: {total}");
            // more of one part than of all others
            let row = json!({"items": [{"pk": item, "quantity": 1_000_000 + round}]});
            here.done("/api/stock/count/", row);
            assert_eq!(most(there, "-in_stock"), Some(part));
            let row = json!({"items": [{"pk": item, "quantity": quantity}]});
            there.done("/api/stock/count/", row);
            assert_ne!(most(here, "-in_stock"), Some(part));
            let order = here.made("/api/order/po/", json!({"supplier": supplier}));
            orders += 1;
            assert_eq!(count(there, "/api/order/po/?limit=1"), orders);
            let open = count(there, "/api/order/po/?limit=1&outstanding=true");
            there.done(&format!("/api/order/po/{order}/cancel/"), json!({}));
            assert_eq!(count(here, "/api/order/po/?limit=1&outstanding=true"), open - 1);
        });
    });
}
