//! Receiving by scanning: whose label it is, which order it means, and how much has come.

use serde_json::{Value as Json, json};

use crate::testing::{Client, Server, on_each_server};

/// A supplier with one part in packs, and orders for it.
struct World {
    admin: Client,
    supplier: i64,
    part: i64,
    place: i64,
}

impl World {
    fn new(server: &Server, name: &str, pack: &str) -> Self {
        let admin = server.superuser();
        let supplier = admin.made("/api/company/", json!({"name": name, "is_supplier": true, "currency": "USD"}));
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        let mut world = World { admin, supplier, part: 0, place };
        world.part = world.part_of(supplier, "296-LM358-ND", pack);
        world
    }

    fn part_of(&self, supplier: i64, sku: &str, pack: &str) -> i64 {
        let name = format!("Part {supplier} {sku}");
        let part = self.admin.made("/api/part/", json!({"name": name, "description": "x", "purchaseable": true}));
        let body = json!({"part": part, "supplier": supplier, "SKU": sku, "pack_quantity": pack});
        self.admin.made("/api/company/part/", body)
    }

    fn order(&self, supplier: i64, part: i64, reference: &str, theirs: &str, quantity: i64) -> i64 {
        let body = json!({"supplier": supplier, "reference": reference, "supplier_reference": theirs});
        let order = self.admin.made("/api/order/po/", body);
        self.admin.made("/api/order/po-line/", json!({"order": order, "part": part, "quantity": quantity}));
        self.admin.done(&format!("/api/order/po/{order}/issue/"), json!({}));
        order
    }

    fn scan(&self, barcode: &str, more: Json) -> (u16, Json) {
        let mut body = json!({"barcode": barcode, "location": self.place});
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        self.admin.post("/api/barcode/po-receive/", body)
    }

    /// The order that a scan means.
    fn found(&self, barcode: &str) -> Json {
        let (_, answer) = self.scan(barcode, json!({"auto_allocate": false}));
        answer["lineitem"]["purchase_order"].clone()
    }
}

/// A label as ECIA describes it.
fn ecia(fields: &[&str]) -> String {
    format!("[)>\u{1e}06\u{1d}{}\u{1e}\u{4}", fields.join("\u{1d}"))
}

#[test]
fn an_order_is_found_by_either_reference_in_any_case() {
    on_each_server(|server| {
        let w = World::new(server, "DigiKey", "1");
        let first = w.order(w.supplier, w.part, "PO-0001", "72991337", 5);
        let second = w.order(w.supplier, w.part, "PO-0002", "280001", 5);
        for (fields, order) in [
            (&["K", "1K72991337"][..], first),
            (&["KUNKNOWN", "1K72991337"], first),
            (&["Kpo-0001", "1K999"], first),
            (&["Kpo-0002"], second),
            (&["K280001"], second),
            (&["KPO-0001", "1K72991337"], first),
        ] {
            let label = ecia(&[&["P296-lm358-nd", "Q1"], fields].concat());
            assert_eq!(w.found(&label), json!(order), "{fields:?}");
        }
        // each name fits another order
        let (status, answer) = w.scan(&ecia(&["P296-LM358-ND", "Q1", "KPO-0001", "1K280001"]), json!({}));
        assert_eq!(status, 400);
        let error = answer["error"].as_str().unwrap();
        assert!(error.contains("PO-0001") && error.contains("PO-0002") && error.contains("purchase_order"), "{error}");
        assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitem", &[]), 0);
        // a cancelled order of the same number is passed over
        let gone = w.order(w.supplier, w.part, "PO-0003", "4711", 5);
        w.admin.done(&format!("/api/order/po/{gone}/cancel/"), json!({}));
        let there = w.order(w.supplier, w.part, "PO-0004", "4711", 5);
        assert_eq!(w.found(&ecia(&["P296-LM358-ND", "1K4711", "Q1"])), json!(there));
    });
}

#[test]
fn a_label_counts_pieces_and_a_line_packs() {
    on_each_server(|server| {
        let w = World::new(server, "LCSC", "10");
        w.order(w.supplier, w.part, "PO-0001", "SO1", 2);
        let (status, answer) = w.scan("{on:SO1,pc:296-LM358-ND,pm:74HC595D,118,qty:20}", json!({}));
        assert_eq!((status, &answer["lineitem"]["quantity"]), (200, &json!(2.0)), "{answer}");
        assert!(answer["success"].is_string(), "{answer}");
        let sql = "SELECT CAST(SUM(quantity) AS BIGINT) FROM stock_stockitem";
        assert_eq!(server.int(sql, &[]), 2_000_000);
        // no more is outstanding: it has to be asked for
        w.order(w.supplier, w.part, "PO-0002", "SO2", 1);
        let label = "{on:SO2,pc:296-LM358-ND,qty:20}";
        let (_, answer) = w.scan(label, json!({}));
        assert!(answer["error"].as_str().unwrap().contains("allow_over_receipt"), "{answer}");
        let (_, answer) = w.scan(label, json!({"allow_over_receipt": true}));
        assert!(answer["success"].is_string(), "{answer}");
        assert_eq!(server.int(sql, &[]), 4_000_000);
    });
}

#[test]
fn a_second_company_of_a_similar_name_does_not_stop_labels() {
    on_each_server(|server| {
        let w = World::new(server, "DigiKey", "1");
        let order = w.order(w.supplier, w.part, "PO-0001", "1", 5);
        let label = ecia(&["P296-LM358-ND", "1K1", "Q1"]);
        assert_eq!(w.found(&label), json!(order));
        // the first company stays
        let other = w.admin.made("/api/company/", json!({"name": "Digikey", "is_supplier": true}));
        assert_eq!(w.found(&label), json!(order));
        // where no one was found yet, the client has to choose
        server.write(|conn| conn.execute("DELETE FROM plugin_pluginsetting", &[]));
        let (status, answer) = w.scan(&label, json!({}));
        let error = answer["error"].as_str().unwrap();
        assert_eq!(status, 400);
        assert!(error.contains("DigiKey, Digikey") && error.contains("SUPPLIER_ID"), "{error}");
        for more in [
            json!({"supplier": w.supplier, "auto_allocate": false}),
            json!({"purchase_order": order, "auto_allocate": false}),
        ] {
            assert_eq!(w.scan(&label, more).0, 200);
        }
        // the general scan finds the part all the same
        let (status, answer) = w.admin.post("/api/barcode/", json!({"barcode": label}));
        assert_eq!((status, &answer["supplierpart"]["pk"]), (200, &json!(w.part)), "{answer}");
        let theirs = w.part_of(other, "296-lm358-nd", "1");
        let (_, answer) = w.admin.post("/api/barcode/", json!({"barcode": ecia(&["P296-Lm358-ND"])}));
        assert_eq!(answer["matches"]["supplierpart"].as_array().map(Vec::len), Some(2), "{answer}");
        // the setting decides
        let address = "/api/plugins/digikeyplugin/settings/SUPPLIER_ID/";
        assert_eq!(w.admin.patch(address, json!({"value": other.to_string()})).0, 200);
        assert_eq!(w.admin.read(address)["value"], json!(other.to_string()));
        let (_, answer) = w.admin.post("/api/barcode/", json!({"barcode": label}));
        assert_eq!(answer["supplierpart"]["pk"], json!(theirs), "{answer}");
        assert_eq!(w.admin.patch(address, json!({"value": "999999"})).0, 400);
        let reader = server.user("reader", &[]);
        assert_eq!(reader.patch(address, json!({"value": ""})).0, 403);
    });
}

#[test]
fn codes_of_a_supplier_part_receive_it() {
    on_each_server(|server| {
        let w = World::new(server, "Corner Shop", "10");
        let order = w.order(w.supplier, w.part, "PO-0001", "", 3);
        w.admin.done("/api/barcode/link/", json!({"barcode": "4006381333931", "supplierpart": w.part}));
        for code in [format!("INV-SP{}", w.part), "4006381333931".into(), "296-lm358-nd".into()] {
            // how many have come is asked
            let (status, answer) = w.scan(&code, json!({}));
            assert_eq!((status, &answer["lineitem"]["purchase_order"]), (200, &json!(order)), "{answer}");
            assert!(answer["action_required"].is_string(), "{answer}");
            let (status, answer) = w.scan(&code, json!({"quantity": 1}));
            assert_eq!(status, 200);
            assert!(answer["success"].is_string(), "{answer}");
        }
        let sql = "SELECT CAST(SUM(quantity) AS BIGINT) FROM stock_stockitem";
        assert_eq!(server.int(sql, &[]), 3_000_000);
        // the code names the part, and not what has come
        assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitem WHERE barcode_hash <> ''", &[]), 0);
        let (status, answer) = w.scan("296-LM358-ND", json!({}));
        assert_eq!(status, 400, "{answer}");
        // two orders expect it
        for reference in ["PO-0002", "PO-0003"] {
            w.order(w.supplier, w.part, reference, "", 1);
        }
        let (status, answer) = w.scan("296-LM358-ND", json!({}));
        let error = answer["error"].as_str().unwrap();
        assert!(status == 400 && error.contains("PO-0002, PO-0003"), "{error}");
        let (status, _) = w.scan("nothing of ours", json!({}));
        assert_eq!(status, 400);
    });
}
