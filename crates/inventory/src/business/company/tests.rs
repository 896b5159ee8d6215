//! Rules of companies and their addresses.

use serde_json::{Value as Json, json};

use crate::testing::{Client, on_each_server};

fn primary(admin: &Client, company: i64) -> Vec<i64> {
    let rows = admin.read(&format!("/api/company/address/?company={company}"));
    let chosen = rows.as_array().unwrap().iter().filter(|row| row["primary"] == json!(true));
    chosen.map(|row| row["pk"].as_i64().unwrap()).collect()
}

#[test]
fn one_address_of_a_company_is_the_primary_one() {
    on_each_server(|server| {
        let admin = server.superuser();
        let company = admin.made("/api/company/", json!({"name": "Acme"}));
        let other = admin.made("/api/company/", json!({"name": "Other"}));
        let address = |company: i64, title: &str, primary: bool| {
            admin.made("/api/company/address/", json!({"company": company, "title": title, "primary": primary}))
        };
        let first = address(company, "Office", false);
        assert_eq!(primary(&admin, company), [first], "the only one is the primary one, whatever was asked for");
        let second = address(company, "Works", false);
        assert_eq!(primary(&admin, company), [first]);
        admin.patch(&format!("/api/company/address/{second}/"), json!({"primary": true}));
        assert_eq!(primary(&admin, company), [second]);
        let third = address(company, "Store", true);
        assert_eq!(primary(&admin, company), [third]);
        let elsewhere = address(other, "Office", true);
        assert_eq!((primary(&admin, company), primary(&admin, other)), (vec![third], vec![elsewhere]));
        let shown = admin.read(&format!("/api/company/{company}/?address_detail=true"));
        assert_eq!(shown["primary_address"]["pk"], third, "{shown}");
    });
}

#[test]
fn a_company_shows_its_own_currency_or_that_of_the_server() {
    on_each_server(|server| {
        let admin = server.superuser();
        let plain = admin.made("/api/company/", json!({"name": "Acme", "is_supplier": true}));
        let euro = admin.made("/api/company/", json!({"name": "Euro", "is_supplier": true, "currency": "EUR"}));
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        let shown = |company: i64| {
            let body = json!({"part": part, "supplier": company, "SKU": format!("S{company}")});
            let made = admin.made("/api/company/part/", body);
            admin.read(&format!("/api/company/part/{made}/?supplier_detail=true"))["supplier_detail"]["currency"]
                .clone()
        };
        assert_eq!((shown(plain), shown(euro)), (json!("USD"), json!("EUR")));
        let (status, answer) = admin.post("/api/company/", json!({"name": "Odd", "currency": "XXX"}));
        assert!(status == 400 && answer.get("currency").is_some(), "{status} {answer}");
    });
}

#[test]
fn counts_of_a_company_follow_its_parts() {
    on_each_server(|server| {
        let admin = server.superuser();
        let body = json!({"name": "Acme", "is_supplier": true, "is_manufacturer": true});
        let company = admin.made("/api/company/", body);
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        let counts = || {
            let row: Json = admin.read(&format!("/api/company/{company}/"));
            (row["parts_supplied"].as_i64().unwrap(), row["parts_manufactured"].as_i64().unwrap())
        };
        assert_eq!(counts(), (0, 0));
        let made = admin.made("/api/company/part/", json!({"part": part, "supplier": company, "SKU": "A"}));
        let body = json!({"part": part, "manufacturer": company, "MPN": "M"});
        admin.made("/api/company/part/manufacturer/", body);
        assert_eq!(counts(), (1, 1));
        assert_eq!(admin.delete(&format!("/api/company/part/{made}/")).0, 204);
        assert_eq!(counts(), (0, 1));
    });
}
