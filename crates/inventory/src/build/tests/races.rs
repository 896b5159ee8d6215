//! Many at once: nothing is set aside, used up or completed twice.

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
        let builds = [w.build(assembly, 1), w.build(assembly, 1)];
        let lines = [w.line(builds[0], bolt), w.line(builds[1], bolt)];
        let answers = race(10, |i| w.allocate(builds[i % 2], lines[i % 2], stock, 1).0);
        assert_eq!(answers.iter().filter(|status| **status == 201).count(), 5, "{answers:?}");
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
