//! Random actions on build orders: no stock is lost, created from nothing, or allocated twice.

use serde_json::{Value as Json, json};

use super::{World, check_stock};
use crate::testing::{Dice, on_each_server};

/// Steps of one life, and the lives.
const STEPS: usize = 150;
const LIVES: [u64; 2] = [0x5eed, 0xbeef];

fn keys(rows: &Json) -> Vec<i64> {
    rows.as_array().map_or_else(Vec::new, |rows| rows.iter().filter_map(|row| row["pk"].as_i64()).collect())
}

/// One step on a random build order. What is refused has changed nothing, which the checks show.
fn step(w: &World<'_>, random: &mut Dice, builds: &mut Vec<i64>, assembly: i64, serial: &mut i64) {
    if builds.is_empty() || random.below(12) == 0 {
        builds.push(w.build(assembly, 1 + random.count(6)));
    }
    let build = *random.pick(builds).unwrap();
    // a closed one is tried again now and then only
    if random.below(4) > 0 && !matches!(w.order(build)["status"].as_i64(), Some(10 | 20 | 25)) {
        builds.retain(|b| *b != build);
        return;
    }
    let outputs = keys(&w.admin.read(&format!("/api/stock/?build={build}&is_building=true")));
    let lines = keys(&json!(w.lines(build)));
    match random.below(11) {
        0 => drop(w.act(
            build,
            "auto-allocate",
            json!({"interchangeable": random.below(3) > 0, "item_type": "all", "optional_items": random.below(2) == 0}),
        )),
        1 => {
            let stock = keys(&w.admin.read("/api/stock/?in_stock=true"));
            let (Some(line), Some(item)) = (random.pick(&lines), random.pick(&stock)) else { return };
            // mostly whole ones, now and then a part of one
            let part = if random.below(4) == 0 { ".33333" } else { "" };
            let quantity = format!("{}{part}", 1 + random.below(9));
            let mut row = json!({"build_line": line, "stock_item": item, "quantity": quantity});
            if random.below(2) == 0 {
                row["output"] = json!(random.pick(&outputs));
            }
            w.act(build, "allocate", json!({"items": [row]}));
        }
        2 => drop(w.act(build, "unallocate", json!({"output": random.pick(&outputs)}))),
        3 | 4 => {
            *serial += 1;
            let body = json!({"quantity": 1, "serial_numbers": serial.to_string(), "auto_allocate": true});
            w.act(build, "create-output", body);
        }
        5 => {
            let rows: Vec<Json> = outputs.iter().take(2).map(|o| json!({"output": o})).collect();
            let accept = random.below(2) == 0;
            let body = json!({"outputs": rows, "location": w.place, "accept_incomplete_allocation": accept});
            w.act(build, "complete", body);
        }
        6 => {
            let rows: Vec<Json> = outputs.iter().take(1).map(|o| json!({"output": o})).collect();
            let discard = random.below(2) == 0;
            let body = json!({"outputs": rows, "location": w.place, "notes": "broken", "discard_allocations": discard});
            w.act(build, "scrap-outputs", body);
        }
        7 => {
            let rows: Vec<Json> = outputs.iter().take(1).map(|o| json!({"output": o})).collect();
            w.act(build, "delete-outputs", json!({"outputs": rows}));
        }
        8 => {
            let rows: Vec<Json> = lines.iter().take(1).map(|l| json!({"build_line": l})).collect();
            w.act(build, "consume", json!({"lines": rows}));
        }
        9 => {
            w.act(build, "issue", json!({}));
            let excess = ["accept", "trim", "reject"][random.below(3) as usize];
            let body = json!({"accept_overallocated": excess, "accept_unallocated": true, "accept_incomplete": true});
            w.act(build, "finish", body);
        }
        _ if random.below(3) == 0 => {
            let (stock, outputs) = (random.below(2) == 0, random.below(2) == 0);
            let body = json!({"remove_allocated_stock": stock, "remove_incomplete_outputs": outputs});
            w.act(build, "cancel", body);
        }
        _ => {}
    }
}

#[test]
fn stock_is_conserved_whatever_is_done() {
    for seed in LIVES {
        on_each_server(|server| live(&World::new(server), Dice(seed)));
    }
}

fn live(w: &World<'_>, mut random: Dice) {
    let assembly = w.part("Machine", json!({"assembly": true, "trackable": true}));
    let motor = w.part("Motor", json!({"trackable": true}));
    let bolt = w.part("Bolt", json!({"is_template": true}));
    let (long, screw) = (w.part("Long bolt", json!({"variant_of": bolt})), w.part("Screw", json!({})));
    let nut = w.part("Nut", json!({}));
    w.bom(assembly, motor, 1, "");
    let line = w.bom(assembly, bolt, 3, "allow_variants = TRUE");
    w.admin.made("/api/bom/substitute/", json!({"bom_item": line, "part": screw}));
    w.bom(assembly, nut, 2, "optional = TRUE");
    for quantity in [7, 20, 60] {
        for part in [bolt, long, screw, nut] {
            w.stock(part, quantity);
        }
    }
    for serial in 1..=12 {
        w.piece(motor, &serial.to_string());
    }
    let parts = [motor, bolt, long, screw, nut];
    // exactly, with everything that was consumed, installed or is left
    let there = || {
        parts.map(|part| {
            let sql = "SELECT COALESCE(CAST(SUM(quantity) AS BIGINT), 0) FROM stock_stockitem WHERE part = $1";
            w.server.int(sql, &[part.into()])
        })
    };
    let before = there();
    let (mut builds, mut serial) = (Vec::new(), 0);
    for _ in 0..STEPS {
        step(w, &mut random, &mut builds, assembly, &mut serial);
        check_stock(w);
        assert_eq!(there(), before, "used up, installed and left is all there was");
    }
    let completed = w.server.int("SELECT COALESCE(CAST(SUM(completed) AS BIGINT), 0) FROM build_build", &[]);
    let good = format!("stock_stockitem WHERE part = {assembly} AND NOT is_building AND status = 10");
    assert_eq!(w.count(&good), completed, "what is complete is there");
    crate::platform::changelog::rebuilt_tests::check(w.server);
    assert!(completed > 0 && w.count("stock_stockitem WHERE consumed_by IS NOT NULL") > 3, "something was done");
}
