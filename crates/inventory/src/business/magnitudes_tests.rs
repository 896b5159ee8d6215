use ironwood_rest::http::{Body, FormValue, Method, Upload};
use serde_json::{Value as Json, json};

use crate::testing::{Client, Server, on_each_server};

/// What is in the pack of a supplier's part, as a scaled number.
fn pack(server: &Server, key: i64) -> i64 {
    server.int("SELECT pack_quantity_native FROM company_supplierpart WHERE id = $1", &[key.into()])
}

fn line(server: &Server, key: i64) -> i64 {
    server.int("SELECT quantity FROM part_bomitem WHERE id = $1", &[key.into()])
}

/// A wire counted in metres, its pack of a supplier told as this, and a line of a cable harness.
fn wire(admin: &Client, name: &str, pack: &str, amount: &str) -> (i64, i64, i64) {
    let supplier = admin.made("/api/company/", json!({"name": format!("Supplier of {name}"), "is_supplier": true}));
    let part = admin.made("/api/part/", json!({"name": name, "units": "m", "component": true, "purchaseable": true}));
    let body = json!({"part": part, "supplier": supplier, "SKU": format!("S-{name}"), "pack_quantity": pack});
    let sold = admin.made("/api/company/part/", body);
    let harness = admin.made("/api/part/", json!({"name": format!("Harness of {name}"), "assembly": true}));
    let line = admin.made("/api/bom/", json!({"part": harness, "sub_part": part, "raw_amount": amount}));
    (part, sold, line)
}

fn import(admin: &Client, text: &str) -> (u16, Json) {
    let file = Upload { name: "a.csv".into(), content_type: String::new(), bytes: text.as_bytes().to_vec() };
    let fields = vec![
        ("model_type".to_owned(), FormValue::Text("part".into())),
        ("update_records".to_owned(), FormValue::Text("true".into())),
        ("data_file".to_owned(), FormValue::File(file)),
    ];
    let (_, session) = admin.send(Method::Post, "/api/importer/session/", Body::Form(fields));
    let path = format!("/api/importer/session/{}/", session["pk"]);
    admin.done(&format!("{path}accept_fields/"), json!({}));
    let rows = admin.read(&format!("/api/importer/row/?session={}", session["pk"]));
    admin.post(&format!("{path}accept_rows/"), json!({"rows": [rows[0]["pk"]]}))
}

#[test]
fn packs_and_lines_follow_the_unit_of_their_part() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (part, sold, used) = wire(&admin, "Wire", "100 ft", "12 inch");
        assert_eq!((pack(server, sold), line(server, used)), (304_800_000_000, 30_480));
        let address = format!("/api/part/{part}/");
        let cm = |of: (i64, i64)| assert_eq!(of, (30_480_000_000_000, 3_048_000));
        assert_eq!(admin.patch(&address, json!({"units": "cm"})).0, 200);
        cm((pack(server, sold), line(server, used)));
        // what has no meaning in the new unit is named
        let (status, answer) = admin.patch(&address, json!({"units": "kg"}));
        assert!(status == 400 && answer["units"].to_string().contains("S-Wire"), "{answer}");
        cm((pack(server, sold), line(server, used)));
        let (status, answer) = import(&admin, &format!("id,units\n{part},m\n"));
        assert_eq!((status, pack(server, sold), line(server, used)), (201, 304_800_000_000, 30_480), "{answer}");
        let items = [part];
        assert_eq!(admin.patch("/api/part/", json!({"items": items, "units": "cm"})).0, 200);
        cm((pack(server, sold), line(server, used)));
        assert_eq!(import(&admin, &format!("id,units\n{part},kg\n")).0, 400, "the row is not valid");
    });
}

#[test]
fn magnitudes_follow_units_of_the_server() {
    on_each_server(|server| {
        let admin = server.superuser();
        let unit = admin.made("/api/units/", json!({"name": "spool", "symbol": "spl", "definition": "100 m"}));
        let double = admin.made("/api/units/", json!({"name": "pallet", "symbol": "", "definition": "20 spool"}));
        let (part, sold, used) = wire(&admin, "Wire", "2 spool", "1 pallet");
        let template = admin.made("/api/parameter/template/", json!({"name": "Length", "units": "m"}));
        let body = json!({"model_type": "part.part", "model_id": part, "template": template, "data": "3 spl"});
        let value = admin.made("/api/parameter/", body);
        let numeric =
            || server.int("SELECT CAST(data_numeric AS BIGINT) FROM common_parameter WHERE id = $1", &[value.into()]);
        assert_eq!((pack(server, sold), line(server, used), numeric()), (2_000_000_000_000, 200_000_000, 300));
        let address = format!("/api/units/{unit}/");
        assert_eq!(admin.patch(&address, json!({"definition": "200 m"})).0, 200);
        let doubled = (4_000_000_000_000, 400_000_000, 600);
        assert_eq!((pack(server, sold), line(server, used), numeric()), doubled);
        // what would lose its meaning is named, and nothing changes
        for change in [json!({"definition": "1 kg"}), json!({"name": "reel"}), json!({"symbol": ""})] {
            let (status, answer) = admin.patch(&address, change.clone());
            assert_eq!(status, 400, "{change}: {answer}");
            assert_eq!((pack(server, sold), line(server, used), numeric()), doubled);
        }
        assert_eq!(admin.delete(&address).0, 400);
        assert_eq!(admin.delete(&format!("/api/units/{double}/")).0, 400);
        assert_eq!(server.int("SELECT COUNT(*) FROM common_customunit", &[]), 2);
        let spare = admin.made("/api/units/", json!({"name": "spare", "symbol": "", "definition": "3 m"}));
        assert_eq!(admin.delete(&format!("/api/units/{spare}/")).0, 204);
    });
}
