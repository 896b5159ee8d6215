//! Rules of companies and their addresses.

use ironwood_base::amount::Amount;
use ironwood_base::decimal::Excess;
use ironwood_base::{Key, Quantity};
use serde_json::{Value as Json, json};

use super::price_break;
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

#[test]
fn two_companies_of_a_name_differ_by_their_email() {
    on_each_server(|server| {
        let admin = server.superuser();
        let post = |email: Json| admin.post("/api/company/", json!({"name": "Acme", "email": email}));
        assert_eq!(post(json!("a@example.com")).0, 201);
        assert_eq!(post(json!("b@example.com")).0, 201);
        let (status, answer) = post(json!("a@example.com"));
        assert!(status == 400 && answer["non_field_errors"].is_array(), "{status} {answer}");
        assert_eq!((post(json!("")).0, post(json!("")).0), (201, 400), "no address is one, too");
        let other = admin.made("/api/company/", json!({"name": "Other", "email": "a@example.com"}));
        let path = format!("/api/company/{other}/");
        assert_eq!(admin.patch(&path, json!({"name": "Acme"})).0, 400);
        assert_eq!(admin.patch(&path, json!({"name": "Other"})).0, 200, "its own name");
    });
}

/// A part, a supplier and a manufacturer.
fn traded(admin: &Client) -> (i64, i64, i64) {
    let part = admin.made("/api/part/", json!({"name": "Bolt", "purchaseable": true}));
    let supplier = admin.made("/api/company/", json!({"name": "Seller", "is_supplier": true, "currency": "USD"}));
    let maker = admin.made("/api/company/", json!({"name": "Maker", "is_manufacturer": true, "is_supplier": false}));
    (part, supplier, maker)
}

#[test]
fn numbers_of_a_part_are_unique_for_each_company() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (part, supplier, maker) = traded(&admin);
        let other = admin.made("/api/part/", json!({"name": "Nut", "purchaseable": true}));
        for (path, company, number) in
            [("/api/company/part/", supplier, "SKU"), ("/api/company/part/manufacturer/", maker, "MPN")]
        {
            let of = if number == "SKU" { "supplier" } else { "manufacturer" };
            let body = |part: i64, text: &str| json!({"part": part, (of): company, (number): text});
            admin.made(path, body(part, "A"));
            let (status, answer) = admin.post(path, body(part, "A"));
            assert!(status == 400 && answer["non_field_errors"].is_array(), "{path}: {status} {answer}");
            admin.made(path, body(other, "A"));
            let second = admin.made(path, body(part, "B"));
            assert_eq!(admin.patch(&format!("{path}{second}/"), json!({(number): "A"})).0, 400, "{path}");
        }
        // only those who sell and make, and what can be purchased
        let wrong = json!({"part": part, "supplier": maker, "SKU": "X"});
        let (status, answer) = admin.post("/api/company/part/", wrong);
        assert!(status == 400 && answer["supplier"].is_array(), "{status} {answer}");
        let wrong = json!({"part": part, "manufacturer": supplier, "MPN": "X"});
        assert!(admin.post("/api/company/part/manufacturer/", wrong).1["manufacturer"].is_array());
        let made = admin.made("/api/part/", json!({"name": "Made", "purchaseable": false}));
        let wrong = json!({"part": made, "supplier": supplier, "SKU": "X"});
        assert!(admin.post("/api/company/part/", wrong).1["part"].is_array());
    });
}

#[test]
fn a_part_has_one_primary_supplier_part() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (part, supplier, _) = traded(&admin);
        let other = admin.made("/api/part/", json!({"name": "Nut", "purchaseable": true}));
        let sold = |part: i64, sku: &str, primary: bool| {
            let body = json!({"part": part, "supplier": supplier, "SKU": sku, "primary": primary});
            admin.made("/api/company/part/", body)
        };
        let primary = |part: i64| {
            let rows = admin.read(&format!("/api/company/part/?part={part}&primary=true"));
            rows.as_array().unwrap().iter().map(|row| row["pk"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        let first = sold(part, "A", false);
        assert_eq!(primary(part), [first], "the only one is the primary one, whatever was asked for");
        let second = sold(part, "B", false);
        assert_eq!(primary(part), [first]);
        admin.patch(&format!("/api/company/part/{second}/"), json!({"primary": true}));
        assert_eq!(primary(part), [second]);
        let elsewhere = sold(other, "A", true);
        assert_eq!((primary(part), primary(other)), (vec![second], vec![elsewhere]));
    });
}

#[test]
fn a_supplier_part_is_of_the_same_part_as_its_manufacturer_part() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (part, supplier, maker) = traded(&admin);
        let other = admin.made("/api/part/", json!({"name": "Nut", "purchaseable": true}));
        let makes = |part: i64| {
            admin.made("/api/company/part/manufacturer/", json!({"part": part, "manufacturer": maker, "MPN": "M"}))
        };
        let (own, foreign) = (makes(part), makes(other));
        let post = |sku: &str, more: Json| {
            let mut body = json!({"part": part, "supplier": supplier, "SKU": sku});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            admin.post("/api/company/part/", body)
        };
        let (status, answer) = post("A", json!({"manufacturer_part": foreign}));
        assert!(status == 400 && answer["manufacturer_part"].is_array(), "{status} {answer}");
        assert_eq!(post("A", json!({"manufacturer_part": own})).0, 201);
        // by the names of both
        let (status, answer) = post("B", json!({"manufacturer": "Maker", "MPN": "M"}));
        assert_eq!((status, &answer["manufacturer_part"]), (201, &json!(own)), "{answer}");
        let (status, answer) = post("C", json!({"manufacturer": "Maker", "MPN": "unknown"}));
        assert!(status == 400 && answer["MPN"].is_array(), "{status} {answer}");
    });
}

#[test]
fn what_a_supplier_has_is_dated_when_it_is_told() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (part, supplier, _) = traded(&admin);
        let sold = admin.made("/api/company/part/", json!({"part": part, "supplier": supplier, "SKU": "A"}));
        let path = format!("/api/company/part/{sold}/");
        assert!(admin.read(&path)["availability_updated"].is_null());
        admin.patch(&path, json!({"note": "x"}));
        assert!(admin.read(&path)["availability_updated"].is_null());
        admin.patch(&path, json!({"available": 5}));
        let first = admin.read(&path)["availability_updated"].as_str().unwrap().to_owned();
        std::thread::sleep(std::time::Duration::from_millis(20));
        admin.patch(&path, json!({"available": 5}));
        assert!(admin.read(&path)["availability_updated"].as_str().unwrap() >= first.as_str());
        assert_eq!(admin.read(&path)["available"], 5.0);
    });
}

#[test]
fn only_open_orders_bring_more_of_a_supplier_part() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (part, supplier, _) = traded(&admin);
        let sold = admin.made("/api/company/part/", json!({"part": part, "supplier": supplier, "SKU": "A"}));
        let shown = || {
            let row = admin.read(&format!("/api/company/part/{sold}/"));
            (row["on_order"].as_f64().unwrap_or(0.0), row["in_stock"].as_f64().unwrap_or(0.0))
        };
        let order = |quantity: i64| {
            let order = admin.made("/api/order/po/", json!({"supplier": supplier}));
            admin.made("/api/order/po-line/", json!({"order": order, "part": sold, "quantity": quantity}));
            order
        };
        let (first, second) = (order(5), order(7));
        assert_eq!(shown(), (12.0, 0.0));
        admin.done(&format!("/api/order/po/{second}/cancel/"), json!({}));
        admin.done(&format!("/api/order/po/{first}/issue/"), json!({}));
        assert_eq!(shown(), (5.0, 0.0));
        admin.made("/api/stock/", json!({"part": part, "supplier_part": sold, "quantity": 3}));
        // not in stock any more: its customer has it
        let buyer = admin.made("/api/company/", json!({"name": "Buyer", "is_customer": true}));
        let gone = json!({"part": part, "supplier_part": sold, "quantity": 4, "customer": buyer});
        admin.made("/api/stock/", gone);
        assert_eq!(shown(), (5.0, 3.0));
        let with_stock = admin.read(&format!("/api/company/part/?has_stock=true&part={part}"));
        assert_eq!(with_stock.as_array().map(Vec::len), Some(1));
    });
}

#[test]
fn a_price_is_that_of_the_highest_break_that_is_reached() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (part, supplier, _) = traded(&admin);
        let sold = |sku: &str, multiple: i64| {
            let body = json!({"part": part, "supplier": supplier, "SKU": sku});
            let sold = admin.made("/api/company/part/", body);
            for (quantity, price) in [(10, "2"), (1, "3"), (100, "1.5")] {
                let body = json!({"part": sold, "quantity": quantity, "price": price, "price_currency": "USD"});
                admin.made("/api/company/price-break/", body);
            }
            let sql = "UPDATE company_supplierpart SET multiple = $1 WHERE id = $2";
            server.write(move |conn| conn.execute(sql, &[multiple.into(), sold.into()]));
            sold
        };
        let (single, reels) = (sold("A", 1), sold("B", 25));
        let price = |sold: i64, quantity: &'static str| {
            let quantity: Quantity = Amount::parse(quantity, Excess::Refuse).unwrap();
            let found = server.write(move |conn| price_break::unit_price(conn, Key::from_id(sold), quantity, "USD"));
            found.map(|price| price.to_string())
        };
        for (quantity, expected) in [("0.5", "3"), ("1", "3"), ("9", "3"), ("10", "2"), ("99.5", "2"), ("100", "1.5")] {
            let found =
                price(single, quantity).map(|price| price.trim_end_matches('0').trim_end_matches('.').to_owned());
            assert_eq!(found.as_deref(), Some(expected), "{quantity}");
        }
        assert_eq!(price(single, "0"), None);
        // 10 are billed as one reel of 25: 25 * 2 for 10
        assert_eq!(price(reels, "10"), price_of("5"));
        assert_eq!(price(reels, "100"), price_of("1.5"));
        let none = server.write(move |conn| price_break::unit_price(conn, Key::from_id(single), Quantity::ONE, "EUR"));
        assert_eq!(none, None, "no exchange rate is known");
    });
}

fn price_of(text: &str) -> Option<String> {
    Some(ironwood_base::Money::parse(text, Excess::Refuse).unwrap().to_string())
}

#[test]
fn a_company_that_is_deleted_leaves_the_stock_it_had() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Lamp", "salable": true}));
        let buyer = admin.made("/api/company/", json!({"name": "Buyer", "is_customer": true}));
        let item = admin.made("/api/stock/", json!({"part": part, "quantity": 2, "customer": buyer}));
        let contact = admin.made("/api/company/contact/", json!({"company": buyer, "name": "Ann"}));
        let entries =
            |item: i64| server.int("SELECT COUNT(*) FROM stock_stockitemtracking WHERE item = $1", &[item.into()]);
        let before = entries(item);
        assert_eq!(admin.delete(&format!("/api/company/{buyer}/")).0, 204);
        assert_eq!(admin.read(&format!("/api/stock/{item}/"))["customer"], Json::Null);
        assert_eq!(entries(item), before + 1, "the history tells of it");
        assert_eq!(admin.get(&format!("/api/company/contact/{contact}/")).0, 404);
    });
}

#[test]
fn a_copy_takes_parameters_along_but_for_unique_ones() {
    on_each_server(|server| {
        let admin = server.superuser();
        let template =
            |name: &str, unique: i64| admin.made("/api/parameter/template/", json!({"name": name, "unique": unique}));
        let (plain, unique) = (template("Rating", 0), template("Number", 1));
        let original = admin.made("/api/company/", json!({"name": "Acme"}));
        for (template, data) in [(plain, "A"), (unique, "42")] {
            let body =
                json!({"template": template, "model_type": "company.company", "model_id": original, "data": data});
            admin.made("/api/parameter/", body);
        }
        let copy = |name: &str, options: Json| admin.post("/api/company/", json!({"name": name, "duplicate": options}));
        let held = |company: &Json| {
            let sql = "SELECT COUNT(*) FROM common_parameter WHERE model_type = 'company.company' AND model_id = $1";
            server.int(sql, &[company["pk"].as_i64().unwrap().into()])
        };
        let (status, made) = copy("Copy", json!({"original": original}));
        assert_eq!((status, held(&made)), (201, 1), "{made}");
        let (_, made) = copy("Bare", json!({"original": original, "copy_parameters": false}));
        assert_eq!(held(&made), 0);
        let (status, answer) = copy("Odd", json!({"original": original + 1_000}));
        assert!(status == 400 && answer["duplicate"]["original"].is_array(), "{status} {answer}");
    });
}
