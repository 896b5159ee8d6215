//! What clients ask for at start is there, in the form that they know, and says the truth.

use ironwood_rest::http::{Body, Method};
use serde_json::{Value as Json, json};

use crate::testing::on_each_server;

#[test]
fn what_is_not_there_answers_in_its_form() {
    on_each_server(|server| {
        let admin = server.superuser();
        for path in [
            "/api/machine/",
            "/api/supplier/list/",
            "/api/plugins/ui/features/dashboard/",
            "/api/plugins/settings/?plugin__active=false",
            "/api/plugins/inventreebarcode/settings/",
            "/api/admin/email/",
            "/api/error-report/",
            "/api/admin/config/",
        ] {
            assert_eq!(admin.read(path), json!([]), "{path}");
        }
        for path in ["/api/machine/", "/api/admin/email/", "/api/error-report/"] {
            let empty = json!({"count": 0, "next": null, "previous": null, "results": []});
            assert_eq!(admin.read(&format!("{path}?limit=5")), empty, "{path}");
        }
        assert_eq!(admin.read("/api/machine/status/"), json!({"registry_errors": []}));
        assert_eq!(admin.read("/api/flags/")[0]["state"], "False");
        assert_eq!(admin.read("/api/auth/v1/account/authenticators")["data"], json!([]));
        assert!(admin.read("/api/auth/v1/account/email")["data"].is_array());
        let (status, body) = admin.post("/api/action/", json!({"action": "x"}));
        assert_eq!((status, &body["action"]), (404, &json!("x")));
        assert_eq!(admin.post("/api/action/", json!({})).0, 400);
        let (status, body) = admin.post("/api/machine/", json!({"name": "P", "machine_type": "oven", "driver": "x"}));
        assert!(status == 400 && body["driver"].is_array() && body["machine_type"].is_array(), "{body}");
        for path in ["/api/label/print/", "/api/report/print/"] {
            let (status, options) = admin.send(Method::Options, path, Body::Empty);
            assert_eq!((status, &options["actions"]["POST"]["items"]["required"]), (200, &json!(true)), "{path}");
            let (status, body) = admin.post(path, json!({}));
            assert!(status == 400 && body["template"].is_array(), "{path}: {body}");
        }
    });
}

#[test]
fn plugins_are_what_is_built_in() {
    on_each_server(|server| {
        let admin = server.superuser();
        let all = admin.read("/api/plugins/");
        let keys = |rows: &Json| -> Vec<String> {
            rows.as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect()
        };
        assert!(keys(&all).contains(&"inventree-exporter".to_owned()) && keys(&all).len() > 5, "{all}");
        let readers = admin.read("/api/plugins/?mixin=supplier-barcode&active=true");
        assert_eq!(keys(&readers), ["digikeyplugin", "lcscplugin", "mouserplugin", "tmeplugin"]);
        let printers = ["inventreelabel", "inventreelabelsheet", "inventreelabelmachine"];
        assert_eq!(keys(&admin.read("/api/plugins/?mixin=labels")), printers);
        // settings are listed where they are changed
        let listed = admin.read("/api/plugins/settings/");
        assert_eq!(listed.as_array().map(Vec::len), Some(4), "{listed}");
        let one = admin.read("/api/plugins/tmeplugin/settings/SUPPLIER_ID/");
        assert_eq!(admin.read("/api/plugins/tmeplugin/settings/"), json!([one.clone()]));
        assert_eq!(admin.read("/api/plugins/settings/?plugin__key=tmeplugin&limit=3")["results"], json!([one]));
        assert_eq!(admin.read("/api/plugins/?builtin=false"), json!([]));
        assert_eq!(admin.get("/api/plugins/?builtin=perhaps").0, 400);
        assert_eq!(admin.read("/api/plugins/mouserplugin/")["is_mandatory"], true);
        assert_eq!(admin.get("/api/plugins/nothing/").0, 404);
        assert_eq!(admin.read("/api/plugins/status/")["active_plugins"], keys(&all).len());
        assert_eq!(admin.patch("/api/plugins/mouserplugin/activate/", json!({"active": true})).0, 200);
        assert_eq!(admin.patch("/api/plugins/mouserplugin/activate/", json!({"active": false})).0, 400);
        assert_eq!(admin.delete("/api/plugins/mouserplugin/").0, 400);
        assert_eq!(admin.post("/api/plugins/install/", json!({"confirm": true, "packagename": "x"})).0, 400);
        let nobody = server.user("nobody", &[]);
        assert_eq!(nobody.get("/api/plugins/").0, 200);
        for (method, path) in [(Method::Post, "/api/plugins/reload/"), (Method::Get, "/api/plugins/status/")] {
            assert_eq!(nobody.send(method, path, Body::Empty).0, 403, "{path}");
        }
    });
}
