//! Transfer orders through the API, on both databases, several clients at once included.

use serde_json::{Value as Json, json};

use crate::testing::{Client, Dice, Server, on_each_server, race};

struct Place {
    part: i64,
    from: i64,
    to: i64,
}

fn place(client: &Client) -> Place {
    let part = client.made("/api/part/", json!({"name": "Crate", "category": null, "trackable": true}));
    let from = client.made("/api/stock/location/", json!({"name": "From"}));
    let to = client.made("/api/stock/location/", json!({"name": "To"}));
    Place { part, from, to }
}

fn stock(client: &Client, place: &Place, quantity: i64) -> i64 {
    client.made("/api/stock/", json!({"part": place.part, "quantity": quantity, "location": place.from}))
}

/// An issued order with one line.
fn order(client: &Client, place: &Place, quantity: i64, more: Json) -> (i64, i64) {
    let mut body = json!({"description": "Move it", "take_from": place.from, "destination": place.to});
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    let order = client.made("/api/order/transfer-order/", body);
    let line = client
        .made("/api/order/transfer-order-line/", json!({"order": order, "part": place.part, "quantity": quantity}));
    client.done(&format!("/api/order/transfer-order/{order}/issue/"), json!({}));
    (order, line)
}

fn allocate(client: &Client, (order, line): (i64, i64), item: i64, quantity: i64) -> (u16, Json) {
    client.post(
        &format!("/api/order/transfer-order/{order}/allocate/"),
        json!({"items": [{"line_item": line, "stock_item": item, "quantity": quantity}]}),
    )
}

fn complete(client: &Client, order: i64, accept: bool) -> u16 {
    let path = format!("/api/order/transfer-order/{order}/complete/");
    client.post(&path, json!({"accept_incomplete_allocation": accept})).0
}

fn at(server: &Server, location: i64) -> i64 {
    let sql = "SELECT COALESCE(CAST(SUM(quantity) AS BIGINT), 0) / 100000 FROM stock_stockitem WHERE location = $1";
    server.int(sql, &[location.into()])
}

fn transferred(server: &Server, line: i64) -> i64 {
    server.int("SELECT transferred / 100000 FROM order_transferorderlineitem WHERE id = $1", &[line.into()])
}

#[test]
fn of_two_who_allocate_the_last_stock_one_gets_it() {
    on_each_server(|server| {
        let admin = server.superuser();
        let place = place(&admin);
        let item = stock(&admin, &place, 10);
        let orders = [0, 1, 2, 3].map(|_| order(&admin, &place, 6, json!({})));
        let answers = race(4, |i| allocate(&admin, orders[i], item, 6));
        let refused: Vec<&Json> = answers.iter().filter(|(status, _)| *status == 400).map(|(_, json)| json).collect();
        assert_eq!(refused.len(), 3, "{answers:?}");
        for answer in refused {
            let message = answer["items"][0]["quantity"][0].as_str().unwrap_or_default();
            assert!(message.contains('4'), "what is left is told: {answer}");
        }
        assert_eq!(server.int("SELECT COUNT(*) FROM order_transferorderallocation", &[]), 1);
    });
}

#[test]
fn of_two_who_complete_an_order_one_moves_the_stock() {
    on_each_server(|server| {
        let admin = server.superuser();
        let place = place(&admin);
        let (whole, part) = (stock(&admin, &place, 30), stock(&admin, &place, 50));
        let (id, line) = order(&admin, &place, 50, json!({}));
        assert_eq!(allocate(&admin, (id, line), whole, 30).0, 201);
        assert_eq!(complete(&admin, id, false), 400);
        assert_eq!(allocate(&admin, (id, line), part, 20).0, 201);
        let statuses = race(4, |_| complete(&admin, id, false));
        assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 1, "{statuses:?}");
        assert_eq!((at(server, place.to), at(server, place.from), transferred(server, line)), (50, 30, 50));
        // the allocation names what has moved
        let sql = "SELECT COUNT(*) FROM order_transferorderallocation a JOIN stock_stockitem s ON s.id = a.item \
                   WHERE s.location = $1 AND s.quantity = a.quantity";
        assert_eq!(server.int(sql, &[place.to.into()]), 2);
        let order = admin.read(&format!("/api/order/transfer-order/{id}/"));
        assert_eq!((&order["status"], &order["completed_lines"]), (&json!(30), &json!(1)));
        // what was moved stays on record
        let allocation = admin.read("/api/order/transfer-order-allocation/")[0]["pk"].as_i64().unwrap();
        assert_eq!(admin.delete(&format!("/api/order/transfer-order-allocation/{allocation}/")).0, 400);
    });
}

#[test]
fn consuming_orders_use_the_stock_up() {
    on_each_server(|server| {
        let admin = server.superuser();
        let place = place(&admin);
        let item = stock(&admin, &place, 8);
        let (id, line) = order(&admin, &place, 5, json!({"consume": true, "destination": null}));
        assert_eq!(allocate(&admin, (id, line), item, 5).0, 201);
        assert_eq!(complete(&admin, id, false), 201);
        assert_eq!((at(server, place.from), transferred(server, line)), (3, 5));
    });
}

#[test]
fn orders_without_a_destination_or_enough_stock_are_not_completed() {
    on_each_server(|server| {
        let admin = server.superuser();
        let place = place(&admin);
        let item = stock(&admin, &place, 8);
        let (id, line) = order(&admin, &place, 5, json!({"destination": null}));
        assert_eq!(complete(&admin, id, false), 400);
        assert_eq!(allocate(&admin, (id, line), item, 3).0, 201);
        assert_eq!(complete(&admin, id, true), 400);
        let path = format!("/api/order/transfer-order/{id}/");
        assert_eq!(admin.patch(&path, json!({"destination": place.to})).0, 200);
        assert_eq!(complete(&admin, id, false), 400);
        assert_eq!(complete(&admin, id, true), 201);
        assert_eq!((at(server, place.to), transferred(server, line)), (3, 3));
        assert_eq!(complete(&admin, id, true), 400);
        assert_eq!(transferred(server, line), 3);
    });
}

#[test]
fn cancelling_frees_what_is_set_aside() {
    on_each_server(|server| {
        let admin = server.superuser();
        let place = place(&admin);
        let item = stock(&admin, &place, 4);
        let first = order(&admin, &place, 4, json!({}));
        let second = order(&admin, &place, 4, json!({}));
        assert_eq!(allocate(&admin, first, item, 4).0, 201);
        assert_eq!(allocate(&admin, second, item, 1).0, 400);
        // a line takes stock of its own order's part only, and of its own order
        assert_eq!(allocate(&admin, (second.0, first.1), item, 1).0, 400);
        admin.done(&format!("/api/order/transfer-order/{}/cancel/", first.0), json!({}));
        assert_eq!(server.int("SELECT COUNT(*) FROM order_transferorderallocation", &[]), 0);
        assert_eq!(allocate(&admin, first, item, 1).0, 400);
        assert_eq!(allocate(&admin, second, item, 4).0, 201);
        assert_eq!(admin.post(&format!("/api/order/transfer-order/{}/cancel/", first.0), json!({})).0, 400);
    });
}

#[test]
fn serial_numbers_are_allocated_once() {
    on_each_server(|server| {
        let admin = server.superuser();
        let place = place(&admin);
        admin.done(
            "/api/stock/",
            json!({"part": place.part, "quantity": 5, "serial_numbers": "1-5", "location": place.from}),
        );
        let orders = [0, 1].map(|_| order(&admin, &place, 3, json!({})));
        let take = |(order, line): (i64, i64), quantity: i64, numbers: &str| {
            admin.post(
                &format!("/api/order/transfer-order/{order}/allocate-serials/"),
                json!({"line_item": line, "quantity": quantity, "serial_numbers": numbers}),
            )
        };
        let answers = race(2, |i| take(orders[i], 3, "2-4").0);
        assert_eq!(answers.iter().filter(|s| **s == 201).count(), 1, "{answers:?}");
        let (status, answer) = take(orders[0], 2, "5,9");
        assert_eq!(status, 400);
        assert!(answer["serial_numbers"][0].as_str().unwrap_or_default().contains('9'), "{answer}");
        assert_eq!(server.int("SELECT COUNT(*) FROM order_transferorderallocation", &[]), 3);
    });
}

#[test]
fn completing_takes_a_number_of_statements_that_does_not_grow_with_the_items() {
    on_each_server(|server| {
        let admin = server.superuser();
        let place = place(&admin);
        let mut counted = Vec::new();
        for items in [2, 24] {
            let (id, line) = order(&admin, &place, items, json!({}));
            for _ in 0..items {
                let item = stock(&admin, &place, 3);
                assert_eq!(allocate(&admin, (id, line), item, 1).0, 201);
            }
            let path = format!("/api/order/transfer-order/{id}/complete/");
            let request =
                admin.request(ironwood_rest::http::Method::Post, &path, ironwood_rest::http::Body::Json(json!({})));
            let (answer, statements) = server.app.handle_counted(request);
            assert_eq!(answer.status, 201);
            counted.push(statements);
        }
        assert!(counted[1] <= counted[0] + 6, "{counted:?}");
        assert_eq!(at(server, place.to), 26);
    });
}

/// What must hold at any time, whatever was done. `all` is what there was at the beginning.
fn check(server: &Server, all: i64, step: &str) {
    let open = "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_transferorderallocation a \
        JOIN order_transferorderlineitem l ON l.id = a.line JOIN order_transferorder o ON o.id = l.\"order\" \
        WHERE a.item = s.id AND o.status IN (10, 20, 25))";
    let beyond = format!("SELECT COUNT(*) FROM stock_stockitem s WHERE s.quantity < {open}");
    assert_eq!(server.int(&beyond, &[]), 0, "{step}: no more is set aside than there is");
    let moved = "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_transferorderallocation a \
        WHERE a.line = l.id)";
    let wrong = format!(
        "SELECT COUNT(*) FROM order_transferorderlineitem l JOIN order_transferorder o ON o.id = l.\"order\" \
         WHERE l.transferred <> CASE WHEN o.status = 30 THEN {moved} ELSE 0 END"
    );
    assert_eq!(server.int(&wrong, &[]), 0, "{step}: lines say what was moved, of complete orders only");
    let used = "SELECT COALESCE(CAST(SUM(l.transferred) AS BIGINT), 0) FROM order_transferorderlineitem l \
        JOIN order_transferorder o ON o.id = l.\"order\" WHERE o.consume";
    let there = server.int("SELECT COALESCE(CAST(SUM(quantity) AS BIGINT), 0) FROM stock_stockitem", &[]);
    assert_eq!(there + server.int(used, &[]), all, "{step}: what is there and what was used up is what there was");
    let cancelled = "SELECT COUNT(*) FROM order_transferorderallocation a JOIN order_transferorderlineitem l \
        ON l.id = a.line JOIN order_transferorder o ON o.id = l.\"order\" WHERE o.status = 40";
    assert_eq!(server.int(cancelled, &[]), 0, "{step}: cancelled orders hold no stock");
}

#[test]
fn over_random_lives_no_stock_is_lost_or_set_aside_twice() {
    on_each_server(|server| {
        let admin = server.superuser();
        let place = place(&admin);
        let elsewhere = admin.made("/api/stock/location/", json!({"name": "Elsewhere"}));
        for quantity in [30, 12, 5, 40] {
            stock(&admin, &place, quantity);
        }
        let pieces = json!({"part": place.part, "quantity": 6, "serial_numbers": "1-6", "location": place.from});
        admin.done("/api/stock/", pieces);
        let all = server.int("SELECT CAST(SUM(quantity) AS BIGINT) FROM stock_stockitem", &[]);
        let mut dice = Dice(0x7ea);
        let mut orders: Vec<(i64, i64)> = Vec::new();
        let (mut completed, mut done) = (0, Vec::new());
        for step in 0..70 {
            if orders.len() < 3 || dice.below(9) == 0 {
                let (from, to) = if dice.below(2) == 0 { (place.from, place.to) } else { (place.to, elsewhere) };
                let more = json!({"take_from": from, "destination": to, "consume": dice.below(4) == 0});
                let quantity = 1 + dice.count(9);
                orders.push(order(&admin, &place, quantity, more));
            }
            let &(id, line) = dice.pick(&orders).unwrap();
            let path = format!("/api/order/transfer-order/{id}");
            let items: Vec<i64> =
                admin.read("/api/stock/").as_array().unwrap().iter().map(|row| row["pk"].as_i64().unwrap()).collect();
            let allocations = admin.read(&format!("/api/order/transfer-order-allocation/?order={id}"));
            let allocation = allocations[0]["pk"].as_i64();
            let what = dice.below(10);
            let status = match what {
                0..=2 => {
                    let item = *dice.pick(&items).unwrap();
                    let quantity = 1 + dice.count(8);
                    allocate(&admin, (id, line), item, quantity).0
                }
                3 => {
                    let numbers = (1 + dice.below(7)).to_string();
                    let body = json!({"line_item": line, "quantity": 1, "serial_numbers": numbers});
                    admin.post(&format!("{path}/allocate-serials/"), body).0
                }
                4 | 5 => {
                    let Some(key) = allocation else { continue };
                    let key = format!("/api/order/transfer-order-allocation/{key}/");
                    if dice.below(2) == 0 {
                        admin.delete(&key).0
                    } else {
                        let mut body = json!({"quantity": 1 + dice.below(20)});
                        if dice.below(2) == 0 {
                            body["item"] = json!(dice.pick(&items));
                        }
                        admin.patch(&key, body).0
                    }
                }
                6 => {
                    let act = ["issue", "hold", "issue", "issue"][dice.below(4) as usize];
                    admin.post(&format!("{path}/{act}/"), json!({})).0
                }
                7 if dice.below(3) == 0 => admin.post(&format!("{path}/cancel/"), json!({})).0,
                // the stock goes where it likes meanwhile
                8 => {
                    let goal = *dice.pick(&[place.from, place.to, elsewhere]).unwrap();
                    let item = json!({"pk": dice.pick(&items), "quantity": 1 + dice.below(3)});
                    admin.post("/api/stock/transfer/", json!({"items": [item], "location": goal})).0
                }
                _ => {
                    let status = complete(&admin, id, dice.below(4) > 0);
                    if status == 201 {
                        let order = admin.read(&format!("{path}/"));
                        let astray = "SELECT COUNT(*) FROM order_transferorderallocation a \
                            JOIN order_transferorderlineitem l ON l.id = a.line JOIN stock_stockitem s ON s.id = a.item \
                            WHERE l.\"order\" = $1 AND (s.location <> $2 OR s.quantity < a.quantity)";
                        if order["status"] == 30 && order["consume"] == false {
                            let goal = order["destination"].as_i64().unwrap();
                            assert_eq!(server.int(astray, &[id.into(), goal.into()]), 0, "step {step}: it has arrived");
                            completed += 1;
                        }
                    }
                    status
                }
            };
            done.push((what, status));
            // closed ones are looked at again now and then only
            let closed = "SELECT COUNT(*) FROM order_transferorder WHERE id = $1 AND status IN (30, 40)";
            if dice.below(4) > 0 && server.int(closed, &[id.into()]) > 0 {
                orders.retain(|(order, _)| *order != id);
            }
            check(server, all, &format!("step {step}: {what} gives {status}"));
        }
        assert!(completed > 2 && done.iter().any(|(_, status)| *status == 400), "{completed}: {done:?}");
        assert!(server.int("SELECT COUNT(*) FROM order_transferorder WHERE status = 40", &[]) > 0);
    });
}
