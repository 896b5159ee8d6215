//! Sales orders as a whole: lives of orders, races, on both databases.

use ironwood_base::decimal::Excess;
use ironwood_base::{Discount, Money, Quantity};
use serde_json::{Value as Json, json};

use crate::testing::{Client, Dice, Server, on_each_server, race};

/// A customer, a part that is sold, and a place for it.
struct World {
    admin: Client,
    customer: i64,
    part: i64,
    place: i64,
}

impl World {
    fn new(server: &Server) -> World {
        let admin = server.superuser();
        let customer = admin.made("/api/company/", json!({"name": "Buyer", "is_customer": true}));
        let part = admin.made("/api/part/", json!({"name": "Lamp", "description": "Lights", "salable": true}));
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        World { admin, customer, part, place }
    }

    fn stock(&self, quantity: i64) -> i64 {
        self.admin.made("/api/stock/", json!({"part": self.part, "quantity": quantity, "location": self.place}))
    }

    fn order(&self) -> i64 {
        self.admin.made("/api/order/so/", json!({"customer": self.customer}))
    }

    fn line(&self, order: i64, quantity: i64) -> i64 {
        self.admin.made("/api/order/so-line/", json!({"order": order, "part": self.part, "quantity": quantity}))
    }

    fn shipment(&self, order: i64, reference: &str) -> i64 {
        self.admin.made("/api/order/so/shipment/", json!({"order": order, "reference": reference}))
    }

    fn allocate(&self, order: i64, line: i64, item: i64, quantity: i64, shipment: Option<i64>) -> (u16, Json) {
        let items = json!([{"line_item": line, "stock_item": item, "quantity": quantity}]);
        self.admin.post(&format!("/api/order/so/{order}/allocate/"), json!({"items": items, "shipment": shipment}))
    }
}

#[test]
fn two_clients_allocate_the_last_stock_and_one_gets_it() {
    on_each_server(|server| {
        let world = World::new(server);
        let item = world.stock(10);
        let wanting: Vec<(i64, i64)> = (0..4)
            .map(|_| {
                let order = world.order();
                (order, world.line(order, 7))
            })
            .collect();
        let answers = race(4, |i| world.allocate(wanting[i].0, wanting[i].1, item, 7, None));
        assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 1, "{answers:?}");
        for (_, answer) in answers.iter().filter(|(status, _)| *status != 201) {
            let message = answer["items"][0]["quantity"][0].as_str().unwrap_or_default();
            assert!(message.contains(" 3 "), "what is left is told: {answer}");
        }
        assert_eq!(server.int("SELECT SUM(quantity) FROM order_salesorderallocation", &[]), 700_000);
    });
}

#[test]
fn one_shipment_is_sent_once_however_many_send_it() {
    on_each_server(|server| {
        let world = World::new(server);
        let item = world.stock(10);
        let order = world.order();
        let (line, shipment) = (world.line(order, 4), world.shipment(order, "S1"));
        assert_eq!(world.allocate(order, line, item, 4, Some(shipment)).0, 201);
        let path = format!("/api/order/so/shipment/{shipment}/ship/");
        let answers = race(4, |_| world.admin.post(&path, json!({})));
        assert_eq!(answers.iter().filter(|(status, _)| *status == 400).count(), 3, "{answers:?}");
        let (_, done) = answers.iter().find(|(status, _)| *status == 200).unwrap();
        let task = world.admin.read(&format!("/api/background-task/{}/", done["task_id"].as_str().unwrap()));
        assert_eq!((&task["complete"], &task["success"]), (&json!(true), &json!(true)), "it can be asked for: {task}");
        let sent = "SELECT SUM(quantity) FROM stock_stockitem WHERE sales_order = $1 AND customer IS NOT NULL";
        assert_eq!(server.int(sent, &[order.into()]), 400_000);
        assert_eq!(server.int("SELECT quantity FROM stock_stockitem WHERE id = $1", &[item.into()]), 600_000);
        assert_eq!(world.admin.read(&format!("/api/order/so-line/{line}/"))["shipped"], 4.0);
        let history = "SELECT COUNT(*) FROM stock_stockitemtracking WHERE tracking_type = 60";
        assert_eq!(server.int(history, &[]), 1);
    });
}

#[test]
fn a_hundred_clients_share_what_there_is() {
    on_each_server(|server| {
        let world = World::new(server);
        let items = [world.stock(23), world.stock(17)];
        let orders: Vec<(i64, i64)> = (0..10)
            .map(|_| {
                let order = world.order();
                (order, world.line(order, 10))
            })
            .collect();
        // each takes one piece, of one of two items, for one of ten orders
        let answers = race(100, |i| {
            let (order, line) = orders[i % 10];
            world.allocate(order, line, items[(i / 10) % 2], 1, None).0
        });
        assert_eq!(answers.iter().filter(|status| **status == 201).count(), 40, "{answers:?}");
        assert!(answers.iter().all(|status| matches!(status, 201 | 400)), "{answers:?}");
        for (item, quantity) in items.into_iter().zip([2_300_000, 1_700_000]) {
            let sql = "SELECT CAST(SUM(quantity) AS BIGINT) FROM order_salesorderallocation WHERE item = $1";
            assert_eq!(server.int(sql, &[item.into()]), quantity);
        }
    });
}

#[test]
fn a_hundred_clients_send_ten_shipments_once_each() {
    on_each_server(|server| {
        let world = World::new(server);
        let item = world.stock(100);
        let shipments: Vec<(i64, i64)> = (0..10)
            .map(|_| {
                let order = world.order();
                let (line, shipment) = (world.line(order, 3), world.shipment(order, "S"));
                assert_eq!(world.allocate(order, line, item, 3, Some(shipment)).0, 201);
                (shipment, line)
            })
            .collect();
        let answers = race(100, |i| {
            world.admin.post(&format!("/api/order/so/shipment/{}/ship/", shipments[i % 10].0), json!({})).0
        });
        assert_eq!(answers.iter().filter(|status| **status == 200).count(), 10, "{answers:?}");
        assert!(answers.iter().all(|status| matches!(status, 200 | 400)), "{answers:?}");
        for (_, line) in shipments {
            assert_eq!(world.admin.read(&format!("/api/order/so-line/{line}/"))["shipped"], 3.0);
        }
        assert_eq!(server.int("SELECT quantity FROM stock_stockitem WHERE id = $1", &[item.into()]), 7_000_000);
        let all = "SELECT CAST(SUM(quantity) AS BIGINT) FROM stock_stockitem";
        assert_eq!(server.int(all, &[]), 10_000_000);
        assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitemtracking WHERE tracking_type = 60", &[]), 10);
    });
}

#[test]
fn many_make_orders_at_once_and_no_reference_is_given_twice_or_left_out() {
    on_each_server(|server| {
        let world = World::new(server);
        let made = race(100, |_| world.order());
        assert_eq!(made.len(), 100);
        let numbers = "SELECT COUNT(DISTINCT reference_int) * 1000 + MAX(reference_int) FROM order_salesorder";
        assert_eq!(server.int(numbers, &[]), 100_100);
    });
}

#[test]
fn stock_that_does_not_fit_is_refused_row_by_row() {
    on_each_server(|server| {
        let world = World::new(server);
        let other = world.admin.made("/api/part/", json!({"name": "Chair", "description": "To sit", "salable": true}));
        let (lamp, chair) = (
            world.stock(5),
            world.admin.made("/api/stock/", json!({"part": other, "quantity": 5, "location": world.place})),
        );
        let order = world.order();
        let line = world.line(order, 10);
        let elsewhere = world.order();
        let foreign = world.line(elsewhere, 10);
        let ask = |items: Json| world.admin.post(&format!("/api/order/so/{order}/allocate/"), json!({"items": items}));
        let row =
            |line: i64, item: i64, quantity: Json| json!({"line_item": line, "stock_item": item, "quantity": quantity});
        let (status, answer) = ask(json!([
            row(line, lamp, json!(3)),
            row(line, lamp, json!("2.00001")),
            row(line, chair, json!(1)),
            row(foreign, lamp, json!(1)),
            row(line, lamp, json!(0)),
        ]));
        assert_eq!(status, 400);
        let faults: Vec<Vec<&String>> =
            answer["items"].as_array().unwrap().iter().map(|r| r.as_object().unwrap().keys().collect()).collect();
        assert_eq!(
            faults,
            [vec![], vec!["quantity"], vec!["stock_item"], vec!["line_item"], vec!["quantity"]],
            "{answer}"
        );
        assert_eq!(server.int("SELECT COUNT(*) FROM order_salesorderallocation", &[]), 0, "all or nothing");

        // a shipment that was sent, and one of another order
        let shipment = world.shipment(elsewhere, "S1");
        assert_eq!(
            world.allocate(order, line, lamp, 1, Some(shipment)).1["shipment"].as_array().map(Vec::len),
            Some(1)
        );
        assert_eq!(world.allocate(elsewhere, foreign, lamp, 5, Some(shipment)).0, 201);
        world.admin.done(&format!("/api/order/so/shipment/{shipment}/ship/"), json!({}));
        let more = world.stock(5);
        assert_eq!(
            world.allocate(elsewhere, foreign, more, 1, Some(shipment)).1["shipment"].as_array().map(Vec::len),
            Some(1)
        );
        // what the customer has is not there for anybody else
        assert_eq!(world.allocate(order, line, lamp, 1, None).0, 400);
        // nothing is taken for an order that is closed
        world.admin.done(&format!("/api/order/so/{order}/cancel/"), json!({}));
        assert_eq!(world.allocate(order, line, more, 1, None).0, 400);
    });
}

#[test]
fn lines_are_found_by_their_quantity_as_people_write_it() {
    on_each_server(|server| {
        let world = World::new(server);
        let order = world.order();
        for quantity in ["12.5", "40", "0.00003"] {
            let line = json!({"order": order, "part": world.part, "quantity": quantity});
            world.admin.made("/api/order/so-line/", line.clone());
            world.admin.made("/api/order/so-extra-line/", line);
        }
        for (text, found) in [("12.5", 1), ("40", 1), ("0.00003", 1), ("2.50", 0), ("4000000", 0), (".", 2)] {
            for lines in ["so-line", "so-extra-line"] {
                let rows = world.admin.read(&format!("/api/order/{lines}/?order={order}&search={text}"));
                assert_eq!(rows.as_array().unwrap().len(), found, "{lines}: {text}");
            }
        }
    });
}

#[test]
fn automatic_allocation_shares_stock_between_lines() {
    on_each_server(|server| {
        let world = World::new(server);
        world.stock(3);
        world.stock(4);
        let order = world.order();
        let (first, second) = (world.line(order, 5), world.line(order, 5));
        world.admin.done(&format!("/api/order/so/{order}/auto-allocate/"), json!({}));
        let allocated = |line: i64| world.admin.read(&format!("/api/order/so-line/{line}/"))["allocated"].as_f64();
        assert_eq!((allocated(first), allocated(second)), (Some(5.0), Some(2.0)));
        // again: nothing is left to be given
        world.admin.done(&format!("/api/order/so/{order}/auto-allocate/"), json!({}));
        assert_eq!(server.int("SELECT SUM(quantity) FROM order_salesorderallocation", &[]), 700_000);
    });
}

#[test]
fn an_order_goes_its_way_and_stays_as_it_is_then() {
    on_each_server(|server| {
        let world = World::new(server);
        let item = world.stock(10);
        let order = world.order();
        let line = world.line(order, 4);
        let shipment = world.shipment(order, "S1");
        let act = |what: &str, body: Json| world.admin.post(&format!("/api/order/so/{order}/{what}/"), body).0;
        let status = || world.admin.read(&format!("/api/order/so/{order}/"))["status"].as_i64();
        assert_eq!((act("issue", json!({})), status()), (201, Some(15)));
        assert_eq!((act("hold", json!({})), status()), (201, Some(25)));
        assert_eq!((act("issue", json!({})), status()), (201, Some(15)));
        assert_eq!(act("complete", json!({})), 400, "nothing was sent");
        assert_eq!(world.allocate(order, line, item, 4, Some(shipment)).0, 201);
        assert_eq!(act("complete", json!({"accept_incomplete": true})), 400, "a shipment is open");
        // stock holds its line and its shipment
        let other = world.order();
        let place = format!("/api/order/so/shipment/{shipment}/");
        assert_eq!(world.admin.patch(&place, json!({"shipment_date": "2026-01-01"})).0, 400);
        assert_eq!(world.admin.patch(&place, json!({"order": other})).0, 400);
        assert_eq!(world.admin.patch(&format!("/api/order/so-line/{line}/"), json!({"order": other})).0, 400);
        world.admin.done(&format!("/api/order/so/shipment/{shipment}/ship/"), json!({"tracking_number": "T1"}));
        assert_eq!(world.admin.delete(&place).0, 400);
        assert_eq!(world.admin.patch(&place, json!({"delivery_date": "2026-12-01"})).0, 200);
        assert_eq!(world.admin.patch(&format!("/api/order/so-line/{line}/"), json!({"quantity": 3})).0, 400);
        assert_eq!((act("complete", json!({})), status()), (201, Some(20)));
        assert_eq!((act("complete", json!({})), status()), (201, Some(30)));
        assert_eq!(act("complete", json!({})), 400);
        // a complete order is locked, unless the setting says otherwise
        let path = format!("/api/order/so-line/{line}/");
        assert_eq!(world.admin.patch(&path, json!({"quantity": 5})).0, 400);
        assert_eq!(world.admin.patch(&format!("/api/order/so/{order}/"), json!({"description": "x"})).0, 400);
        let setting = "/api/settings/global/SALESORDER_EDIT_COMPLETED_ORDERS/";
        assert_eq!(world.admin.patch(setting, json!({"value": true})).0, 200);
        assert_eq!(world.admin.patch(&path, json!({"notes": "late"})).0, 200);
        // what was sent is neither changed nor freed
        let list = world.admin.read(&format!("/api/order/so-allocation/?order={order}"));
        let allocation = list[0]["pk"].as_i64().unwrap_or(0);
        assert_eq!(world.admin.delete(&format!("/api/order/so-allocation/{allocation}/")).0, 400);
    });
}

#[test]
fn sending_takes_no_more_statements_for_many_allocations() {
    on_each_server(|server| {
        let world = World::new(server);
        let mut counts = Vec::new();
        for (reference, lines) in [("few", 4), ("many", 100)] {
            let order = world.order();
            let shipment = world.shipment(order, reference);
            let items: Vec<Json> = (0..lines)
                .map(|_| json!({"line_item": world.line(order, 1), "stock_item": world.stock(2), "quantity": 1}))
                .collect();
            world
                .admin
                .done(&format!("/api/order/so/{order}/allocate/"), json!({"items": items, "shipment": shipment}));
            let request = world.admin.request(
                ironwood_rest::http::Method::Post,
                &format!("/api/order/so/shipment/{shipment}/ship/"),
                ironwood_rest::http::Body::Json(json!({})),
            );
            let (answer, statements) = server.app.handle_counted(request);
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
            counts.push(statements);
        }
        assert!(counts[1] <= counts[0] + 40, "{counts:?}");
    });
}

/// What must hold at any time, whatever was done.
fn check(server: &Server, world: &World, orders: &[i64], all_stock: i64, over_allocated: &[i64], step: &str) {
    let there = "SELECT COALESCE(SUM(quantity), 0) FROM stock_stockitem";
    assert_eq!(server.int(there, &[]), all_stock, "{step}: stock neither appears nor disappears");
    let too_much = "SELECT COUNT(*) FROM stock_stockitem s WHERE s.customer IS NULL AND s.quantity < \
        (SELECT COALESCE(SUM(a.quantity), 0) FROM order_salesorderallocation a WHERE a.item = s.id)";
    assert_eq!(server.int(too_much, &[]), 0, "{step}: no more is allocated than there is");
    let open = "(SELECT COALESCE(SUM(a.quantity), 0) FROM order_salesorderallocation a \
        LEFT JOIN order_salesordershipment h ON h.id = a.shipment WHERE a.line = l.id AND h.shipment_date IS NULL)";
    let sent = "(SELECT COALESCE(SUM(a.quantity), 0) FROM order_salesorderallocation a \
        JOIN order_salesordershipment h ON h.id = a.shipment WHERE a.line = l.id AND h.shipment_date IS NOT NULL)";
    let wrong = format!("SELECT COUNT(*) FROM order_salesorderlineitem l WHERE l.shipped <> {sent}");
    assert_eq!(server.int(&wrong, &[]), 0, "{step}: counters say what was sent");
    let allowed: Vec<String> = over_allocated.iter().chain([&0]).map(i64::to_string).collect();
    let beyond = format!(
        "SELECT COUNT(*) FROM order_salesorderlineitem l WHERE l.shipped + {open} > l.quantity AND l.id NOT IN ({})",
        allowed.join(",")
    );
    assert_eq!(server.int(&beyond, &[]), 0, "{step}: no more than what is ordered");
    for order in orders {
        let mut sum = Money::ZERO;
        for (path, price) in [("so-line", "sale_price"), ("so-extra-line", "price")] {
            for row in world.admin.read(&format!("/api/order/{path}/?order={order}")).as_array().unwrap() {
                let text = |name: &str| row[name].to_string();
                if !row[price].is_null() {
                    let quantity = Quantity::parse(&text("quantity"), Excess::Refuse).unwrap();
                    let discount = Discount::parse(&text("discount"), Excess::Refuse).unwrap();
                    sum += Money::parse(&text(price), Excess::Refuse).unwrap().total(quantity, discount).unwrap();
                }
            }
        }
        let total = "SELECT COALESCE(total_price, 0) FROM order_salesorder WHERE id = $1";
        assert_eq!(
            server.int(total, &[(*order).into()]),
            sum.max(Money::ZERO).scaled(),
            "{step}: the total is the sum of the lines"
        );
    }
}

#[test]
fn whatever_happens_to_orders_the_books_stay_right() {
    on_each_server(|server| {
        let world = World::new(server);
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let items: Vec<i64> = (0..4).map(|_| world.stock(20)).collect();
        let mut orders = Vec::new();
        let mut lines: Vec<(i64, i64)> = Vec::new();
        let mut over_allocated = Vec::new();
        for number in 0..3 {
            let order = world.order();
            orders.push(order);
            for _ in 0..2 {
                lines.push((order, world.line(order, 3 + dice.count(9))));
            }
            world.shipment(order, &format!("S{number}"));
        }
        for step in 0..60 {
            let (order, line) = lines[dice.below(lines.len() as u64) as usize];
            let item = items[dice.below(items.len() as u64) as usize];
            let shipments = world.admin.read(&format!("/api/order/so/shipment/?order={order}&shipped=false"));
            let shipment = shipments[0]["pk"].as_i64();
            let what = dice.below(9);
            match what {
                0 | 1 => {
                    let quantity = 1 + dice.count(8);
                    let row = world.admin.read(&format!("/api/order/so-line/{line}/"));
                    let left = row["quantity"].as_f64().unwrap() - row["allocated"].as_f64().unwrap();
                    let (status, _) = world.allocate(order, line, item, quantity, shipment);
                    // asked for one by one, more than what is ordered may be allocated
                    if status == 201 && quantity as f64 > left {
                        over_allocated.push(line);
                    }
                }
                2 => drop(world.admin.post(
                    &format!("/api/order/so/{order}/auto-allocate/"),
                    json!({"shipment": shipment, "interchangeable": dice.below(2) == 0}),
                )),
                3 | 4 => {
                    if let Some(shipment) = shipment {
                        let (status, _) =
                            world.admin.post(&format!("/api/order/so/shipment/{shipment}/ship/"), json!({}));
                        if status == 200 {
                            world.shipment(order, &format!("N{step}"));
                        }
                    }
                }
                5 => {
                    let price = format!("{}.{:06}", dice.below(50), dice.below(1_000_000));
                    let discount = format!("{}.{:02}", dice.below(100), dice.below(100));
                    let body = json!({"sale_price": price, "discount": discount});
                    world.admin.patch(&format!("/api/order/so-line/{line}/"), body);
                }
                6 => {
                    let body =
                        json!({"order": order, "quantity": "0.33333", "price": format!("-{}.000005", dice.below(9))});
                    world.admin.post("/api/order/so-extra-line/", body);
                }
                7 => {
                    let list = world.admin.read(&format!("/api/order/so-allocation/?line={line}"));
                    if let Some(allocation) = list[0]["pk"].as_i64() {
                        world.admin.delete(&format!("/api/order/so-allocation/{allocation}/"));
                    }
                }
                _ => {
                    let act = ["issue", "hold", "issue", "complete"][dice.below(4) as usize];
                    world.admin.post(&format!("/api/order/so/{order}/{act}/"), json!({"accept_incomplete": false}));
                }
            }
            check(server, &world, &orders, 8_000_000, &over_allocated, &format!("step {step}: {what}"));
        }
        for order in &orders {
            world.admin.done(&format!("/api/order/so/{order}/cancel/"), json!({}));
        }
        let open = "SELECT COUNT(*) FROM order_salesorderallocation a JOIN order_salesorderlineitem l ON l.id = a.line \
            JOIN order_salesorder o ON o.id = l.\"order\" LEFT JOIN order_salesordershipment h ON h.id = a.shipment \
            WHERE h.shipment_date IS NULL AND o.status = 40";
        assert_eq!(server.int(open, &[]), 0, "cancelled orders hold no stock");
        crate::platform::changelog::rebuilt_tests::check(server);
    });
}

#[test]
fn automatic_allocation_says_how_much_and_why_not_more() {
    on_each_server(|server| {
        let world = World::new(server);
        let allocated = |order: i64, body: Json| {
            let answer = world.admin.done(&format!("/api/order/so/{order}/auto-allocate/"), body);
            let reason = answer["lines"][0]["reason"].as_str().unwrap_or_default().to_owned();
            (answer["open"].clone(), answer["allocated"].clone(), reason)
        };
        let order = world.order();
        world.line(order, 10);
        let (open, done, reason) = allocated(order, json!({}));
        assert_eq!((open, done), (json!(10.0), json!(0.0)));
        assert!(reason.contains("No matching stock"), "{reason}");
        world.stock(4);
        let (open, done, reason) = allocated(order, json!({}));
        assert_eq!((open, done), (json!(10.0), json!(4.0)));
        assert!(reason.contains("Not enough"), "{reason}");
        let (open, done, reason) = allocated(order, json!({}));
        assert_eq!((open, done), (json!(6.0), json!(0.0)));
        assert!(reason.contains("already allocated"), "{reason}");
        world.stock(4);
        world.stock(4);
        let elsewhere = world.admin.made("/api/stock/location/", json!({"name": "Elsewhere"}));
        let (_, done, reason) = allocated(order, json!({"location": elsewhere}));
        assert_eq!(done, json!(0.0));
        assert!(reason.starts_with("8.0 are available"), "{reason}");
        let (_, done, reason) = allocated(order, json!({"interchangeable": false}));
        assert_eq!(done, json!(0.0));
        assert!(reason.contains("interchangeable"), "{reason}");
        let (open, done, reason) = allocated(order, json!({}));
        assert_eq!((open, done, reason.as_str()), (json!(6.0), json!(6.0), ""));
        let answer = world.admin.done(&format!("/api/order/so/{order}/auto-allocate/"), json!({}));
        assert_eq!((&answer["open"], &answer["lines"]), (&json!(0.0), &json!([])), "{answer}");
    });
}

#[test]
fn an_order_of_virtual_lines_alone_is_completed() {
    on_each_server(|server| {
        let world = World::new(server);
        let license = json!({"name": "License", "virtual": true, "salable": true});
        let license = world.admin.made("/api/part/", license);
        let line = |order: i64| {
            world.admin.made("/api/order/so-line/", json!({"order": order, "part": license, "quantity": 2}));
        };
        let order = world.order();
        line(order);
        world.admin.done(&format!("/api/order/so/{order}/issue/"), json!({}));
        world.shipment(order, "empty");
        world.admin.done(&format!("/api/order/so/{order}/complete/"), json!({}));
        let shown = world.admin.read(&format!("/api/order/so/{order}/"));
        assert!(shown["shipment_date"].is_string(), "{shown}");
        let open = "SELECT COUNT(*) FROM order_salesordershipment WHERE \"order\" = $1 AND shipment_date IS NULL";
        assert_eq!(server.int(open, &[order.into()]), 0);
        // what is to be sent still waits for its shipment
        let mixed = world.order();
        line(mixed);
        world.line(mixed, 1);
        world.shipment(mixed, "1st");
        let path = format!("/api/order/so/{mixed}/complete/");
        world.admin.done(&format!("/api/order/so/{mixed}/issue/"), json!({}));
        assert_eq!(world.admin.post(&path, json!({"accept_incomplete": true})).0, 400);
    });
}

#[test]
fn allocations_of_an_item_that_cannot_be_allocated_are_none() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Screw", "component": true, "salable": false}));
        let item = admin.made("/api/stock/", json!({"part": part, "quantity": 5}));
        for path in [
            format!("order/so-allocation/?item={item}"),
            format!("order/transfer-order-allocation/?item={item}"),
            format!("build/item/?stock_item={item}"),
            format!("build/item/?install_into={item}"),
        ] {
            assert_eq!(admin.read(&format!("/api/{path}")), json!([]), "{path}");
        }
        assert_eq!(admin.get(&format!("/api/order/so-allocation/?item={}", item + 1)).0, 400);
    });
}
