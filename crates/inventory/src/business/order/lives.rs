//! Random actions on orders of all types that share stock, and the invariants that must hold.

use std::collections::BTreeMap;

use ironwood_base::decimal;
use ironwood_base::status::HistoryCode;
use serde_json::{Value as Json, json};

use crate::testing::{Client, Dice, Server, on_each_server};

/// Orders that may be acted on: how their addresses begin, and that of their lines.
const ORDER_TYPES: [(&str, &str); 4] =
    [("po", "po-line"), ("so", "so-line"), ("ro", "ro-line"), ("transfer-order", "transfer-order-line")];

struct World {
    admin: Client,
    /// Pieces of its own, and those with serial numbers.
    parts: [i64; 2],
    /// As the supplier sells them: in packs of three, and one by one.
    sold: [i64; 2],
    company: i64,
    places: [i64; 3],
}

impl World {
    fn new(server: &Server) -> World {
        let admin = server.superuser();
        let part = |name: &str, trackable: bool| {
            let body = json!({"name": name, "purchaseable": true, "salable": true, "trackable": trackable});
            admin.made("/api/part/", body)
        };
        let parts = [part("Bolt", false), part("Sensor", true)];
        let company = json!({"name": "Both ways", "is_supplier": true, "is_customer": true, "currency": "USD"});
        let company = admin.made("/api/company/", company);
        let sold = [(parts[0], "3"), (parts[1], "1")].map(|(part, pack)| {
            let body = json!({"part": part, "supplier": company, "SKU": format!("S{part}"), "pack_quantity": pack});
            admin.made("/api/company/part/", body)
        });
        let places = ["A", "B", "C"].map(|name| admin.made("/api/stock/location/", json!({"name": name})));
        for quantity in [30, 7, 12] {
            admin.made("/api/stock/", json!({"part": parts[0], "quantity": quantity, "location": places[0]}));
        }
        let pieces = json!({"part": parts[1], "quantity": 5, "serial_numbers": "1-5", "location": places[0]});
        admin.done("/api/stock/", pieces);
        for _ in 0..2 {
            admin.made("/api/order/po/", json!({"supplier": company}));
            admin.made("/api/order/so/", json!({"customer": company}));
            admin.made("/api/order/ro/", json!({"customer": company}));
            admin.made("/api/order/transfer-order/", json!({"destination": places[1]}));
        }
        World { admin, parts, sold, company, places }
    }

    /// Keys of a list; none where it is refused, as one of an order that is not there.
    fn keys(&self, path: &str) -> Vec<i64> {
        let (_, list) = self.admin.get(path);
        list.as_array().into_iter().flatten().map(|row| row["pk"].as_i64().unwrap()).collect()
    }

    /// An order of a kind, by chance, mostly one that is open (or as the filter says); 0, which is none, where
    /// there are none.
    fn order_that(&self, dice: &mut Dice, kind: usize, filter: &str) -> i64 {
        let filter = if dice.below(6) == 0 { "" } else { filter };
        dice.pick(&self.keys(&format!("/api/order/{}/?{filter}", ORDER_TYPES[kind].0))).copied().unwrap_or(0)
    }

    fn order(&self, dice: &mut Dice, kind: usize) -> i64 {
        self.order_that(dice, kind, "outstanding=true")
    }

    fn line(&self, dice: &mut Dice, kind: usize, order: i64) -> i64 {
        // now and then a line of another order
        let of = if dice.below(12) == 0 { String::new() } else { format!("?order={order}") };
        dice.pick(&self.keys(&format!("/api/order/{}/{of}", ORDER_TYPES[kind].1))).copied().unwrap_or(0)
    }

    fn item(&self, dice: &mut Dice, of: &str) -> i64 {
        dice.pick(&self.keys(&format!("/api/stock/?{of}"))).copied().unwrap_or(0)
    }

    /// One random request, which may be refused: a name for it, its address and body.
    fn request(&self, dice: &mut Dice) -> (&'static str, String, Json) {
        let kind = dice.below(4) as usize;
        let which = dice.below(2) as usize;
        let quantity = 1 + dice.count(6);
        let place = *dice.pick(&self.places).unwrap();
        let path =
            |kind: usize, order: i64, action: &str| format!("/api/order/{}/{order}/{action}/", ORDER_TYPES[kind].0);
        match dice.below(16) {
            0 => {
                let more = match kind {
                    0 => json!({"supplier": self.company}),
                    3 => json!({"destination": place, "consume": dice.below(4) == 0}),
                    _ => json!({"customer": self.company}),
                };
                ("make an order", format!("/api/order/{}/", ORDER_TYPES[kind].0), more)
            }
            1 | 2 => {
                let order = self.order(dice, kind);
                let mut body = json!({"order": order, "quantity": quantity, "merge_items": dice.below(2) == 0});
                match kind {
                    0 => body["part"] = self.sold[which].into(),
                    2 => {
                        body["item"] = self.item(dice, "sent_to_customer=true").into();
                        body["quantity"] = (1 + dice.below(2)).into();
                    }
                    _ => body["part"] = self.parts[which].into(),
                }
                ("add a line", format!("/api/order/{}/", ORDER_TYPES[kind].1), body)
            }
            3..=5 => {
                let action = *dice.pick(&["issue", "issue", "issue", "issue", "issue", "hold", "cancel"]).unwrap();
                (action, path(kind, self.order(dice, kind), action), json!({}))
            }
            6 => {
                let accept = json!({"accept_incomplete": dice.below(2) == 0, "accept_incomplete_allocation": true});
                ("complete", path(kind, self.order(dice, kind), "complete"), accept)
            }
            7 | 8 => {
                let order = self.order_that(dice, 0, "status=20");
                let mut row = json!({"line_item": self.line(dice, 0, order), "quantity": quantity});
                if dice.below(3) == 0 {
                    row["serial_numbers"] = format!("{0}-{1}", 10 * quantity, 11 * quantity - 1).into();
                }
                ("receive", path(0, order, "receive"), json!({"items": [row], "location": place}))
            }
            9 | 10 => {
                let kind = if dice.below(3) == 0 { 3 } else { 1 };
                let order = self.order(dice, kind);
                let row = |world: &World, dice: &mut Dice| {
                    let line = world.line(dice, kind, order);
                    let (_, shown) = world.admin.get(&format!("/api/order/{}/{line}/", ORDER_TYPES[kind].1));
                    let part = shown["part"].as_i64().filter(|_| dice.below(8) > 0);
                    let fit = part.map_or_else(String::new, |part| format!("&part={part}"));
                    let item = world.item(dice, &format!("in_stock=true{fit}"));
                    let quantity = if part == Some(world.parts[1]) { 1 } else { 1 + dice.count(6) };
                    json!({"line_item": line, "stock_item": item, "quantity": quantity})
                };
                let rows = [row(self, dice), row(self, dice)];
                let rows = if dice.below(3) == 0 { json!(rows) } else { json!(rows[..1]) };
                let shipment = self.shipment(dice, order);
                ("allocate", path(kind, order, "allocate"), json!({"items": rows, "shipment": shipment}))
            }
            11 => {
                let order = self.order(dice, 1);
                let shipment = self.shipment(dice, order);
                ("allocate by itself", path(1, order, "auto-allocate"), json!({"shipment": shipment}))
            }
            12 => {
                let body = json!({"order": self.order(dice, 1), "reference": format!("S{}", dice.below(1_000))});
                ("make a shipment", "/api/order/so/shipment/".into(), body)
            }
            13 => {
                let fullest = self.keys("/api/order/so/shipment/?shipped=false&ordering=-allocated_items");
                let shipment = dice.pick(&fullest[..fullest.len().min(4)]).copied().unwrap_or(0);
                ("ship", format!("/api/order/so/shipment/{shipment}/ship/"), json!({}))
            }
            14 => {
                let order = self.order_that(dice, 2, "status=20");
                let rows = json!([{"item": self.line(dice, 2, order)}]);
                ("take back", path(2, order, "receive"), json!({"items": rows, "location": place}))
            }
            _ => {
                // the whole of it: a part may be moved away from what is allocated, and orders bear that
                let item = self.item(dice, "in_stock=true");
                let quantity = self.admin.get(&format!("/api/stock/{item}/")).1["quantity"].clone();
                let item = json!({"pk": item, "quantity": quantity});
                ("transfer", "/api/stock/transfer/".into(), json!({"items": [item], "location": place}))
            }
        }
    }

    fn shipment(&self, dice: &mut Dice, order: i64) -> Option<i64> {
        dice.pick(&self.keys(&format!("/api/order/so/shipment/?order={order}&shipped=false"))).copied()
    }
}

/// What the history says of so many pieces that an action did for each order: sums by the order's key.
fn in_history(server: &Server, code: HistoryCode, order: &str) -> BTreeMap<i64, i64> {
    let rows: Vec<String> = server.write(move |conn| {
        let sql = "SELECT deltas FROM stock_stockitemtracking WHERE tracking_type = $1";
        Ok(conn.rows(sql, &[code.into()])?.iter().map(|row| row.text(0).to_owned()).collect())
    });
    let mut sums = BTreeMap::new();
    for deltas in rows {
        let deltas: Json = serde_json::from_str(&deltas).unwrap();
        let quantity = deltas["quantity"].to_string();
        let quantity = decimal::parse(&quantity, decimal::QUANTITY, decimal::Excess::Refuse).unwrap();
        *sums.entry(deltas[order].as_i64().unwrap()).or_default() += quantity;
    }
    sums
}

/// Sums by order from a statement.
fn summed(server: &Server, sql: &'static str) -> BTreeMap<i64, i64> {
    server.write(move |conn| {
        let rows = conn.rows(sql, &[])?;
        Ok(rows.iter().map(|row| (row.int(0), row.int(1))).filter(|(_, sum)| *sum != 0).collect())
    })
}

fn check(server: &Server, began_with: i64, step: &str) {
    let beyond = "SELECT COUNT(*) FROM stock_stockitem s WHERE s.quantity < \
        (SELECT COALESCE(SUM(a.quantity), 0) FROM order_salesorderallocation a \
        JOIN order_salesorderlineitem l ON l.id = a.line JOIN order_salesorder o ON o.id = l.\"order\" \
        LEFT JOIN order_salesordershipment h ON h.id = a.shipment \
        WHERE a.item = s.id AND h.shipment_date IS NULL AND o.status IN (10, 15, 20, 25)) \
        + (SELECT COALESCE(SUM(a.quantity), 0) FROM order_transferorderallocation a \
        JOIN order_transferorderlineitem l ON l.id = a.line JOIN order_transferorder o ON o.id = l.\"order\" \
        WHERE a.item = s.id AND o.status IN (10, 20, 25))";
    assert_eq!(server.int(beyond, &[]), 0, "{step}: no more is set aside than there is");
    // a pack of bolts holds three
    let received = "SELECT l.\"order\", CAST(SUM(l.received * CAST(s.pack_quantity AS BIGINT)) AS BIGINT) \
        FROM order_purchaseorderlineitem l JOIN company_supplierpart s ON s.id = l.part GROUP BY l.\"order\"";
    let shipped = "SELECT \"order\", CAST(SUM(shipped) AS BIGINT) FROM order_salesorderlineitem GROUP BY \"order\"";
    let returned = "SELECT \"order\", CAST(SUM(quantity) AS BIGINT) FROM order_returnorderlineitem \
        WHERE received_date IS NOT NULL GROUP BY \"order\"";
    for (sql, code, order) in [
        (received, HistoryCode::RECEIVED_AGAINST_PURCHASE_ORDER, "purchaseorder"),
        (shipped, HistoryCode::SHIPPED_AGAINST_SALES_ORDER, "salesorder"),
        (returned, HistoryCode::RETURNED_AGAINST_RETURN_ORDER, "returnorder"),
    ] {
        assert_eq!(summed(server, sql), in_history(server, code, order), "{step}: lines agree with the history");
    }
    let used = "SELECT COALESCE(CAST(SUM(l.transferred) AS BIGINT), 0) FROM order_transferorderlineitem l \
        JOIN order_transferorder o ON o.id = l.\"order\" WHERE o.consume";
    let there = server.int("SELECT CAST(SUM(quantity) AS BIGINT) FROM stock_stockitem", &[]);
    let came: i64 = summed(server, received).values().sum();
    assert_eq!(there + server.int(used, &[]), began_with + came, "{step}: nothing appears or disappears");
    let astray = "SELECT COUNT(*) FROM stock_stockitem WHERE (customer IS NULL) = (location IS NULL)";
    assert_eq!(server.int(astray, &[]), 0, "{step}: it is in a place or at the customer");
}

#[test]
fn whatever_is_asked_stock_and_history_agree_with_the_orders_and_what_is_refused_changes_nothing() {
    on_each_server(|server| {
        let world = World::new(server);
        let began_with = server.int("SELECT CAST(SUM(quantity) AS BIGINT) FROM stock_stockitem", &[]);
        let mut dice = Dice(1);
        let mut done: BTreeMap<(&str, bool), usize> = BTreeMap::new();
        for step in 0..220 {
            let (name, path, body) = world.request(&mut dice);
            let before = server.dump();
            let (status, answer) = world.admin.post(&path, body.clone());
            let step = format!("step {step}: {name} {path} {body} gives {status} {answer}");
            if status >= 400 {
                for (then, now) in before.iter().zip(server.dump()) {
                    assert_eq!(*then, now, "{step}");
                }
            } else {
                check(server, began_with, &step);
            }
            *done.entry((name, status < 400)).or_default() += 1;
        }
        crate::platform::changelog::rebuilt_tests::check(server);
        for name in ["receive", "allocate", "ship", "take back", "complete"] {
            let tried = |accepted| done.contains_key(&(name, accepted));
            assert!(tried(true) && tried(false), "{name} was not tried in earnest: {done:?}");
        }
    });
}
