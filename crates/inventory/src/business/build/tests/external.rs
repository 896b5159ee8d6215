//! External build orders, carried out through purchase orders.

use serde_json::{Value as Json, json};

use super::{World, check_stock};
use crate::testing::on_each_server;

/// An assembly that a supplier sells in packs of four, and its build order over so many.
struct Bought {
    supplier: i64,
    assembly: i64,
    supplied: i64,
    build: i64,
}

impl Bought {
    fn new(w: &World<'_>, quantity: i64, more: Json) -> Self {
        let name = format!("Board {}", w.count("part_part"));
        let assembly = w.part(&name, json!({"assembly": true, "purchaseable": true, "trackable": true}));
        let supplier = w
            .admin
            .made("/api/company/", json!({"name": format!("Fab of {name}"), "is_supplier": true, "currency": "USD"}));
        let supplied = w.supplied(supplier, assembly, "B4");
        let mut body = json!({"part": assembly, "quantity": quantity, "title": "bought", "external": true});
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        let build = w.admin.made("/api/build/", body);
        Bought { supplier, assembly, supplied, build }
    }

    /// A placed purchase order of so many packs for the build order; gives the order and its line.
    fn order(&self, w: &World<'_>, packs: i64) -> (i64, i64) {
        let order = w.admin.made("/api/order/po/", json!({"supplier": self.supplier}));
        let line = json!({"order": order, "part": self.supplied, "quantity": packs, "build_order": self.build,
            "purchase_price": "8", "purchase_price_currency": "USD"});
        let line = w.admin.made("/api/order/po-line/", line);
        w.admin.done(&format!("/api/order/po/{order}/issue/"), json!({}));
        (order, line)
    }
}

impl World<'_> {
    fn supplied(&self, supplier: i64, part: i64, sku: &str) -> i64 {
        let body = json!({"part": part, "supplier": supplier, "SKU": sku, "pack_quantity": "4"});
        self.admin.made("/api/company/part/", body)
    }

    fn receive(&self, order: i64, item: Json) -> (u16, Json) {
        self.admin.post(&format!("/api/order/po/{order}/receive/"), json!({"items": [item]}))
    }

    fn received(&self, line: i64) -> Json {
        self.admin.read(&format!("/api/order/po-line/{line}/"))["received"].clone()
    }

    fn set(&self, name: &'static str, value: &'static str) {
        self.server.write(move |conn| crate::platform::settings::set_global(conn, name, value));
    }
}

#[test]
fn what_comes_for_an_open_order_is_an_output_of_it() {
    on_each_server(|server| {
        let w = World::new(server);
        let bought = Bought::new(&w, 12, json!({}));
        let (order, line) = bought.order(&w, 3);
        // two packs at once, the third one as single pieces
        let (status, made) = w.receive(order, json!({"line_item": line, "quantity": 2, "location": w.place}));
        assert_eq!(status, 201, "{made}");
        let output = made[0]["pk"].as_i64().unwrap();
        let item = w.item(output);
        for (field, value) in [
            ("part", json!(bought.assembly)),
            ("build", json!(bought.build)),
            ("is_building", json!(true)),
            ("in_stock", json!(false)),
            ("quantity", json!(8.0)),
            ("location", json!(w.place)),
            ("purchase_order", json!(order)),
            ("supplier_part", json!(bought.supplied)),
            ("status", json!(10)),
        ] {
            assert_eq!(item[field], value, "{field}");
        }
        let price = server.int("SELECT purchase_price FROM stock_stockitem WHERE id = $1", &[output.into()]);
        assert_eq!(price, 2_000_000, "8 for four");
        let body =
            json!({"line_item": line, "quantity": 1, "serial_numbers": "1-4", "location": w.place, "status": 50});
        let (status, made) = w.receive(order, body);
        assert_eq!(status, 201, "{made}");
        let pieces: Vec<i64> = made.as_array().unwrap().iter().map(|row| row["pk"].as_i64().unwrap()).collect();
        assert_eq!(pieces.len(), 4);
        for piece in &pieces {
            let item = w.item(*piece);
            let shown = ["quantity", "is_building", "build", "status"].map(|field| item[field].clone());
            assert_eq!(shown, [json!(1.0), json!(true), json!(bought.build), json!(50)]);
        }
        assert_eq!(w.received(line), json!(3.0));
        assert_eq!(w.order(bought.build)["completed"], json!(0), "it has come, but is not complete");
        assert_eq!(w.admin.read(&format!("/api/order/po/{order}/"))["status"], json!(30), "everything has come");
        assert_eq!(w.admin.read(&format!("/api/part/{}/", bought.assembly))["in_stock"], json!(0.0));

        // outputs like any others: some are complete, a part of one is scrapped, one is removed
        w.done(bought.build, "issue", json!({}));
        let rows = json!([{"output": output, "quantity": 5}, {"output": pieces[0]}]);
        w.done(bought.build, "complete", json!({"outputs": rows, "location": w.place}));
        assert_eq!(w.order(bought.build)["completed"], json!(6));
        let rows = json!([{"output": output, "quantity": 1}]);
        w.done(bought.build, "scrap-outputs", json!({"outputs": rows, "location": w.place, "notes": "bent"}));
        w.done(bought.build, "delete-outputs", json!({"outputs": [{"output": pieces[1]}]}));
        let accept = json!({"accept_incomplete": true, "accept_unallocated": true});
        w.refused(bought.build, "finish", accept.clone(), &["non_field_errors"]);
        let rows = json!([{"output": output}, {"output": pieces[2]}, {"output": pieces[3]}]);
        w.done(bought.build, "complete", json!({"outputs": rows, "location": w.place}));
        assert_eq!(w.order(bought.build)["completed"], json!(10));
        w.done(bought.build, "finish", accept);
        assert_eq!(w.order(bought.build)["status"], json!(40));
        assert_eq!(w.item(output)["purchase_order"], json!(order), "whence it came is still known");
        let good =
            format!("stock_stockitem x WHERE x.part = {} AND NOT x.is_building AND x.status <> 65", bought.assembly);
        assert_eq!(w.sum(&good), 10);
        check_stock(&w);
    });
}

#[test]
fn what_comes_later_is_complete_at_once_or_plain_stock() {
    on_each_server(|server| {
        let w = World::new(server);
        let bought = Bought::new(&w, 2, json!({}));
        let (order, line) = bought.order(&w, 5);
        w.done(bought.build, "issue", json!({}));
        w.done(bought.build, "finish", json!({"accept_incomplete": true, "accept_unallocated": true}));
        let (status, made) = w.receive(order, json!({"line_item": line, "quantity": 1, "location": w.place}));
        assert_eq!(status, 201, "{made}");
        let item = w.item(made[0]["pk"].as_i64().unwrap());
        assert_eq!([&item["is_building"], &item["build"]], [&json!(false), &json!(bought.build)]);
        assert_eq!(w.order(bought.build)["completed"], json!(4), "a pack has four");

        let given_up = Bought::new(&w, 2, json!({}));
        let (order, line) = given_up.order(&w, 1);
        w.done(given_up.build, "cancel", json!({}));
        let (status, made) = w.receive(order, json!({"line_item": line, "quantity": 1, "location": w.place}));
        assert_eq!(status, 201, "{made}");
        let item = w.item(made[0]["pk"].as_i64().unwrap());
        assert_eq!([&item["is_building"], &item["build"]], [&json!(false), &Json::Null]);
        assert_eq!(item["in_stock"], json!(true));
        assert_eq!(w.order(given_up.build)["completed"], json!(0));
    });
}

#[test]
fn where_it_goes_is_said_by_request_line_order_part_or_build_order() {
    on_each_server(|server| {
        let w = World::new(server);
        let goal = w.admin.made("/api/stock/location/", json!({"name": "Goal"}));
        let bought = Bought::new(&w, 40, json!({"destination": goal}));
        let (order, line) = bought.order(&w, 9);
        let place_of = |more: Json| {
            let mut item = json!({"line_item": line, "quantity": 1});
            for (key, value) in more.as_object().unwrap() {
                item[key] = value.clone();
            }
            let (status, made) = w.receive(order, item);
            assert_eq!(status, 201, "{made}");
            w.item(made[0]["pk"].as_i64().unwrap())["location"].clone()
        };
        assert_eq!(place_of(json!({})), json!(goal));
        assert_eq!(place_of(json!({"location": w.place})), json!(w.place));
        let shelf = |name: &str| w.admin.made("/api/stock/location/", json!({"name": name}));
        let (usual, of_order, of_line) = (shelf("Usual"), shelf("Of order"), shelf("Of line"));
        w.admin.patch(&format!("/api/part/{}/", bought.assembly), json!({"default_location": usual}));
        assert_eq!(place_of(json!({})), json!(usual));
        w.admin.patch(&format!("/api/order/po/{order}/"), json!({"destination": of_order}));
        assert_eq!(place_of(json!({})), json!(of_order));
        w.admin.patch(&format!("/api/order/po-line/{line}/"), json!({"destination": of_line}));
        assert_eq!(place_of(json!({"location": null})), json!(of_order), "the order's place is the request's default");
    });
}

#[test]
fn what_does_not_fit_together_is_refused() {
    on_each_server(|server| {
        let w = World::new(server);
        let at_home = w.part("Made at home", json!({"assembly": true, "purchaseable": false}));
        let (status, answer) = w.admin.post("/api/build/", json!({"part": at_home, "quantity": 1, "external": true}));
        assert_eq!((status, answer.as_object().unwrap().contains_key("external")), (400, true), "{answer}");

        let bought = Bought::new(&w, 4, json!({}));
        let internal = w.build(bought.assembly, 1);
        let other = w.part("Other board", json!({"assembly": true, "purchaseable": true}));
        let plain = w.part("Bolt", json!({"purchaseable": true}));
        let (other_sold, plain_sold) =
            (w.supplied(bought.supplier, other, "O"), w.supplied(bought.supplier, plain, "P"));
        let order = w.admin.made("/api/order/po/", json!({"supplier": bought.supplier}));
        let refused = |part: i64, build: Json| {
            let line = json!({"order": order, "part": part, "quantity": 1, "build_order": build});
            let (status, answer) = w.admin.post("/api/order/po-line/", line);
            assert_eq!(status, 400, "{answer}");
            assert!(answer.as_object().unwrap().contains_key("build_order"), "{answer}");
        };
        refused(bought.supplied, json!(internal));
        refused(other_sold, json!(bought.build));
        refused(plain_sold, json!(bought.build));
        // only where both settings say so does an assembly need a build order
        w.set("BUILDORDER_EXTERNAL_REQUIRED", "True");
        let body = json!({"order": order, "part": other_sold, "quantity": 1, "merge_items": false});
        w.admin.made("/api/order/po-line/", body);
        w.set("BUILDORDER_EXTERNAL_BUILDS", "True");
        refused(other_sold, Json::Null);
        w.admin.made("/api/order/po-line/", json!({"order": order, "part": plain_sold, "quantity": 1}));
        w.set("BUILDORDER_EXTERNAL_REQUIRED", "False");

        // the build order changes its mind after the purchase order was placed: nothing is received
        let (placed, line) = bought.order(&w, 2);
        w.admin.patch(&format!("/api/build/{}/", bought.build), json!({"external": false}));
        let before = w.count("stock_stockitem");
        let (status, answer) = w.receive(placed, json!({"line_item": line, "quantity": 1, "location": w.place}));
        assert_eq!(status, 400, "{answer}");
        assert_eq!((w.count("stock_stockitem"), w.received(line)), (before, json!(0.0)));
        w.admin.patch(&format!("/api/build/{}/", bought.build), json!({"external": true}));
        let (status, answer) = w.receive(placed, json!({"line_item": line, "quantity": 1}));
        assert_eq!(status, 400, "nobody says where it goes: {answer}");

        // lists know what belongs together
        let keys = |path: &str| -> Vec<i64> {
            w.admin.read(path).as_array().unwrap().iter().map(|row| row["pk"].as_i64().unwrap()).collect()
        };
        assert_eq!(keys(&format!("/api/order/po/?external_build={}", bought.build)), [placed]);
        assert_eq!(w.admin.get(&format!("/api/order/po/?external_build={internal}")).0, 400);
        assert_eq!(keys("/api/build/?external=true"), [bought.build]);
        assert_eq!(keys("/api/build/?external=false"), [internal]);
    });
}
