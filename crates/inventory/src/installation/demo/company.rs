//! What the demo company has once: people, places, business partners, categories.

use serde_json::{Value as Json, json};

use super::record;

/// Leaf categories of components, with the name of their parts, unit and usual price in millionths.
pub(super) const COMPONENTS: [(i64, &str, &str, i64); 10] = [
    (4, "Resistor", "kohm", 12_000),
    (5, "Capacitor", "nF", 35_000),
    (6, "Inductor", "uH", 180_000),
    (8, "Diode", "V", 60_000),
    (9, "Transistor", "V", 140_000),
    (10, "Regulator", "V", 620_000),
    (11, "Microcontroller", "MHz", 2_900_000),
    (13, "Header", "pins", 310_000),
    (14, "Cable", "cm", 1_450_000),
    (16, "Screw", "mm", 8_000),
];
pub(super) const BOARDS: i64 = 18;
pub(super) const MODULES: i64 = 19;
pub(super) const PRODUCTS: i64 = 20;
pub(super) const SUPPLIERS: i64 = 6;
pub(super) const MANUFACTURERS: [i64; 4] = [7, 8, 9, 10];
pub(super) const CUSTOMERS: [i64; 5] = [11, 12, 13, 14, 15];
/// Keys of the locations that stock may lie in.
pub(super) const BINS: std::ops::RangeInclusive<i64> = 7..=30;

pub(super) const CATEGORIES: [(&str, Option<i64>, bool); 20] = [
    ("Electronics", None, true),
    ("Hardware", None, true),
    ("Passive", Some(1), true),
    ("Resistors", Some(3), false),
    ("Capacitors", Some(3), false),
    ("Inductors", Some(3), false),
    ("Semiconductors", Some(1), true),
    ("Diodes", Some(7), false),
    ("Transistors", Some(7), false),
    ("Regulators", Some(7), false),
    ("Microcontrollers", Some(7), false),
    ("Connection", Some(1), true),
    ("Headers", Some(12), false),
    ("Cables", Some(12), false),
    ("Fasteners", Some(2), true),
    ("Screws", Some(15), false),
    ("Made here", None, true),
    ("Boards", Some(17), false),
    ("Modules", Some(17), false),
    ("Products", Some(17), false),
];

pub(super) const PARTNERS: [&str; 15] = [
    "Harbour Components",
    "Nordlicht Parts",
    "Copperfield Supply",
    "Bluestone Electronics",
    "Quick Reel",
    "Metric Fasteners",
    "Argent Semiconductors",
    "Tideline Passives",
    "Kestrel Connectors",
    "Bolt and Thread Works",
    "Riverside Labs",
    "Aurora Greenhouses",
    "Hillcrest Brewery",
    "Municipal Weather Service",
    "Old Mill Repairs",
];

fn path(names: &[(&str, Option<i64>, bool)], mut at: usize) -> String {
    let mut parts = vec![names[at].0];
    while let Some(parent) = names[at].1 {
        at = parent as usize - 1;
        parts.push(names[at].0);
    }
    parts.reverse();
    parts.join("/")
}

/// All of it.
pub(super) fn records(hash: &str) -> Vec<Json> {
    let mut out = Vec::new();
    people(hash, &mut out);
    for (i, (name, parent, structural)) in CATEGORIES.iter().enumerate() {
        let root = {
            let mut at = i;
            while let Some(p) = CATEGORIES[at].1 {
                at = p as usize - 1;
            }
            at as i64 + 1
        };
        out.push(record(
            "part.partcategory",
            i as i64 + 1,
            json!({
                "name": name, "description": format!("{name} of the demo company"), "parent": parent,
                "structural": structural, "pathstring": path(&CATEGORIES, i), "tree_id": root,
            }),
        ));
    }
    places(&mut out);
    partners(&mut out);
    for (i, (name, unit)) in [("Value", ""), ("Tolerance", "%"), ("Package", ""), ("Mass", "g")].iter().enumerate() {
        let fields =
            json!({"name": name, "units": unit, "description": format!("{name} of a part"), "model_type": null});
        out.push(record("common.parametertemplate", i as i64 + 1, fields));
    }
    for (i, (code, text)) in
        [("LAB", "Work for laboratories"), ("FIELD", "Devices in the field"), ("REPAIR", "Repairs")].iter().enumerate()
    {
        out.push(record("common.projectcode", i as i64 + 1, json!({"code": code, "description": text})));
    }
    out.push(record(
        "common.inventreesetting",
        1,
        json!({"key": "INVENTREE_COMPANY_NAME", "value": "Fernwood Devices"}),
    ));
    out.push(record("common.inventreesetting", 2, json!({"key": "INVENTREE_INSTANCE", "value": "Fernwood Devices"})));
    for (i, tag) in ["reel", "rohs", "obsolete"].iter().enumerate() {
        out.push(record("taggit.tag", i as i64 + 1, json!({"name": tag, "slug": tag})));
    }
    out
}

fn people(hash: &str, out: &mut Vec<Json>) {
    const RULESETS: [&str; 11] = [
        "admin",
        "part_category",
        "part",
        "bom",
        "stock_location",
        "stock",
        "build",
        "purchase_order",
        "sales_order",
        "return_order",
        "transfer_order",
    ];
    // name, and the rulesets in which the group may do more than look
    let groups: [(&str, &[&str]); 4] = [
        ("engineering", &["part_category", "part", "bom", "build"]),
        ("purchasing", &["purchase_order", "part"]),
        ("warehouse", &["stock", "stock_location", "build", "sales_order", "return_order", "transfer_order"]),
        ("readers", &[]),
    ];
    let mut rule = 0;
    for (g, (name, writes)) in groups.iter().enumerate() {
        out.push(record("auth.group", g as i64 + 1, json!({"name": name, "permissions": []})));
        for ruleset in RULESETS {
            rule += 1;
            let write = writes.contains(&ruleset);
            out.push(record(
                "users.ruleset",
                rule,
                json!({
                    "name": ruleset, "group": [name], "can_view": ruleset != "admin", "can_add": write,
                    "can_change": write, "can_delete": write,
                }),
            ));
        }
    }
    let users = [
        ("admin", "Ada", "Stone", None, true),
        ("erin", "Erin", "Vale", Some("engineering"), false),
        ("paul", "Paul", "Marsh", Some("purchasing"), false),
        ("wanda", "Wanda", "Brook", Some("warehouse"), false),
        ("ralf", "Ralf", "Heath", Some("readers"), false),
    ];
    for (i, (name, first, last, group, all)) in users.iter().enumerate() {
        let pk = i as i64 + 1;
        let groups: Vec<Vec<&str>> = group.iter().map(|g| vec![*g]).collect();
        out.push(record(
            "auth.user",
            pk,
            json!({
                "username": name, "first_name": first, "last_name": last, "email": format!("{name}@example.org"),
                "password": hash, "is_active": true, "is_staff": all, "is_superuser": all, "groups": groups,
                "date_joined": "2026-01-01T08:00:00Z",
            }),
        ));
        out.push(record("users.userprofile", pk, json!({"user": [name], "displayname": first})));
        out.push(record("users.owner", pk, json!({"owner_type": ["auth", "user"], "owner_id": pk})));
    }
    for g in 1..=4 {
        out.push(record("users.owner", 10 + g, json!({"owner_type": ["auth", "group"], "owner_id": g})));
    }
}

fn places(out: &mut Vec<Json>) {
    out.push(record(
        "stock.stocklocationtype",
        1,
        json!({"name": "Shelf", "description": "A board in a rack", "icon": "ti:package:outline"}),
    ));
    let named = [
        ("Works", None, true),
        ("Store room", Some(1), true),
        ("Workshop", Some(1), true),
        ("Dispatch", Some(1), false),
        ("Assembler", None, false),
        ("Quarantine", Some(1), false),
    ];
    for (i, (name, parent, structural)) in named.iter().enumerate() {
        let root = if i == 4 { 2 } else { 1 };
        out.push(record(
            "stock.stocklocation",
            i as i64 + 1,
            json!({
                "name": name, "description": format!("{name} of the demo company"), "parent": parent,
                "structural": structural, "external": *name == "Assembler", "pathstring": path(&named, i), "tree_id": root,
            }),
        ));
    }
    for bin in BINS {
        let (parent, above) = if bin % 2 == 0 { (2, "Store room") } else { (3, "Workshop") };
        let name = format!("Shelf {:02}", bin - 6);
        out.push(record(
            "stock.stocklocation",
            bin,
            json!({
                "name": name, "parent": parent, "location_type": 1, "pathstring": format!("Works/{above}/{name}"), "tree_id": 1,
            }),
        ));
    }
}

fn partners(out: &mut Vec<Json>) {
    for (i, name) in PARTNERS.iter().enumerate() {
        let pk = i as i64 + 1;
        let mail = name.to_lowercase().replace(' ', "-");
        out.push(record(
            "company.company",
            pk,
            json!({
                "name": name, "description": format!("{name}, a business partner"), "website": format!("https://{mail}.example.org"),
                "email": format!("office@{mail}.example.org"), "currency": "EUR", "is_supplier": pk <= SUPPLIERS,
                "is_manufacturer": MANUFACTURERS.contains(&pk), "is_customer": CUSTOMERS.contains(&pk),
            }),
        ));
        out.push(record(
            "company.address",
            pk,
            json!({
                "company": pk, "title": "Office", "primary": true, "line1": format!("{} Mill Lane", pk * 3), "postal_code": format!("{}", 10_000 + pk),
                "postal_city": "Fernwood", "country": "Germany",
            }),
        ));
        out.push(record(
            "company.contact",
            pk,
            json!({"company": pk, "name": format!("Desk of {name}"), "email": format!("desk@{mail}.example.org")}),
        ));
    }
}
