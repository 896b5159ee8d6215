//! What must hold of stock whatever is done to it, and whoever else is doing something.

use ironwood_store::Value;
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

/// Everything in the tables that actions on stock touch.
fn dump(server: &Server) -> String {
    server.write(|conn| {
        let mut all = String::new();
        for table in [
            "stock_stockitem",
            "stock_stockitemtracking",
            "stock_stockitemtestresult",
            "build_builditem",
            "order_salesorderallocation",
            "order_transferorderallocation",
        ] {
            let rows = conn.rows(&format!("SELECT * FROM {table} ORDER BY id"), &[])?;
            all.push_str(&format!("{table} {rows:?}\n"));
        }
        Ok(all)
    })
}

fn keys(server: &Server, condition: &str) -> Vec<i64> {
    let sql = format!("SELECT id FROM stock_stockitem WHERE {condition} ORDER BY id");
    server.write(move |conn| Ok(conn.rows(&sql, &[])?.iter().map(|row| row.int(0)).collect()))
}

/// A quantity in the answer as it is stored.
fn scaled(number: &Json) -> i64 {
    let text = number.to_string();
    ironwood_base::decimal::parse(&text, 5, ironwood_base::decimal::Excess::Refuse).unwrap()
}

struct World {
    bolt: i64,
    sensor: i64,
    places: Vec<i64>,
    rack: i64,
    customer: i64,
}

fn world(server: &Server, admin: &Client) -> World {
    let bolt = admin.made("/api/part/", json!({"name": "Bolt", "salable": true}));
    let sensor = admin.made("/api/part/", json!({"name": "Sensor", "trackable": true, "salable": true}));
    let place = |name: &str, structural: bool| {
        admin.made("/api/stock/location/", json!({"name": name, "structural": structural}))
    };
    let places = vec![place("Shelf", false), place("Bench", false), place("Box", false)];
    let rack = place("Rack", true);
    let customer = admin.made("/api/company/", json!({"name": "Acme", "is_customer": true, "is_supplier": false}));
    server.write(|conn| crate::settings::set_global(conn, "STOCK_ENFORCE_BOM_INSTALLATION", "False").map(|_| ()));
    World { bolt, sensor, places, rack, customer }
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
    match dice.roll(17) {
        0 => (path("count"), json!({"items": lines(&[(item, quantity), (other, "7")])})),
        1 | 2 => (path("add"), json!({"items": lines(&[(item, quantity), (other, "2")]), "notes": "more"})),
        3 => (path("remove"), json!({"items": lines(&[(item, quantity), (other, "1")])})),
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
            let same = keys(server, &format!("part = {} AND COALESCE(serial, '') = ''", world.bolt));
            let three: Vec<Json> = (0..3).filter_map(|_| dice.pick(&same)).map(|k| json!({"item": k})).collect();
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
        15 => (format!("/api/stock/{item}/uninstall/"), json!({"location": place})),
        _ => {
            let part = if dice.roll(2) == 0 { world.bolt } else { world.sensor };
            ("/api/stock/".into(), json!({"part": part, "quantity": 1 + dice.roll(40), "location": place}))
        }
    }
}

fn check(server: &Server, admin: &Client, world: &World) {
    assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitem WHERE quantity < 0", &[]), 0);
    let doubled = "SELECT COUNT(*) FROM (SELECT serial FROM stock_stockitem WHERE serial <> '' \
                   GROUP BY part, serial HAVING COUNT(*) > 1) d";
    assert_eq!(server.int(doubled, &[]), 0);
    for part in [world.bolt, world.sensor] {
        let told = admin.read(&format!("/api/stock/history/?part={part}"));
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(s.quantity), 0) AS BIGINT) FROM stock_stockitem s WHERE s.part = $1 AND {}",
            super::available::IN_STOCK
        );
        assert_eq!(scaled(&told["quantity"]), server.int(&sql, &[Value::Int(part)]), "part {part}: {told}");
    }
}

#[test]
fn whatever_is_done_the_history_tells_the_stock_and_what_is_refused_changes_nothing() {
    on_each_server(|server| {
        let admin = server.superuser();
        let world = world(server, &admin);
        let mut dice = Dice(0x1dea_5eed);
        let (mut done, mut refused) = (0, 0);
        let mut remembered = Vec::new();
        for round in 0..160 {
            let before = dump(server);
            let (path, body) = request(&mut dice, server, &world);
            let (status, answer) = admin.post(&path, body.clone());
            if status == 201 {
                done += 1;
            } else {
                refused += 1;
                assert!(status == 400 || status == 404, "{path} {body}: {status} {answer}");
                assert_eq!(dump(server), before, "{path} {body} was refused: {answer}");
            }
            check(server, &admin, &world);
            if round % 40 == 20 {
                let at = ironwood_base::clock::now();
                let told = admin.read(&format!("/api/stock/history/?part={}&at={at}", world.bolt));
                remembered.push((at, told));
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        }
        for (at, told) in remembered {
            let again = admin.read(&format!("/api/stock/history/?part={}&at={at}", world.bolt));
            assert_eq!(again, told, "the stock of {at}, asked for later");
        }
        assert!(done > 50 && refused > 20, "{done} done, {refused} refused");
    });
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
        let taken: i64 = race(32, |client| {
            let mut dice = Dice(0x5eed + client as u64 * 7919);
            let mut taken = 0;
            for _ in 0..8 {
                let (a, b) = (items[dice.roll(100)], items[dice.roll(100)]);
                let place = world.places[dice.roll(3)];
                let (path, body) = match dice.roll(5) {
                    0 => (
                        "/api/stock/remove/".to_owned(),
                        json!({"items": [{"pk": a, "quantity": 1}, {"pk": b, "quantity": 1}]}),
                    ),
                    1 => (
                        "/api/stock/transfer/".to_owned(),
                        json!({"items": [{"pk": a, "quantity": 2}], "location": place}),
                    ),
                    2 => (
                        "/api/stock/transfer/".to_owned(),
                        json!({"items": [{"pk": a, "quantity": 1000}], "location": place}),
                    ),
                    3 => (
                        format!("/api/stock/{a}/serialize/"),
                        json!({"quantity": 1, "serial_numbers": "~", "destination": place}),
                    ),
                    _ => (
                        "/api/stock/merge/".to_owned(),
                        json!({"items": [{"item": a}, {"item": b}], "location": place}),
                    ),
                };
                let (status, answer) = admin.post(&path, body.clone());
                assert!(matches!(status, 201 | 400 | 404), "{path} {body}: {status} {answer}");
                assert!(status == 201 || !answer.to_string().contains("is locked"), "{answer}");
                if status == 201 && path.ends_with("remove/") {
                    taken += 2;
                }
            }
            taken
        })
        .into_iter()
        .sum();
        let left = server.int("SELECT CAST(SUM(quantity) AS BIGINT) FROM stock_stockitem", &[]);
        assert_eq!(left, (2000 - taken) * 100_000, "{taken} pieces were taken");
        check(server, &admin, &world);
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
        let before = dump(server);
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
        assert_eq!(dump(server), before);
    });
}
