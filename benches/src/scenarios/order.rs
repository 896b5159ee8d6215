//! Sales orders.

use ironwood_base::clock;
use ironwood_store::{Fragment, Value};
use serde_json::json;

use crate::harness::{Bench, Failed, Floor, Requests, Scenario, get, json_rows, post};

pub(crate) static SCENARIOS: &[Scenario] = &[
    Scenario::reads("order: list of 100 out of 50,000 with details", list, Some(list_floor)),
    Scenario::writes("order: allocate 300 items", allocate, None),
    Scenario::writes("order: ship 300 allocations", ship, None),
];

/// How many orders the list is taken from.
const ORDERS: i64 = 50_000;
/// How many allocations go at once.
const LOADS: i64 = 300;
/// Shipments that wait to be sent.
const SHIPMENTS: i64 = 1_000;

/// Numbers from 1 up to `$1`.
const NUMBERS: &str = "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)";

/// One statement with its values.
fn run(bench: &Bench, sql: &str, params: Vec<Value>) -> Result<i64, Failed> {
    let sql = sql.to_owned();
    Ok(bench.app.db().write(&crate::harness::origin(), move |conn| {
        let row = conn.rows(Fragment::generated(&sql), &params)?;
        Ok(row.last().map_or(0, |row| row.int(0)))
    })?)
}

fn customer(bench: &Bench) -> Result<i64, Failed> {
    let page = bench.ask(&get("/api/company/?limit=1&is_customer=true"))?;
    page["results"][0]["pk"].as_i64().ok_or_else(|| "the demo company has no customer".into())
}

fn part(bench: &Bench) -> Result<i64, Failed> {
    let body = json!({"name": format!("Sold {}", bench.next()), "description": "For orders", "salable": true});
    bench.ask(&post("/api/part/", body))?["pk"].as_i64().ok_or_else(|| "no part".into())
}

fn list(bench: &Bench) -> Result<Requests, Failed> {
    let (customer, part, now) = (customer(bench)?, part(bench)?, clock::now());
    let orders = format!(
        "{NUMBERS} INSERT INTO order_salesorder (reference, reference_int, customer, description, creation_date, updated_at) \
         SELECT 'X-' || n.i, 1000000 + n.i, CAST($2 AS BIGINT), 'An order', CAST($3 AS TEXT), CAST($4 AS TEXT) FROM n RETURNING id"
    );
    run(bench, &orders, vec![ORDERS.into(), customer.into(), now[..10].into(), now.as_str().into()])?;
    let lines = "INSERT INTO order_salesorderlineitem (\"order\", part, quantity, sale_price) \
                 SELECT o.id, CAST($1 AS BIGINT), 500000, 1000000 FROM order_salesorder o WHERE o.reference_int > 1000000";
    run(bench, lines, vec![part.into()])?;
    Ok(Box::new(move |n| get(format!("/api/order/so/?limit=100&offset={}&customer_detail=true", n % 100 * 100))))
}

fn list_floor(_: &Bench) -> Result<Floor, Failed> {
    let sql = "SELECT o.id, o.reference, o.description, o.status, o.creation_date, o.target_date, o.customer_reference, \
        o.total_price, o.updated_at, c.id, c.name, c.description, c.image, c.currency, \
        (SELECT COUNT(*) FROM order_salesorderlineitem l WHERE l.\"order\" = o.id), \
        (SELECT COUNT(*) FROM order_salesorderlineitem l WHERE l.\"order\" = o.id AND l.quantity <= l.shipped), \
        (SELECT COUNT(*) FROM order_salesordershipment h WHERE h.\"order\" = o.id), \
        (SELECT COUNT(*) FROM order_salesorderlineitem l WHERE l.\"order\" = o.id AND l.quantity <= \
        (SELECT COALESCE(SUM(a.quantity), 0) FROM order_salesorderallocation a WHERE a.line = l.id)) \
        FROM order_salesorder o LEFT JOIN company_company c ON c.id = o.customer \
        ORDER BY o.reference_int DESC, o.reference DESC, o.id DESC LIMIT $1 OFFSET $2";
    let names = [
        "pk",
        "reference",
        "description",
        "status",
        "creation_date",
        "target_date",
        "customer_reference",
        ".6 total_price",
        "updated_at",
        "customer",
        "name",
        "about",
        "image",
        "currency",
        "line_items",
        "completed_lines",
        "shipments_count",
        "allocated_lines",
    ];
    let mut n = 0_i64;
    Ok(Box::new(move |conn| {
        n += 1;
        json_rows(conn, sql, &[100.into(), (n % 100 * 100).into()], &names)
    }))
}

/// An order with one line, and items of its part that hold plenty: order, line, keys of the items.
fn plenty(bench: &Bench) -> Result<(i64, i64, Vec<i64>), Failed> {
    let (customer, part) = (customer(bench)?, part(bench)?);
    let made = |path: &str, body| -> Result<i64, Failed> {
        bench.ask(&post(path, body))?["pk"].as_i64().ok_or_else(|| "nothing was made".into())
    };
    let order = made("/api/order/so/", json!({"customer": customer}))?;
    let line = made("/api/order/so-line/", json!({"order": order, "part": part, "quantity": 1_000_000}))?;
    let items = format!(
        "{NUMBERS} INSERT INTO stock_stockitem (part, quantity) SELECT CAST($2 AS BIGINT), 100000000000 FROM n WHERE n.i > 0 RETURNING id"
    );
    run(bench, &items, vec![LOADS.into(), part.into()])?;
    let keys = bench.app.db().read(move |conn| {
        let rows = conn.rows("SELECT id FROM stock_stockitem WHERE part = $1", &[part.into()])?;
        Ok(rows.iter().map(|row| row.int(0)).collect::<Vec<i64>>())
    })?;
    Ok((order, line, keys))
}

fn allocate(bench: &Bench) -> Result<Requests, Failed> {
    let (order, line, items) = plenty(bench)?;
    let rows: Vec<_> =
        items.iter().map(|item| json!({"line_item": line, "stock_item": item, "quantity": "0.00001"})).collect();
    let path = format!("/api/order/so/{order}/allocate/");
    Ok(Box::new(move |_| post(path.clone(), json!({"items": rows}))))
}

fn ship(bench: &Bench) -> Result<Requests, Failed> {
    let (order, line, _) = plenty(bench)?;
    let shipments = format!(
        "{NUMBERS} INSERT INTO order_salesordershipment (\"order\", reference) SELECT CAST($2 AS BIGINT), 'W-' || n.i FROM n RETURNING id"
    );
    let last = run(bench, &shipments, vec![SHIPMENTS.into(), order.into()])?;
    let loads = "INSERT INTO order_salesorderallocation (line, shipment, item, quantity) \
                 SELECT l.id, h.id, s.id, 100000 FROM order_salesorderlineitem l \
                 JOIN order_salesordershipment h ON h.\"order\" = l.\"order\" JOIN stock_stockitem s ON s.part = l.part \
                 WHERE l.id = $1";
    run(bench, loads, vec![line.into()])?;
    let first = bench.next();
    Ok(Box::new(move |n| {
        let number = i64::try_from(n - first).unwrap_or(0) % SHIPMENTS;
        post(format!("/api/order/so/shipment/{}/ship/", last - number), json!({}))
    }))
}
