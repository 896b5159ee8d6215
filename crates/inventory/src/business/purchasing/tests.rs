//! Purchase orders through the API: life cycles, errors, and concurrency.

use serde_json::{Value as Json, json};

use crate::platform::users::permission::{Permission, Ruleset};
use crate::testing::{Client, Dice, Server, on_each_server, race};

/// A supplier with parts in packs of these sizes. Returns the keys of the supplier and the parts.
fn supplier(admin: &Client, sizes: &[&str]) -> (i64, Vec<i64>) {
    let supplier = admin.made("/api/company/", json!({"name": "Supplier", "is_supplier": true, "currency": "USD"}));
    let parts = sizes.iter().enumerate().map(|(i, size)| {
        let part = admin.made(
            "/api/part/",
            json!({"name": format!("Part {i}"), "description": "x", "purchaseable": true, "trackable": true}),
        );
        admin.made(
            "/api/company/part/",
            json!({"part": part, "supplier": supplier, "SKU": format!("SKU-{i}"), "pack_quantity": size}),
        )
    });
    (supplier, parts.collect())
}

fn placed(admin: &Client, supplier: i64, lines: &[(i64, Json)]) -> (i64, Vec<i64>) {
    let order = admin.made("/api/order/po/", json!({"supplier": supplier}));
    let lines = lines.iter().map(|(part, quantity)| {
        let line = json!({"order": order, "part": part, "quantity": quantity, "merge_items": false});
        admin.made("/api/order/po-line/", line)
    });
    let lines = lines.collect();
    admin.done(&format!("/api/order/po/{order}/issue/"), json!({}));
    (order, lines)
}

fn receive(admin: &Client, order: i64, items: Json) -> (u16, Json) {
    admin.post(&format!("/api/order/po/{order}/receive/"), json!({ "items": items }))
}

fn received(server: &Server, line: i64) -> i64 {
    server.int("SELECT received FROM order_purchaseorderlineitem WHERE id = $1", &[line.into()])
}

#[test]
fn what_has_come_is_counted_once_however_many_receive_it() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (supplier, parts) = supplier(&admin, &["10"]);
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        let (order, lines) = placed(&admin, supplier, &[(parts[0], json!(20))]);
        let answers =
            race(8, |_| receive(&admin, order, json!([{"line_item": lines[0], "quantity": 1.5, "location": place}])).0);
        assert_eq!(answers, [201; 8]);
        assert_eq!(received(server, lines[0]), 8 * 150_000);
        assert_eq!(server.int("SELECT CAST(SUM(quantity) AS BIGINT) FROM stock_stockitem", &[]), 8 * 1_500_000);
        assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitemtracking", &[]), 8);
        // stock that goes later was received all the same
        let item = server.int("SELECT MIN(id) FROM stock_stockitem", &[]);
        assert_eq!(admin.delete(&format!("/api/stock/{item}/")).0, 204);
        assert_eq!(received(server, lines[0]), 8 * 150_000);
    });
}

#[test]
fn one_serial_number_is_received_once() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (supplier, parts) = supplier(&admin, &["1"]);
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        let (order, lines) = placed(&admin, supplier, &[(parts[0], json!(100))]);
        let mut answers = race(4, |_| {
            let item = json!({"line_item": lines[0], "quantity": 3, "location": place, "serial_numbers": "7-9"});
            receive(&admin, order, json!([item])).0
        });
        answers.sort_unstable();
        assert_eq!(answers, [201, 400, 400, 400]);
        assert_eq!(received(server, lines[0]), 300_000);
        assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitem", &[]), 3);
    });
}

#[test]
fn a_hundred_orders_at_once_have_a_hundred_references() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (supplier, _) = supplier(&admin, &[]);
        let made = race(10, |_| {
            (0..10).map(|_| admin.done("/api/order/po/", json!({ "supplier": supplier }))).collect::<Vec<_>>()
        });
        let mut references: Vec<String> =
            made.iter().flatten().map(|order| order["reference"].as_str().unwrap().to_owned()).collect();
        references.sort();
        let wanted: Vec<String> = (1..=100).map(|i| format!("PO-{i:04}")).collect();
        assert_eq!(references, wanted);
    });
}

#[test]
fn everything_is_received_or_nothing() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (supplier, parts) = supplier(&admin, &["1", "2"]);
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        let hall = admin.made("/api/stock/location/", json!({"name": "Hall", "structural": true}));
        let (order, lines) = placed(&admin, supplier, &[(parts[0], json!(5)), (parts[1], json!(5))]);
        let good = json!({"line_item": lines[0], "quantity": 1, "location": place});
        for (bad, field) in [
            (json!({"line_item": lines[1], "quantity": 0, "location": place}), "quantity"),
            (json!({"line_item": lines[1], "quantity": -1, "location": place}), "quantity"),
            (json!({"line_item": lines[1], "quantity": "1e14", "location": place}), "quantity"),
            (json!({"line_item": 99_999, "quantity": 1, "location": place}), "line_item"),
            (json!({"line_item": lines[1], "quantity": 1, "location": hall}), "location"),
            (json!({"line_item": lines[1], "quantity": 1, "location": place, "status": 12_345}), "status"),
            (json!({"line_item": lines[1], "quantity": 1, "location": place, "serial_numbers": "1"}), "serial_numbers"),
            (
                json!({"line_item": lines[1], "quantity": 0.25, "location": place, "serial_numbers": "1"}),
                "serial_numbers",
            ),
        ] {
            let (status, answer) = receive(&admin, order, json!([good, bad]));
            assert_eq!(status, 400, "{bad}: {answer}");
            assert!(answer["items"][1][field].is_array(), "{bad}: {answer}");
        }
        let (status, answer) = receive(&admin, order, json!([{"line_item": lines[0], "quantity": 1}]));
        assert_eq!((status, answer["location"].is_array()), (400, true));
        assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitem", &[]), 0);
        assert_eq!(received(server, lines[0]), 0);
        // a barcode is one item's
        let coded = |code: &str| json!({"line_item": lines[0], "quantity": 1, "location": place, "barcode": code});
        assert_eq!(receive(&admin, order, json!([coded("A"), coded("A")])).0, 400);
        assert_eq!(receive(&admin, order, json!([coded("A"), coded("B")])).0, 201);
        assert_eq!(receive(&admin, order, json!([coded("B")])).0, 400);
        // an order that is not placed receives nothing
        admin.done(&format!("/api/order/po/{order}/hold/"), json!({}));
        assert_eq!(receive(&admin, order, json!([good])).0, 400);
        assert_eq!(received(server, lines[0]), 200_000);
    });
}

#[test]
fn statements_do_not_grow_with_lines() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (supplier, parts) = supplier(&admin, &["1"]);
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        let mut counts = Vec::new();
        for count in [4_usize, 64] {
            let wanted: Vec<(i64, Json)> = (0..count).map(|_| (parts[0], json!(1))).collect();
            let (order, lines) = placed(&admin, supplier, &wanted);
            let items: Vec<Json> =
                lines.iter().map(|line| json!({"line_item": line, "quantity": 1, "location": place})).collect();
            let body = ironwood_rest::http::Body::Json(json!({ "items": items }));
            let path = format!("/api/order/po/{order}/receive/");
            let request = admin.request(ironwood_rest::http::Method::Post, &path, body);
            let (answer, statements) = server.app.handle_counted(request);
            assert_eq!(answer.status, 201);
            counts.push(statements);
            let order = admin.read(&format!("/api/order/po/{order}/"));
            assert_eq!((order["status"].as_i64(), order["completed_lines"].as_u64()), (Some(30), Some(count as u64)));
        }
        assert!(counts[1] <= counts[0] + 12 && counts[1] < 60, "{counts:?}");
    });
}

/// An amount of money of an answer, in millionths.
fn millionths(json: &Json) -> i64 {
    json.as_f64().map_or(0, |amount| (amount * 1_000_000.0).round() as i64)
}

#[test]
fn over_random_lives_counters_and_totals_agree() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (supplier, parts) = supplier(&admin, &["1", "3", "0.5"]);
        // broken quantities, too
        server.write(|conn| conn.execute("UPDATE part_part SET trackable = FALSE", &[]));
        let sizes = [100_000_i64, 300_000, 50_000];
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        let mut dice = Dice(5);
        let mut stocked = 0_i64;
        for _ in 0..4 {
            let order = admin.made("/api/order/po/", json!({ "supplier": supplier }));
            let mut lines = Vec::new();
            for _ in 0..1 + dice.below(4) {
                let part = dice.below(3) as usize;
                let quantity = (1 + dice.below(900)) as i64 * 12_345;
                let line = json!({
                    "order": order, "part": parts[part], "merge_items": false, "discount": dice.below(10_000) as f64 / 100.0,
                    "quantity": ironwood_base::decimal::to_string(quantity, 5),
                    "purchase_price": format!("{}.{:06}", dice.below(50), dice.below(1_000_000)),
                });
                lines.push((admin.made("/api/order/po-line/", line), part, quantity, 0_i64));
            }
            let extra = json!({"order": order, "quantity": 2.5, "price": -0.333333, "description": "Rebate"});
            admin.made("/api/order/po-extra-line/", extra);
            admin.done(&format!("/api/order/po/{order}/issue/"), json!({}));
            for _ in 0..6 {
                let at = dice.below(lines.len() as u64) as usize;
                let packs = (1 + dice.below(500)) as i64 * 1_000;
                let item = json!({
                    "line_item": lines[at].0, "location": place, "quantity": ironwood_base::decimal::to_string(packs, 5),
                    "allow_over_receipt": true,
                });
                let (status, answer) = receive(&admin, order, json!([item]));
                if status != 201 {
                    // everything had come before: the order is complete
                    assert!(lines.iter().all(|l| l.3 >= l.2), "{answer}");
                    break;
                }
                lines[at].3 += packs;
                stocked += packs * sizes[lines[at].1] / 100_000;
            }
            for (line, _, quantity, came) in &lines {
                assert_eq!(received(server, *line), *came);
                let shown = admin.read(&format!("/api/order/po-line/{line}/"));
                let outstanding = (*quantity - *came).max(0);
                let rest = (shown["quantity"].as_f64().unwrap() - shown["received"].as_f64().unwrap()).max(0.0);
                assert_eq!((rest * 100_000.0).round() as i64, outstanding);
            }
            let sum = |path: &str| -> i64 {
                let rows = admin.read(&format!("{path}?order={order}"));
                rows.as_array().unwrap().iter().map(|line| millionths(&line["total_price"])).sum()
            };
            let total = millionths(&admin.read(&format!("/api/order/po/{order}/"))["total_price"]);
            assert_eq!(total, sum("/api/order/po-line/") + sum("/api/order/po-extra-line/"));
        }
        assert_eq!(server.int("SELECT CAST(SUM(quantity) AS BIGINT) FROM stock_stockitem", &[]), stocked);
        crate::platform::changelog::rebuilt_tests::check(server);
    });
}

#[test]
fn a_copy_has_the_lines_but_not_what_became_of_them() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (supplier, parts) = supplier(&admin, &["1"]);
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        let (order, lines) = placed(&admin, supplier, &[(parts[0], json!(2)), (parts[0], json!(3))]);
        receive(&admin, order, json!([{"line_item": lines[0], "quantity": 2, "location": place}]));
        let copy = admin.made("/api/order/po/", json!({"supplier": supplier, "duplicate": {"original": order}}));
        let rows = admin.read(&format!("/api/order/po-line/?order={copy}"));
        let all: Vec<(f64, f64)> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|line| (line["quantity"].as_f64().unwrap(), line["received"].as_f64().unwrap()))
            .collect();
        assert_eq!(all, [(2.0, 0.0), (3.0, 0.0)]);
        let (status, answer) =
            admin.post("/api/order/po/", json!({"supplier": supplier, "duplicate": {"original": 99_999}}));
        assert_eq!((status, answer["duplicate"]["original"].is_array()), (400, true));
    });
}

#[test]
fn the_suppliers_prices_are_taken_where_they_are_asked_for_and_nowhere_else() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (supplier, parts) = supplier(&admin, &["1", "1"]);
        for (quantity, price) in [(1, "1"), (10, "0.5")] {
            let body = json!({"part": parts[0], "quantity": quantity, "price": price, "price_currency": "USD"});
            admin.made("/api/company/price-break/", body);
        }
        let order = admin.made("/api/order/po/", json!({"supplier": supplier}));
        let line = |part: i64, more: Json| {
            let mut body = json!({"order": order, "part": part, "quantity": 1, "purchase_price_currency": "USD"});
            for (key, value) in more.as_object().unwrap() {
                body[key] = value.clone();
            }
            admin.made("/api/order/po-line/", body)
        };
        let price = |line: i64| admin.read(&format!("/api/order/po-line/{line}/"))["purchase_price"].clone();
        let first = line(parts[0], json!({"auto_pricing": true}));
        assert_eq!(price(first), json!(1.0));
        // the sum of both reaches the next step
        assert_eq!(line(parts[0], json!({"auto_pricing": true, "quantity": 9})), first);
        assert_eq!(price(first), json!(0.5));
        let by_hand = line(parts[0], json!({"purchase_price": "0.7", "merge_items": false}));
        assert_eq!(price(by_hand), json!(0.7));
        let path = format!("/api/order/po-line/{by_hand}/");
        for body in [json!({"notes": "x"}), json!({"quantity": 20}), json!({"quantity": 5, "auto_pricing": false})] {
            assert_eq!(admin.patch(&path, body.clone()).0, 200);
            assert_eq!(price(by_hand), json!(0.7), "{body} does not ask for the supplier's price");
        }
        assert_eq!(admin.patch(&path, json!({"auto_pricing": true})).0, 200);
        assert_eq!(price(by_hand), json!(1.0));
        let (status, answer) = admin.patch(&path, json!({"auto_pricing": "maybe"}));
        assert_eq!((status, answer["auto_pricing"].is_array()), (400, true));
        // where the supplier says nothing, what was given stays
        let unpriced = line(parts[1], json!({"auto_pricing": true, "purchase_price": "3"}));
        assert_eq!(price(unpriced), json!(3.0));
        let total = admin.read(&format!("/api/order/po/{order}/"))["total_price"].clone();
        assert_eq!(total, json!(10.0 * 0.5 + 5.0 + 3.0));
    });
}

#[test]
fn a_complete_order_is_closed_to_changes_unless_the_setting_opens_it() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (supplier, parts) = supplier(&admin, &["1"]);
        let (order, lines) = placed(&admin, supplier, &[(parts[0], json!(2))]);
        let path = format!("/api/order/po/{order}/");
        let complete = format!("{path}complete/");
        assert_eq!(admin.post(&complete, json!({})).0, 400);
        assert_eq!(admin.post(&complete, json!({"accept_incomplete": true})).0, 201);
        // again, which changes nothing
        assert_eq!(admin.post(&complete, json!({"accept_incomplete": true})).0, 201);
        assert_eq!(admin.post(&format!("{path}cancel/"), json!({})).0, 400);
        let line = format!("/api/order/po-line/{}/", lines[0]);
        assert_eq!(admin.patch(&path, json!({"description": "x"})).0, 400);
        assert_eq!(admin.patch(&line, json!({"quantity": 3})).0, 400);
        assert_eq!(admin.delete(&line).0, 400);
        let setting = "/api/settings/global/PURCHASEORDER_EDIT_COMPLETED_ORDERS/";
        assert_eq!(admin.patch(setting, json!({"value": true})).0, 200);
        assert_eq!(admin.patch(&path, json!({"description": "x"})).0, 200);
        assert_eq!(admin.delete(&line).0, 204);
    });
}

#[test]
fn a_label_of_a_supplier_receives_its_line() {
    use crate::platform::users::permission::{Permission, Ruleset};

    on_each_server(|server| {
        let admin = server.superuser();
        let (supplier, parts) = supplier(&admin, &["1"]);
        admin.patch(&format!("/api/company/{supplier}/"), json!({"name": "DigiKey Electronics"}));
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        let (order, lines) = placed(&admin, supplier, &[(parts[0], json!(20))]);
        admin.patch(&format!("/api/order/po/{order}/"), json!({"supplier_reference": "72991337"}));
        let code =
            |sku: &str, bag: u32| format!("[)>\u{1e}06\u{1d}P{sku}\u{1d}K\u{1d}1K72991337\u{1d}Q5\u{1d}20Z{bag:03}");
        let path = "/api/barcode/po-receive/";
        // without a location it says what is missing
        let answer = admin.done(path, json!({"barcode": code("SKU-0", 1)}));
        assert_eq!((answer["lineitem"]["pk"].as_i64(), answer["success"].is_null()), (Some(lines[0]), true));
        let scan = json!({"barcode": code("SKU-0", 1), "location": place});
        // however many scan one bag, it is received once
        let mut answers = race(4, |_| admin.post(path, scan.clone()).0);
        answers.sort_unstable();
        assert_eq!(answers, [200, 400, 400, 400]);
        assert_eq!(received(server, lines[0]), 500_000);
        let found = admin.done("/api/barcode/", json!({"barcode": code("SKU-0", 1)}));
        assert!(found["stockitem"]["pk"].is_i64(), "{found}");
        assert_eq!(admin.done(path, json!({"barcode": code("SKU-0", 2), "location": place}))["no_match"], false);
        assert_eq!(received(server, lines[0]), 1_000_000);
        let (status, answer) = admin.post(path, json!({"barcode": code("OTHER", 3), "location": place}));
        assert_eq!((status, answer["supplier_matches"]["supplier_part"].is_null()), (400, true), "{answer}");
        assert_eq!(admin.post(path, json!({"barcode": "hello", "location": place})).0, 400);
        let reader =
            server.user("bob", &[(Ruleset::Stock, &[Permission::View]), (Ruleset::PurchaseOrder, &[Permission::View])]);
        assert_eq!(reader.post(path, json!({"barcode": code("SKU-0", 4), "location": place})).0, 403);
        assert_eq!(received(server, lines[0]), 1_000_000);
        // the part that a label names, for an order
        let answer =
            admin.done("/api/barcode/po-allocate/", json!({"barcode": code("SKU-0", 5), "purchase_order": order}));
        assert_eq!(answer["supplierpart"]["pk"].as_i64(), Some(parts[0]));
        assert_eq!(
            admin.post("/api/barcode/po-allocate/", json!({"barcode": "hello", "purchase_order": order})).0,
            400
        );
    });
}

#[test]
fn followers_and_those_who_are_responsible_are_told_what_happens_to_an_order() {
    on_each_server(|server| {
        let admin = server.superuser();
        let see: &[(Ruleset, &[Permission])] = &[(Ruleset::PurchaseOrder, &[Permission::View])];
        let (bob, fan, other) = (server.user("bob", see), server.user("fan", see), server.user("other", see));
        let owner = server
            .int("SELECT id FROM users_owner WHERE owner_type = 'auth.user' AND owner_id = $1", &[bob.user.into()]);
        let (supplier, parts) = supplier(&admin, &["1", "1"]);
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        for (user, sold) in [(fan.user, parts[0]), (other.user, parts[1])] {
            let sql =
                "INSERT INTO part_partstar (part, \"user\") SELECT part, $2 FROM company_supplierpart WHERE id = $1";
            server.write(move |conn| conn.execute(sql, &[sold.into(), user.into()]));
        }
        let notifications = |category: &str| {
            [&admin, &bob, &fan, &other].map(|client| {
                let rows = client.read(&format!("/api/notifications/?category={category}"));
                rows.as_array().unwrap().len()
            })
        };
        let (order, lines) = placed(&admin, supplier, &[(parts[0], json!(5)), (parts[1], json!(5))]);
        assert_eq!(notifications("order.new_purchaseorder"), [0, 0, 1, 1], "not the one who made it");
        admin.patch(&format!("/api/order/po/{order}/"), json!({"responsible": owner}));
        for _ in 0..2 {
            let items = json!([{"line_item": lines[0], "quantity": 1, "location": place}]);
            assert_eq!(receive(&admin, order, items).0, 201);
        }
        assert_eq!(notifications("purchase_order.items_received"), [0, 1, 1, 0], "of what has come, and once a day");
        admin.done(&format!("/api/order/po/{order}/cancel/"), json!({}));
        assert_eq!(notifications("order.canceled_purchaseorder"), [0, 1, 1, 1]);
    });
}

#[test]
fn lines_are_found_by_parts_that_can_be_bought() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (supplier, parts) = supplier(&admin, &["1"]);
        let (_, lines) = placed(&admin, supplier, &[(parts[0], json!(5))]);
        let part = server.int("SELECT part FROM company_supplierpart WHERE id = $1", &[parts[0].into()]);
        let path = format!("/api/order/po-line/?base_part={part}");
        assert_eq!(admin.read(&path)[0]["pk"], json!(lines[0]));
        admin.patch(&format!("/api/part/{part}/"), json!({"purchaseable": false}));
        assert_eq!(admin.get(&path).0, 400);
    });
}

#[test]
fn more_than_is_outstanding_has_to_be_asked_for() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (supplier, parts) = supplier(&admin, &["10"]);
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        let (order, lines) = placed(&admin, supplier, &[(parts[0], json!(5)), (parts[0], json!(1))]);
        let item =
            |line: usize, quantity: Json| json!({"line_item": lines[line], "quantity": quantity, "location": place});
        let refused = |items: Json, row: usize| {
            let (status, answer) = receive(&admin, order, items);
            assert_eq!(status, 400, "{answer}");
            let message = answer["items"][row]["quantity"][0].as_str().unwrap().to_owned();
            assert!(message.contains("allow_over_receipt"), "{message}");
            message
        };
        assert!(refused(json!([item(0, json!(5.00001))]), 0).starts_with("Only 5.0 of"));
        assert!(
            refused(json!([item(0, json!(3)), item(1, json!(1)), item(0, json!(3))]), 2).starts_with("Only 2.0 of")
        );
        assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitem", &[]), 0);
        assert_eq!(receive(&admin, order, json!([item(0, json!(5))])).0, 201);
        assert!(refused(json!([item(0, json!(5))]), 0).starts_with("Only 0.0 of"));
        // a row, or the request, may allow it; a row goes before the request
        let mut row = item(0, json!(1));
        row["allow_over_receipt"] = json!(true);
        assert_eq!(receive(&admin, order, json!([row])).0, 201);
        row["allow_over_receipt"] = json!(false);
        let path = format!("/api/order/po/{order}/receive/");
        let all = |items: Json| json!({"items": items, "allow_over_receipt": true});
        assert_eq!(admin.post(&path, all(json!([row]))).0, 400);
        assert_eq!(admin.post(&path, all(json!([item(0, json!(2))]))).0, 201);
        assert_eq!(received(server, lines[0]), 8 * 100_000);
        // many at once receive no more than there is
        let mut answers = race(4, |_| receive(&admin, order, json!([item(1, json!(1))])).0);
        answers.sort_unstable();
        assert_eq!(answers, [201, 400, 400, 400]);
        assert_eq!(received(server, lines[1]), 100_000);
    });
}

#[test]
fn lines_are_merged_only_where_nothing_is_lost() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (supplier, parts) = supplier(&admin, &["1"]);
        let order = admin.made("/api/order/po/", json!({"supplier": supplier}));
        let post = |more: Json| {
            let mut body = json!({"order": order, "part": parts[0], "quantity": 10});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let line = admin.done("/api/order/po-line/", body);
            (line["pk"].as_i64().unwrap(), line["quantity"].clone())
        };
        let first = post(json!({"purchase_price": "0.5", "purchase_price_currency": "USD", "reference": "R1"}));
        for other in [
            json!({"purchase_price": "0.2", "purchase_price_currency": "USD"}),
            json!({"purchase_price": "0.5", "purchase_price_currency": "EUR"}),
            json!({"reference": "R2"}),
            json!({"notes": "Careful"}),
            json!({"link": "https://example.com/offer"}),
        ] {
            let (line, quantity) = post(other.clone());
            assert_eq!(quantity, json!(10.0), "{other}");
            assert_ne!(line, first.0);
        }
        let same = json!({"purchase_price": "0.5", "purchase_price_currency": "USD"});
        assert_eq!(post(same), (first.0, json!(20.0)));
        assert_eq!(post(json!({"reference": "R1"})), (first.0, json!(30.0)));
        assert_eq!(post(json!({"notes": "Careful"})).1, json!(20.0));
        let shown = admin.read(&format!("/api/order/po-line/{}/", first.0));
        assert_eq!((&shown["purchase_price"], &shown["reference"]), (&json!(0.5), &json!("R1")));
        assert_eq!(server.int("SELECT CAST(SUM(quantity) AS BIGINT) FROM order_purchaseorderlineitem", &[]), 9_000_000);
    });
}
