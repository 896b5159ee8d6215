//! Concurrent requests: nothing is allocated, consumed, or completed twice.

use serde_json::json;

use super::{World, check_stock};
use crate::testing::{on_each_server, race};

#[test]
fn no_more_is_set_aside_than_there_is() {
    on_each_server(|server| {
        let w = World::new(server);
        let (assembly, bolt) = (w.assembly("Box"), w.part("Bolt", json!({})));
        w.bom(assembly, bolt, 10, "");
        let stock = w.stock(bolt, 5);
        let builds: Vec<(i64, i64)> = (0..5)
            .map(|_| {
                let build = w.build(assembly, 1);
                (build, w.line(build, bolt))
            })
            .collect();
        let answers = race(100, |i| w.allocate(builds[i % 5].0, builds[i % 5].1, stock, 1).0);
        assert_eq!(answers.iter().filter(|status| **status == 201).count(), 5, "{answers:?}");
        assert!(answers.iter().all(|status| matches!(status, 201 | 400)), "{answers:?}");
        assert_eq!(w.sum("build_builditem x"), 5);
        check_stock(&w);
    });
}

#[test]
fn two_searches_do_not_find_the_same_stock() {
    on_each_server(|server| {
        let w = World::new(server);
        let (assembly, bolt) = (w.assembly("Box"), w.part("Bolt", json!({})));
        w.bom(assembly, bolt, 4, "");
        w.stock(bolt, 10);
        let builds: Vec<i64> = (0..4).map(|_| w.build(assembly, 1)).collect();
        let answers = race(4, |i| w.act(builds[i], "auto-allocate", json!({"interchangeable": true})).0);
        assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
        assert_eq!(w.sum("build_builditem x"), 10);
        check_stock(&w);
    });
}

#[test]
fn an_output_is_completed_once() {
    on_each_server(|server| {
        let w = World::new(server);
        let assembly = w.part("Machine", json!({"assembly": true, "trackable": true}));
        let motor = w.part("Motor", json!({"trackable": true}));
        w.bom(assembly, motor, 1, "");
        let build = w.build(assembly, 1);
        let piece = w.piece(motor, "1");
        let output = w.output(build, json!({"quantity": 1, "serial_numbers": "1", "auto_allocate": true}));
        let body = json!({"outputs": [{"output": output}], "location": w.place});
        let answers = race(6, |_| w.act(build, "complete", body.clone()).0);
        assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
        assert_eq!(w.order(build)["completed"], json!(1));
        assert_eq!(w.item(piece)["belongs_to"], json!(output));
        assert_eq!(w.count(&format!("stock_stockitemtracking WHERE tracking_type = 55 AND item = {output}")), 1);
        check_stock(&w);
    });
}

#[test]
fn an_order_is_cancelled_or_completed() {
    on_each_server(|server| {
        let w = World::new(server);
        for round in 0..3 {
            let (assembly, bolt) = (w.assembly(&format!("Box {round}")), w.part(&format!("Bolt {round}"), json!({})));
            w.bom(assembly, bolt, 2, "");
            let stock = w.stock(bolt, 100);
            let build = w.build(assembly, 5);
            w.allocate(build, w.line(build, bolt), stock, 10);
            w.done(build, "issue", json!({}));
            let answers = race(6, |i| {
                if i % 2 == 0 {
                    w.act(build, "finish", json!({"accept_incomplete": true})).0
                } else {
                    w.act(build, "cancel", json!({"remove_allocated_stock": true})).0
                }
            });
            let status = w.order(build)["status"].as_i64().unwrap();
            assert!(matches!(status, 30 | 40), "{answers:?}");
            assert_eq!(w.item(stock)["quantity"], json!(90.0), "used up once: {answers:?}");
            let all = format!("stock_stockitem x WHERE x.part = {bolt}");
            assert_eq!(w.sum(&all), 100);
            let finished = answers.iter().step_by(2).filter(|status| **status == 201).count();
            assert_eq!(finished, usize::from(status == 40), "{answers:?}");
            check_stock(&w);
        }
    });
}

#[test]
fn orders_made_at_once_have_references_of_their_own() {
    on_each_server(|server| {
        let w = World::new(server);
        let assembly = w.assembly("Box");
        let answers = race(6, |_| w.admin.post("/api/build/", json!({"part": assembly, "quantity": 1})).0);
        assert!(answers.iter().all(|status| *status == 201), "{answers:?}");
        assert_eq!(w.server.int("SELECT COUNT(DISTINCT reference) FROM build_build", &[]), 6);
    });
}

#[test]
fn an_output_is_completed_scrapped_or_removed() {
    on_each_server(|server| {
        let w = World::new(server);
        let assembly = w.part("Machine", json!({"assembly": true, "trackable": true}));
        let motor = w.part("Motor", json!({"trackable": true}));
        w.bom(assembly, motor, 1, "");
        let build = w.build(assembly, 4);
        for round in 1..=4 {
            let piece = w.piece(motor, &round.to_string());
            let serial = round.to_string();
            let output = w.output(build, json!({"quantity": 1, "serial_numbers": serial, "auto_allocate": true}));
            let rows = json!([{"output": output}]);
            let acts = [
                ("complete", json!({"outputs": rows, "location": w.place})),
                ("scrap-outputs", json!({"outputs": rows, "location": w.place, "notes": "broken"})),
                ("delete-outputs", json!({"outputs": rows})),
            ];
            let answers = race(6, |i| w.act(build, acts[i % 3].0, acts[i % 3].1.clone()).0);
            let done: Vec<usize> = (0..6).filter(|i| answers[*i] == 200).collect();
            assert_eq!(done.len(), 1, "{answers:?}");
            let kept = w.count(&format!("stock_stockitem WHERE id = {output}"));
            assert_eq!(kept, i64::from(done[0] % 3 != 2), "{answers:?}");
            // the motor is in the output, or free again
            let shown = w.item(piece);
            let place = if kept == 1 { json!(output) } else { json!(null) };
            assert_eq!((&shown["belongs_to"], &shown["quantity"]), (&place, &json!(1.0)), "{answers:?}");
            assert_eq!(w.count("build_builditem"), 0);
            check_stock(&w);
        }
        let good = w.count(&format!("stock_stockitem WHERE part = {assembly} AND NOT is_building AND status = 10"));
        assert_eq!(w.order(build)["completed"], json!(good));
    });
}

#[test]
fn what_is_set_aside_is_used_up_once_by_whoever_comes_first() {
    on_each_server(|server| {
        let w = World::new(server);
        for round in 0..3 {
            let (assembly, bolt) = (w.assembly(&format!("Box {round}")), w.part(&format!("Bolt {round}"), json!({})));
            w.bom(assembly, bolt, 2, "");
            let (stock, build) = (w.stock(bolt, 30), w.build(assembly, 5));
            let line = w.line(build, bolt);
            w.allocate(build, line, stock, 10);
            w.done(build, "issue", json!({}));
            let acts = [
                ("consume", json!({"lines": [{"build_line": line}]})),
                ("finish", json!({"accept_incomplete": true, "accept_unallocated": true})),
                ("cancel", json!({"remove_allocated_stock": true})),
                ("unallocate", json!({"build_line": line})),
            ];
            let answers = race(8, |i| w.act(build, acts[i % 4].0, acts[i % 4].1.clone()).0);
            assert!(answers.iter().all(|status| matches!(status, 200 | 201 | 400)), "{answers:?}");
            assert!(matches!(w.order(build)["status"].as_i64(), Some(30 | 40)), "{answers:?}");
            let used = w.sum(&format!("stock_stockitem x WHERE x.consumed_by = {build}"));
            assert!(used == 10 || used == 0, "all of it once, or it was freed before: {used}, {answers:?}");
            assert_eq!(w.sum(&format!("stock_stockitem x WHERE x.part = {bolt}")), 30);
            assert_eq!(w.count("build_builditem"), 0);
            check_stock(&w);
        }
    });
}
