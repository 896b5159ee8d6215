//! Every action accepts custom states, and their built-in status is kept.

use serde_json::{Value as Json, json};

use crate::testing::{Client, on_each_server};

/// An administrator's status that stands for a built-in one.
fn state(admin: &Client, key: i64, logical: i64) {
    let body = json!({
        "key": key, "logical_key": logical, "name": format!("STATE_{key}"), "label": format!("State {key}"),
        "color": "primary", "reference_status": "StockStatus", "model": admin.read("/api/contenttype/model/stockitem/")["pk"],
    });
    admin.made("/api/generic/status/custom/", body);
}

#[test]
fn each_action_takes_a_status_of_an_administrator() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part =
            admin.made("/api/part/", json!({"name": "Pump", "salable": true, "assembly": true, "component": true}));
        let bolt = admin.made("/api/part/", json!({"name": "Bolt", "component": true}));
        let line = admin.made("/api/bom/", json!({"part": part, "sub_part": bolt, "quantity": 1}));
        let shelf = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        let acme = admin.made("/api/company/", json!({"name": "Acme", "is_customer": true}));
        state(&admin, 110, 10);
        state(&admin, 165, 65);
        let new = |more: Json| {
            let mut body = json!({"part": part, "quantity": 9});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            admin.made("/api/stock/", body)
        };
        let shows = |key: i64, status: i64, custom: i64| {
            let row = admin.read(&format!("/api/stock/{key}/"));
            assert_eq!(
                (row["status"].as_i64(), row["status_custom_key"].as_i64()),
                (Some(status), Some(custom)),
                "{row}"
            );
            let text = row["status_text"].as_str().unwrap_or_default();
            assert_eq!(text.starts_with("State"), status != custom, "{row}");
            let found = admin.read(&format!("/api/stock/?status={custom}"));
            assert!(found.as_array().unwrap().iter().any(|row| row["pk"] == key), "{found}");
            if status != custom {
                let found = admin.read(&format!("/api/stock/?status={status}"));
                assert!(found.as_array().unwrap().iter().all(|row| row["pk"] != key), "{found}");
            }
        };
        let made = new(json!({"status_custom_key": 110}));
        shows(made, 10, 110);
        shows(new(json!({"status": 110})), 10, 110);

        let patched = new(json!({}));
        let patch = |body: Json| assert_eq!(admin.patch(&format!("/api/stock/{patched}/"), body).0, 200);
        patch(json!({"status_custom_key": 165}));
        shows(patched, 65, 165);
        patch(json!({"status": 110}));
        shows(patched, 10, 110);
        // the built-in status instead of the one that stands for it
        patch(json!({"status": 10}));
        shows(patched, 10, 10);
        let (status, answer) = admin.patch(&format!("/api/stock/{patched}/"), json!({"status": 111}));
        assert!(status == 400 && answer["status"].is_array(), "{answer}");

        for (action, more) in
            [("count", json!({})), ("add", json!({})), ("remove", json!({})), ("transfer", json!({"location": shelf}))]
        {
            let key = new(json!({}));
            let quantity = if action == "transfer" { 9 } else { 4 };
            let mut body = json!({"items": [{"pk": key, "quantity": quantity, "status": 110}]});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            admin.done(&format!("/api/stock/{action}/"), body);
            shows(key, 10, 110);
            let entries = admin.read(&format!("/api/stock/track/?item={key}"));
            assert_eq!(
                (&entries[0]["deltas"]["status"], &entries[0]["deltas"]["status_logical"]),
                (&json!(110), &json!(10)),
                "{entries}"
            );
        }
        let key = new(json!({}));
        admin.done("/api/stock/change_status/", json!({"items": [key], "status": 165}));
        shows(key, 65, 165);
        let key = new(json!({}));
        admin.done("/api/stock/assign/", json!({"items": [{"item": key}], "customer": acme}));
        admin.done(
            "/api/stock/return/",
            json!({"items": [{"pk": key, "quantity": 9, "status": 165}], "location": shelf}),
        );
        shows(key, 65, 165);
        let key = new(json!({"location": shelf}));
        let lines = json!([{"bom_item": line, "quantity": 2, "status": 165}]);
        let out = admin.done(&format!("/api/stock/{key}/disassemble/"), json!({"quantity": 1, "items": lines}));
        shows(out[0]["pk"].as_i64().unwrap(), 65, 165);
        // what is of no use by its built-in status is of no use
        assert_eq!(admin.read("/api/stock/?in_stock=true&status=165"), json!([]));

        for (path, body) in [
            ("/api/stock/count/", json!({"items": [{"pk": made, "quantity": 1, "status": 999}]})),
            ("/api/stock/change_status/", json!({"items": [made], "status": 999})),
        ] {
            assert_eq!(admin.post(path, body).0, 400);
        }
        shows(made, 10, 110);
    });
}

#[test]
fn a_location_shows_its_own_icon_or_that_of_its_type_or_that_of_the_server() {
    on_each_server(|server| {
        let admin = server.superuser();
        let kind = admin.made("/api/stock/location-type/", json!({"name": "Rack", "icon": "ti:box:outline"}));
        let plain = admin.made("/api/stock/location-type/", json!({"name": "Spot"}));
        let place = |body: Json| admin.made("/api/stock/location/", body);
        let own = place(json!({"name": "A", "custom_icon": "ti:home:outline", "location_type": kind}));
        let typed = place(json!({"name": "B", "location_type": kind}));
        let bare = place(json!({"name": "C", "location_type": plain}));
        let none = place(json!({"name": "D"}));
        let icons =
            || [own, typed, bare, none].map(|key| admin.read(&format!("/api/stock/location/{key}/"))["icon"].clone());
        assert_eq!(icons(), ["ti:home:outline", "ti:box:outline", "", ""].map(Json::from));
        server.write(|conn| {
            crate::platform::settings::set_global(conn, "STOCK_LOCATION_DEFAULT_ICON", "ti:cube:outline").map(|_| ())
        });
        assert_eq!(icons(), ["ti:home:outline", "ti:box:outline", "", "ti:cube:outline"].map(Json::from));
        let tree = admin.read("/api/stock/location/tree/");
        assert_eq!(tree[3]["icon"], "ti:cube:outline", "{tree}");
        let path = admin.read(&format!("/api/stock/location/{none}/?path_detail=true"));
        assert_eq!(path["path"][0]["icon"], "ti:cube:outline", "{path}");
    });
}

#[test]
fn moved_stock_joins_equal_stock_where_the_settings_say_so() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        let [from, to] = ["From", "To"].map(|name| admin.made("/api/stock/location/", json!({"name": name})));
        let item = |place: i64| admin.made("/api/stock/", json!({"part": part, "quantity": 5, "location": place}));
        let (there, moved, kept, single) = (item(to), item(from), item(from), item(from));
        let go = |line: Json| admin.done("/api/stock/transfer/", json!({"items": [line], "location": to}));
        go(json!({"pk": single, "quantity": 5}));
        server.write(|conn| crate::platform::settings::set_global(conn, "STOCK_MERGE_ON_TRANSFER", "True").map(|_| ()));
        go(json!({"pk": moved, "quantity": 5}));
        go(json!({"pk": kept, "quantity": 5, "merge": false}));
        let quantity =
            |key: i64| server.int("SELECT quantity FROM stock_stockitem WHERE id = $1", &[key.into()]) / 100_000;
        assert_eq!([there, single, moved, kept].map(quantity), [10, 5, 0, 5]);
    });
}

#[test]
fn many_items_are_edited_by_as_many_statements_as_one_and_all_or_none_of_them() {
    on_each_server(|server| {
        let admin = server.superuser();
        let family = admin.made("/api/part/", json!({"name": "Pump", "trackable": true, "is_template": true}));
        let variant = admin.made("/api/part/", json!({"name": "Pump X", "trackable": true, "variant_of": family}));
        let [shelf, bench] = ["Shelf", "Bench"].map(|name| admin.made("/api/stock/location/", json!({"name": name})));
        let body = json!({"part": family, "quantity": 60, "serial_numbers": "1-60", "location": shelf});
        let made = admin.done("/api/stock/", body);
        let keys: Vec<i64> = made.as_array().unwrap().iter().map(|row| row["pk"].as_i64().unwrap()).collect();
        let edit = |keys: &[i64], changes: Json| {
            let mut body = json!({"items": keys});
            body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            admin.counted(ironwood_rest::http::Method::Patch, "/api/stock/", body)
        };
        for changes in [
            json!({"location": bench, "status": 50, "notes": "Moved", "purchase_price": "2.5"}),
            json!({"part": variant, "batch": "B"}),
            json!({"packaging": "Box"}),
        ] {
            let (status, answer, one) = edit(&keys[..1], changes.clone());
            assert_eq!(status, 200, "{answer}");
            let (status, answer, many) = edit(&keys[1..], changes.clone());
            assert_eq!((status, answer["items"].as_array().map(Vec::len)), (200, Some(59)), "{answer}");
            assert!(many <= one + 3, "{changes}: {one} statements for one item, {many} for 59");
        }
        let entries = "SELECT COUNT(*) FROM stock_stockitemtracking WHERE tracking_type = 5 AND after_location = $1";
        assert_eq!(server.int(entries, &[bench.into()]), 120);
        let there = "SELECT COUNT(*) FROM stock_stockitem WHERE part = $1 AND location = $2 AND status = 50 \
                     AND batch = 'B' AND packaging = 'Box' AND serial_space = $3";
        assert_eq!(server.int(there, &[variant.into(), bench.into(), family.into()]), 60);

        let before = server.dump();
        let rack = admin.made("/api/stock/location/", json!({"name": "Rack", "structural": true}));
        for (changes, field) in [
            (json!({"location": rack}), "location"),
            (json!({"quantity": 2}), "quantity"),
            (json!({"serial": "70"}), "serial"),
            (json!({"status": 12}), "status"),
        ] {
            let (status, answer, _) = edit(&keys[..5], changes.clone());
            assert!(status == 400 && answer.get(field).is_some(), "{changes}: {status} {answer}");
        }
        admin.delete(&format!("/api/stock/location/{rack}/"));
        assert_eq!(server.dump(), before);
        // a number that others have, and one that no one has
        assert_eq!(edit(&keys[..1], json!({"serial": "2"})).0, 400);
        assert_eq!(edit(&keys[..1], json!({"serial": "70"})).0, 200);
    });
}
