//! Every way to ask what a line can use gives the same answer.

use ironwood_base::Quantity;
use serde_json::{Value as Json, json};

use crate::business::stock::kernel::unallocated;
use crate::schema::keys::*;
use crate::testing::{Client, Dice, Server, on_each_server};

/// How many worlds are made at random on each database.
const WORLDS: u64 = 6;
/// More than there is of anything.
const PLENTY: i64 = 10_000;

/// Parts in families, stock of them, some of it allocated or not usable, and one assembly for each line.
struct World {
    admin: Client,
    parts: Vec<i64>,
    lines: Vec<i64>,
    builds: Vec<i64>,
}

fn number(json: &Json) -> i64 {
    let value = json.as_f64().unwrap_or_else(|| panic!("{json} is no number"));
    (value * 100_000.0).round() as i64
}

impl World {
    fn new(server: &Server, seed: u64) -> Self {
        let admin = server.superuser_named(&format!("admin{seed}"));
        let mut dice = Dice(seed);
        let mut world = World { admin, parts: Vec::new(), lines: Vec::new(), builds: Vec::new() };
        for i in 0..9 {
            let above = if i > 2 { dice.pick(&world.parts).copied() } else { None };
            let body = json!({
                "name": format!("Part {seed} {i}"), "component": true, "is_template": true, "salable": true,
                "variant_of": above, "trackable": dice.below(4) == 0,
            });
            let part = world.admin.made("/api/part/", body);
            world.parts.push(part);
        }
        let place = world.admin.made("/api/stock/location/", json!({"name": format!("Shelf {seed}")}));
        for part in world.parts.clone() {
            for _ in 0..dice.below(3) {
                let status = if dice.below(5) == 0 { 65 } else { 10 };
                let quantity = 1 + dice.below(40);
                let body = json!({"part": part, "quantity": quantity, "location": place, "status": status});
                let (code, made) = world.admin.post("/api/stock/", body);
                assert_eq!(code, 201, "{made}");
                world.set_aside(&mut dice, &made[0], place);
            }
        }
        for i in 0..4 {
            let assembly =
                world.admin.made("/api/part/", json!({"name": format!("Whole {seed} {i}"), "assembly": true}));
            let body = json!({
                "part": assembly, "sub_part": dice.pick(&world.parts), "quantity": 1,
                "allow_variants": dice.below(2) == 0,
            });
            let line = world.admin.made("/api/bom/", body);
            for _ in 0..dice.below(3) {
                // what is refused is no substitute
                world.admin.post("/api/bom/substitute/", json!({"bom_item": line, "part": dice.pick(&world.parts)}));
            }
            let build = json!({"part": assembly, "quantity": PLENTY, "title": "x"});
            world.builds.push(world.admin.made("/api/build/", build));
            world.lines.push(line);
        }
        // parts that go out of use later
        for part in world.parts.clone() {
            if dice.below(6) == 0 {
                world.admin.patch(&format!("/api/part/{part}/"), json!({"active": false}));
            }
        }
        world
    }

    /// Sets some of an item aside for a sales order or a transfer order, perhaps.
    fn set_aside(&self, dice: &mut Dice, item: &Json, place: i64) {
        let (part, quantity) = (item["part"].as_i64(), 1 + dice.below(20));
        let (order, lines) = match dice.below(4) {
            0 => {
                let body = json!({"name": format!("Customer {}", item["pk"]), "is_customer": true});
                let customer = self.admin.made("/api/company/", body);
                ("so", self.admin.made("/api/order/so/", json!({"customer": customer})))
            }
            1 => ("transfer-order", self.admin.made("/api/order/transfer-order/", json!({"destination": place}))),
            _ => return,
        };
        let line = json!({"order": lines, "part": part, "quantity": quantity});
        let line = self.admin.made(&format!("/api/order/{order}-line/"), line);
        let row = json!({"line_item": line, "stock_item": item["pk"], "quantity": quantity});
        // more than there is is refused
        self.admin.post(&format!("/api/order/{order}/{lines}/allocate/"), json!({"items": [row]}));
    }
}

#[test]
fn all_that_asks_what_a_line_can_use_hears_the_same() {
    on_each_server(|server| {
        let mut taken = 0;
        for seed in 1..=WORLDS {
            let w = World::new(server, seed);
            for (line, build) in w.lines.iter().zip(&w.builds) {
                let row = w.admin.read(&format!("/api/bom/{line}/?can_build=true"));
                let parts = ["available_stock", "available_variant_stock", "available_substitute_stock"];
                // stock of variants is shown, but counts only where the line allows them
                let counts = |name: &&&str| **name != "available_variant_stock" || row["allow_variants"] == json!(true);
                let there: i64 = parts.iter().filter(counts).map(|name| number(&row[*name])).sum();
                assert_eq!(number(&row["can_build"]), there, "{row}");

                let stock = w.admin.read(&format!("/api/stock/?bom_item={line}&in_stock=true"));
                let ids = stock.as_array().unwrap().iter().filter_map(|item| item["pk"].as_i64());
                let keys: Vec<ItemKey> = ids.map(ItemKey::from_id).collect();
                let free = server.app.db().read(move |conn| unallocated(conn, &keys)).unwrap();
                assert_eq!(
                    free.values().copied().sum::<Quantity>().scaled(),
                    there,
                    "line {line} of {seed}: {row} {stock}"
                );

                let lines = w.admin.read(&format!("/api/build/line/?build={build}"));
                let build_line = &lines[0];
                for name in parts {
                    assert_eq!(build_line[name], row[name], "{build_line}");
                }
                let filtered = |available: bool| {
                    let path = format!("/api/build/line/?build={build}&available={available}");
                    w.admin.read(&path).as_array().map_or(0, Vec::len)
                };
                assert_eq!((filtered(true), filtered(false)), (0, 1), "more is needed than there is");
                let needed = |quantity: String| {
                    w.admin.patch(&format!("/api/build/line/{}/", build_line["pk"]), json!({"quantity": quantity})).0
                };
                if there > 0 {
                    assert_eq!(needed(ironwood_base::decimal::to_string(there, 5)), 200);
                    assert_eq!((filtered(true), filtered(false)), (1, 0), "exactly that much is needed");
                    assert_eq!(needed(PLENTY.to_string()), 200);
                }

                if w.admin.read(&format!("/api/part/{}/", row["sub_part"]))["trackable"] == json!(true) {
                    continue;
                }
                let path = format!("/api/build/{build}/auto-allocate/");
                let answer = w.admin.done(&path, json!({"interchangeable": true}));
                assert_eq!(number(&answer["allocated"]), there, "{answer}");
                assert_eq!(number(&answer["open"]), PLENTY * 100_000);
                assert!(answer["lines"][0]["reason"].is_string(), "{answer}");
                taken += there;
                w.admin.done(&format!("/api/build/{build}/unallocate/"), json!({}));
            }
        }
        assert!(taken > 0, "something was taken");
    });
}
