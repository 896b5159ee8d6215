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

#[test]
fn what_is_received_belongs_to_the_order_and_goes_where_stock_can_lie() {
    on_each_server(|server| {
        let world = World::new(server);
        assert_eq!(world.act("issue"), 201);
        let other = world.admin.made("/api/order/ro/", json!({"customer": world.customer}));
        let foreign =
            world.admin.made("/api/order/ro-line/", json!({"order": other, "item": world.item, "quantity": 1}));
        let group = world.admin.made("/api/stock/location/", json!({"name": "Hall", "structural": true}));
        let path = format!("/api/order/ro/{}/receive/", world.order);
        let receive =
            |lines: Json, location: i64| world.admin.post(&path, json!({"items": lines, "location": location}));
        let (status, answer) = receive(json!([{"item": world.line}, {"item": foreign}]), world.place);
        assert!(status == 400 && answer["items"][1]["item"].is_array(), "{status} {answer}");
        let (status, answer) = receive(json!([{"item": world.line}]), group);
        assert!(status == 400 && answer["location"].is_array(), "{status} {answer}");
        assert_eq!(receive(json!([]), world.place).0, 400);
        let (status, answer) = receive(json!([{"item": world.line}, {"item": world.line}]), world.place);
        assert!(status == 400 && answer["items"][1]["item"].is_array(), "twice in one request: {answer}");
        // nothing of all that was done
        assert!(world.admin.read(&format!("/api/order/ro-line/{}/", world.line))["received_date"].is_null());
        assert_eq!(world.admin.read(&format!("/api/stock/{}/", world.item))["quantity"], 5.0);
        let (status, answer) = receive(json!([{"item": world.line, "status": 55}]), world.place);
        assert_eq!(status, 201, "{answer}");
        let row = world.admin.read(&format!("/api/order/ro-line/{}/", world.line));
        assert_eq!(row["item_detail"]["status"], 55, "the status that was given");
    });
}

#[test]
fn an_item_that_the_customer_no_longer_has_cannot_come_back() {
    on_each_server(|server| {
        let world = World::new(server);
        assert_eq!(world.act("issue"), 201);
        // all but one of them came back meanwhile
        let body = json!({"items": [{"pk": world.item, "quantity": 4}], "location": world.place});
        world.admin.done("/api/stock/return/", body);
        let (status, answer) = world.receive();
        assert!(status == 400 && answer["items"][0]["item"].is_array(), "{status} {answer}");
        assert!(world.admin.read(&format!("/api/order/ro-line/{}/", world.line))["received_date"].is_null());
    });
}

#[test]
fn what_another_customer_has_is_not_returned() {
    on_each_server(|server| {
        let world = World::new(server);
        let other = world.admin.made("/api/company/", json!({"name": "Other", "is_customer": true}));
        let part = world.admin.read(&format!("/api/stock/{}/", world.item))["part"].clone();
        let item = world.admin.made("/api/stock/", json!({"part": part, "quantity": 1, "customer": other}));
        let body = json!({"order": world.order, "item": item, "quantity": 1});
        let (status, answer) = world.admin.post("/api/order/ro-line/", body);
        assert!(status == 400 && answer["item"].is_array(), "{status} {answer}");
        // an order of the other one does not take the line over
        let second = world.admin.made("/api/order/ro/", json!({"customer": other}));
        let lines = world.admin.read(&format!("/api/order/ro-line/?order={}&limit=1", world.order));
        let line = format!("/api/order/ro-line/{}/", lines["results"][0]["pk"]);
        let (status, answer) = world.admin.patch(&line, json!({"order": second}));
        assert!(status == 400 && answer["item"].is_array(), "{status} {answer}");
        // it went to somebody else after the line was made
        assert_eq!(world.act("issue"), 201);
        let path = format!("/api/stock/{}/", world.item);
        assert_eq!(world.admin.patch(&path, json!({"customer": other})).0, 200);
        let (status, answer) = world.receive();
        assert!(status == 400 && answer["items"][0]["item"].is_array(), "{status} {answer}");
        assert_eq!(world.admin.patch(&path, json!({"customer": world.customer})).0, 200);
        assert_eq!(world.receive().0, 201);
    });
}

#[test]
fn an_item_with_a_serial_number_is_returned_whole() {
    on_each_server(|server| {
        let world = World::new(server);
        let part = world.admin.made("/api/part/", json!({"name": "Radio", "trackable": true, "salable": true}));
        let body = json!({"part": part, "quantity": 1, "serial_numbers": "7", "customer": world.customer});
        let item = world.admin.made("/api/stock/", body);
        let line = |quantity: Json| {
            let body = json!({"order": world.order, "item": item, "quantity": quantity});
            world.admin.post("/api/order/ro-line/", body)
        };
        for bad in [json!(2), json!("0.5")] {
            let (status, answer) = line(bad);
            assert!(status == 400 && answer["quantity"].is_array(), "{status} {answer}");
        }
        assert_eq!(line(json!(1)).0, 201);
    });
}

#[test]
fn lines_are_complete_when_their_outcome_is_known() {
    on_each_server(|server| {
        let world = World::new(server);
        let counts = || {
            let row = world.admin.read(&format!("/api/order/ro/{}/", world.order));
            (row["line_items"].as_i64().unwrap(), row["completed_lines"].as_i64().unwrap())
        };
        let path = format!("/api/order/ro-line/{}/", world.line);
        assert_eq!((counts(), &world.admin.read(&path)["outcome"]), ((1, 0), &json!(10)));
        let (status, answer) = world.admin.patch(&path, json!({"outcome": 31}));
        assert!(status == 400 && answer["outcome"].is_array(), "no such outcome: {status} {answer}");
        assert_eq!(world.admin.patch(&path, json!({"outcome": 20})).0, 200);
        assert_eq!(counts(), (1, 1));
        let found = |query: &str| {
            let rows = world.admin.read(&format!("/api/order/ro-line/?order={}&{query}", world.order));
            rows.as_array().unwrap().len()
        };
        assert_eq!((found("received=false"), found("received=true"), found("outcome=20")), (1, 0, 1));
        assert_eq!((found("has_pricing=true"), found("has_pricing=false")), (0, 1));
    });
}

#[test]
fn a_return_order_is_of_a_customer_and_goes_through_its_states() {
    on_each_server(|server| {
        let world = World::new(server);
        let seller = world.admin.made("/api/company/", json!({"name": "Seller", "is_supplier": true}));
        let (status, answer) = world.admin.post("/api/order/ro/", json!({"customer": seller}));
        assert!(status == 400 && answer["customer"].is_array(), "{status} {answer}");
        let contact = world.admin.made("/api/company/contact/", json!({"company": seller, "name": "Ann"}));
        let body = json!({"customer": world.customer, "contact": contact});
        let (status, answer) = world.admin.post("/api/order/ro/", body);
        assert!(status == 400 && answer["contact"].is_array(), "{status} {answer}");
        let state = || world.admin.read(&format!("/api/order/ro/{}/", world.order))["status"].as_i64().unwrap();
        assert_eq!(state(), 10);
        for (what, expected) in [("hold", 25), ("issue", 20), ("cancel", 40), ("issue", 40), ("complete", 40)] {
            world.act(what);
            assert_eq!(state(), expected, "{what}");
        }
    });
}
