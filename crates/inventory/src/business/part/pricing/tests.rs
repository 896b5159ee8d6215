use serde_json::{Value as Json, json};

use ironwood_base::Money;

use super::Range;
use crate::installation::worker::Worker;
use crate::testing::{Client, Server, on_each_server};

fn part(admin: &Client, name: &str, more: Json) -> i64 {
    let mut body = json!({"name": name, "category": null, "component": true, "purchaseable": true});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    admin.made("/api/part/", body)
}

/// A supplier's price of a part, by packs.
fn supplied(server: &Server, part: i64, price: i64, currency: &'static str, pack: i64) {
    server.write(move |conn| {
        let sql = "INSERT INTO company_company (name, is_supplier) VALUES ($1, TRUE) RETURNING id";
        let company = conn.one(sql, &[format!("S{part}{currency}{price}").into()])?.unwrap().int(0);
        let sql = "INSERT INTO company_supplierpart (part, supplier, \"SKU\", pack_quantity_native) \
                   VALUES ($1, $2, 'X', $3) RETURNING id";
        let row = conn.one(sql, &[part.into(), company.into(), (pack * 10_000_000_000).into()])?.unwrap().int(0);
        let sql = "INSERT INTO company_supplierpricebreak (part, quantity, price, price_currency) VALUES ($1, 100000, $2, $3)";
        conn.execute(sql, &[row.into(), price.into(), currency.into()])
    });
}

fn line(server: &Server, assembly: i64, part: i64, quantity: i64, inherited: bool, variants: bool) -> i64 {
    server.write(move |conn| {
        let sql = "INSERT INTO part_bomitem (part, sub_part, quantity, raw_amount, inherited, allow_variants) \
                   VALUES ($1, $2, $3, '', $4, $5) RETURNING id";
        let params = [assembly.into(), part.into(), quantity.into(), inherited.into(), variants.into()];
        Ok(conn.one(sql, &params)?.unwrap().int(0))
    })
}

fn update(admin: &Client, part: i64) -> Json {
    let (status, answer) = admin.patch(&format!("/api/part/{part}/pricing/"), json!({"update": true}));
    assert_eq!(status, 200, "{answer}");
    answer
}

fn settled(server: &Server) {
    let began = std::time::Instant::now();
    let sql = "SELECT (SELECT COUNT(*) FROM part_partpricing WHERE scheduled_for_update) \
               + (SELECT COUNT(*) FROM ironwood_job WHERE state IN ('pending', 'running'))";
    while server.int(sql, &[]) > 0 {
        assert!(began.elapsed().as_secs() < 60);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn ranges_take_in_amounts() {
    let mut range = Range::default();
    range.join(Range::default());
    assert_eq!(range, Range::default());
    range.take(Money::of(5));
    range.take(Money::of(-2));
    assert_eq!(range, Range { min: Some(Money::of(-2)), max: Some(Money::of(5)) });
}

#[test]
fn the_highest_price_is_never_below_the_lowest() {
    let range = |min: Option<i64>, max: Option<i64>| Range { min: min.map(Money::of), max: max.map(Money::of) };
    for min in [None, Some(1), Some(5), Some(9)] {
        for max in [None, Some(1), Some(5), Some(9)] {
            let filled = range(min, max).filled();
            assert_eq!(filled.min.is_some(), filled.max.is_some());
            assert!(filled.min <= filled.max, "{filled:?}");
            for ends in [(None, None), (Some(7), None), (None, Some(3)), (Some(7), Some(3)), (Some(3), Some(7))] {
                let replaced = range(min, max).filled().replaced(range(ends.0, ends.1));
                assert!(replaced.max.is_none_or(|max| replaced.min.is_none_or(|min| min <= max)), "{replaced:?}");
                assert!(ends.0.is_none() || replaced.min == ends.0.map(Money::of));
            }
        }
    }
    on_each_server(|server| {
        let admin = server.superuser();
        let (low, both) = (part(&admin, "Low", json!({})), part(&admin, "Both", json!({})));
        let put = |part: i64, body: Json| {
            let (status, answer) = admin.patch(&format!("/api/part/{part}/pricing/"), body);
            assert_eq!(status, 200, "{answer}");
            (answer["overall_min"].clone(), answer["overall_max"].clone())
        };
        assert_eq!(put(low, json!({"override_min": 500})), (json!(500.0), Json::Null));
        put(both, json!({"override_min": 1000, "override_max": 1000}));
        let whole = part(&admin, "Whole", json!({"assembly": true}));
        let above = part(&admin, "Above", json!({"assembly": true}));
        for sub_part in [low, both] {
            line(server, whole, sub_part, 100_000, false, false);
        }
        line(server, above, whole, 200_000, false, false);
        let prices = update(&admin, above);
        assert_eq!((&prices["overall_min"], &prices["overall_max"]), (&json!(3000.0), &json!(3000.0)));
        let prices = admin.read(&format!("/api/part/{whole}/pricing/"));
        assert_eq!((&prices["bom_cost_min"], &prices["bom_cost_max"]), (&json!(1500.0), &json!(1500.0)));
        // an end that people give moves the other one
        assert_eq!(put(whole, json!({"override_min": 2000})), (json!(2000.0), json!(2000.0)));
        assert_eq!(put(whole, json!({"override_min": null, "override_max": 20})), (json!(20.0), json!(20.0)));
        assert_eq!(put(whole, json!({"override_max": null})), (json!(1500.0), json!(1500.0)));
    });
}

#[test]
fn an_assembly_costs_what_it_is_made_from_at_any_depth() {
    on_each_server(|server| {
        let admin = server.superuser();
        server.write(|conn| {
            let sql = "INSERT INTO exchange_exchangebackend (name, base_currency, last_update) \
                       VALUES ('test', 'USD', '2026-01-01T00:00:00.000Z') RETURNING id";
            let backend = conn.one(sql, &[])?.unwrap().int(0);
            let sql = "INSERT INTO exchange_rate (backend, currency, value) VALUES ($1, 'EUR', 500000)";
            conn.execute(sql, &[backend.into()])
        });
        let bolt = part(&admin, "Bolt", json!({}));
        supplied(server, bolt, 1_000_000, "EUR", 3); // 2 USD for three
        supplied(server, bolt, 900_000, "USD", 1);
        supplied(server, bolt, 1, "GBP", 1); // no rate: left out
        let inner = part(&admin, "Inner", json!({"assembly": true}));
        let middle = part(&admin, "Middle", json!({"assembly": true}));
        let outer = part(&admin, "Outer", json!({"assembly": true}));
        line(server, inner, bolt, 150_000, false, false);
        line(server, middle, inner, 200_000, false, false);
        line(server, outer, middle, 1_000_000, false, false);
        let other = part(&admin, "Other", json!({}));
        let through = line(server, outer, other, 1, false, false);
        let prices = update(&admin, outer);
        // 1.5 * 2 * 10 = 30 bolts, of 0.666667 and 0.9 each; `Other` has no price
        assert_eq!((&prices["bom_cost_min"], &prices["overall_max"]), (&json!(20.00002), &json!(27.0)));
        assert_eq!(prices["supplier_price_min"], Json::Null);
        // a substitute is cheaper
        let (cheap, dear) = (part(&admin, "Cheap", json!({})), part(&admin, "Dear", json!({})));
        supplied(server, cheap, 100_000, "USD", 1);
        supplied(server, dear, 50_000_000, "USD", 1);
        for part in [cheap, dear] {
            server.write(move |conn| {
                let sql = "INSERT INTO part_bomitemsubstitute (bom_item, part) VALUES ($1, $2)";
                conn.execute(sql, &[through.into(), part.into()])
            });
        }
        let prices = update(&admin, outer);
        assert_eq!((&prices["bom_cost_min"], &prices["bom_cost_max"]), (&json!(20.000021), &json!(27.0005)));
    });
}

#[test]
fn the_worker_carries_a_change_upwards() {
    on_each_server(|server| {
        let admin = server.superuser();
        let worker = Worker::start(&server.app).unwrap();
        let bolt = part(&admin, "Bolt", json!({"salable": true}));
        let template = part(&admin, "Template", json!({"assembly": true, "is_template": true}));
        let variant = part(&admin, "Variant", json!({"assembly": true, "variant_of": template}));
        line(server, template, bolt, 400_000, true, false);
        let setting = admin.patch("/api/settings/global/PART_INTERNAL_PRICE/", json!({"value": true}));
        assert_eq!(setting.0, 200);
        let price = admin.made("/api/part/internal-price/", json!({"part": bolt, "quantity": 1, "price": 0.25}));
        settled(server);
        let of = |part: i64| admin.read(&format!("/api/pricing/part/{part}/"));
        assert_eq!((&of(bolt)["overall_min"], &of(variant)["overall_max"]), (&json!(0.25), &json!(1.0)));
        assert_eq!(of(template)["variant_cost_min"], json!(1.0));
        let (status, _) = admin.patch(&format!("/api/part/internal-price/{price}/"), json!({"price": 2}));
        assert_eq!(status, 200);
        settled(server);
        assert_eq!((&of(template)["overall_min"], &of(variant)["bom_cost_min"]), (&json!(8.0), &json!(8.0)));
        assert_eq!(admin.delete(&format!("/api/pricing/internal-price/{price}/")).0, 204);
        settled(server);
        assert_eq!(of(variant)["overall_min"], Json::Null);
        // what people say stands instead, in both directions and for what is above
        let own = json!({"override_min": 3, "override_max": 1});
        assert_eq!(admin.patch(&format!("/api/part/{bolt}/pricing/"), own).0, 400);
        let own = json!({"override_min": 1, "override_max": 3});
        assert_eq!(admin.put(&format!("/api/part/{bolt}/pricing/"), own).0, 200);
        settled(server);
        assert_eq!((&of(variant)["overall_min"], &of(variant)["overall_max"]), (&json!(4.0), &json!(12.0)));
        drop(worker);
    });
}

#[test]
fn a_price_has_no_date_before_it_was_worked_out() {
    on_each_server(|server| {
        let admin = server.superuser();
        let bolt = part(&admin, "Bolt", json!({}));
        let shown = || admin.read(&format!("/api/part/{bolt}/"))["pricing_updated"].clone();
        assert_eq!(shown(), Json::Null);
        admin.made("/api/part/internal-price/", json!({"part": bolt, "quantity": 1, "price": 0.25}));
        // the row waits, and is dated itself
        let sql =
            "SELECT COUNT(*) FROM part_partpricing WHERE part = $1 AND scheduled_for_update AND updated IS NOT NULL";
        assert_eq!(server.int(sql, &[bolt.into()]), 1);
        assert_eq!(shown(), Json::Null);
        update(&admin, bolt);
        assert!(shown().is_string());
    });
}
