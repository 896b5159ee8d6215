//! Bills of materials.

use serde_json::json;

use crate::harness::{Bench, Failed, Floor, Requests, Scenario, get, json_rows, post};

pub(crate) static SCENARIOS: &[Scenario] = &[
    Scenario::reads("bom: 240 lines with details", lines, Some(lines_floor)),
    Scenario::reads("bom: 100 lines sorted by what can be built", sorted, None),
    Scenario::reads("bom: what can be built, 100 assemblies in turn", can_build, None),
];

/// Lines of the long bill of materials.
const LINES: usize = 240;

/// An assembly of 240 lines.
fn assembly(bench: &Bench) -> Result<i64, Failed> {
    let found = bench.ask(&get("/api/part/?limit=1&search=Longlist"))?;
    if let Some(there) = found["results"][0]["pk"].as_i64() {
        return Ok(there);
    }
    let body = json!({"name": "Longlist", "description": "", "assembly": true, "category": null});
    let made = bench.ask(&post("/api/part/", body))?["pk"].as_i64().ok_or("a part has no key")?;
    let path = format!("/api/part/?limit={LINES}&component=true&assembly=false&trackable=false&ordering=name");
    for part in bench.ask(&get(path))?["results"].as_array().into_iter().flatten() {
        let body = json!({"part": made, "sub_part": part["pk"], "quantity": 2, "attrition": 1.5});
        bench.ask(&post("/api/bom/", body))?;
    }
    Ok(made)
}

fn lines(bench: &Bench) -> Result<Requests, Failed> {
    let assembly = assembly(bench)?;
    let path = format!("/api/bom/?part={assembly}&part_detail=true&sub_part_detail=true&substitutes=true&pricing=true");
    Ok(Box::new(move |_| get(path.clone())))
}

/// The line and its part, with the sums as one would write them by hand.
fn lines_floor(bench: &Bench) -> Result<Floor, Failed> {
    let assembly = assembly(bench)?;
    let stock = "s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS NULL \
        AND s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, 50, 55, 85)";
    let sum = |what: &str, from: &str, condition: &str| {
        format!("COALESCE((SELECT CAST(SUM({what}) AS BIGINT) FROM {from} WHERE {condition}), 0)")
    };
    let below = "v.tree_path > p.tree_path AND v.tree_path < p.tree_end";
    let sums = [
        sum("s.quantity", "stock_stockitem s", &format!("s.part = p.id AND {stock}")),
        sum("s.quantity", "part_part v JOIN stock_stockitem s ON s.part = v.id", &format!("{below} AND {stock}")),
        sum(
            "s.quantity",
            "part_bomitemsubstitute u JOIN stock_stockitem s ON s.part = u.part",
            &format!("u.bom_item = m.id AND {stock}"),
        ),
        sum(
            "a.quantity",
            "stock_stockitem s CROSS JOIN order_salesorderallocation a JOIN order_salesorderlineitem l ON l.id = a.line \
             JOIN order_salesorder o ON o.id = l.\"order\"",
            "a.item = s.id AND s.part = p.id AND o.status IN (10, 15, 20, 25)",
        ),
        sum(
            "a.quantity",
            "stock_stockitem s CROSS JOIN build_builditem a JOIN build_buildline l ON l.id = a.build_line \
             JOIN build_build b ON b.id = l.build",
            "a.stock_item = s.id AND s.part = p.id AND b.status IN (10, 20, 25)",
        ),
        sum(
            "l.quantity - l.received",
            "company_supplierpart q JOIN order_purchaseorderlineitem l ON l.part = q.id JOIN order_purchaseorder o \
             ON o.id = l.\"order\"",
            "q.part = p.id AND o.status IN (10, 20, 25) AND l.quantity > l.received",
        ),
    ];
    let columns = [
        ("m.id", "pk"),
        ("m.part", "part"),
        ("m.sub_part", "sub_part"),
        ("m.reference", "reference"),
        ("m.raw_amount", "raw_amount"),
        ("m.quantity", ".5 quantity"),
        ("m.allow_variants", "allow_variants"),
        ("m.inherited", "inherited"),
        ("m.optional", "optional"),
        ("m.consumable", "consumable"),
        ("m.setup_quantity", ".5 setup_quantity"),
        ("m.attrition", ".3 attrition"),
        ("m.note", "note"),
        ("m.validated", "validated"),
        ("p.name", "name"),
        ("p.\"IPN\"", "IPN"),
        ("p.revision", "revision"),
        ("p.description", "description"),
        ("p.image", "image"),
        ("p.active", "active"),
        ("p.locked", "locked"),
        ("p.units", "units"),
        ("r.overall_min", ".6 pricing_min"),
        ("r.overall_max", ".6 pricing_max"),
        ("r.updated", "pricing_updated"),
    ];
    let sql = format!(
        "SELECT {}, {} FROM part_bomitem m JOIN part_part p ON p.id = m.sub_part LEFT JOIN part_partpricing r \
         ON r.part = p.id WHERE m.part = $1 ORDER BY m.id",
        columns.map(|(sql, _)| sql).join(", "),
        sums.join(", ")
    );
    let names: Vec<&str> = columns
        .iter()
        .map(|(_, name)| *name)
        .chain([
            ".5 available_stock",
            ".5 available_variant_stock",
            ".5 available_substitute_stock",
            ".5 sold",
            ".5 built",
            ".5 on_order",
        ])
        .collect();
    Ok(Box::new(move |conn| json_rows(conn, &sql, &[assembly.into()], &names)))
}

fn sorted(_: &Bench) -> Result<Requests, Failed> {
    Ok(Box::new(|_| get("/api/bom/?limit=100&ordering=-can_build")))
}

fn can_build(bench: &Bench) -> Result<Requests, Failed> {
    let found = bench.ask(&get("/api/part/?limit=100&assembly=true&ordering=name"))?;
    let keys: Vec<i64> = found["results"].as_array().into_iter().flatten().filter_map(|p| p["pk"].as_i64()).collect();
    if keys.is_empty() {
        return Err("the demo company has no assemblies".into());
    }
    let mut paths = keys.into_iter().map(|key| format!("/api/part/{key}/requirements/")).collect::<Vec<_>>();
    paths.push(format!("/api/part/{}/requirements/", assembly(bench)?));
    Ok(Box::new(move |n| get(paths[usize::try_from(n).unwrap_or(0) % paths.len()].clone())))
}
