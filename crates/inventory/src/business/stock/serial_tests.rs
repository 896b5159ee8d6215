//! Serial numbers are unique within a part family, also under concurrent requests.

use ironwood_store::Value;
use serde_json::json;

use super::serial;
use crate::installation::records::{ImportOptions, import_records};
use crate::platform::settings;
use crate::testing::{Client, Server, on_each_server, race};

/// Serialised items whose number no one has claimed.
const UNCLAIMED: &str = "SELECT COUNT(*) FROM stock_stockitem WHERE serial <> '' AND serial_space IS NULL";

fn set_everywhere(server: &Server, on: bool) {
    let value = if on { "True" } else { "False" };
    server.write(move |conn| settings::set_global(conn, serial::EVERYWHERE.name(), value).map(|_| ()));
}

fn part(admin: &Client, name: &str, template: Option<i64>) -> i64 {
    let body = json!({"name": name, "trackable": true, "is_template": true, "variant_of": template});
    admin.made("/api/part/", body)
}

fn stock(admin: &Client, part: i64, serials: &str, pieces: usize) -> (u16, serde_json::Value) {
    admin.post("/api/stock/", json!({"part": part, "quantity": pieces, "serial_numbers": serials}))
}

#[test]
fn the_database_itself_refuses_a_second_number_in_a_family() {
    on_each_server(|server| {
        let admin = server.superuser();
        let top = part(&admin, "Top", None);
        let (left, right) = (part(&admin, "Left", Some(top)), part(&admin, "Right", Some(top)));
        assert_eq!(stock(&admin, left, "1-3", 3).0, 201);
        let (status, answer) = stock(&admin, right, "3-4", 2);
        assert_eq!((status, answer["serial_numbers"].to_string().contains('3')), (400, true), "{answer}");
        assert_eq!(stock(&admin, right, "4", 1).0, 201);
        assert_eq!(server.int(UNCLAIMED, &[]), 0);
        // past all checks of the program
        let sql = "UPDATE stock_stockitem SET serial = '1' WHERE part = $1";
        let refused =
            server.app.db().write(&crate::testing::origin(), move |conn| conn.execute(sql, &[Value::Int(right)]));
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("serial"), "{refused}");
    });
}

#[test]
fn clients_who_race_for_the_same_numbers_get_each_one_once() {
    on_each_server(|server| {
        let admin = server.superuser();
        let top = part(&admin, "Top", None);
        let mut family = vec![top];
        family.extend((0..3).map(|i| part(&admin, &format!("Variant {i}"), Some(top))));
        let answers = race(16, |i| {
            // half of them want the same numbers, the others the next ones
            let serials = if i % 2 == 0 { "100-104" } else { "~, ~, ~, ~, ~" };
            stock(&admin, family[i % 4], serials, 5)
        });
        for (status, answer) in &answers {
            assert!(*status == 201 || *status == 400, "{status} {answer}");
        }
        let done = answers.iter().filter(|(status, _)| *status == 201).count() as i64;
        assert!(answers.iter().step_by(2).filter(|(status, _)| *status == 201).count() <= 1);
        assert!(done >= 2, "somebody gets his numbers");
        let count = server.int("SELECT COUNT(*) FROM stock_stockitem", &[]);
        assert_eq!(count, done * 5);
        assert_eq!(server.int("SELECT COUNT(DISTINCT serial) FROM stock_stockitem", &[]), count);
        assert_eq!(server.int(UNCLAIMED, &[]), 0);
    });
}

#[test]
fn a_part_takes_its_numbers_along_to_another_family() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (a, b) = (part(&admin, "A", None), part(&admin, "B", None));
        let child = part(&admin, "Child", Some(b));
        let grandchild = part(&admin, "Grandchild", Some(child));
        assert_eq!(stock(&admin, a, "1-2", 2).0, 201);
        assert_eq!(stock(&admin, grandchild, "2-3", 2).0, 201);
        let path = format!("/api/part/{child}/");
        let (status, answer) = admin.patch(&path, json!({"variant_of": a}));
        assert_eq!((status, answer["variant_of"].to_string().contains(": 2\"")), (400, true), "{answer}");
        let doubled = admin.read("/api/stock/?serial=2")[0]["pk"].as_i64().unwrap();
        server.write(move |conn| {
            super::kernel::delete(conn, &[ironwood_base::Key::from_id(doubled)])?;
            Ok(())
        });
        assert_eq!(admin.patch(&path, json!({"variant_of": a})).0, 200);
        assert_eq!(stock(&admin, a, "3", 1).0, 400, "the family has grown");
        assert_eq!(stock(&admin, b, "3", 1).0, 201, "the old one has shrunk");
        let next = admin.done("/api/generate/serial-number/", json!({"part": a}));
        assert_eq!(next["serial_number"], "4");
        assert_eq!(server.int(UNCLAIMED, &[]), 0);
    });
}

#[test]
fn one_space_of_numbers_for_all_parts_where_the_setting_says_so() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (a, b) = (part(&admin, "A", None), part(&admin, "B", None));
        assert_eq!(stock(&admin, a, "1-2", 2).0, 201);
        assert_eq!(stock(&admin, b, "2-3", 2).0, 201);
        set_everywhere(server, true);
        assert_eq!(server.int(UNCLAIMED, &[]), 1, "the newer one of the two with the number 2");
        assert_eq!(stock(&admin, a, "3", 1).0, 400);
        let next = admin.done("/api/generate/serial-number/", json!({"part": a}));
        assert_eq!(next["serial_number"], "4");
        let answers = race(6, |i| stock(&admin, if i % 2 == 0 { a } else { b }, "7", 1).0);
        assert_eq!(answers.iter().filter(|s| **s == 201).count(), 1, "{answers:?}");
        set_everywhere(server, false);
        assert_eq!(server.int(UNCLAIMED, &[]), 0);
        assert_eq!(stock(&admin, a, "3", 1).0, 201);
    });
}

#[test]
fn records_that_hold_a_number_twice_are_taken_in_and_the_number_stays_taken() {
    on_each_server(|server| {
        let item = |key: i64, part: i64| {
            json!({"model": "stock.stockitem", "pk": key,
                   "fields": {"part": part, "quantity": 1, "serial": "5", "serial_int": 5}})
        };
        let part = |key: i64, template: Option<i64>| {
            json!({"model": "part.part", "pk": key,
                   "fields": {"name": format!("P{key}"), "description": "", "variant_of": template, "trackable": true}})
        };
        let records =
            [item(1, 2), item(2, 3), item(3, 4), part(1, None), part(2, Some(1)), part(3, Some(1)), part(4, None)];
        let report = server.write(move |conn| import_records(conn, records.clone(), &ImportOptions::default()));
        assert_eq!(report.doubled_serials, 1);
        assert!(report.to_string().contains("already used within their part family: 1"), "{report}");
        let admin = server.superuser();
        assert_eq!(stock(&admin, 1, "5", 1).0, 400);
        let shown = admin.read("/api/stock/?serial=5");
        assert_eq!(shown.as_array().map(Vec::len), Some(3));
        // what stands there twice can be put right
        set_edit(server);
        assert_eq!(admin.patch("/api/stock/2/", json!({"serial": "6"})).0, 200);
        assert_eq!(server.int(UNCLAIMED, &[]), 0);
    });
}

fn set_edit(server: &Server) {
    server.write(|conn| settings::set_global(conn, "STOCK_ALLOW_EDIT_SERIAL", "True").map(|_| ()));
}
