//! Return orders as a whole, on both databases.

use serde_json::{Value as Json, json};

use crate::testing::{Client, Server, on_each_server, race};

/// A return order of a customer who has five lamps and returns two of them.
struct World {
    admin: Client,
    customer: i64,
    place: i64,
    item: i64,
    order: i64,
    line: i64,
}

impl World {
    fn new(server: &Server) -> World {
        let admin = server.superuser();
        let customer = admin.made("/api/company/", json!({"name": "Buyer", "is_customer": true}));
        let part = admin.made("/api/part/", json!({"name": "Lamp", "description": "Lights", "salable": true}));
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        let item = admin.made("/api/stock/", json!({"part": part, "quantity": 5, "customer": customer}));
        let order = admin.made("/api/order/ro/", json!({"customer": customer}));
        let line = admin.made("/api/order/ro-line/", json!({"order": order, "item": item, "quantity": 2}));
        World { admin, customer, place, item, order, line }
    }

    fn act(&self, what: &str) -> u16 {
        self.admin.post(&format!("/api/order/ro/{}/{what}/", self.order), json!({})).0
    }

    fn receive(&self) -> (u16, Json) {
        let body = json!({"items": [{"item": self.line}], "location": self.place, "note": "broken"});
        self.admin.post(&format!("/api/order/ro/{}/receive/", self.order), body)
    }
}

#[test]
fn what_comes_back_is_received_once() {
    on_each_server(|server| {
        let world = World::new(server);
        assert_eq!(world.receive().0, 400, "the order was not issued");
        assert_eq!(world.act("issue"), 201);
        let answers = race(4, |_| world.receive());
        assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 1, "{answers:?}");
        for (_, answer) in answers.iter().filter(|(status, _)| *status != 201) {
            assert!(answer["items"][0]["item"].is_array(), "{answer}");
        }
        let row = world.admin.read(&format!("/api/order/ro-line/{}/", world.line));
        assert!(row["received_date"].is_string());
        let back = &row["item_detail"];
        assert_ne!(back["pk"].as_i64(), Some(world.item), "the customer keeps the rest");
        assert_eq!((&back["quantity"], &back["status"], &back["customer"]), (&json!(2.0), &json!(75), &Json::Null));
        assert_eq!(back["location"].as_i64(), Some(world.place));
        assert_eq!(world.admin.read(&format!("/api/stock/{}/", world.item))["quantity"], 3.0);
        let entries = "SELECT COUNT(*) FROM stock_stockitemtracking WHERE tracking_type = 80";
        assert_eq!(server.int(entries, &[]), 1);
        // what has come back stays what it is
        let path = format!("/api/order/ro-line/{}/", world.line);
        assert_eq!(world.admin.patch(&path, json!({"quantity": 1})).0, 400);
        assert_eq!(world.admin.patch(&path, json!({"outcome": 30})).0, 200);
    });
}

#[test]
fn two_complete_the_same_return() {
    on_each_server(|server| {
        let world = World::new(server);
        assert_eq!(world.act("issue"), 201);
        assert_eq!(race(4, |_| world.act("complete")), [201; 4]);
        let row = world.admin.read(&format!("/api/order/ro/{}/", world.order));
        assert_eq!(row["status"], 30);
        assert!(row["complete_date"].is_string());
        // no way back, and no change
        for what in ["issue", "hold", "cancel"] {
            assert_eq!(world.act(what), 201);
        }
        assert_eq!(world.admin.read(&format!("/api/order/ro/{}/", world.order))["status"], 30);
        assert_eq!(world.admin.patch(&format!("/api/order/ro-line/{}/", world.line), json!({"notes": "x"})).0, 400);
        assert_eq!(world.receive().0, 400);
    });
}

#[test]
fn no_more_comes_back_than_there_is() {
    on_each_server(|server| {
        let world = World::new(server);
        let line = |quantity: Json| {
            let order = world.admin.made("/api/order/ro/", json!({"customer": world.customer}));
            world.admin.post("/api/order/ro-line/", json!({"order": order, "item": world.item, "quantity": quantity}))
        };
        assert_eq!(line(json!(5)).0, 201);
        for bad in [json!(6), json!(0), json!("5.00001")] {
            let (status, answer) = line(bad);
            assert_eq!((status, answer["quantity"].is_array()), (400, true), "{answer}");
        }
        let twice = json!({"order": world.order, "item": world.item, "quantity": 1});
        assert_eq!(world.admin.post("/api/order/ro-line/", twice).0, 400, "an item is on an order once");
    });
}
