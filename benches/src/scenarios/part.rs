//! Parts and their categories.

use ironwood_store::Connection;

use crate::harness::{Ask, Bench, Failed, Floor, Requests, Scenario, get, json_rows};

pub(crate) static SCENARIOS: &[Scenario] = &[
    Scenario::reads("part: list of 100", list, Some(list_floor)),
    Scenario::reads("part: list of 100, floor without totals", list, Some(columns_floor)),
    Scenario::reads("part: detail", detail, Some(detail_floor)),
    Scenario::reads("part: text search", search, Some(search_floor)),
    Scenario::reads("part: category tree", tree, Some(tree_floor)),
];

/// The same address for every request.
fn always(path: String) -> Requests {
    Box::new(move |_| get(path.clone()))
}

fn list(_: &Bench) -> Result<Requests, Failed> {
    Ok(always("/api/part/?limit=100&offset=100".into()))
}

/// The columns of a part that are in its row.
const COLUMNS: &str = "p.id, p.active, p.assembly, p.barcode_hash, p.category, c.name, p.component, p.creation_date, \
    p.creation_user, p.default_expiry, p.default_location, p.description, p.image, p.\"IPN\", p.is_template, p.keywords, \
    p.link, p.locked, p.minimum_stock, p.maximum_stock, p.name, p.notes, p.purchaseable, p.revision, p.revision_of, \
    p.salable, p.testable, p.trackable, p.units, p.variant_of, p.virtual, p.consumable, p.responsible_owner";
const NAMES: &[&str] = &[
    "pk",
    "active",
    "assembly",
    "barcode_hash",
    "category",
    "category_name",
    "component",
    "creation_date",
    "creation_user",
    "default_expiry",
    "default_location",
    "description",
    "image",
    "IPN",
    "is_template",
    "keywords",
    "link",
    "locked",
    ".6 minimum_stock",
    ".6 maximum_stock",
    "name",
    "notes",
    "purchaseable",
    "revision",
    "revision_of",
    "salable",
    "testable",
    "trackable",
    "units",
    "variant_of",
    "virtual",
    "consumable",
    "responsible",
];
const TOTALS: &[&str] = &[
    "pricing_min",
    "pricing_max",
    "pricing_updated",
    "revision_count",
    "starred",
    ".5 allocated_to_build_orders",
    ".5 allocated_to_sales_orders",
    ".5 building",
    ".5 scheduled_to_build",
    ".5 in_stock",
    ".5 ordering",
    ".5 required_for_build_orders",
    ".5 required_for_sales_orders",
    "stock_item_count",
    ".5 total_in_stock",
    ".5 external_stock",
    ".5 variant_stock",
    "category_default_location",
];

const PAGE: &str = "SELECT id FROM part_part ORDER BY name, id LIMIT 100 OFFSET 100";

fn columns_floor(_: &Bench) -> Result<Floor, Failed> {
    let sql = format!(
        "SELECT {COLUMNS} FROM part_part p LEFT JOIN part_partcategory c ON c.id = p.category \
         WHERE p.id IN ({PAGE}) ORDER BY p.name, p.id"
    );
    Ok(Box::new(move |conn| json_rows(conn, &sql, &[], NAMES)))
}

/// What one would write by hand for parts with their totals: a subquery for each.
fn totals_sql(condition: &str) -> String {
    let stock = "s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS NULL \
        AND s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, 50, 55, 85)";
    let below = "v.tree_path > p.tree_path AND v.tree_path < p.tree_end";
    let sum = |what: &str, from: &str, condition: &str| {
        format!("COALESCE((SELECT CAST(SUM({what}) AS BIGINT) FROM {from} WHERE {condition}), 0)")
    };
    let totals = [
        "(SELECT r.overall_min FROM part_partpricing r WHERE r.part = p.id)".to_owned(),
        "(SELECT r.overall_max FROM part_partpricing r WHERE r.part = p.id)".to_owned(),
        "(SELECT r.updated FROM part_partpricing r WHERE r.part = p.id)".to_owned(),
        "(SELECT COUNT(*) FROM part_part r WHERE r.revision_of = p.id)".to_owned(),
        "EXISTS (SELECT 1 FROM part_partstar r WHERE r.part = p.id AND r.\"user\" = 1)".to_owned(),
        sum(
            "a.quantity",
            "stock_stockitem s CROSS JOIN build_builditem a JOIN build_buildline l ON l.id = a.build_line \
             JOIN build_build b ON b.id = l.build",
            "a.stock_item = s.id AND s.part = p.id AND b.status IN (10, 20, 25)",
        ),
        sum(
            "a.quantity",
            "stock_stockitem s CROSS JOIN order_salesorderallocation a JOIN order_salesorderlineitem l \
             ON l.id = a.line JOIN order_salesorder o ON o.id = l.\"order\" LEFT JOIN order_salesordershipment h \
             ON h.id = a.shipment",
            "a.item = s.id AND s.part = p.id AND o.status IN (10, 15, 20, 25) AND h.shipment_date IS NULL",
        ),
        sum(
            "s.quantity",
            "stock_stockitem s JOIN build_build b ON b.id = s.build",
            "s.part = p.id AND s.is_building AND b.status IN (10, 20, 25)",
        ),
        sum("b.quantity - b.completed", "build_build b", "b.part = p.id AND b.status IN (10, 20, 25)"),
        sum("s.quantity", "stock_stockitem s", &format!("s.part = p.id AND {stock}")),
        sum(
            "l.quantity - l.received",
            "company_supplierpart q JOIN order_purchaseorderlineitem l ON l.part = q.id JOIN order_purchaseorder o \
             ON o.id = l.\"order\"",
            "q.part = p.id AND o.status IN (10, 20, 25) AND l.quantity > l.received",
        ),
        sum(
            "l.quantity - l.consumed",
            "part_bomitem m JOIN build_buildline l ON l.bom_item = m.id JOIN build_build b ON b.id = l.build",
            "m.sub_part = p.id AND b.status IN (10, 20, 25)",
        ),
        sum(
            "l.quantity - l.shipped",
            "order_salesorderlineitem l JOIN order_salesorder o ON o.id = l.\"order\"",
            "l.part = p.id AND o.status IN (10, 15, 20, 25)",
        ),
        "(SELECT COUNT(*) FROM stock_stockitem s WHERE s.part = p.id)".to_owned(),
        sum(
            "s.quantity",
            "part_part v JOIN stock_stockitem s ON s.part = v.id",
            &format!("(v.id = p.id OR ({below})) AND {stock}"),
        ),
        sum(
            "s.quantity",
            "stock_stockitem s JOIN stock_stocklocation w ON w.id = s.location",
            &format!("s.part = p.id AND w.external AND {stock}"),
        ),
        sum("s.quantity", "part_part v JOIN stock_stockitem s ON s.part = v.id", &format!("{below} AND {stock}")),
        "c.default_location".to_owned(),
    ];
    format!(
        "SELECT {COLUMNS}, {} FROM part_part p LEFT JOIN part_partcategory c ON c.id = p.category \
         WHERE p.id IN ({condition}) ORDER BY p.name, p.id",
        totals.join(", ")
    )
}

fn list_floor(_: &Bench) -> Result<Floor, Failed> {
    let (sql, names) = (totals_sql(PAGE), [NAMES, TOTALS].concat());
    Ok(Box::new(move |conn| json_rows(conn, &sql, &[], &names)))
}

fn parts(bench: &Bench) -> u64 {
    500 * u64::from(bench.scale)
}

fn detail(bench: &Bench) -> Result<Requests, Failed> {
    let parts = parts(bench);
    Ok(Box::new(move |n| get(format!("/api/part/{}/", n * 7919 % parts + 1))))
}

fn detail_floor(bench: &Bench) -> Result<Floor, Failed> {
    let (sql, names) = (totals_sql("$1"), [NAMES, TOTALS].concat());
    let (parts, mut n) = (parts(bench), 0);
    Ok(Box::new(move |conn| {
        n += 1;
        json_rows(conn, &sql, &[i64::try_from(n * 7919 % parts + 1).unwrap_or(1).into()], &names)
    }))
}

fn search(_: &Bench) -> Result<Requests, Failed> {
    Ok(always("/api/part/?limit=25&search=resistor%20100".into()))
}

fn search_floor(_: &Bench) -> Result<Floor, Failed> {
    let either = |word: &str| {
        format!(
            "(LOWER(q.name) LIKE '%{word}%' OR LOWER(q.description) LIKE '%{word}%' OR LOWER(q.keywords) LIKE '%{word}%')"
        )
    };
    let page = format!(
        "SELECT q.id FROM part_part q WHERE {} AND {} ORDER BY q.name, q.id LIMIT 25",
        either("resistor"),
        either("100")
    );
    let (sql, names) = (totals_sql(&page), [NAMES, TOTALS].concat());
    Ok(Box::new(move |conn: &mut Connection| json_rows(conn, &sql, &[], &names)))
}

fn tree(_: &Bench) -> Result<Requests, Failed> {
    Ok(Box::new(|_| -> Ask { get("/api/part/category/tree/") }))
}

fn tree_floor(_: &Bench) -> Result<Floor, Failed> {
    let sql = "SELECT c.id, c.name, c.parent, c.icon, c.structural, (SELECT COUNT(*) FROM part_partcategory d \
        WHERE d.tree_path > c.tree_path AND d.tree_path < c.tree_end) \
        FROM part_partcategory c ORDER BY c.tree_id, c.pathstring, c.name";
    Ok(Box::new(|conn| json_rows(conn, sql, &[], &["pk", "name", "parent", "icon", "structural", "subcategories"])))
}
