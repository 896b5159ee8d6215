//! What callers with few permissions find in documents: whatever a template asks for, nothing that they may not view.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::tests::Fake;
use super::upload::tests::{html, sent};
use crate::platform::users::permission::{Permission, Ruleset};
use crate::schema::TABLES;
use crate::testing::{Client, on_each_server};

/// Most names of a list of records that a template reads.
const WALKED: usize = 2;

/// A template that reads all names that the editor offers for records of a kind, and all names of what they lead to.
fn everything(admin: &Client, model: &str) -> String {
    let all = admin.read(&format!("/api/label/names/?model_type={model}"));
    let mut text = String::new();
    let mut is_deep = true;
    for variable in all["variables"].as_array().unwrap() {
        let depth = if variable["model"] == model && std::mem::take(&mut is_deep) { WALKED } else { 1 };
        walk(&all["records"], "", variable, depth, &mut text);
    }
    text
}

fn walk(records: &Json, before: &str, variable: &Json, depth: usize, text: &mut String) {
    let path = format!("{before}{}", variable["name"].as_str().unwrap());
    let list = variable["list"] == true;
    let one = if list { format!("r{depth}") } else { path.clone() };
    if list {
        write!(text, "{{% for {one} in {path}.all %}}").unwrap();
    }
    write!(text, "{{{{ {one} }}}};").unwrap();
    let names = variable["model"].as_str().and_then(|model| records[model].as_array());
    for name in names.into_iter().flatten().filter(|_| depth > 0) {
        walk(records, &format!("{one}."), name, depth - 1, text);
    }
    if list {
        text.push_str("{% endfor %}");
    }
}

/// What marks the values of records of each kind.
const MARKS: &[&str] = &[
    "Zz-part",
    "Zz-sku",
    "Zz-mpn",
    "7531.5",
    "Zz-company",
    "Zz-contact",
    "Zz-street",
    "Zz-bought",
    "Zz-sold",
    "Zz-built",
    "Zz-stock",
    "Zz-place",
    "Zz-comment",
    "Zz-first",
    "zz-mail",
    "Zz-result",
];

struct Marked {
    part: i64,
    item: i64,
    place: i64,
    sale: i64,
    build: i64,
    token: String,
}

/// Records that are linked to each other, all of which can be told by their marks.
fn marked(admin: &Client) -> Marked {
    let company = admin.made(
        "/api/company/",
        json!({"name": "Zz-company", "is_supplier": true, "is_customer": true, "is_manufacturer": true, "currency": "USD"}),
    );
    let contact = json!({"company": company, "name": "Zz-contact", "email": "zz-mail@example.org"});
    let contact = admin.made("/api/company/contact/", contact);
    admin.made(
        "/api/company/address/",
        json!({"company": company, "title": "Main", "line1": "Zz-street", "primary": true}),
    );
    let link =
        json!({"model_type": "company", "model_id": company, "link": "https://example.org/", "comment": "Zz-comment"});
    admin.made("/api/attachment/", link);
    let part = json!({"name": "Zz-part", "purchaseable": true, "salable": true, "assembly": true, "testable": true});
    let part = admin.made("/api/part/", part);
    let sku = admin.made("/api/company/part/", json!({"part": part, "supplier": company, "SKU": "Zz-sku"}));
    let price = json!({"part": sku, "quantity": 1, "price": 7531.5, "price_currency": "USD"});
    admin.made("/api/company/price-break/", price);
    admin.made("/api/company/part/manufacturer/", json!({"part": part, "manufacturer": company, "MPN": "Zz-mpn"}));
    let place = admin.made("/api/stock/location/", json!({"name": "Zz-place"}));
    let item = json!({"part": part, "quantity": 5, "supplier_part": sku, "location": place, "batch": "Zz-stock"});
    let item = admin.made("/api/stock/", item);
    let result = json!({"stock_item": item, "test": "Zz-result", "result": true, "notes": "Zz-result"});
    admin.post("/api/stock/test/", result);
    admin.made("/api/order/po/", json!({"supplier": company, "contact": contact, "description": "Zz-bought"}));
    let sale = json!({"customer": company, "contact": contact, "description": "Zz-sold"});
    let sale = admin.made("/api/order/so/", sale);
    admin.made("/api/order/so-line/", json!({"order": sale, "part": part, "quantity": 1}));
    let build =
        admin.made("/api/build/", json!({"part": part, "quantity": 2, "title": "Zz-built", "sales_order": sale}));
    let zoe = json!({"username": "zoe", "first_name": "Zz-first", "email": "zz-mail@example.org"});
    admin.post("/api/user/", zoe);
    let token = admin.read("/api/user/token/")["token"].as_str().unwrap_or("no token").to_owned();
    Marked { part, item, place, sale, build, token }
}

/// Keeps a label template.
fn template(admin: &Client, name: &str, model: &str, text: &str) -> i64 {
    let fields = [("name", name), ("description", "x"), ("model_type", model)];
    let (status, made) =
        sent(admin, "/api/label/template/", &fields, Some(html("template", &format!("{name}.html"), text)));
    assert_eq!(status, 201, "{made}");
    made["pk"].as_i64().unwrap()
}

fn printed(layout_engine: &Fake, client: &Client, template: i64, item: i64) -> String {
    let (status, made) = client.post("/api/label/print/", json!({"template": template, "items": [item]}));
    assert_eq!(status, 201, "{made:.400}");
    layout_engine.last().concat()
}

#[track_caller]
fn shows_only(document: &str, allowed: &[&str], who: &str) {
    for mark in MARKS.iter().filter(|mark| !allowed.contains(mark)) {
        if let Some(at) = document.find(mark) {
            let start = document[..at].char_indices().rev().nth(120).map_or(0, |(at, _)| at);
            panic!("{who} sees {mark}: {}", &document[start..at + mark.len()]);
        }
    }
}

#[test]
fn no_name_leads_to_what_the_caller_may_not_view() {
    on_each_server(|server| {
        let (admin, layout_engine) = (server.superuser(), Fake::at(server));
        let all = marked(&admin);
        let sees = |name: &str, ruleset: Ruleset| server.user(name, &[(ruleset, &[Permission::View])]);
        let cases: &[(&str, i64, Client, &[&str])] = &[
            ("stockitem", all.item, sees("ann", Ruleset::Stock), &["Zz-stock", "Zz-result"]),
            ("part", all.part, sees("bob", Ruleset::Part), &["Zz-part", "Zz-sku", "Zz-mpn", "7531.5"]),
            ("stocklocation", all.place, sees("cat", Ruleset::StockLocation), &["Zz-place"]),
            (
                "salesorder",
                all.sale,
                sees("dan", Ruleset::SalesOrder),
                &["Zz-sold", "Zz-company", "Zz-contact", "Zz-street", "zz-mail", "Zz-comment"],
            ),
            ("build", all.build, sees("eve", Ruleset::Build), &["Zz-built", "Zz-part", "Zz-stock", "Zz-place"]),
        ];
        for (model, item, clerk, allowed) in cases {
            let text = everything(&admin, model);
            let label = template(&admin, model, model, &text);
            let full = printed(&layout_engine, &admin, label, *item);
            assert!(MARKS.iter().filter(|mark| full.contains(*mark)).count() > allowed.len(), "{model}: {full:.500}");
            for secret in [all.token.as_str(), "argon2"] {
                assert!(!full.contains(secret), "{model} shows {secret}");
            }
            shows_only(&printed(&layout_engine, clerk, label, *item), allowed, model);
        }
    });
}

#[test]
fn no_table_is_open_to_those_who_may_not_view_it() {
    on_each_server(|server| {
        let (admin, layout_engine) = (server.superuser(), Fake::at(server));
        let all = marked(&admin);
        let clerk = server.user("ann", &[(Ruleset::Stock, &[Permission::View])]);
        for table in TABLES.iter().filter(|table| !table.record.is_empty()) {
            let columns: String =
                table.columns.iter().map(|column| format!("{{{{ r.{} }}}};", column.name)).collect::<String>();
            let model = table.record;
            let text = format!(
                "{{% filter_db_model \"{model}\" as x %}}{{% for r in x %}}{{{{ r }}}};{columns}{{% endfor %}}"
            );
            let label = template(&admin, table.name, "stockitem", &text);
            let (status, made) = admin.post("/api/label/print/", json!({"template": label, "items": [all.item]}));
            if status == 201 {
                let full = layout_engine.last().concat();
                for secret in [all.token.as_str(), "argon2"] {
                    assert!(!full.contains(secret), "{model} shows {secret}");
                }
            } else {
                assert_eq!(status, 400, "{model}: {made}");
            }
            let (status, made) = clerk.post("/api/label/print/", json!({"template": label, "items": [all.item]}));
            match status {
                201 => shows_only(&layout_engine.last().concat(), &["Zz-stock", "Zz-result"], model),
                _ => assert_eq!(status, 400, "{model}: {made}"),
            }
        }
    });
}
