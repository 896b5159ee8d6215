//! The demo company: a small electronics manufacturer, made from a fixed seed as a stream of records.
//!
//! What is there once (people, places, companies, categories) comes first; then follow `scale` blocks
//! of 500 parts, 5,000 stock items and the orders around them; each after the first also brings places, categories,
//! companies, more orders and deeper assemblies. The stream is the same at every run, and
//! only one block is in memory at a time.

mod block;
mod breadth;
mod company;
mod contents;
mod orders;
mod random;

#[cfg(test)]
pub(crate) use random::Random;

use serde_json::{Value as Json, json};

/// Parts in one block.
pub const PARTS: i64 = 500;
/// Stock items in one block.
pub const STOCK: i64 = 5_000;

/// The records of the company. `password_hash` is that of every user.
pub fn records(scale: u32, password_hash: &str) -> impl Iterator<Item = Json> + use<> {
    company::records(password_hash).into_iter().chain((0..i64::from(scale)).flat_map(contents::records))
}

/// One record.
fn record(model: &str, pk: i64, fields: Json) -> Json {
    json!({"model": model, "pk": pk, "fields": fields})
}

/// A quantity of whole parts.
fn quantity(whole: i64) -> String {
    format!("{whole}.00000")
}

/// Money, in millionths.
fn money(millionths: i64) -> String {
    ironwood_base::decimal::to_string(millionths, ironwood_base::decimal::MONEY)
}

/// The day so many days after the first of January 2026.
fn day(after: i64) -> String {
    let month = (after / 28).rem_euclid(10) + 1;
    format!("2026-{month:02}-{:02}", after.rem_euclid(28) + 1)
}

/// That day, in the morning.
fn moment(after: i64) -> String {
    format!("{}T08:30:00Z", day(after))
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use ironwood_rest::table::ColumnType;

    use super::*;
    use crate::schema::TABLES;

    #[test]
    fn every_run_is_the_same_and_every_link_leads_somewhere() {
        let all: Vec<Json> = records(2, "x").collect();
        assert!(all.iter().eq(records(2, "x").collect::<Vec<_>>().iter()));
        let mut keys: HashMap<&str, HashSet<i64>> = HashMap::new();
        for r in &all {
            let model = r["model"].as_str().unwrap();
            assert!(keys.entry(model).or_default().insert(r["pk"].as_i64().unwrap()), "twice: {model} {}", r["pk"]);
        }
        assert_eq!(keys["part.part"].len() as i64, 2 * PARTS);
        assert_eq!(keys["stock.stockitem"].len() as i64, 2 * STOCK);
        for r in &all {
            let model = r["model"].as_str().unwrap();
            let table = TABLES.iter().find(|t| t.record == model).unwrap_or_else(|| panic!("{model} is unknown"));
            for (name, value) in r["fields"].as_object().unwrap() {
                let column =
                    table.columns.iter().find(|c| c.record == name).unwrap_or_else(|| panic!("{model}.{name}"));
                if let (ColumnType::Link(target, _), Some(key)) = (column.kind, value.as_i64()) {
                    assert!(keys[target.record].contains(&key), "{model} {} {name} {key}", r["pk"]);
                }
            }
        }
    }

    #[test]
    fn nothing_is_promised_twice_and_assemblies_are_three_levels_deep() {
        let all: Vec<Json> = records(1, "x").collect();
        let of = |model: &'static str| all.iter().filter(move |r| r["model"] == model);
        let number = |v: &Json| v.as_str().unwrap_or("0").split('.').next().unwrap_or("0").parse::<i64>().unwrap_or(0);
        let stock: HashMap<i64, i64> =
            of("stock.stockitem").map(|r| (r["pk"].as_i64().unwrap(), number(&r["fields"]["quantity"]))).collect();
        let mut promised: HashMap<i64, i64> = HashMap::new();
        for (model, field) in [("build.builditem", "stock_item"), ("order.salesorderallocation", "item")] {
            for r in of(model) {
                *promised.entry(r["fields"][field].as_i64().unwrap()).or_default() += number(&r["fields"]["quantity"]);
            }
        }
        assert!(!promised.is_empty());
        for (item, quantity) in promised {
            assert!(quantity <= stock[&item], "item {item}");
        }
        let mut below: HashMap<i64, Vec<i64>> = HashMap::new();
        for r in of("part.bomitem") {
            let (part, sub) = (r["fields"]["part"].as_i64().unwrap(), r["fields"]["sub_part"].as_i64().unwrap());
            below.entry(part).or_default().push(sub);
        }
        fn depth(part: i64, below: &HashMap<i64, Vec<i64>>, guard: usize) -> usize {
            assert!(guard < 50, "a circle at {part}");
            below.get(&part).map_or(0, |subs| 1 + subs.iter().map(|s| depth(*s, below, guard + 1)).max().unwrap_or(0))
        }
        assert!(below.keys().map(|p| depth(*p, &below, 0)).max().unwrap() >= 3);
        let mut serials = HashSet::new();
        for r in of("stock.stockitem").filter(|r| r["fields"]["serial"].is_string()) {
            assert!(serials.insert((r["fields"]["part"].as_i64(), r["fields"]["serial"].clone())));
        }
        for (model, states) in [
            ("order.purchaseorder", 7),
            ("order.salesorder", 8),
            ("order.returnorder", 5),
            ("order.transferorder", 5),
            ("build.build", 5),
        ] {
            let found: HashSet<i64> = of(model).map(|r| r["fields"]["status"].as_i64().unwrap()).collect();
            assert_eq!(found.len(), states, "{model}");
        }
    }
}
