//! Stock items.

use ironwood_base::clock;
use serde_json::json;

use crate::harness::{Bench, Failed, Floor, Requests, Scenario, get, json_rows, post};

pub(crate) static SCENARIOS: &[Scenario] = &[
    Scenario::reads("stock: list of 100 with details", list, Some(list_floor)),
    Scenario::writes("stock: create an item", create, Some(create_floor)),
];

fn list(_: &Bench) -> Result<Requests, Failed> {
    let path = "/api/stock/?limit=100&offset=100&part_detail=true&location_detail=true&supplier_part_detail=true";
    Ok(Box::new(move |_| get(path)))
}

pub(super) fn list_floor(_: &Bench) -> Result<Floor, Failed> {
    let columns = [
        "s.id",
        "s.part",
        "s.quantity",
        "s.serial",
        "s.batch",
        "s.location",
        "s.belongs_to",
        "s.build",
        "s.consumed_by",
        "s.customer",
        "s.delete_on_deplete",
        "s.expiry_date",
        "s.is_building",
        "s.link",
        "s.notes",
        "s.owner",
        "s.packaging",
        "s.parent",
        "s.purchase_order",
        "s.sales_order",
        "s.status",
        "s.supplier_part",
        "s.barcode_hash",
        "s.creation_date",
        "s.stocktake_date",
        "s.updated",
        "s.purchase_price",
        "s.purchase_price_currency",
        "p.name",
        "p.\"IPN\"",
        "p.description",
        "p.image",
        "p.active",
        "p.assembly",
        "p.component",
        "p.units",
        "p.is_template",
        "p.minimum_stock",
        "l.name",
        "l.description",
        "l.pathstring",
        "l.external",
        "l.structural",
        "q.\"SKU\"",
        "q.description",
        "q.link",
        "q.packaging",
        "q.pack_quantity",
    ];
    let names: Vec<&str> = columns
        .iter()
        .map(|c| match *c {
            "s.quantity" => ".5 quantity",
            "s.purchase_price" => ".6 purchase_price",
            "p.\"IPN\"" => "p.IPN",
            "q.\"SKU\"" => "q.SKU",
            other => other,
        })
        .collect();
    let counts = "COALESCE((SELECT CAST(SUM(a.quantity) AS BIGINT) FROM order_salesorderallocation a WHERE a.item = s.id), 0) \
        + COALESCE((SELECT CAST(SUM(b.quantity) AS BIGINT) FROM build_builditem b WHERE b.stock_item = s.id), 0), \
        (SELECT COUNT(*) FROM stock_stockitem i WHERE i.belongs_to = s.id), \
        (SELECT COUNT(*) FROM stock_stockitem i WHERE i.parent = s.id), \
        (SELECT COUNT(*) FROM stock_stockitemtracking i WHERE i.item = s.id)";
    let sql = format!(
        "SELECT {}, {counts} FROM stock_stockitem s JOIN part_part p ON p.id = s.part \
         LEFT JOIN stock_stocklocation l ON l.id = s.location LEFT JOIN company_supplierpart q ON q.id = s.supplier_part \
         ORDER BY p.name, s.quantity, l.pathstring, s.id LIMIT $1 OFFSET $1",
        columns.join(", ")
    );
    let names = [names, vec![".5 allocated", "installed_items", "child_items", "tracking_items"]].concat();
    Ok(Box::new(move |conn| json_rows(conn, &sql, &[100.into()], &names)))
}

fn create(bench: &Bench) -> Result<Requests, Failed> {
    let (part, location) = part_and_location(bench)?;
    Ok(Box::new(move |n| post("/api/stock/", json!({"part": part, "location": location, "quantity": n % 1000 + 1}))))
}

/// A part that has no serial numbers, and somewhere to put it.
fn part_and_location(bench: &Bench) -> Result<(i64, i64), Failed> {
    let part = bench.ask(&get("/api/part/?limit=1&trackable=false&virtual=false&is_template=false&active=true"))?;
    let location = bench.ask(&get("/api/stock/location/?limit=1&structural=false"))?;
    let key = |page: &serde_json::Value| page["results"][0]["pk"].as_i64().ok_or("the demo company lacks something");
    Ok((key(&part)?, key(&location)?))
}

/// The item and its first entry of history, without a look at anything.
fn create_floor(bench: &Bench) -> Result<Floor, Failed> {
    let (part, location) = part_and_location(bench)?;
    Ok(Box::new(move |conn| {
        let now = clock::now();
        let sql = "INSERT INTO stock_stockitem (part, location, quantity, status, serial_int, updated, creation_date) \
            VALUES ($1, $2, 100000, 10, 0, $3, $3) RETURNING id";
        let id = conn.one(sql, &[part.into(), location.into(), now.as_str().into()])?.map_or(0, |row| row.int(0));
        let sql = "INSERT INTO stock_stockitemtracking (item, part, tracking_type, date, notes, deltas) VALUES ($1, $2, 1, $3, '', '{}')";
        conn.execute(sql, &[id.into(), part.into(), now.into()])?;
        json_rows(
            conn,
            "SELECT id, part, location, quantity FROM stock_stockitem WHERE id = $1",
            &[id.into()],
            &["pk", "part", "location", ".5 quantity"],
        )
    }))
}
