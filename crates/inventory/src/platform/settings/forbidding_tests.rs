//! Settings that forbid something take effect, each of them, also where a migrated database brings them
//! along.

use ironwood_base::clock;
use ironwood_rest::http::{Body, Method};
use ironwood_store::Fragment;
use serde_json::{Value as Json, json};

use super::{Scope, all};
use crate::testing::{Client, Server, on_each_server};

/// What a test of one setting works with.
struct Trial<'a> {
    server: &'a Server,
    admin: &'a Client,
    key: &'static str,
}

/// Settings that forbid something, the value that forbids it, and a function that sees it done before and
/// refused after [`Trial::forbid`].
type Case = (&'static str, Json, fn(&Trial<'_>));

fn cases() -> Vec<Case> {
    vec![
        ("INVENTREE_DOWNLOAD_FROM_URL", json!(false), |t| {
            let body = json!({"name": "P", "remote_image": "https://example.com/a.png"});
            t.post("part", body, "remote_image");
        }),
        ("INVENTREE_STRICT_URLS", json!(true), |t| {
            t.allow(false);
            t.post("part", json!({"name": "P", "link": "example.com/sheet"}), "link");
        }),
        ("PART_ENABLE_REVISION", json!(false), |t| t.post("part", json!({"name": "P", "revision": "B"}), "revision")),
        ("PART_REVISION_ASSEMBLY_ONLY", json!(true), |t| {
            let first = t.part("P", json!({}));
            let mut code = 'B';
            t.each("revision_of", || {
                code = char::from(code as u8 + 1);
                t.admin.post(
                    "/api/part/",
                    json!({"name": code.to_string(), "revision": code.to_string(), "revision_of": first}),
                )
            });
        }),
        ("PART_IPN_REGEX", json!("^A"), |t| t.post("part", json!({"name": "P", "IPN": "B-1"}), "IPN")),
        ("PART_ALLOW_DUPLICATE_IPN", json!(false), |t| t.post("part", json!({"name": "P", "IPN": "B-1"}), "IPN")),
        ("PART_ALLOW_EDIT_IPN", json!(false), |t| {
            let part = t.part("P", json!({"IPN": "A"}));
            t.patches(&format!("part/{part}"), "IPN", &["B", "C"], "IPN");
        }),
        ("PART_ALLOW_DELETE_FROM_ASSEMBLY", json!(false), |t| {
            t.allow(true);
            let outer = t.part("Outer", json!({"assembly": true}));
            t.each("", || {
                let part = t.part("P", json!({"component": true}));
                t.admin.made("/api/bom/", json!({"part": outer, "sub_part": part, "quantity": 1}));
                let path = format!("/api/part/{part}/");
                assert_eq!(t.admin.patch(&path, json!({"active": false})).0, 200);
                t.admin.delete(&path)
            });
        }),
        ("PARAMETER_ENFORCE_UNITS", json!(true), |t| {
            t.allow(false);
            let template = t.admin.made("/api/parameter/template/", json!({"name": "L", "units": "mm"}));
            t.each("data", || {
                let part = t.part("P", json!({}));
                let body = json!({"template": template, "model_type": "part", "model_id": part, "data": "blue"});
                t.admin.post("/api/parameter/", body)
            });
        }),
        ("PART_BOM_ALLOW_ZERO_QUANTITY", json!(false), |t| {
            t.allow(true);
            let outer = t.part("Outer", json!({"assembly": true}));
            t.each("", || {
                let part = t.part("P", json!({"component": true}));
                let body = json!({"part": outer, "sub_part": part, "quantity": 0, "setup_quantity": 1});
                t.admin.post("/api/bom/", body)
            });
        }),
        ("SERIAL_NUMBER_GLOBALLY_UNIQUE", json!(true), |t| {
            t.each("serial_numbers", || {
                let part = t.part("P", json!({"trackable": true}));
                t.admin.post("/api/stock/", json!({"part": part, "quantity": 1, "serial_numbers": "7"}))
            });
        }),
        ("STOCK_ALLOW_EDIT_SERIAL", json!(false), |t| {
            let item = t.serialized("1");
            t.patches(&format!("stock/{item}"), "serial", &["2", "3"], "serial");
        }),
        ("STOCK_ALLOW_DELETE_SERIALIZED", json!(false), |t| {
            let items = [t.serialized("1"), t.serialized("2")];
            let mut items = items.iter();
            t.each("", || t.admin.delete(&format!("/api/stock/{}/", items.next().unwrap())));
        }),
        ("STOCK_ALLOW_OUT_OF_STOCK_TRANSFER", json!(false), |t| {
            t.allow(true);
            let item = t.serialized("1");
            let customer = t.company();
            t.admin.done("/api/stock/assign/", json!({"items": [{"item": item}], "customer": customer}));
            t.each("", || {
                let place = t.admin.made("/api/stock/location/", json!({"name": "L"}));
                let items = json!([{"pk": item, "quantity": 1}]);
                t.admin.post("/api/stock/transfer/", json!({"items": items, "location": place}))
            });
        }),
        ("BUILDORDER_REQUIRE_RESPONSIBLE", json!(true), |t| t.build("responsible", json!({}))),
        ("BUILDORDER_REQUIRE_ACTIVE_PART", json!(true), |t| t.build("part", json!({"active": false}))),
        ("BUILDORDER_REQUIRE_LOCKED_PART", json!(true), |t| t.build("part", json!({"locked": false}))),
        ("BUILDORDER_REQUIRE_VALID_BOM", json!(true), |t| t.build("part", json!({}))),
        ("PURCHASEORDER_REQUIRE_RESPONSIBLE", json!(true), |t| t.order("po", "supplier")),
        ("SALESORDER_REQUIRE_RESPONSIBLE", json!(true), |t| t.order("so", "customer")),
        ("RETURNORDER_REQUIRE_RESPONSIBLE", json!(true), |t| t.order("ro", "customer")),
        ("TRANSFERORDER_REQUIRE_RESPONSIBLE", json!(true), |t| t.order("transfer-order", "")),
        ("PURCHASEORDER_EDIT_COMPLETED_ORDERS", json!(false), |t| t.edit("po", "supplier", "order_purchaseorder")),
        ("SALESORDER_EDIT_COMPLETED_ORDERS", json!(false), |t| t.edit("so", "customer", "order_salesorder")),
        ("RETURNORDER_EDIT_COMPLETED_ORDERS", json!(false), |t| t.edit("ro", "customer", "order_returnorder")),
        ("TRANSFERORDER_EDIT_COMPLETED_ORDERS", json!(false), |t| t.edit("transfer-order", "", "order_transferorder")),
        ("SALESORDER_SHIPMENT_REQUIRES_CHECK", json!(true), |t| t.ship(json!({}))),
        ("STOCK_ALLOW_EXPIRED_SALE", json!(false), |t| {
            t.set("STOCK_ENABLE_EXPIRY", &json!(true));
            t.allow(true);
            t.ship(json!({"expiry_date": clock::days_from_today(-3)}));
        }),
        ("SALESORDER_BLOCK_INCOMPLETE_ITEM_TESTS", json!(true), |t| t.ship(json!({}))),
    ]
}

/// Settings of such names that are tested where their mechanism is, or have nothing to forbid here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("PART_ENABLE_LOCKING", "part::rules_tests, bom::tests"),
    ("STOCK_ENFORCE_BOM_INSTALLATION", "stock::actions::tests"),
    ("STOCK_ALLOW_EXPIRED_BUILD", "stock::expiry"),
    ("BUILDORDER_REQUIRE_CLOSED_CHILDS", "build::tests"),
    ("BUILDORDER_EXTERNAL_REQUIRED", "build::tests::external"),
    ("PREVENT_BUILD_COMPLETION_HAVING_INCOMPLETED_TESTS", "build::tests"),
    ("SERVER_RESTART_REQUIRED", "a note of the server itself"),
    ("INVENTREE_RESTRICT_ABOUT", "a dialog of the web interface"),
    ("INVENTREE_PROTECT_EMAIL_LOG", "there is no log of e-mails"),
    ("LOGIN_ENFORCE_MFA", "users::account_tests"),
    ("LOGIN_MAIL_REQUIRED", "nobody can sign up"),
    ("LOGIN_SIGNUP_MAIL_RESTRICTION", "nobody can sign up"),
];

#[test]
fn settings_that_forbid_something_take_effect() {
    on_each_server(|server| {
        let admin = server.superuser();
        for (key, value, case) in cases() {
            eprintln!("{key}");
            let trial = Trial { server, admin: &admin, key };
            case(&trial);
            // back to the default for the next one
            assert_eq!(server.stored(key), Some(trial.text(&value)), "{key} was not tried");
            server.write(move |conn| {
                conn.execute(
                    "DELETE FROM common_inventreesetting WHERE \"key\" IN ($1, 'STOCK_ENABLE_EXPIRY')",
                    &[key.into()],
                )
            });
        }
    });
}

#[test]
fn every_setting_that_forbids_something_is_tried() {
    const NAMES: [&str; 11] = [
        "REQUIRE",
        "_ALLOW_",
        "ENFORCE",
        "PREVENT",
        "BLOCK",
        "EDIT_COMPLETED",
        "DOWNLOAD_FROM",
        "PROTECT",
        "RESTRICT",
        "LOCKING",
        "STRICT",
    ];
    let tried: Vec<&str> = cases().iter().map(|case| case.0).chain(ELSEWHERE.iter().map(|e| e.0)).collect();
    for setting in all(Scope::Global) {
        if NAMES.iter().any(|name| setting.key.contains(name)) {
            assert!(tried.contains(&setting.key.as_str()), "{} is not tried", setting.key);
        }
    }
}

impl Server {
    fn stored(&self, key: &'static str) -> Option<String> {
        let sql = "SELECT \"value\" FROM common_inventreesetting WHERE \"key\" = $1";
        self.write(move |conn| Ok(conn.one(sql, &[key.into()])?.map(|row| row.text(0).to_owned())))
    }
}

impl Trial<'_> {
    fn text(&self, value: &Json) -> String {
        match value {
            Json::Bool(true) => "True".into(),
            Json::Bool(false) => "False".into(),
            other => other.as_str().unwrap_or_default().to_owned(),
        }
    }

    /// Stores a setting as a migrated database has it.
    fn set(&self, key: &'static str, value: &Json) {
        let text = self.text(value);
        self.server.write(move |conn| {
            conn.execute("DELETE FROM common_inventreesetting WHERE \"key\" = $1", &[key.into()])?;
            let sql = "INSERT INTO common_inventreesetting (\"key\", \"value\") VALUES ($1, $2)";
            conn.execute(sql, &[key.into(), text.as_str().into()])?;
            crate::business::stock::serial::match_setting(conn)
        });
    }

    /// Sets the setting to what forbids nothing, where its default forbids.
    fn allow(&self, value: bool) {
        self.set(self.key, &json!(value));
    }

    fn forbid(&self) {
        let value = cases().into_iter().find(|case| case.0 == self.key).unwrap().1;
        self.set(self.key, &value);
    }

    /// Something that may be done, and may not once it is forbidden; the field that is named (empty: any).
    fn each(&self, field: &str, mut act: impl FnMut() -> (u16, Json)) {
        let (status, answer) = act();
        assert!((200..300).contains(&status), "{}: {status} {answer}", self.key);
        self.forbid();
        let (status, answer) = act();
        assert!(matches!(status, 400 | 403), "{} is ignored: {status} {answer}", self.key);
        assert!(field.is_empty() || answer.to_string().contains(&format!("\"{field}\"")), "{}: {answer}", self.key);
    }

    fn post(&self, path: &str, body: Json, field: &str) {
        self.each(field, || {
            let mut body = body.clone();
            body["name"] = format!("P {}", self.server.int("SELECT COUNT(*) FROM part_part", &[])).into();
            self.admin.post(&format!("/api/{path}/"), body)
        });
    }

    fn patches(&self, path: &str, field: &str, values: &[&str; 2], named: &str) {
        let mut values = values.iter();
        let path = format!("/api/{path}/");
        self.each(named, || self.admin.patch(&path, json!({field: values.next().unwrap()})));
    }

    /// A new part of a name of its own.
    fn part(&self, name: &str, more: Json) -> i64 {
        let count = self.server.int("SELECT COUNT(*) FROM part_part", &[]);
        let mut body = json!({"name": format!("{name} {count}"), "description": self.key});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.admin.made("/api/part/", body)
    }

    fn company(&self) -> i64 {
        let name = format!("Company {}", self.server.int("SELECT COUNT(*) FROM company_company", &[]));
        let body = json!({"name": name, "is_supplier": true, "is_customer": true, "currency": "USD"});
        self.admin.made("/api/company/", body)
    }

    fn serialized(&self, serial: &str) -> i64 {
        let part = self.part("Tracked", json!({"trackable": true, "salable": true}));
        self.admin.made("/api/stock/", json!({"part": part, "quantity": 1, "serial_numbers": serial}))
    }

    fn build(&self, field: &str, more: Json) {
        self.each(field, || {
            let part = self.part("Outer", json!({"assembly": true}));
            let bolt = self.part("Bolt", json!({"component": true}));
            self.admin.made("/api/bom/", json!({"part": part, "sub_part": bolt, "quantity": 1}));
            assert_eq!(self.admin.patch(&format!("/api/part/{part}/"), more.clone()).0, 200);
            self.admin.post("/api/build/", json!({"part": part, "quantity": 1, "title": "B"}))
        });
    }

    fn order_body(&self, company: &str) -> Json {
        if company.is_empty() { json!({}) } else { json!({company: self.company()}) }
    }

    fn order(&self, kind: &str, company: &str) {
        self.each("responsible", || self.admin.post(&format!("/api/order/{kind}/"), self.order_body(company)));
    }

    /// An order that is complete is changed.
    fn edit(&self, kind: &str, company: &str, table: &str) {
        self.allow(true);
        let order = self.admin.made(&format!("/api/order/{kind}/"), self.order_body(company));
        let sql = format!("UPDATE {table} SET status = 30 WHERE id = $1");
        self.server.write(move |conn| conn.execute(Fragment::generated(&sql), &[order.into()]));
        self.patches(&format!("order/{kind}/{order}"), "description", &["a", "b"], "");
    }

    /// A sales order is filled and shipped, from stock that says this.
    fn ship(&self, stock: Json) {
        self.each("", || {
            let part = self.part("Sold", json!({"salable": true, "trackable": true, "testable": true}));
            self.admin.made(
                "/api/part/test-template/",
                json!({"part": part, "test_name": "Test", "description": "T", "required": true}),
            );
            let mut item = json!({"part": part, "quantity": 1, "serial_numbers": "1"});
            item.as_object_mut().unwrap().extend(stock.as_object().unwrap().clone());
            let item = self.admin.made("/api/stock/", item);
            let order = self.admin.made("/api/order/so/", self.order_body("customer"));
            let line = self.admin.made("/api/order/so-line/", json!({"order": order, "part": part, "quantity": 1}));
            self.admin.done(&format!("/api/order/so/{order}/issue/"), json!({}));
            let shipment = self.admin.made("/api/order/so/shipment/", json!({"order": order, "reference": "1"}));
            let items = json!([{"line_item": line, "stock_item": item, "quantity": 1}]);
            let path = format!("/api/order/so/{order}/allocate/");
            let (status, answer) = self.admin.post(&path, json!({"items": items, "shipment": shipment}));
            if status >= 300 {
                return (status, answer);
            }
            self.admin.send(Method::Post, &format!("/api/order/so/shipment/{shipment}/ship/"), Body::Json(json!({})))
        });
    }
}
