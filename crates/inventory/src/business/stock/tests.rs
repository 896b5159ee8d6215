//! Invariants of stock under any actions, including concurrent ones.

use std::collections::BTreeMap;

use ironwood_store::{Fragment, Value};
use serde_json::{Value as Json, json};

use crate::testing::{Client, Server, on_each_server, race};

/// Random numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() { None } else { Some(of[self.roll(of.len())]) }
    }
}

fn keys(server: &Server, condition: &str) -> Vec<i64> {
    let sql = format!("SELECT id FROM stock_stockitem WHERE {condition} ORDER BY id");
    server.write(move |conn| Ok(conn.rows(Fragment::generated(&sql), &[])?.iter().map(|row| row.int(0)).collect()))
}

/// A quantity in the answer as it is stored.
fn scaled(number: &Json) -> i64 {
    let text = number.to_string();
    ironwood_base::decimal::parse(&text, 5, ironwood_base::decimal::Excess::Refuse).unwrap()
}

struct World {
    bolt: i64,
    sensor: i64,
    /// A variant of the sensor.
    variant: i64,
    /// A line of the sensor's bill of materials: it is made of bolts.
    line: i64,
    /// A test of the sensor.
    template: i64,
    places: Vec<i64>,
    rack: i64,
    customer: i64,
}

fn world(server: &Server, admin: &Client) -> World {
    let bolt = admin.made("/api/part/", json!({"name": "Bolt", "salable": true}));
    let sensor = admin.made(
        "/api/part/",
        json!({"name": "Sensor", "trackable": true, "salable": true,
        "is_template": true, "assembly": true, "testable": true}),
    );
    let variant =
        admin.made("/api/part/", json!({"name": "Sensor X", "trackable": true, "salable": true, "variant_of": sensor}));
    let line = admin.made("/api/bom/", json!({"part": sensor, "sub_part": bolt, "quantity": 2, "inherited": true}));
    let place = |name: &str, structural: bool| {
        admin.made("/api/stock/location/", json!({"name": name, "structural": structural}))
    };
    let places = vec![place("Shelf", false), place("Bench", false), place("Box", false)];
    let rack = place("Rack", true);
    let customer = admin.made("/api/company/", json!({"name": "Acme", "is_customer": true, "is_supplier": false}));
    server.write(|conn| {
        crate::platform::settings::set_global(conn, "STOCK_ENFORCE_BOM_INSTALLATION", "False").map(|_| ())
    });
    let test = json!({"part": sensor, "test_name": "Leak", "description": "Under water", "choices": "low,"});
    let template = admin.made("/api/part/test-template/", test);
    World { bolt, sensor, variant, line, template, places, rack, customer }
}

/// One random request: most of them make sense, some do not.
fn request(dice: &mut Dice, server: &Server, world: &World) -> (String, Json) {
    let any = keys(server, "1 = 1");
    let item = dice.pick(&any).unwrap_or(999_999);
    let other = dice.pick(&any).unwrap_or(0);
    let place = if dice.roll(12) == 0 { world.rack } else { dice.pick(&world.places).unwrap() };
    let quantity = ["0.5", "1", "2", "3.25", "10", "0", "-1", "1000"][dice.roll(8)];
    let lines =
        |pairs: &[(i64, &str)]| Json::Array(pairs.iter().map(|(pk, q)| json!({"pk": pk, "quantity": q})).collect());
    let path = |action: &str| format!("/api/stock/{action}/");
    let of_family = keys(server, &format!("part IN ({}, {}) AND belongs_to IS NULL", world.sensor, world.variant));
    // where little is left, something new comes
    match if any.len() < 14 { 21 } else { dice.roll(22) } {
        0 => (path("count"), json!({"items": lines(&[(item, quantity), (other, "7")])})),
        1 | 2 => (path("add"), json!({"items": lines(&[(item, quantity), (other, "2")]), "notes": "more"})),
        3 => {
            let loose = "customer IS NULL AND belongs_to IS NULL AND COALESCE(serial, '') = '' AND quantity > 100000";
            let (a, b) = (dice.pick(&keys(server, loose)), dice.pick(&keys(server, loose)));
            (path("remove"), json!({"items": lines(&[(a.unwrap_or(item), quantity), (b.unwrap_or(other), "1")])}))
        }
        4 | 5 => (path("transfer"), json!({"items": lines(&[(item, quantity), (other, "1")]), "location": place})),
        6 => {
            (path("transfer"), json!({"items": [{"pk": item, "quantity": quantity, "merge": true}], "location": place}))
        }
        7 => (path("change_status"), json!({"items": [item, other], "status": dice.pick(&[10, 55, 65, 50, 11])})),
        8 => (path("assign"), json!({"items": [{"item": item}], "customer": world.customer})),
        9 | 10 => {
            let away = keys(server, "customer IS NOT NULL OR belongs_to IS NOT NULL");
            let item = dice.pick(&away).unwrap_or(item);
            (
                path("return"),
                json!({"items": lines(&[(item, quantity)]), "location": place, "merge": dice.roll(2) == 0}),
            )
        }
        11 => {
            let free = "customer IS NULL AND belongs_to IS NULL AND COALESCE(serial, '') = ''";
            let same = keys(server, &format!("part = {} AND {free}", [world.bolt, world.sensor][dice.roll(2)]));
            let three: Vec<Json> =
                (0..2 + dice.roll(2)).filter_map(|_| dice.pick(&same)).map(|k| json!({"item": k})).collect();
            (path("merge"), json!({"items": three, "location": place, "allow_mismatched_status": true}))
        }
        12 | 13 => {
            let loose = keys(server, &format!("part = {} AND COALESCE(serial, '') = ''", world.sensor));
            let item = dice.pick(&loose).unwrap_or(item);
            let serials = ["~", "~, ~", "1-2", "5+1", ""][dice.roll(5)];
            let body = json!({"quantity": 1 + dice.roll(2), "serial_numbers": serials, "destination": place});
            (format!("/api/stock/{item}/serialize/"), body)
        }
        14 => (format!("/api/stock/{item}/install/"), json!({"stock_item": other, "quantity": 1 + dice.roll(2)})),
        15 => {
            let inside = dice.pick(&keys(server, "belongs_to IS NOT NULL")).unwrap_or(item);
            (format!("/api/stock/{inside}/uninstall/"), json!({"location": place}))
        }
        16 => {
            let item = dice.pick(&of_family).unwrap_or(item);
            (format!("/api/stock/{item}/convert/"), json!({"part": dice.pick(&[world.sensor, world.variant])}))
        }
        17 | 18 => {
            let item = if dice.roll(3) == 0 { item } else { dice.pick(&of_family).unwrap_or(item) };
            let lines = json!([{"bom_item": world.line, "quantity": quantity, "location": place}]);
            (format!("/api/stock/{item}/disassemble/"), json!({"quantity": 1, "items": lines}))
        }
        19 => (
            path("test"),
            json!({"stock_item": item, "test": (["leak", "noise"][dice.roll(2)]), "result": (dice.roll(2) == 0), "value": "low"}),
        ),
        20 => {
            let result =
                |item: i64, value: &str| json!({"stock_item": item, "template": world.template, "value": value});
            (path("test"), json!([result(item, "low"), result(other, ["high", "low"][dice.roll(2)])]))
        }
        _ => {
            let part = dice.pick(&[world.bolt, world.sensor, world.variant]).unwrap();
            ("/api/stock/".into(), json!({"part": part, "quantity": 1 + dice.roll(40), "location": place}))
        }
    }
}

fn check(server: &Server, admin: &Client, world: &World) {
    assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitem WHERE quantity < 0", &[]), 0);
    let doubled = "SELECT COUNT(*) FROM (SELECT s.serial FROM stock_stockitem s JOIN part_part p ON p.id = s.part \
                   WHERE s.serial <> '' GROUP BY p.tree_id, s.serial HAVING COUNT(*) > 1) d";
    assert_eq!(server.int(doubled, &[]), 0);
    let broken = "SELECT COUNT(*) FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE p.trackable AND s.quantity % 100000 <> 0";
    assert_eq!(server.int(broken, &[]), 0);
    let unclaimed = "SELECT COUNT(*) FROM stock_stockitem WHERE serial <> '' AND serial_space IS NULL";
    assert_eq!(server.int(unclaimed, &[]), 0);
    let in_stock = super::available::IN_STOCK;
    for part in [world.bolt, world.sensor, world.variant] {
        let history = admin.read(&format!("/api/stock/history/?part={part}"));
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(s.quantity), 0) AS BIGINT) FROM stock_stockitem s WHERE s.part = $1 AND {in_stock}"
        );
        assert_eq!(scaled(&history["quantity"]), server.int(&sql, &[Value::Int(part)]), "part {part}: {history}");
    }
    for place in &world.places {
        let history = admin.read(&format!("/api/stock/history/?location={place}"));
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(s.quantity), 0) AS BIGINT) FROM stock_stockitem s WHERE s.location = $1 AND {in_stock}"
        );
        assert_eq!(
            scaled(&history["quantity"]),
            server.int(&sql, &[Value::Int(*place)]),
            "location {place}: {history}"
        );
    }
}

/// The stock of now, as the list of items tells it: quantities by part and location.
fn snapshot(server: &Server) -> Vec<(i64, Option<i64>, i64, i64)> {
    let sql = format!(
        "SELECT s.part, s.location, CAST(SUM(s.quantity) AS BIGINT), COUNT(*) FROM stock_stockitem s WHERE {} \
         GROUP BY s.part, s.location ORDER BY s.part, COALESCE(s.location, 0)",
        super::available::IN_STOCK
    );
    server.write(move |conn| {
        let rows = conn.rows(Fragment::generated(&sql), &[])?;
        Ok(rows.iter().map(|row| (row.int(0), row.opt_int(1), row.int(2), row.int(3))).collect())
    })
}

/// Rows of an answer on past stock in the form of [`snapshot`].
fn rows(history: &Json) -> Vec<(i64, Option<i64>, i64, i64)> {
    let rows = history["rows"].as_array().unwrap();
    let row = |r: &Json| {
        (r["part"].as_i64().unwrap(), r["location"].as_i64(), scaled(&r["quantity"]), r["items"].as_i64().unwrap())
    };
    let mut rows: Vec<_> = rows.iter().map(row).collect();
    rows.sort_by_key(|(part, location, ..)| (*part, location.unwrap_or(0)));
    rows
}

/// Now and then something else than an action: items are edited, deleted, a place or a customer goes. Tells
/// which it was.
fn upheaval(dice: &mut Dice, server: &Server, admin: &Client, world: &mut World) -> (&'static str, u16, Json) {
    let any = keys(server, "1 = 1");
    let item = dice.pick(&any).unwrap_or(999_999);
    let path = format!("/api/stock/{item}/");
    let kind = dice.roll(10);
    let names = [
        "customer",
        "quantity",
        "part",
        "location",
        "delete",
        "delete many",
        "delete customer",
        "edit many",
        "delete tests",
        "delete place",
    ];
    let (status, answer) = match kind {
        0 => admin.patch(&path, json!({"customer": if dice.roll(2) == 0 { Some(world.customer) } else { None }})),
        1 => admin.patch(&path, json!({"quantity": dice.roll(9), "status": dice.pick(&[10, 60, 85])})),
        2 => admin.patch(&path, json!({"part": dice.pick(&[world.sensor, world.variant, world.bolt])})),
        3 => admin.patch(&path, json!({"location": dice.pick(&world.places), "belongs_to": null})),
        4 => admin.delete(&path),
        5 => admin.send(
            ironwood_rest::http::Method::Delete,
            "/api/stock/",
            ironwood_rest::http::Body::Json(json!({"items": [item, dice.pick(&any)]})),
        ),
        6 => {
            let gone = std::mem::replace(&mut world.customer, 0);
            let left = admin.delete(&format!("/api/company/{gone}/"));
            let acme = json!({"name": format!("Acme after {gone}"), "is_customer": true, "is_supplier": false});
            world.customer = admin.made("/api/company/", acme);
            left
        }
        7 => {
            let items = json!([item, dice.pick(&any), dice.pick(&any)]);
            let status = dice.pick(&[10, 60, 85, 10, 12]);
            admin.patch("/api/stock/", json!({"items": items, "location": dice.pick(&world.places), "status": status}))
        }
        8 => {
            let body = json!({"filters": {"stock_item": item.to_string()}});
            admin.send(ironwood_rest::http::Method::Delete, "/api/stock/test/", ironwood_rest::http::Body::Json(body))
        }
        _ => {
            let gone = world.places.remove(dice.roll(world.places.len()));
            let left = admin.delete(&format!("/api/stock/location/{gone}/"));
            world.places.push(admin.made("/api/stock/location/", json!({"name": format!("After {gone}")})));
            left
        }
    };
    (names[kind], status, answer)
}

/// What is remembered of a moment: it, the stock then, the places that there were.
type Moment = (String, Vec<(i64, Option<i64>, i64, i64)>, Vec<i64>);

#[test]
fn whatever_is_done_the_history_tells_the_stock_and_what_is_refused_changes_nothing() {
    on_each_server(|server| {
        let admin = server.superuser();
        let mut world = world(server, &admin);
        let mut dice = Dice(0x1dea_5eed);
        // how often each kind of request was done, and refused
        let mut tally: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let mut remembered: Vec<Moment> = Vec::new();
        for round in 0..300 {
            let before = server.dump();
            let (what, status, answer) = if round % 5 == 3 {
                let (kind, status, answer) = upheaval(&mut dice, server, &admin, &mut world);
                (kind.to_owned(), status, answer)
            } else {
                let (path, body) = request(&mut dice, server, &world);
                let (status, answer) = admin.post(&path, body.clone());
                (format!("{path} {body}"), status, answer)
            };
            let kind = what.split([' ', '[', '{']).next().filter(|_| what.starts_with('/')).unwrap_or(&what);
            let kind = kind.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
            let counts = tally.entry(kind).or_default();
            if (200..300).contains(&status) {
                counts.0 += 1;
            } else {
                counts.1 += 1;
                assert!(status == 400 || status == 404, "{what}: {status} {answer}");
                for (then, now) in before.iter().zip(server.dump()) {
                    assert_eq!(*then, now, "{what} was refused: {answer}");
                }
            }
            if round % 3 == 0 {
                check(server, &admin, &world);
            }
            if round % 9 == 5 {
                std::thread::sleep(std::time::Duration::from_millis(3));
                remembered.push((ironwood_base::clock::now(), snapshot(server), world.places.clone()));
                std::thread::sleep(std::time::Duration::from_millis(3));
            }
        }
        crate::platform::changelog::rebuilt_tests::check(server);
        for (at, then, places) in remembered {
            for part in [world.bolt, world.sensor, world.variant] {
                let history = admin.read(&format!("/api/stock/history/?part={part}&at={at}"));
                let of_part: Vec<_> = then.iter().copied().filter(|row| row.0 == part).collect();
                assert_eq!(rows(&history), of_part, "part {part} at {at}");
            }
            for place in places.iter().filter(|place| world.places.contains(place)) {
                let history = admin.read(&format!("/api/stock/history/?location={place}&at={at}"));
                let there: Vec<_> = then.iter().copied().filter(|row| row.1 == Some(*place)).collect();
                assert_eq!(rows(&history), there, "location {place} at {at}");
            }
        }
        for kind in [
            "count",
            "add",
            "remove",
            "transfer",
            "change_status",
            "assign",
            "return",
            "merge",
            "serialize",
            "install",
            "uninstall",
            "convert",
            "disassemble",
            "test",
            "stock",
            "delete many",
            "edit many",
            "delete tests",
        ] {
            assert!(tally.get(kind).is_some_and(|(done, _)| *done > 0), "nothing was done by {kind}: {tally:?}");
        }
        assert!(tally.values().filter(|(_, refused)| *refused > 0).count() > 9, "{tally:?}");
    });
}

/// What many clients do to the same items at once.
const RACED: [&str; 14] = [
    "remove",
    "add",
    "count",
    "transfer",
    "split",
    "transfer_merge",
    "merge",
    "serialize",
    "assign",
    "return",
    "install",
    "uninstall",
    "change_status",
    "convert",
];

/// A request of that kind about two items, at a place.
fn raced(kind: &str, world: &World, a: i64, b: i64, place: i64, quantity: i64) -> (String, Json) {
    let line = |quantity: i64| json!([{"pk": a, "quantity": quantity}]);
    let to = |name: &str, body: Json| (format!("/api/stock/{name}/"), body);
    match kind {
        "remove" => to("remove", json!({"items": [{"pk": a, "quantity": 1}, {"pk": b, "quantity": 1}]})),
        "add" => to("add", json!({"items": [{"pk": a, "quantity": 3}, {"pk": b, "quantity": 1}]})),
        "count" => to("count", json!({"items": line(7 + place % 3)})),
        "transfer" => to("transfer", json!({"items": line(quantity), "location": place})),
        "split" => to("transfer", json!({"items": line(2), "location": place})),
        "transfer_merge" => {
            to("transfer", json!({"items": [{"pk": a, "quantity": 1, "merge": true}], "location": place}))
        }
        "merge" => {
            let items = json!([{"item": a}, {"item": b}]);
            to("merge", json!({"items": items, "location": place, "allow_mismatched_status": true}))
        }
        "serialize" => {
            let body = json!({"quantity": 1, "serial_numbers": "~", "destination": place});
            (format!("/api/stock/{a}/serialize/"), body)
        }
        "assign" => to("assign", json!({"items": [{"item": a}], "customer": world.customer})),
        "return" => to("return", json!({"items": line(quantity), "location": place})),
        "install" => (format!("/api/stock/{a}/install/"), json!({"stock_item": b, "quantity": 1})),
        "uninstall" => (format!("/api/stock/{a}/uninstall/"), json!({"location": place})),
        "change_status" => to("change_status", json!({"items": [a, b], "status": ([10, 50, 55][a as usize % 3])})),
        _ => (
            format!("/api/stock/{a}/convert/"),
            json!({"part": if place % 2 == 0 { world.sensor } else { world.variant }}),
        ),
    }
}

/// All that there should be, as the entries of the history add up: what was made, added, removed, and found
/// more or less in counts.
fn sum_of_history(server: &Server) -> i64 {
    server.write(|conn| {
        let sql = "SELECT COALESCE(item, item_key), tracking_type, deltas, after_stock FROM stock_stockitemtracking ORDER BY id";
        let mut standing: BTreeMap<i64, i64> = BTreeMap::new();
        let mut sum = 0;
        for row in conn.rows(sql, &[])? {
            let deltas: Json = serde_json::from_str(row.text(2)).unwrap();
            let before = standing.insert(row.int(0), row.int(3)).unwrap_or(0);
            sum += match row.int(1) {
                1 => scaled(&deltas["quantity"]),
                10 => row.int(3) - before,
                11 => scaled(&deltas["added"]),
                12 => -scaled(&deltas["removed"]),
                _ => 0,
            };
        }
        Ok(sum)
    })
}

#[test]
fn many_clients_at_the_same_items_lose_nothing_and_make_nothing() {
    on_each_server(|server| {
        let admin = server.superuser();
        let world = world(server, &admin);
        let items: Vec<i64> = (0..100)
            .map(|i| {
                let body = json!({"part": world.sensor, "quantity": 20, "location": world.places[i % 3]});
                admin.made("/api/stock/", body)
            })
            .collect();
        let done = race(32, |client| {
            let mut dice = Dice(0x5eed + client as u64 * 7919);
            let mut done: BTreeMap<&str, usize> = BTreeMap::new();
            for round in 0..RACED.len() {
                // each client begins with another kind: all kinds are at work at any time
                let kind = RACED[(client + round) % RACED.len()];
                let away = match kind {
                    "return" => keys(server, "customer IS NOT NULL"),
                    "uninstall" => keys(server, "belongs_to IS NOT NULL"),
                    _ => Vec::new(),
                };
                let a = dice.pick(&away).unwrap_or(items[dice.roll(100)]);
                let (b, place) = (items[dice.roll(100)], world.places[dice.roll(3)]);
                let quantity = if kind == "return" || dice.roll(2) == 0 { 1 } else { 20 };
                let (path, body) = raced(kind, &world, a, b, place, quantity);
                let (status, answer) = admin.post(&path, body.clone());
                assert!(matches!(status, 201 | 400 | 404), "{path} {body}: {status} {answer}");
                assert!(status == 201 || !answer.to_string().contains("is locked"), "{answer}");
                *done.entry(kind).or_default() += usize::from(status == 201);
            }
            done
        });
        for kind in RACED {
            let times: usize = done.iter().filter_map(|of_client| of_client.get(kind)).sum();
            assert!(times > 0, "no client has managed to {kind}: {done:?}");
        }
        let left = server.int("SELECT CAST(SUM(quantity) AS BIGINT) FROM stock_stockitem", &[]);
        assert_eq!(left, sum_of_history(server));
        check(server, &admin, &world);
        crate::platform::changelog::rebuilt_tests::check(server);
    });
}

#[test]
fn refused_lines_are_named_and_the_others_are_not_done() {
    on_each_server(|server| {
        let admin = server.superuser();
        let world = world(server, &admin);
        let made = |quantity: i64| {
            admin.made("/api/stock/", json!({"part": world.bolt, "quantity": quantity, "location": world.places[0]}))
        };
        let (a, b) = (made(5), made(5));
        let before = server.dump();
        let lines = json!([{"pk": a, "quantity": 1}, {"pk": b, "quantity": 6}, {"pk": 77_777, "quantity": 1}]);
        let (status, answer) = admin.post("/api/stock/remove/", json!({"items": lines}));
        assert_eq!((status, answer["items"][2].get("pk").is_some()), (400, true), "{answer}");
        let lines = json!([{"pk": a, "quantity": 1}, {"pk": b, "quantity": 6}]);
        let (status, answer) = admin.post("/api/stock/remove/", json!({"items": lines}));
        assert_eq!(
            (status, &answer["items"][0], answer["items"][1].get("quantity").is_some()),
            (400, &json!({}), true)
        );
        let (status, answer) = admin.post("/api/stock/transfer/", json!({"items": lines, "location": world.rack}));
        assert_eq!((status, answer.get("location").is_some()), (400, true), "{answer}");
        assert_eq!(server.dump(), before);
    });
}
