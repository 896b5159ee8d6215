//! Very many parts: a category of 20,000, and the price of an assembly of 2,000 lines.

use ironwood_rest::http::Method;
use ironwood_store::{Connection, Fragment, Value, fragment};
use serde_json::json;

use crate::harness::{Ask, Bench, Failed, Floor, Requests, Scenario, get, json_rows};

pub(crate) static SCENARIOS: &[Scenario] = &[
    Scenario::reads("part: 100 of a category of 20,000", page, Some(page_floor)),
    Scenario::reads("part: count of a category of 20,000", one, Some(one_floor)),
    Scenario::writes("part: price of four levels, 2,000 lines", price, Some(price_floor)),
];

const MANY: i64 = 20_000;
const CATEGORY: &str = "Very many parts";
/// Assemblies below the top, each level, and parts in each of the lowest.
const LEVELS: [i64; 3] = [10, 9, 21];
const TOP: &str = "Very large assembly";

fn rows(conn: &mut Connection, head: &str, count: i64, row: impl Fn(i64) -> String) -> ironwood_base::Result<()> {
    for start in (0..count).step_by(500) {
        let values: Vec<String> = (start..count.min(start + 500)).map(&row).collect();
        conn.execute(Fragment::generated(format!("{head} VALUES {}", values.join(", "))), &[])?;
    }
    Ok(())
}

const PART: &str =
    "INSERT INTO part_part (name, category, assembly, component, active, purchaseable, tree_id, tree_path)";
const PLACE: &str = "UPDATE part_part SET tree_path = '/' || CAST(id AS TEXT) || '/' WHERE tree_path = ''";

fn key(conn: &mut Connection, table: &'static str, name: &str) -> ironwood_base::Result<Option<i64>> {
    let row = conn.one(fragment!("SELECT id FROM {table} WHERE name = $1"), &[name.into()])?;
    Ok(row.map(|row| row.int(0)))
}

/// The category, made where it is not there yet.
fn category(bench: &Bench) -> Result<i64, Failed> {
    Ok(bench.app.db().write(&crate::harness::origin(), |conn| {
        if let Some(id) = key(conn, "part_partcategory", CATEGORY)? {
            return Ok(id);
        }
        let sql = "INSERT INTO part_partcategory (name, pathstring, tree_id, tree_path) VALUES ($1, $1, 900000, '') RETURNING id";
        let id = conn.one(sql, &[CATEGORY.into()])?.map_or(0, |row| row.int(0));
        let sql = "UPDATE part_partcategory SET tree_path = '/' || CAST(id AS TEXT) || '/' WHERE id = $1";
        conn.execute(sql, &[Value::Int(id)])?;
        rows(conn, PART, MANY, |n| format!("('Many {n}', {id}, FALSE, TRUE, TRUE, TRUE, {}, '')", 1_000_000 + n))?;
        conn.execute(PLACE, &[])?;
        // as the database would do by itself a little later
        conn.batch("ANALYZE")?;
        Ok(id)
    })?)
}

fn page(bench: &Bench) -> Result<Requests, Failed> {
    let path = format!("/api/part/?category={}&cascade=true&limit=100&offset=10000&ordering=name", category(bench)?);
    Ok(Box::new(move |_| get(path.clone())))
}

fn page_floor(bench: &Bench) -> Result<Floor, Failed> {
    let category = category(bench)?;
    Ok(Box::new(move |conn| {
        let sql = "SELECT p.id, p.name, p.description, p.\"IPN\", p.category, p.active FROM part_part p \
                   WHERE p.category = $1 ORDER BY p.name, p.id LIMIT 100 OFFSET 10000";
        json_rows(conn, sql, &[Value::Int(category)], &["pk", "name", "description", "IPN", "category", "active"])
    }))
}

fn one(bench: &Bench) -> Result<Requests, Failed> {
    let path = format!("/api/part/category/{}/", category(bench)?);
    Ok(Box::new(move |_| get(path.clone())))
}

fn one_floor(bench: &Bench) -> Result<Floor, Failed> {
    let category = category(bench)?;
    Ok(Box::new(move |conn| {
        let sql = "SELECT c.id, c.name, (SELECT COUNT(*) FROM part_part p WHERE p.category = c.id) \
                   FROM part_partcategory c WHERE c.id = $1";
        json_rows(conn, sql, &[Value::Int(category)], &["pk", "name", "part_count"])
    }))
}

/// The assembly, made where it is not there yet: each part at the bottom has an internal price.
fn assembly(bench: &Bench) -> Result<i64, Failed> {
    let setting = json!({"value": true});
    let path = "/api/settings/global/PART_INTERNAL_PRICE/".to_owned();
    bench.ask(&Ask { method: Method::Patch, path, body: Some(setting) })?;
    Ok(bench.app.db().write(&crate::harness::origin(), |conn| {
        if let Some(id) = key(conn, "part_part", TOP)? {
            return Ok(id);
        }
        let make =
            |name: String, assembly: bool| format!("('{name}', NULL, {assembly}, TRUE, TRUE, FALSE, 900000, '')");
        let [first, second, third] = LEVELS;
        let mut names: Vec<(String, Option<String>)> = vec![(TOP.to_owned(), None)];
        for a in 0..first {
            names.push((format!("Large {a}"), Some(TOP.to_owned())));
            for b in 0..second {
                names.push((format!("Large {a}.{b}"), Some(format!("Large {a}"))));
                for c in 0..third {
                    names.push((format!("Large {a}.{b}.{c}"), Some(format!("Large {a}.{b}"))));
                }
            }
        }
        let count = i64::try_from(names.len()).unwrap_or(0);
        let name = |n: i64| names[usize::try_from(n).unwrap_or(0)].clone();
        rows(conn, PART, count, |n| make(name(n).0, name(n).0.matches('.').count() < 2))?;
        conn.execute(PLACE, &[])?;
        let first = key(conn, "part_part", TOP)?.unwrap_or(0);
        let at = |wanted: &str| {
            first + i64::try_from(names.iter().position(|(name, _)| name == wanted).unwrap_or(0)).unwrap_or(0)
        };
        let head = "INSERT INTO part_bomitem (part, sub_part, quantity, raw_amount, reference, note, checksum)";
        rows(conn, head, count - 1, |n| {
            let (child, parent) = name(n + 1);
            format!("({}, {}, 250000, '2.5', '', '', '')", at(&parent.unwrap_or_default()), at(&child))
        })?;
        let head = "INSERT INTO part_partinternalpricebreak (part, quantity, price, price_currency)";
        rows(conn, head, count, |n| format!("({}, 100000, {}, 'USD')", first + n, 1_000_000 + n))?;
        Ok(first)
    })?)
}

fn price(bench: &Bench) -> Result<Requests, Failed> {
    let path = format!("/api/part/{}/pricing/", assembly(bench)?);
    Ok(Box::new(move |_| Ask { method: Method::Patch, path: path.clone(), body: Some(json!({"update": true})) }))
}

/// The cost of what the assembly is made from, by one statement, and the one row that says so.
fn price_floor(bench: &Bench) -> Result<Floor, Failed> {
    let top = assembly(bench)?;
    Ok(Box::new(move |conn| {
        let sql = "WITH RECURSIVE inside (part, times) AS (SELECT CAST($1 AS BIGINT), CAST(1 AS BIGINT) UNION ALL \
                   SELECT m.sub_part, i.times * m.quantity / 100000 FROM inside i JOIN part_bomitem m ON m.part = i.part) \
                   SELECT CAST(SUM(i.times * b.price) AS BIGINT) FROM inside i \
                   JOIN part_partinternalpricebreak b ON b.part = i.part";
        let cost = conn.one(sql, &[Value::Int(top)])?.map_or(0, |row| row.int(0));
        let sql = "UPDATE part_partpricing SET bom_cost_min = $1, bom_cost_max = $1 WHERE part = $2";
        conn.execute(sql, &[Value::Int(cost), Value::Int(top)])?;
        json_rows(
            conn,
            "SELECT part, bom_cost_min FROM part_partpricing WHERE part = $1",
            &[Value::Int(top)],
            &["part", ".6 bom_cost_min"],
        )
    }))
}
