//! Effects and errors of each action.

use ironwood_base::{Key, clock};
use serde_json::json;

use super::{World, check_stock};
use crate::business::build::overdue;
use crate::platform::users::permission::{Permission, Ruleset};
use crate::testing::on_each_server;

#[test]
fn lines_come_from_the_bill_of_materials_and_follow_it() {
    on_each_server(|server| {
        let w = World::new(server);
        let template = w.part("Template", json!({"assembly": true, "is_template": true}));
        let variant = w.part("Variant", json!({"assembly": true, "variant_of": template}));
        let (bolt, nut, idea) =
            (w.part("Bolt", json!({})), w.part("Nut", json!({})), w.part("Idea", json!({"virtual": true})));
        w.bom(template, bolt, 4, "inherited = TRUE, setup_quantity = 300000, attrition = 10000");
        let plain = w.bom(template, nut, 1, "");
        let own = w.bom(variant, nut, 2, "rounding_multiple = 1500000");
        w.bom(variant, idea, 1, "");
        let build = w.build(variant, 10);
        let needs = |build: i64| {
            let mut found: Vec<(i64, f64)> = w
                .lines(build)
                .iter()
                .map(|l| (l["bom_item"].as_i64().unwrap(), l["quantity"].as_f64().unwrap()))
                .collect();
            found.sort_by_key(|(item, _)| *item);
            found.into_iter().map(|(_, quantity)| quantity).collect::<Vec<f64>>()
        };
        assert!(w.lines(build).iter().all(|l| l["bom_item"] != json!(plain)), "not inherited");
        // 40 and a tenth of it, and 3 for setting up; 20, in multiples of 15
        assert_eq!(needs(build), [47.0, 30.0]);
        assert_eq!(w.admin.patch(&format!("/api/build/{build}/"), json!({"quantity": 20})).0, 200);
        assert_eq!(needs(build), [91.0, 45.0]);
        server.write(move |conn| {
            conn.execute("UPDATE part_bomitem SET quantity = 100000 WHERE id = $1", &[own.into()])?;
            crate::business::build::lines::bom_item_changed(conn, Key::from_id(own))
        });
        assert_eq!(needs(build), [91.0, 30.0]);
        let more = w.bom(template, nut, 5, "inherited = TRUE");
        server.write(move |conn| crate::business::build::lines::bom_item_changed(conn, Key::from_id(more)));
        assert_eq!(needs(build), [91.0, 30.0, 100.0]);
        // a closed build order stays as it is
        w.done(build, "cancel", json!({}));
        server.write(move |conn| {
            conn.execute("UPDATE part_bomitem SET quantity = 700000 WHERE id = $1", &[own.into()])?;
            crate::business::build::lines::bom_item_changed(conn, Key::from_id(own))
        });
        assert_eq!(needs(build), [91.0, 30.0, 100.0]);
        assert_eq!(w.admin.patch(&format!("/api/build/{build}/"), json!({"part": template})).0, 400);
        assert_eq!(w.admin.post("/api/build/line/", json!({"quantity": 1, "consumed": 0})).0, 400);
        let (status, answer) = w.admin.post("/api/build/", json!({"part": variant, "quantity": 3_000_000_000_i64}));
        assert_eq!((status, answer["quantity"].is_array()), (400, true));
    });
}

#[test]
fn stock_is_set_aside_by_hand_within_limits() {
    on_each_server(|server| {
        let w = World::new(server);
        let (assembly, bolt, other) = (w.assembly("Box"), w.part("Bolt", json!({})), w.part("Other", json!({})));
        w.bom(assembly, bolt, 2, "");
        let build = w.build(assembly, 5);
        let line = w.line(build, bolt);
        let (stock, wrong) = (w.stock(bolt, 100), w.stock(other, 100));
        assert_eq!(w.allocate(build, line, stock, 30).0, 201);
        assert_eq!(w.allocate(build, line, stock, 20).0, 201);
        assert_eq!(w.count("build_builditem"), 1, "the same allocation grows");
        let item = |stock: i64, quantity: i64| json!({"build_line": line, "stock_item": stock, "quantity": quantity});
        for (items, fields) in [
            (json!([item(stock, 51)]), json!({"quantity": 1})),
            (json!([item(stock, 0)]), json!({"quantity": 1})),
            (json!([item(wrong, 1)]), json!({"stock_item": 1})),
            (json!([item(stock, 30), item(stock, 21)]), json!({"quantity": 1})),
        ] {
            let answer = w.refused(build, "allocate", json!({"items": items}), &["items"]);
            let last = answer["items"].as_array().unwrap().last().unwrap().as_object().unwrap();
            assert_eq!(last.keys().collect::<Vec<_>>(), fields.as_object().unwrap().keys().collect::<Vec<_>>());
        }
        w.refused(build, "allocate", json!({"items": []}), &["non_field_errors"]);
        w.refused(build, "allocate", json!({}), &["items"]);
        let second = w.build(assembly, 5);
        assert_eq!(w.allocate(second, line, stock, 1).0, 400, "a line of another build order");
        // as a row of its own
        let row = json!({"build_line": line, "stock_item": stock, "quantity": 51});
        assert_eq!(w.admin.post("/api/build/item/", row).0, 400);
        let allocation = w.admin.read(&format!("/api/build/item/?build={build}"))[0]["pk"].as_i64().unwrap();
        let path = format!("/api/build/item/{allocation}/");
        assert_eq!(w.admin.patch(&path, json!({"quantity": 101})).0, 400);
        assert_eq!(w.admin.patch(&path, json!({"quantity": 100})).0, 200);
        check_stock(&w);
        w.done(build, "unallocate", json!({"build_line": line}));
        assert_eq!(w.count("build_builditem"), 0);
    });
}

#[test]
fn stock_is_found_by_nearness_place_and_order() {
    on_each_server(|server| {
        let w = World::new(server);
        let shelf = w.admin.made("/api/stock/location/", json!({"name": "Inner", "parent": w.place}));
        let outside = w.admin.made("/api/stock/location/", json!({"name": "Outside"}));
        let template = w.part("Screw", json!({"is_template": true}));
        let variant = w.part("Black screw", json!({"variant_of": template}));
        let substitute = w.part("Nail", json!({}));
        let assembly = w.assembly("Box");
        let bom = w.bom(assembly, template, 10, "allow_variants = TRUE");
        w.admin.made("/api/bom/substitute/", json!({"bom_item": bom, "part": substitute}));
        let build = w.build(assembly, 1);
        let at = |part: i64, quantity: i64, location: i64| {
            w.admin.made("/api/stock/", json!({"part": part, "quantity": quantity, "location": location}))
        };
        let (nails, black, few, far) =
            (at(substitute, 50, w.place), at(variant, 3, shelf), at(template, 2, w.place), at(template, 4, outside));
        let taken = || {
            let rows = w.admin.read(&format!("/api/build/item/?build={build}"));
            let mut found: Vec<(i64, f64)> = rows
                .as_array()
                .unwrap()
                .iter()
                .map(|r| (r["stock_item"].as_i64().unwrap(), r["quantity"].as_f64().unwrap()))
                .collect();
            found.sort_by_key(|(item, _)| *item);
            w.done(build, "unallocate", json!({}));
            found
        };
        w.done(build, "auto-allocate", json!({}));
        assert_eq!(taken(), [], "several to choose from: somebody has to");
        w.done(build, "auto-allocate", json!({"interchangeable": true}));
        assert_eq!(taken(), [(nails, 1.0), (black, 3.0), (few, 2.0), (far, 4.0)]);
        w.done(build, "auto-allocate", json!({"interchangeable": true, "substitutes": false}));
        assert_eq!(taken(), [(black, 3.0), (few, 2.0), (far, 4.0)]);
        w.done(build, "auto-allocate", json!({"interchangeable": true, "location": w.place}));
        assert_eq!(taken(), [(nails, 5.0), (black, 3.0), (few, 2.0)]);
        w.done(build, "auto-allocate", json!({"interchangeable": true, "exclude_location": w.place}));
        assert_eq!(taken(), [(far, 4.0)]);
        w.done(build, "auto-allocate", json!({"location": outside}));
        assert_eq!(taken(), [(far, 4.0)], "there is one only");
        // one piece is wanted: which one, the order says
        let one = w.assembly("Pin");
        w.bom(one, template, 1, "");
        let pin = w.build(one, 1);
        for (sort, wanted) in [("quantity", few), ("-quantity", far), ("updated", few), ("-updated", far)] {
            w.done(pin, "auto-allocate", json!({"interchangeable": true, "stock_sort_by": sort}));
            let rows = w.admin.read(&format!("/api/build/item/?build={pin}"));
            assert_eq!(rows[0]["stock_item"], json!(wanted), "{sort}");
            w.done(pin, "unallocate", json!({}));
        }
        w.refused(pin, "auto-allocate", json!({"stock_sort_by": "price"}), &["stock_sort_by"]);
    });
}

#[test]
fn two_lines_for_one_part_share_its_stock() {
    on_each_server(|server| {
        let w = World::new(server);
        let (assembly, bolt) = (w.assembly("Box"), w.part("Bolt", json!({})));
        w.bom(assembly, bolt, 4, "");
        w.bom(assembly, bolt, 4, "reference = 'top'");
        w.stock(bolt, 5);
        let build = w.build(assembly, 1);
        w.done(build, "auto-allocate", json!({}));
        assert_eq!(w.sum("build_builditem x"), 5);
        check_stock(&w);
    });
}

#[test]
fn tracked_parts_are_installed_into_their_output() {
    on_each_server(|server| {
        let w = World::new(server);
        let assembly = w.part("Machine", json!({"assembly": true, "trackable": true}));
        let (motor, bolt) = (w.part("Motor", json!({"trackable": true})), w.part("Bolt", json!({})));
        w.bom(assembly, motor, 1, "");
        w.bom(assembly, bolt, 3, "");
        let build = w.build(assembly, 3);
        let (first, second) = (w.piece(motor, "1"), w.piece(motor, "2"));
        let bolts = w.stock(bolt, 10);
        w.refused(build, "create-output", json!({"quantity": 2}), &["serials"]);
        w.refused(build, "create-output", json!({"quantity": 2.5}), &["quantity"]);
        w.refused(build, "create-output", json!({"quantity": 2, "serial_numbers": "1"}), &["serial_numbers"]);
        let made =
            w.done(build, "create-output", json!({"quantity": 2, "serial_numbers": "1-2", "auto_allocate": true}));
        let outputs: Vec<i64> = made.as_array().unwrap().iter().map(|o| o["pk"].as_i64().unwrap()).collect();
        assert_eq!(w.order(build)["status"], json!(20), "production has begun");
        assert_eq!(w.count("build_builditem WHERE install_into IS NOT NULL"), 2);
        let line = w.line(build, motor);
        let (third, untracked) = (w.piece(motor, "3"), json!({"build_line": line, "stock_item": first, "quantity": 1}));
        w.refused(build, "allocate", json!({"items": [untracked]}), &["items"]);
        w.output(build, json!({"quantity": 1, "serial_numbers": "3"}));
        let all = |outputs: &[i64]| {
            let rows: Vec<_> = outputs.iter().map(|o| json!({"output": o})).collect();
            json!({"outputs": rows, "location": w.place})
        };
        let last = w.server.int("SELECT MAX(id) FROM stock_stockitem WHERE is_building", &[]);
        w.refused(build, "complete", all(&[last]), &["outputs"]);
        let answer = w.done(build, "complete", all(&outputs));
        assert_eq!(answer["success"], json!(true));
        assert_eq!(w.item(first)["belongs_to"], json!(outputs[0]));
        assert_eq!(w.item(second)["consumed_by"], json!(build));
        assert_eq!(w.item(outputs[0])["is_building"], json!(false));
        assert_eq!(w.order(build)["completed"], json!(2));
        assert_eq!(w.item(bolts)["quantity"], json!(10.0), "what is not tracked waits for the end");
        w.done(build, "auto-allocate", json!({"item_type": "all"}));
        assert_eq!(w.item(third)["allocated"], json!(1.0));
        w.refused(build, "finish", json!({}), &["accept_incomplete"]);
        w.refused(build, "finish", json!({"accept_incomplete": true}), &["non_field_errors"]);
        w.done(build, "complete", all(&[last]));
        w.done(build, "finish", json!({}));
        assert_eq!(w.item(bolts)["quantity"], json!(1.0));
        assert_eq!(w.order(build)["status"], json!(40));
        check_stock(&w);
        // history of an output and of what went into it
        let codes = |item: i64| -> Vec<i64> {
            let rows = w.admin.read(&format!("/api/stock/track/?item={item}&ordering=date"));
            let mut codes: Vec<i64> =
                rows.as_array().unwrap().iter().map(|r| r["tracking_type"].as_i64().unwrap()).collect();
            codes.sort_unstable();
            codes
        };
        assert_eq!(codes(outputs[0]), [35, 50, 55]);
        assert!(codes(first).contains(&30));
    });
}

#[test]
fn outputs_are_divided_scrapped_and_removed() {
    on_each_server(|server| {
        let w = World::new(server);
        let assembly = w.assembly("Box");
        let build = w.build(assembly, 10);
        let output = w.output(build, json!({"quantity": 10, "batch_code": "B7", "location": w.place}));
        assert_eq!(w.item(output)["batch"], json!("B7"));
        let part = |quantity: i64| json!({"outputs": [{"output": output, "quantity": quantity}], "location": w.place});
        w.refused(build, "complete", part(11), &["outputs"]);
        w.refused(build, "complete", part(0), &["outputs"]);
        w.refused(build, "complete", json!({"outputs": [{"output": output}]}), &["location"]);
        w.done(build, "complete", part(4));
        assert_eq!(w.item(output)["quantity"], json!(6.0));
        assert_eq!(w.order(build)["completed"], json!(4));
        w.refused(build, "scrap-outputs", part(1), &["notes"]);
        let mut scrap = part(2);
        scrap["notes"] = json!("bent");
        w.done(build, "scrap-outputs", scrap);
        assert_eq!(w.count("stock_stockitem WHERE status = 65 AND quantity = 200000 AND NOT is_building"), 1);
        assert_eq!(w.order(build)["completed"], json!(4), "what is scrapped is not complete");
        let twice = json!({"outputs": [{"output": output}, {"output": output}], "location": w.place});
        w.refused(build, "complete", twice, &["outputs"]);
        w.done(build, "delete-outputs", json!({"outputs": [{"output": output}]}));
        assert_eq!(w.count("stock_stockitem WHERE is_building"), 0);
        w.refused(build, "delete-outputs", json!({"outputs": []}), &["non_field_errors"]);
        assert_eq!(w.admin.delete(&format!("/api/build/{build}/")).0, 400, "only a cancelled one is deleted");
        w.done(build, "cancel", json!({}));
        assert_eq!(w.admin.delete(&format!("/api/build/{build}/")).0, 204);
    });
}

#[test]
fn required_tests_are_passed_before_completion_where_the_setting_says_so() {
    on_each_server(|server| {
        let w = World::new(server);
        let assembly = w.part("Box", json!({"assembly": true, "testable": true}));
        let test = w.admin.made(
            "/api/part/test-template/",
            json!({"part": assembly, "test_name": "Drop it", "description": "From a table"}),
        );
        let build = w.build(assembly, 1);
        let output = w.output(build, json!({"quantity": 1}));
        let setting = "/api/settings/global/PREVENT_BUILD_COMPLETION_HAVING_INCOMPLETED_TESTS/";
        assert_eq!(w.admin.patch(setting, json!({"value": "true"})).0, 200);
        let body = json!({"outputs": [{"output": output}], "location": w.place});
        w.refused(build, "complete", body.clone(), &["outputs"]);
        let result = |passed: bool| json!({"stock_item": output, "template": test, "result": passed});
        w.admin.made("/api/stock/test/", result(false));
        w.refused(build, "complete", body.clone(), &["outputs"]);
        w.admin.made("/api/stock/test/", result(true));
        w.done(build, "complete", body);
    });
}

#[test]
fn finishing_asks_about_excess_and_lack() {
    on_each_server(|server| {
        let w = World::new(server);
        let (assembly, bolt) = (w.assembly("Box"), w.part("Bolt", json!({})));
        w.bom(assembly, bolt, 2, "");
        for (accept, used) in [("accept", 15), ("trim", 10)] {
            let stock = w.stock(bolt, 100);
            let build = w.build(assembly, 5);
            let line = w.line(build, bolt);
            w.allocate(build, line, stock, 15);
            w.refused(build, "finish", json!({}), &["accept_incomplete", "accept_overallocated"]);
            let body = json!({"accept_incomplete": true, "accept_overallocated": accept});
            w.refused(build, "finish", body.clone(), &["non_field_errors"]);
            w.done(build, "issue", json!({}));
            w.done(build, "finish", body);
            assert_eq!(w.item(stock)["quantity"], json!(100.0 - f64::from(used)), "{accept}");
            assert_eq!(w.lines(build)[0]["consumed"], json!(f64::from(used)));
        }
        let build = w.build(assembly, 5);
        w.done(build, "issue", json!({}));
        w.refused(build, "finish", json!({"accept_incomplete": true}), &["accept_unallocated"]);
        w.done(build, "hold", json!({}));
        assert_eq!(w.order(build)["status"], json!(25));
        w.done(build, "issue", json!({}));
        let setting = "/api/settings/global/BUILDORDER_REQUIRE_CLOSED_CHILDS/";
        assert_eq!(w.admin.patch(setting, json!({"value": "true"})).0, 200);
        let child = w.admin.made("/api/build/", json!({"part": assembly, "quantity": 1, "parent": build}));
        let body = json!({"accept_incomplete": true, "accept_unallocated": true});
        w.refused(build, "finish", body.clone(), &["non_field_errors"]);
        w.done(child, "cancel", json!({}));
        w.done(build, "finish", body);
        assert_eq!(w.act(build, "cancel", json!({})).0, 400, "what is complete stays so");
        check_stock(&w);
    });
}

#[test]
fn cancelling_frees_or_uses_up() {
    on_each_server(|server| {
        let w = World::new(server);
        let (assembly, bolt) = (w.assembly("Box"), w.part("Bolt", json!({})));
        w.bom(assembly, bolt, 2, "");
        for (use_up, left) in [(false, 20.0), (true, 10.0)] {
            let stock = w.stock(bolt, 20);
            let build = w.build(assembly, 5);
            w.output(build, json!({"quantity": 5}));
            w.allocate(build, w.line(build, bolt), stock, 10);
            let body = json!({"remove_allocated_stock": use_up, "remove_incomplete_outputs": use_up});
            w.done(build, "cancel", body);
            assert_eq!(w.item(stock)["quantity"], json!(left));
            assert_eq!(w.count("build_builditem"), 0);
            assert_eq!(w.count(&format!("stock_stockitem WHERE is_building AND build = {build}")), i64::from(!use_up));
            assert_eq!(w.order(build)["status"], json!(30));
            w.done(build, "cancel", json!({}));
        }
        check_stock(&w);
    });
}

#[test]
fn stock_is_used_up_before_the_end() {
    on_each_server(|server| {
        let w = World::new(server);
        let (assembly, bolt, nut) = (w.assembly("Box"), w.part("Bolt", json!({})), w.part("Nut", json!({})));
        w.bom(assembly, bolt, 2, "");
        w.bom(assembly, nut, 2, "");
        let build = w.build(assembly, 5);
        let (bolts, nuts) = (w.stock(bolt, 10), w.stock(nut, 30));
        w.allocate(build, w.line(build, bolt), bolts, 10);
        w.allocate(build, w.line(build, nut), nuts, 10);
        let of = |stock: i64| {
            let rows = w.admin.read(&format!("/api/build/item/?build={build}&stock_item={stock}"));
            rows[0]["pk"].as_i64().unwrap()
        };
        let item = |quantity: i64| json!({"items": [{"build_item": of(nuts), "quantity": quantity}]});
        w.refused(build, "consume", json!({}), &["non_field_errors"]);
        w.refused(build, "consume", item(11), &["items"]);
        w.done(build, "consume", item(4));
        assert_eq!(w.item(nuts)["quantity"], json!(26.0));
        w.done(build, "consume", json!({"lines": [{"build_line": w.line(build, bolt)}], "notes": "early"}));
        assert_eq!(w.item(bolts)["consumed_by"], json!(build), "all of an item is used up as it is");
        let left: f64 = w.lines(build).iter().map(|l| l["allocated"].as_f64().unwrap()).sum();
        let left = left as i64;
        assert_eq!(left, 6);
        let other = w.build(assembly, 1);
        w.refused(other, "consume", json!({"lines": [{"build_line": w.line(build, nut)}]}), &["lines"]);
        check_stock(&w);
    });
}

#[test]
fn many_lines_take_few_statements() {
    on_each_server(|server| {
        let w = World::new(server);
        let place = w.place;
        let counts: Vec<u64> = [5_i64, 40]
            .into_iter()
            .map(|lines| {
                let assembly = w.assembly(&format!("Box of {lines}"));
                for i in 0..lines {
                    let part = w.part(&format!("Part {lines}/{i}"), json!({}));
                    w.bom(assembly, part, 2, "");
                    w.stock(part, 100);
                }
                let build = w.build(assembly, 3);
                w.done(build, "auto-allocate", json!({"location": place}));
                assert_eq!(
                    w.count(&format!(
                        "build_builditem a JOIN build_buildline l ON l.id = a.build_line WHERE l.build = {build}"
                    )),
                    lines
                );
                w.admin.statements(&format!("/api/build/line/?build={build}&allocations=true&part_detail=true"))
            })
            .collect();
        assert_eq!(counts[0], counts[1], "statements for a list do not grow with it");
    });
}

#[test]
fn what_is_needed_is_counted_over_open_builds_and_variants() {
    on_each_server(|server| {
        let w = World::new(server);
        let template = w.part("Screw", json!({"is_template": true, "assembly": true}));
        let variant = w.part("Black screw", json!({"variant_of": template, "assembly": true}));
        let assembly = w.assembly("Box");
        w.bom(assembly, template, 3, "");
        w.bom(assembly, variant, 2, "");
        let stock = w.stock(variant, 100);
        let builds = [w.build(assembly, 4), w.build(assembly, 6), w.build(assembly, 9)];
        w.done(builds[2], "cancel", json!({}));
        assert_eq!(w.allocate(builds[0], w.line(builds[0], variant), stock, 8).0, 201);
        w.done(builds[0], "consume", json!({"lines": [{"build_line": w.line(builds[0], variant)}]}));
        assert_eq!(w.allocate(builds[1], w.line(builds[1], variant), stock, 5).0, 201);
        let screws = w.build(variant, 7);
        w.output(screws, json!({"quantity": 5}));
        let needs = |part: i64| w.admin.read(&format!("/api/part/{part}/requirements/"));
        for (part, required) in [(template, 42.0), (variant, 12.0)] {
            let found = needs(part);
            assert_eq!(found["required_for_build_orders"], json!(required));
            assert_eq!(found["allocated_to_build_orders"], json!(5.0));
            assert_eq!(found["total_stock"], json!(92.0));
            assert_eq!(found["unallocated_stock"], json!(87.0));
            assert_eq!(found["building"], json!(5.0));
            assert_eq!(found["scheduled_to_build"], json!(7));
        }
    });
}

#[test]
fn large_orders_take_as_many_statements_as_small_ones() {
    on_each_server(|server| {
        let w = World::new(server);
        let counts: Vec<[u64; 3]> = [20_usize, 100]
            .into_iter()
            .map(|lines| {
                let assembly = w.assembly(&format!("Box of {lines}"));
                for i in 0..lines {
                    let part = w.part(&format!("Part {lines}/{i}"), json!({}));
                    w.bom(assembly, part, 1, "");
                    w.stock(part, 2);
                }
                let build = w.build(assembly, 1);
                let made =
                    w.done(build, "create-output", json!({"quantity": lines, "serial_numbers": format!("1-{lines}")}));
                let outputs: Vec<_> = made.as_array().unwrap().iter().map(|o| json!({"output": o["pk"]})).collect();
                let auto = w.statements(build, "auto-allocate", json!({}));
                let complete = w.statements(build, "complete", json!({"outputs": outputs, "location": w.place}));
                [auto, complete, w.statements(build, "finish", json!({}))]
            })
            .collect();
        for (small, large) in counts[0].iter().zip(counts[1]) {
            assert!(large <= small + 16, "{counts:?}");
        }
    });
}

#[test]
fn those_who_answer_for_an_order_are_told() {
    on_each_server(|server| {
        let w = World::new(server);
        let bob = server.user("bob", &[(Ruleset::Build, &[Permission::View])]).user;
        let owner =
            server.int("SELECT id FROM users_owner WHERE owner_type = 'auth.user' AND owner_id = $1", &[bob.into()]);
        let (assembly, bolt) = (w.assembly("Box"), w.part("Bolt", json!({})));
        w.bom(assembly, bolt, 2, "");
        let notified = || {
            let sql = format!("common_notificationmessage WHERE \"user\" = {bob}");
            (w.count(&sql), w.count(&format!("common_notificationmessage WHERE \"user\" = {}", w.admin.user)))
        };
        let body = json!({"part": assembly, "quantity": 5, "responsible": owner});
        let build = w.admin.made("/api/build/", body.clone());
        assert_eq!(notified(), (1, 0), "not the one who made it");
        w.done(build, "issue", json!({}));
        assert_eq!(notified(), (2, 0), "stock is missing");
        w.done(build, "hold", json!({}));
        w.done(build, "cancel", json!({}));
        assert_eq!(notified(), (3, 0));
        let late = |target: String| {
            let mut body = body.clone();
            body["target_date"] = json!(target);
            w.admin.made("/api/build/", body)
        };
        for days in [-2, -1, 0, 1] {
            late(clock::days_from_today(days));
        }
        let done = late(clock::days_from_today(-1));
        w.done(done, "cancel", json!({}));
        assert_eq!(notified(), (9, 0));
        for _ in 0..2 {
            server.run_job(&overdue::OVERDUE);
        }
        assert_eq!(notified(), (10, 1), "of the one that is late since today, once, and whoever made it as well");
    });
}
