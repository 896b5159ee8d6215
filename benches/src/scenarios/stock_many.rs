//! A million stock items, and actions on many at once.

use std::fmt::Write as _;

use ironwood_base::clock;
use ironwood_store::{AsSql, Connection, Fragment, Value};
use serde_json::{Value as Json, json};

use super::stock::list_floor;
use crate::harness::{Bench, Failed, Floor, Requests, Scenario, get, json_rows, post};

pub(crate) static SCENARIOS: &[Scenario] = &[
    Scenario::reads("stock of 1,000,000: list of 100 with details", list, Some(floor_of_list)),
    Scenario::reads("stock of 1,000,000: list of 100, in stock, newest first", newest, Some(newest_floor)),
    Scenario::reads("stock of 1,000,000: one location with all below", place, None),
    Scenario::writes("stock of 1,000,000: count 100 items", count, Some(count_floor)),
    Scenario::writes("stock of 1,000,000: transfer 500 items", transfer, Some(transfer_floor)),
    Scenario::writes("stock of 1,000,000: create 1,000 with serial numbers", thousand, Some(thousand_floor)),
    Scenario::writes("stock of 1,000,000: create 10,000 with serial numbers", ten_thousand, None),
];

/// How many items there are.
const ITEMS: i64 = 1_000_000;
/// Items that are made by one statement.
const LOT: i64 = 100_000;
/// Mark of what is made here.
const BATCH: &str = "MANY";

/// Fills the stock up: items of all parts in all locations, from their suppliers, each with an entry in
/// its history.
fn many(bench: &Bench) -> Result<(), Failed> {
    let now = clock::now();
    let there = bench
        .app
        .db()
        .write(&crate::harness::origin(), |conn| number(conn, "SELECT COUNT(*) FROM stock_stockitem", &[]))?;
    if there >= ITEMS {
        return Ok(());
    }
    let mut made = there;
    while made < ITEMS {
        let (lot, now) = (LOT.min(ITEMS - made), now.clone());
        bench.app.db().write(&crate::harness::origin(), move |conn| conn.logged_as_one("import", |conn| {
            let first = number(conn, "SELECT MAX(id) FROM stock_stockitem", &[])?;
            let sql = "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1), \
                p AS (SELECT p.id, ROW_NUMBER() OVER (ORDER BY p.id) - 1 AS i, COUNT(*) OVER () AS many, \
                (SELECT MIN(c.id) FROM company_supplierpart c WHERE c.part = p.id) AS supplier_part \
                FROM part_part p WHERE NOT p.virtual), \
                l AS (SELECT l.id, ROW_NUMBER() OVER (ORDER BY l.id) - 1 AS i, COUNT(*) OVER () AS many \
                FROM stock_stocklocation l WHERE NOT l.structural) \
                INSERT INTO stock_stockitem (part, supplier_part, location, quantity, batch, status, creation_date, updated) \
                SELECT p.id, p.supplier_part, l.id, (1 + n.i % 500) * 100000, $2, 10, $3, $3 FROM n \
                JOIN p ON p.i = n.i % (SELECT MAX(many) FROM p) JOIN l ON l.i = n.i % (SELECT MAX(many) FROM l)";
            conn.execute(sql, &[lot.into(), BATCH.into(), now.as_str().into()])?;
            let sql = "INSERT INTO stock_stockitemtracking (tracking_type, item, part, date, notes, deltas) \
                SELECT 1, s.id, s.part, $1, '', '{\"status\": 10, \"quantity\": 1.0}' FROM stock_stockitem s WHERE s.id > $2";
            conn.execute(sql, &[now.as_str().into(), first.into()])?;
            Ok(((), serde_json::json!({"stock_stockitem": lot})))
        }))?;
        made += lot;
    }
    Ok(bench.app.db().write(&crate::harness::origin(), |conn| conn.batch("ANALYZE"))?)
}

fn number(conn: &mut Connection, sql: impl AsSql, params: &[Value]) -> ironwood_base::Result<i64> {
    Ok(conn.one(sql, params)?.and_then(|row| row.opt_int(0)).unwrap_or(0))
}

fn list(bench: &Bench) -> Result<Requests, Failed> {
    many(bench)?;
    Ok(Box::new(|n| {
        let offset = n % 50 * 100;
        get(format!(
            "/api/stock/?limit=100&offset={offset}&part_detail=true&location_detail=true&supplier_part_detail=true"
        ))
    }))
}

fn floor_of_list(bench: &Bench) -> Result<Floor, Failed> {
    list_floor(bench)
}

fn newest(bench: &Bench) -> Result<Requests, Failed> {
    many(bench)?;
    Ok(Box::new(|_| get("/api/stock/?limit=100&in_stock=true&ordering=-updated&part_detail=true&location_detail=true")))
}

fn newest_floor(bench: &Bench) -> Result<Floor, Failed> {
    many(bench)?;
    let sql = "SELECT s.id, s.part, s.quantity, s.serial, s.batch, s.location, s.status, s.updated, s.notes, p.name, \
        p.\"IPN\", p.description, l.name, l.pathstring FROM stock_stockitem s JOIN part_part p ON p.id = s.part \
        LEFT JOIN stock_stocklocation l ON l.id = s.location WHERE s.quantity > 0 AND s.sales_order IS NULL \
        AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT s.is_building \
        AND s.status IN (10, 50, 55, 85) ORDER BY s.updated DESC, s.id DESC LIMIT $1";
    let names = [
        "pk",
        "part",
        ".5 quantity",
        "serial",
        "batch",
        "location",
        "status",
        "updated",
        "notes",
        "name",
        "IPN",
        "description",
        "place",
        "pathstring",
    ];
    Ok(Box::new(move |conn| json_rows(conn, sql, &[100.into()], &names)))
}

fn place(bench: &Bench) -> Result<Requests, Failed> {
    many(bench)?;
    let page = bench.ask(&get("/api/stock/location/?limit=1&top_level=true"))?;
    let top = page["results"][0]["pk"].as_i64().ok_or("the demo company has no locations")?;
    Ok(Box::new(move |_| get(format!("/api/stock/?limit=100&location={top}&cascade=true"))))
}

/// Keys of items in stock without serial numbers.
fn items(bench: &Bench, how_many: usize) -> Result<Vec<i64>, Failed> {
    many(bench)?;
    let sql = "SELECT s.id FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE s.batch = $1 AND NOT p.trackable \
               ORDER BY s.id LIMIT $2";
    let params = [Value::from(BATCH), i64::try_from(how_many)?.into()];
    Ok(bench.app.db().read(move |conn| Ok(conn.rows(sql, &params)?.iter().map(|row| row.int(0)).collect()))?)
}

fn list_of(keys: &[i64]) -> String {
    keys.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

fn count(bench: &Bench) -> Result<Requests, Failed> {
    let keys = items(bench, 100)?;
    Ok(Box::new(move |n| {
        let rows: Vec<Json> = keys.iter().map(|key| json!({"pk": key, "quantity": n % 1000 + 1})).collect();
        post("/api/stock/count/", json!({"items": rows, "notes": "counted"}))
    }))
}

/// Reads items, as what changes them has to: their keys and parts.
fn items_there(conn: &mut Connection, list: &str) -> ironwood_base::Result<Vec<(i64, i64)>> {
    let mut there = Vec::new();
    conn.query(
        Fragment::generated(format!("SELECT id, part, quantity FROM stock_stockitem WHERE id IN ({list})")),
        &[],
        |row| {
            there.push((row.int(0), row.int(1)));
            Ok(())
        },
    )?;
    Ok(there)
}

/// Reads the items, sets their quantities and writes their history.
fn count_floor(bench: &Bench) -> Result<Floor, Failed> {
    let keys = items(bench, 100)?;
    let mut n = 0;
    Ok(Box::new(move |conn| {
        n += 1;
        let (now, list) = (clock::now(), list_of(&keys));
        let there = items_there(conn, &list)?;
        let sql =
            format!("UPDATE stock_stockitem SET quantity = $1, updated = $2, stocktake_date = $3 WHERE id IN ({list})");
        conn.execute(
            Fragment::generated(sql),
            &[((n % 1000 + 1) * 100_000).into(), now.as_str().into(), now[..10].into()],
        )?;
        history(conn, 10, &there, &now)?;
        Ok(serde_json::to_vec(&there).unwrap_or_default())
    }))
}

/// An entry for each item, by one statement.
fn history(conn: &mut Connection, code: i64, items: &[(i64, i64)], now: &str) -> ironwood_base::Result<()> {
    let mut rows = String::new();
    for (item, part) in items {
        let comma = if rows.is_empty() { "" } else { ", " };
        let _ = write!(rows, "{comma}({code}, {item}, {part}, '{now}', '', '{{\"quantity\": 1.0}}')");
    }
    let sql =
        format!("INSERT INTO stock_stockitemtracking (tracking_type, item, part, date, notes, deltas) VALUES {rows}");
    conn.execute(Fragment::generated(sql), &[])?;
    Ok(())
}

fn places(bench: &Bench) -> Result<[i64; 2], Failed> {
    let page = bench.ask(&get("/api/stock/location/?limit=2&structural=false"))?;
    let key = |i: usize| page["results"][i]["pk"].as_i64().ok_or("the demo company lacks locations");
    Ok([key(0)?, key(1)?])
}

fn transfer(bench: &Bench) -> Result<Requests, Failed> {
    let (keys, places) = (items(bench, 500)?, places(bench)?);
    let quantities = quantities(bench, &keys)?;
    Ok(Box::new(move |n| {
        let rows: Vec<Json> =
            keys.iter().zip(&quantities).map(|(key, quantity)| json!({"pk": key, "quantity": quantity})).collect();
        post("/api/stock/transfer/", json!({"items": rows, "location": places[n as usize % 2]}))
    }))
}

/// Quantities of items, whole ones, in the order of their keys.
fn quantities(bench: &Bench, keys: &[i64]) -> Result<Vec<i64>, Failed> {
    let sql = Fragment::generated(format!(
        "SELECT quantity / 100000 FROM stock_stockitem WHERE id IN ({}) ORDER BY id",
        list_of(keys)
    ));
    Ok(bench.app.db().read(move |conn| Ok(conn.rows(&sql, &[])?.iter().map(|row| row.int(0)).collect()))?)
}

fn transfer_floor(bench: &Bench) -> Result<Floor, Failed> {
    let (keys, places) = (items(bench, 500)?, places(bench)?);
    let mut n = 0;
    Ok(Box::new(move |conn| {
        n += 1;
        let (now, list) = (clock::now(), list_of(&keys));
        let there = items_there(conn, &list)?;
        let sql = format!("UPDATE stock_stockitem SET location = $1, updated = $2 WHERE id IN ({list})");
        conn.execute(Fragment::generated(sql), &[places[n % 2].into(), now.as_str().into()])?;
        history(conn, 20, &there, &now)?;
        Ok(serde_json::to_vec(&there).unwrap_or_default())
    }))
}

fn tracked(bench: &Bench) -> Result<i64, Failed> {
    many(bench)?;
    let body =
        json!({"name": format!("Numbered {}", bench.next()), "description": "For serial numbers", "trackable": true});
    bench.ask(&post("/api/part/", body))?["pk"].as_i64().ok_or_else(|| "no part".into())
}

fn serialised(bench: &Bench, pieces: u64) -> Result<Requests, Failed> {
    let (part, places) = (tracked(bench)?, places(bench)?);
    Ok(Box::new(move |n| {
        let serials = format!("{}-{}", n * pieces + 1, n * pieces + pieces);
        let body = json!({"part": part, "quantity": pieces, "serial_numbers": serials, "location": places[0]});
        post("/api/stock/", body)
    }))
}

fn thousand(bench: &Bench) -> Result<Requests, Failed> {
    serialised(bench, 1_000)
}

fn ten_thousand(bench: &Bench) -> Result<Requests, Failed> {
    serialised(bench, 10_000)
}

/// A thousand items and their history, and the items as they are now.
fn thousand_floor(bench: &Bench) -> Result<Floor, Failed> {
    let (part, places) = (tracked(bench)?, places(bench)?);
    let mut next = 1_u64;
    Ok(Box::new(move |conn| {
        let now = clock::now();
        let mut rows = String::new();
        for serial in next..next + 1_000 {
            let comma = if rows.is_empty() { "" } else { ", " };
            let place = places[0];
            let _ = write!(rows, "{comma}({part}, {place}, 100000, '{serial}', {serial}, {part}, '{now}', '{now}')");
        }
        next += 1_000;
        let sql = format!(
            "INSERT INTO stock_stockitem (part, location, quantity, serial, serial_int, serial_space, creation_date, updated) \
             VALUES {rows} RETURNING id"
        );
        let mut made = Vec::with_capacity(1_000);
        conn.query(Fragment::generated(sql), &[], |row| {
            made.push((row.int(0), part));
            Ok(())
        })?;
        history(conn, 1, &made, &now)?;
        let first = made.first().map_or(0, |(key, _)| *key);
        let sql = format!(
            "SELECT s.id, s.part, s.quantity, s.serial, s.batch, s.location, s.status, s.updated, p.name, p.description \
             FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE s.id >= {first} ORDER BY s.id"
        );
        let names =
            ["pk", "part", ".5 quantity", "serial", "batch", "location", "status", "updated", "name", "description"];
        json_rows(conn, &sql, &[], &names)
    }))
}
