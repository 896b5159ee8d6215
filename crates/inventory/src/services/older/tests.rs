//! The URLs of older clients.

use ironwood_rest::http::{Body, FormValue, Method, Upload};
use serde_json::json;

use crate::platform::users::permission::{Permission, Ruleset};
use crate::testing::on_each_server;

#[test]
fn parameters_under_their_old_addresses() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Resistor"}));
        let other = admin.made("/api/part/", json!({"name": "Capacitor"}));
        let template = admin.made("/api/part/parameter/template/", json!({"name": "Resistance", "units": "ohm"}));
        assert_eq!(admin.read(&format!("/api/parameter/template/{template}/"))["name"], "Resistance");
        let made = admin.done("/api/part/parameter/", json!({"part": part, "template": template, "data": "4k7"}));
        assert_eq!((&made["part"], &made["data_numeric"]), (&json!(part), &json!(4700.0)));
        assert_eq!(made["template_detail"]["units"], "ohm");
        let today = admin.read(&format!("/api/parameter/{}/", made["pk"]));
        assert_eq!((&today["model_type"], &today["model_id"]), (&json!("part.part"), &json!(part)));
        assert_eq!(admin.read(&format!("/api/part/parameter/?part={part}")).as_array().unwrap().len(), 1);
        assert_eq!(admin.read(&format!("/api/part/parameter/?part={other}")), json!([]));
        // refusals name the field by its old name
        let (status, body) =
            admin.post("/api/part/parameter/", json!({"part": 99_999, "template": template, "data": "1"}));
        assert_eq!((status, body["part"].is_array()), (400, true), "{body}");
        let row = format!("/api/part/parameter/{}/", made["pk"]);
        assert_eq!(admin.patch(&row, json!({"data": "10k"})).1["data_numeric"], 10_000.0);
        // a parameter of something else is not among them
        let company = admin.made("/api/company/", json!({"name": "Acme", "is_supplier": true}));
        let elsewhere =
            json!({"model_type": "company.company", "model_id": company, "template": template, "data": "1"});
        let elsewhere = admin.made("/api/parameter/", elsewhere);
        assert_eq!(admin.get(&format!("/api/part/parameter/{elsewhere}/")).0, 404);
        assert_eq!(admin.delete(&format!("/api/part/parameter/{elsewhere}/")).0, 404);
        let viewer = server.user("viewer", &[(Ruleset::Part, &[Permission::View])]);
        assert_eq!(viewer.patch(&row, json!({"data": "1"})).0, 403);
        assert_eq!(viewer.delete(&row).0, 403);
        assert_eq!(admin.delete(&row).0, 204);
    });
}

#[test]
fn parameters_of_manufacturer_parts_by_name() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Resistor"}));
        let maker = admin.made("/api/company/", json!({"name": "Acme", "is_manufacturer": true}));
        let of = json!({"part": part, "manufacturer": maker, "MPN": "R-1"});
        let of = admin.made("/api/company/part/manufacturer/", of);
        let path = "/api/company/part/manufacturer/parameter/";
        let made = admin.done(path, json!({"manufacturer_part": of, "name": "Power", "value": "1 W", "units": "W"}));
        assert_eq!((&made["name"], &made["value"], &made["units"]), (&json!("Power"), &json!("1 W"), &json!("W")));
        assert_eq!(admin.read("/api/parameter/template/")[0]["name"], "Power");
        // the same name is the same template, in any case; its unit stays
        let (status, body) =
            admin.post(path, json!({"manufacturer_part": of, "name": "POWER", "value": "2", "units": "mW"}));
        assert_eq!((status, body["units"].is_array()), (400, true), "{body}");
        let (status, body) = admin.post(path, json!({"manufacturer_part": of, "name": "power", "value": "2"}));
        assert_eq!(status, 400, "the parameter is there already: {body}");
        assert_eq!(admin.post(path, json!({"manufacturer_part": of, "value": "2"})).0, 400);
        assert_eq!(admin.read(&format!("{path}?manufacturer_part={of}&name=Power")).as_array().unwrap().len(), 1);
        let row = format!("{path}{}/", made["pk"]);
        assert_eq!(admin.patch(&row, json!({"value": "3 W"})).1["value"], "3 W");
    });
}

#[test]
fn attachments_under_their_old_addresses() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Resistor"}));
        let text = |name: &str, text: String| (name.to_owned(), FormValue::Text(text));
        let upload = Upload { name: "note.txt".into(), content_type: "text/plain".into(), bytes: b"hello".to_vec() };
        let form = Body::Form(vec![
            text("part", part.to_string()),
            text("comment", "A note".into()),
            ("attachment".into(), FormValue::File(upload)),
        ]);
        let (status, made) = admin.send(Method::Post, "/api/part/attachment/", form);
        assert_eq!((status, &made["part"], &made["comment"]), (201, &json!(part), &json!("A note")), "{made}");
        assert_eq!((&made["filename"], &made["user"]), (&json!("note.txt"), &json!(admin.user)));
        let link = json!({"part": part, "link": "https://example.com/x", "comment": "L"});
        let link = admin.made("/api/part/attachment/", link);
        assert_eq!(admin.read(&format!("/api/attachment/{link}/"))["model_type"], "part");
        assert_eq!(admin.read(&format!("/api/part/attachment/?part={part}")).as_array().unwrap().len(), 2);
        assert_eq!(admin.read("/api/build/attachment/"), json!([]));
        assert_eq!(admin.get(&format!("/api/build/attachment/{link}/")).0, 404);
        let (status, body) = admin.post("/api/stock/attachment/", json!({"link": "https://example.com/x"}));
        assert_eq!((status, body["stock_item"].is_array()), (400, true), "{body}");
        let viewer = server.user("viewer", &[(Ruleset::Part, &[Permission::View])]);
        assert_eq!(viewer.delete(&format!("/api/part/attachment/{link}/")).0, 403);
        assert_eq!(admin.delete(&format!("/api/part/attachment/{link}/")).0, 204);
    });
}

#[test]
fn templates_under_their_old_addresses() {
    on_each_server(|server| {
        let admin = server.superuser();
        let text = |name: &str| (name.to_owned(), FormValue::Text(name.to_owned()));
        let file = Upload { name: "old.html".into(), content_type: "text/html".into(), bytes: b"<p>1</p>".to_vec() };
        let form = vec![text("name"), text("description"), ("label".into(), FormValue::File(file))];
        let (status, made) = admin.send(Method::Post, "/api/label/part/", Body::Form(form));
        assert_eq!((status, &made["label"]), (201, &json!("/media/report/label/old.html")), "{made}");
        assert_eq!(admin.read("/api/label/template/")[0]["model_type"], "part");
        assert_eq!(admin.read("/api/label/stock/"), json!([]));
        let (status, body) = admin.get(&format!("/api/label/part/{}/print/", made["pk"]));
        assert!(status == 400 && body["items"].is_array(), "no records are named: {body}");
        let (status, body) = admin.send(Method::Post, "/api/label/part/", Body::Form(vec![text("name")]));
        assert!(status == 400 && body["label"].is_array() && body.get("template").is_none(), "{body}");
    });
}

#[test]
fn one_stock_item_is_an_object_for_the_older_client() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Bolt", "trackable": true}));
        let one = json!({"part": part, "quantity": 1});
        assert!(admin.done("/api/stock/", one.clone()).is_array());
        assert_eq!(admin.done("/api/stock/?format=json", one)["part"], part);
        let two = json!({"part": part, "quantity": 2, "serial_numbers": "1,2"});
        assert_eq!(admin.done("/api/stock/?format=json", two).as_array().map(Vec::len), Some(2));
    });
}

#[test]
fn earlier_names_of_settings_and_fields() {
    on_each_server(|server| {
        let admin = server.superuser();
        let old = "/api/settings/global/PART_PARAMETER_ENFORCE_UNITS/";
        assert_eq!(admin.read(old)["key"], "PARAMETER_ENFORCE_UNITS");
        assert_eq!(admin.patch(old, json!({"value": false})).0, 200);
        assert_eq!(admin.read("/api/settings/global/PARAMETER_ENFORCE_UNITS/")["value"], false);
        let category = admin.made("/api/part/category/", json!({"name": "Resistors"}));
        let template = admin.made("/api/parameter/template/", json!({"name": "Power"}));
        let made = admin.done(
            "/api/part/category/parameters/",
            json!({"category": category, "parameter_template": template, "default_value": "1"}),
        );
        assert_eq!((&made["template"], &made["parameter_template"]), (&json!(template), &json!(template)));
    });
}
