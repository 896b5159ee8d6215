//! Pages of a large company: what its lists, searches and filters cost. Meant for `--scale 200`.

use ironwood_store::Value;

use crate::harness::{Bench, Failed, Floor, Requests, Scenario, get, json_rows};

pub(crate) static SCENARIOS: &[Scenario] = &[
    Scenario::reads("page: stock of one part", |b| part(b, "/api/stock/?limit=25&part={part}"), None),
    Scenario::reads("page: parts low in stock", |_| page("/api/part/?limit=25&low_stock=true"), None),
    Scenario::reads("page: stock by text", |_| page("/api/stock/?limit=25&search=box"), None),
    Scenario::reads("page: stock, after half a million", deep, None),
    Scenario::reads("page: parts by text", |_| page("/api/part/?limit=25&search=resistor"), None),
    Scenario::reads("page: parts by text, none", |_| page("/api/part/?limit=25&search=zzqq"), None),
    Scenario::reads(
        "page: in stock, newest first",
        |_| page("/api/stock/?limit=25&in_stock=true&ordering=-updated"),
        None,
    ),
    Scenario::reads("page: parts, most stock first", |_| page("/api/part/?limit=25&ordering=-in_stock"), None),
    Scenario::reads("page: active parts in stock", |_| page("/api/part/?limit=25&has_stock=true&active=true"), None),
    Scenario::reads("page: stock history", |_| page("/api/stock/track/?limit=25"), None),
    Scenario::reads("page: BOM lines with components", |_| page("/api/bom/?limit=100&sub_part_detail=true"), None),
    Scenario::reads("page: 100 stock items with details", |_| page(DETAILED), None),
    Scenario::reads("page: 100 parts", |_| page("/api/part/?limit=100"), Some(parts_floor)),
    Scenario::reads("page: 100 categories", |_| page("/api/part/category/?limit=100"), None),
    Scenario::reads("page: 100 locations", |_| page("/api/stock/location/?limit=100"), None),
    Scenario::reads("page: stock below a location", |_| page("/api/stock/?limit=25&location=1&cascade=true"), None),
    Scenario::reads("page: parts below a category", |_| page("/api/part/?limit=25&category=1&cascade=true"), None),
    Scenario::reads("page: purchase orders", |_| page("/api/order/po/?limit=25&supplier_detail=true"), None),
    Scenario::reads("page: sales orders", |_| page("/api/order/so/?limit=25&customer_detail=true"), None),
    Scenario::reads("page: companies", |_| page("/api/company/?limit=25"), None),
    Scenario::reads("page: one part", |b| part(b, "/api/part/{part}/"), None),
    Scenario::reads("page: the user", |_| page("/api/user/me/"), None),
    Scenario::reads("page: settings", |_| page("/api/settings/global/"), None),
];

const DETAILED: &str =
    "/api/stock/?limit=100&part_detail=true&location_detail=true&supplier_part_detail=true&tests=false";

fn page(path: &'static str) -> Result<Requests, Failed> {
    Ok(Box::new(move |_| get(path)))
}

/// A request about a part in the middle.
fn part(bench: &Bench, path: &'static str) -> Result<Requests, Failed> {
    let part = i64::from(bench.scale) * 500 / 2 + 341;
    let path = path.replace("{part}", &part.to_string());
    Ok(Box::new(move |_| get(path.clone())))
}

/// The middle of all items.
fn deep(bench: &Bench) -> Result<Requests, Failed> {
    let path = format!("/api/stock/?limit=25&offset={}", u64::from(bench.scale) * 2_500);
    Ok(Box::new(move |_| get(path.clone())))
}

/// Bare columns, with the totals from their rows.
fn parts_floor(_: &Bench) -> Result<Floor, Failed> {
    let sql = "SELECT p.id, p.name, p.description, p.\"IPN\", p.revision, p.keywords, p.category, p.link, p.image, p.units, \
        p.active, p.assembly, p.component, p.is_template, p.locked, p.purchaseable, p.salable, p.testable, p.trackable, \
        p.virtual, p.minimum_stock, p.default_location, p.creation_date, t.in_stock, t.building, t.on_order, \
        t.allocated_to_builds, t.allocated_to_sales FROM part_part p JOIN ironwood_part_total t ON t.id = p.id \
        ORDER BY p.name, p.id LIMIT $1";
    let names = [
        "pk",
        "name",
        "description",
        "IPN",
        "revision",
        "keywords",
        "category",
        "link",
        "image",
        "units",
        "active",
        "assembly",
        "component",
        "is_template",
        "locked",
        "purchaseable",
        "salable",
        "testable",
        "trackable",
        "virtual",
        ".6 minimum_stock",
        "default_location",
        "creation_date",
        ".5 in_stock",
        ".5 building",
        ".5 ordering",
        ".5 allocated_to_builds",
        ".5 allocated_to_sales",
    ];
    Ok(Box::new(move |conn| json_rows(conn, sql, &[Value::Int(100)], &names)))
}
