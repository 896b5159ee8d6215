//! Disassembly, and how many statements actions take.

use ironwood_rest::http::Method;
use serde_json::{Value as Json, json};

use crate::platform::settings;
use crate::testing::{Client, Server, on_each_server};

/// Statements that an action may take more for many lines than for one: lots of rows, not rows.
const MORE: u64 = 12;
/// How many lines many are.
const MANY: usize = 48;

struct World<'s> {
    server: &'s Server,
    admin: Client,
    bolt: i64,
    sensor: i64,
    shelf: i64,
    bench: i64,
    customer: i64,
}

impl World<'_> {
    fn on(server: &Server) -> World<'_> {
        let admin = server.superuser();
        let bolt = admin.made("/api/part/", json!({"name": "Bolt", "salable": true, "component": true}));
        let sensor = admin.made(
            "/api/part/",
            json!({"name": "Sensor", "trackable": true, "salable": true, "assembly": true, "is_template": true}),
        );
        let place = |name: &str| admin.made("/api/stock/location/", json!({"name": name}));
        let (shelf, bench) = (place("Shelf"), place("Bench"));
        let customer = admin.made("/api/company/", json!({"name": "Acme", "is_customer": true, "is_supplier": false}));
        server.write(|conn| settings::set_global(conn, "STOCK_ENFORCE_BOM_INSTALLATION", "False").map(|_| ()));
        World { server, admin, bolt, sensor, shelf, bench, customer }
    }

    /// So many items of ten bolts on the shelf.
    fn bolts(&self, count: usize) -> Vec<i64> {
        let body = json!({"part": self.bolt, "quantity": 10, "location": self.shelf});
        (0..count).map(|_| self.admin.made("/api/stock/", body.clone())).collect()
    }

    fn lines(keys: &[i64], quantity: i64) -> Json {
        keys.iter().map(|key| json!({"pk": key, "quantity": quantity})).collect()
    }

    fn items(keys: &[i64]) -> Json {
        keys.iter().map(|key| json!({"item": key})).collect()
    }

    /// Statements of an action that must be done.
    fn statements(&self, action: &str, body: Json) -> u64 {
        let (status, answer, statements) = self.admin.counted(Method::Post, &format!("/api/stock/{action}"), body);
        assert_eq!(status, 201, "{action}: {answer}");
        statements
    }

    fn number(&self, key: i64, column: &str) -> i64 {
        self.server.int(&format!("SELECT {column} FROM stock_stockitem WHERE id = $1"), &[key.into()])
    }
}

/// Does an action with one line and with many; the difference is bounded.
fn bounded(world: &World<'_>, action: &str, mut body: impl FnMut(usize) -> Json) {
    let one = world.statements(action, body(1));
    let many = world.statements(action, body(MANY));
    assert!(many <= one + MORE, "{action}: {one} statements for one line, {many} for {MANY}");
}

#[test]
fn many_lines_take_few_statements_more_than_one() {
    on_each_server(|server| {
        let world = World::on(server);
        let World { shelf, bench, customer, sensor, .. } = world;
        bounded(&world, "count/", |n| json!({"items": World::lines(&world.bolts(n), 7), "location": bench}));
        bounded(&world, "add/", |n| json!({"items": World::lines(&world.bolts(n), 7)}));
        bounded(&world, "remove/", |n| json!({"items": World::lines(&world.bolts(n), 10)}));
        bounded(&world, "transfer/", |n| json!({"items": World::lines(&world.bolts(n), 10), "location": bench}));
        bounded(&world, "transfer/", |n| json!({"items": World::lines(&world.bolts(n), 3), "location": bench}));
        bounded(&world, "transfer/", |n| {
            let keys = world.bolts(n);
            let lines: Vec<Json> = keys.iter().map(|key| json!({"pk": key, "quantity": 10, "merge": true})).collect();
            json!({"items": lines, "location": bench})
        });
        bounded(&world, "assign/", |n| json!({"items": World::items(&world.bolts(n)), "customer": customer}));
        bounded(&world, "return/", |n| {
            let keys = world.bolts(n);
            world.statements("assign/", json!({"items": World::items(&keys), "customer": customer}));
            json!({"items": World::lines(&keys, 4), "location": shelf})
        });
        bounded(&world, "merge/", |n| json!({"items": World::items(&world.bolts(n + 1)), "location": shelf}));
        bounded(&world, "change_status/", |n| json!({"items": world.bolts(n), "status": 55}));
        let mut next = 1;
        let mut serials = |n: usize| {
            next += n;
            format!("{}-{}", next - n, next - 1)
        };
        bounded(
            &world,
            "",
            |n| json!({"part": sensor, "quantity": n, "serial_numbers": serials(n), "location": shelf}),
        );
        let loose =
            |n: usize| world.admin.made("/api/stock/", json!({"part": sensor, "quantity": n, "location": shelf}));
        let mut serialise = |n: usize| {
            let body = json!({"quantity": n, "serial_numbers": serials(n), "destination": bench});
            world.statements(&format!("{}/serialize/", loose(n)), body)
        };
        let (one, many) = (serialise(1), serialise(MANY));
        assert!(many <= one + MORE, "serialize: {one} and {many} statements");
        // of installing, taking out and converting there is one at a time
        let assembly = world.admin.made("/api/stock/", json!({"part": sensor, "quantity": 1, "location": shelf}));
        let inside = world.bolts(1)[0];
        let install = world.statements(&format!("{assembly}/install/"), json!({"stock_item": inside, "quantity": 10}));
        let out = world.statements(&format!("{inside}/uninstall/"), json!({"location": bench}));
        let variant = world.admin.made("/api/part/", json!({"name": "Sensor X", "variant_of": sensor}));
        let convert = world.statements(&format!("{assembly}/convert/"), json!({"part": variant}));
        assert!(install < 30 && out < 30 && convert < 30, "{install} {out} {convert}");
    });
}

/// An assembly of so many different parts: the keys of the lines of its bill of materials.
fn made_of(world: &World<'_>, parts: usize) -> (i64, Vec<i64>) {
    let made =
        |name: String| world.admin.made("/api/part/", json!({"name": name, "assembly": true, "component": true}));
    let assembly = made(format!("Assembly of {parts}"));
    let lines = (0..parts)
        .map(|i| {
            let part = made(format!("Piece {i} of {parts}"));
            world.admin.made("/api/bom/", json!({"part": assembly, "sub_part": part, "quantity": 2}))
        })
        .collect();
    (assembly, lines)
}

#[test]
fn what_is_taken_apart_becomes_stock_and_shares_the_price() {
    on_each_server(|server| {
        let world = World::on(server);
        let admin = &world.admin;
        let (assembly, lines) = made_of(&world, 2);
        let body = json!({"part": assembly, "quantity": 5, "location": world.shelf, "batch": "B7",
            "purchase_price": "30", "purchase_price_currency": "USD"});
        let item = admin.made("/api/stock/", body);
        let path = format!("/api/stock/{item}/disassemble/");
        // refusals name what is wrong and change nothing
        let before = server.int("SELECT COUNT(*) FROM stock_stockitemtracking", &[]);
        let line = |i: usize, quantity: i64| json!({"bom_item": lines[i], "quantity": quantity});
        let (_, foreign) = made_of(&world, 1);
        for (body, named) in [
            (json!({"quantity": 6, "items": [line(0, 2)]}), "quantity"),
            (json!({"quantity": 0, "items": [line(0, 2)]}), "quantity"),
            (json!({"quantity": 1, "items": []}), "non_field_errors"),
            (json!({"quantity": 1, "items": [line(0, 1), line(0, 1)]}), "non_field_errors"),
            (json!({"quantity": 1, "items": [{"bom_item": foreign[0], "quantity": 1}]}), "non_field_errors"),
            (json!({"quantity": 1, "items": [line(0, -1)]}), "items"),
        ] {
            let (status, answer) = admin.post(&path, body.clone());
            assert_eq!((status, answer.get(named).is_some()), (400, true), "{body}: {answer}");
        }
        assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitemtracking", &[]), before);
        assert_eq!(world.number(item, "quantity"), 5 * 100_000);

        let made = admin.done(
            &path,
            json!({"quantity": 2, "location": world.bench, "items": [line(0, 4),
            {"bom_item": lines[1], "quantity": 2, "location": world.shelf, "status": 55}]}),
        );
        let made = made.as_array().unwrap();
        assert_eq!(made.len(), 2, "{made:?}");
        for (row, quantity, place, status) in [(0, 4, world.bench, 10), (1, 2, world.shelf, 55)] {
            let key = made[row]["pk"].as_i64().unwrap();
            assert_eq!(world.number(key, "quantity"), quantity * 100_000);
            assert_eq!(world.number(key, "location"), place);
            assert_eq!(world.number(key, "status"), status);
            assert_eq!(world.number(key, "parent"), item);
            // 60 for six pieces whose parts have no price
            assert_eq!(world.number(key, "purchase_price"), 10_000_000);
            assert_eq!(made[row]["batch"], "B7");
            let entries = "SELECT COUNT(*) FROM stock_stockitemtracking WHERE item = $1";
            assert_eq!(server.int(entries, &[key.into()]), 1);
        }
        assert_eq!(world.number(item, "quantity"), 3 * 100_000);
        // all of it: the item stays, empty, for its history
        admin.done(&path, json!({"quantity": 3, "items": [line(0, 6)]}));
        assert_eq!(world.number(item, "quantity"), 0);
    });
}

#[test]
fn what_is_installed_comes_out_and_an_item_with_a_serial_number_is_destroyed() {
    on_each_server(|server| {
        let world = World::on(server);
        let admin = &world.admin;
        let (assembly, lines) = made_of(&world, 1);
        admin.patch(&format!("/api/part/{assembly}/"), json!({"trackable": true}));
        let part = server.int("SELECT sub_part FROM part_bomitem WHERE id = $1", &[lines[0].into()]);
        let body = json!({"part": assembly, "quantity": 1, "serial_numbers": "1", "location": world.shelf});
        let item = admin.made("/api/stock/", body);
        let piece = admin.made("/api/stock/", json!({"part": part, "quantity": 1, "location": world.shelf}));
        admin.done(&format!("/api/stock/{item}/install/"), json!({"stock_item": piece, "quantity": 1}));
        let body = json!({"quantity": 1, "location": world.bench, "items": [{"bom_item": lines[0], "quantity": 2}]});
        let out = admin.done(&format!("/api/stock/{item}/disassemble/"), body.clone());
        // the piece that was installed counts for its line: one more is made
        let keys: Vec<i64> = out.as_array().unwrap().iter().filter_map(|row| row["pk"].as_i64()).collect();
        assert_eq!((keys.len(), keys.contains(&piece)), (2, true), "{out}");
        for key in keys {
            assert_eq!(world.number(key, "quantity"), 100_000);
            assert_eq!(world.number(key, "location"), world.bench);
            assert_eq!(world.number(key, "COALESCE(belongs_to, 0)"), 0);
        }
        assert_eq!((world.number(item, "status"), world.number(item, "quantity")), (60, 100_000));
        assert_eq!(admin.post(&format!("/api/stock/{item}/disassemble/"), body).0, 400, "once only");
    });
}

#[test]
fn an_item_of_many_parts_is_taken_apart_by_few_statements() {
    on_each_server(|server| {
        let world = World::on(server);
        let mut counts = Vec::new();
        for parts in [1, 24] {
            let (assembly, lines) = made_of(&world, parts);
            let item =
                world.admin.made("/api/stock/", json!({"part": assembly, "quantity": 1, "location": world.shelf}));
            let rows: Vec<Json> = lines.iter().map(|line| json!({"bom_item": line, "quantity": 2})).collect();
            counts.push(world.statements(&format!("{item}/disassemble/"), json!({"quantity": 1, "items": rows})));
        }
        assert!(counts[1] <= counts[0] + 2 * MORE, "{counts:?} statements");
    });
}
