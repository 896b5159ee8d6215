//! Purchase orders: receiving many lines at once, and a page out of very many orders.

use std::fmt::Write as _;

use ironwood_base::clock;
use ironwood_store::{AsSql, Connection, Fragment, Value};
use serde_json::{Value as Json, json};

use crate::harness::{Bench, Failed, Floor, Requests, Scenario, get, json_rows, post};

pub(crate) static SCENARIOS: &[Scenario] = &[
    Scenario::writes("purchase: receive 200 lines", receive, Some(receive_floor)),
    Scenario::reads("purchase: 100 orders with details of 50,000", page, Some(page_floor)),
];

/// Lines that are received at once.
const LINES: i64 = 200;
/// Orders that there are.
const ORDERS: i64 = 50_000;
/// Packs of each line, in five places: so many that there is always something to come.
const QUANTITY: i64 = 900_000_000_000_000;

fn key(conn: &mut Connection, sql: impl AsSql, params: &[Value]) -> ironwood_base::Result<Option<i64>> {
    Ok(conn.one(sql, params)?.map(|row| row.int(0)))
}

/// A placed order of that name with 200 lines, made where it is not there yet; its lines.
fn order(bench: &Bench, reference: &'static str) -> Result<(i64, Vec<i64>), Failed> {
    Ok(bench.app.db().write(&crate::harness::origin(), move |conn| {
        let found = "SELECT id FROM order_purchaseorder WHERE reference = $1";
        let id = match key(conn, found, &[reference.into()])? {
            Some(id) => id,
            None => {
                let sql = "SELECT s.supplier, s.id FROM company_supplierpart s JOIN part_part p ON p.id = s.part \
                           WHERE NOT p.virtual ORDER BY s.id LIMIT 1";
                let row = conn.one(sql, &[])?;
                let (supplier, part) = row.map_or((0, 0), |row| (row.int(0), row.int(1)));
                let sql =
                    "INSERT INTO order_purchaseorder (reference, supplier, status) VALUES ($1, $2, 20) RETURNING id";
                let id = key(conn, sql, &[reference.into(), Value::Int(supplier)])?.unwrap_or(0);
                let lines: Vec<String> =
                    (0..LINES).map(|_| format!("({id}, {part}, {QUANTITY}, 1500000, 'USD')")).collect();
                let sql = format!(
                    "INSERT INTO order_purchaseorderlineitem (\"order\", part, quantity, purchase_price, \
                     purchase_price_currency) VALUES {}",
                    lines.join(", ")
                );
                conn.execute(Fragment::generated(sql), &[])?;
                id
            }
        };
        let sql = "SELECT id FROM order_purchaseorderlineitem WHERE \"order\" = $1 ORDER BY id";
        Ok((id, conn.rows(sql, &[Value::Int(id)])?.iter().map(|row| row.int(0)).collect()))
    })?)
}

fn location(bench: &Bench) -> Result<i64, Failed> {
    let rows = bench.ask(&get("/api/stock/location/?limit=1&structural=false"))?;
    rows["results"][0]["pk"].as_i64().ok_or_else(|| "there is no location".into())
}

fn receive(bench: &Bench) -> Result<Requests, Failed> {
    let (order, lines) = order(bench, "PO-BENCH-1")?;
    let location = location(bench)?;
    let items: Vec<Json> = lines.iter().map(|line| json!({"line_item": line, "quantity": 1})).collect();
    let body = json!({"items": items, "location": location});
    Ok(Box::new(move |_| post(format!("/api/order/po/{order}/receive/"), body.clone())))
}

/// The bare statements: new items, their history, and the counters of the lines.
fn receive_floor(bench: &Bench) -> Result<Floor, Failed> {
    let (order, lines) = order(bench, "PO-BENCH-2")?;
    let location = location(bench)?;
    Ok(Box::new(move |conn| {
        let now = clock::now();
        let part = "SELECT s.part, s.id FROM order_purchaseorderlineitem l JOIN company_supplierpart s ON s.id = l.part \
                    WHERE l.id = $1";
        let row = conn.one(part, &[Value::Int(lines[0])])?;
        let (part, supplier_part) = row.map_or((0, 0), |row| (row.int(0), row.int(1)));
        let mut made = Vec::with_capacity(lines.len());
        let mut items = String::new();
        for i in 0..lines.len() {
            let comma = if i > 0 { ", " } else { "" };
            let _ = write!(
                items,
                "{comma}({part}, {supplier_part}, {location}, 100000, '', {order}, '{now}', '{now}', 1500000, 'USD')"
            );
        }
        let sql = format!(
            "INSERT INTO stock_stockitem (part, supplier_part, location, quantity, batch, purchase_order, creation_date, \
             updated, purchase_price, purchase_price_currency) VALUES {items} RETURNING id"
        );
        conn.query(Fragment::generated(sql), &[], |row| {
            made.push(row.int(0));
            Ok(())
        })?;
        let history: Vec<String> = made
            .iter()
            .map(|id| format!("(70, {id}, {part}, '{now}', '{{\"quantity\": 1.0, \"purchaseorder\": {order}}}')"))
            .collect();
        let sql = format!(
            "INSERT INTO stock_stockitemtracking (tracking_type, item, part, date, deltas) VALUES {}",
            history.join(", ")
        );
        conn.execute(Fragment::generated(sql), &[])?;
        let sql = "UPDATE order_purchaseorderlineitem SET received = received + 100000 WHERE \"order\" = $1";
        conn.execute(sql, &[Value::Int(order)])?;
        let sql = format!(
            "SELECT s.id, s.part, s.quantity, s.location, s.batch, s.status FROM stock_stockitem s WHERE s.id >= {}",
            made.first().copied().unwrap_or(0)
        );
        json_rows(conn, &sql, &[], &["pk", "part", ".5 quantity", "location", "batch", "status"])
    }))
}

/// Very many orders, made where they are not there yet.
fn many(bench: &Bench) -> Result<(), Failed> {
    Ok(bench.app.db().write(&crate::harness::origin(), |conn| {
        if key(conn, "SELECT id FROM order_purchaseorder WHERE reference = 'PO-MANY-0'", &[])?.is_some() {
            return Ok(());
        }
        let sql = "SELECT s.supplier, s.id FROM company_supplierpart s ORDER BY s.id LIMIT 1";
        let (supplier, part) = conn.one(sql, &[])?.map_or((0, 0), |row| (row.int(0), row.int(1)));
        for start in (0..ORDERS).step_by(500) {
            let orders: Vec<String> = (start..start + 500)
                .map(|n| format!("('PO-MANY-{n}', {}, {supplier}, 20, 'Many', '2026-01-01')", 1_000_000 + n))
                .collect();
            let sql = format!(
                "INSERT INTO order_purchaseorder (reference, reference_int, supplier, status, description, creation_date) \
                 VALUES {} RETURNING id",
                orders.join(", ")
            );
            let keys: Vec<i64> = conn.rows(Fragment::generated(sql), &[])?.iter().map(|row| row.int(0)).collect();
            let lines: Vec<String> =
                keys.iter().flat_map(|id| (0..2).map(move |_| format!("({id}, {part}, 100000)"))).collect();
            let sql = "INSERT INTO order_purchaseorderlineitem (\"order\", part, quantity) VALUES ";
            conn.execute(Fragment::generated(format!("{sql}{}", lines.join(", "))), &[])?;
        }
        Ok(())
    })?)
}

fn page(bench: &Bench) -> Result<Requests, Failed> {
    many(bench)?;
    let path = "/api/order/po/?limit=100&offset=20000&supplier_detail=true&outstanding=true&ordering=-reference";
    Ok(Box::new(move |_| get(path)))
}

fn page_floor(bench: &Bench) -> Result<Floor, Failed> {
    many(bench)?;
    Ok(Box::new(|conn| {
        let count = "SELECT COUNT(*) FROM order_purchaseorder o WHERE o.status IN (10, 15, 20, 25)";
        conn.one(count, &[])?;
        let sql = "SELECT o.id, o.reference, o.status, o.description, o.creation_date, o.target_date, o.supplier, c.name, \
                   (SELECT COUNT(*) FROM order_purchaseorderlineitem l WHERE l.\"order\" = o.id), \
                   (SELECT COUNT(*) FROM order_purchaseorderlineitem l WHERE l.\"order\" = o.id AND l.quantity <= l.received) \
                   FROM (SELECT p.id FROM order_purchaseorder p WHERE p.status IN (10, 15, 20, 25) \
                   ORDER BY p.reference_int DESC, p.reference DESC, p.id DESC LIMIT 100 OFFSET 20000) page \
                   JOIN order_purchaseorder o ON o.id = page.id LEFT JOIN company_company c ON c.id = o.supplier \
                   ORDER BY o.reference_int DESC, o.reference DESC, o.id DESC";
        json_rows(
            conn,
            sql,
            &[],
            &[
                "pk",
                "reference",
                "status",
                "description",
                "creation_date",
                "target_date",
                "supplier",
                "supplier_name",
                "line_items",
                "completed_lines",
            ],
        )
    }))
}
