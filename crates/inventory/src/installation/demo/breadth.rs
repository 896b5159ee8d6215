//! What a larger company has more of: places, categories, companies, orders, and deep assemblies.
//!
//! The first block is the company as it is at scale 1. Each further one adds a range of its own, so that trees, searches
//! and lists grow with the scale.

use serde_json::json;

use super::block::{Block, FIRST_BOARD, FIRST_MODULE, FIRST_PRODUCT};
use super::company::{BINS, CATEGORIES, PARTNERS};
use super::orders::{PURCHASE, SALES, head};
use super::{moment, money, quantity};

/// Locations of a range: a hall, its aisles, and their shelves.
const AISLES: i64 = 7;
const SHELVES: i64 = 6;
const LOCATIONS: i64 = 1 + AISLES + AISLES * SHELVES;
/// Categories of a range: one, its groups, and their kinds.
const GROUPS: i64 = 4;
const KINDS: i64 = 5;
const RANGE_CATEGORIES: i64 = 1 + GROUPS + GROUPS * KINDS;
/// Companies of a range: suppliers first, then customers.
const COMPANIES: i64 = 10;
const RANGE_SUPPLIERS: i64 = 5;
/// Parts that each of these suppliers sells.
const SOLD: i64 = 4;
/// Orders of a range.
const PURCHASES: i64 = 120;
const SALES_ORDERS: i64 = 100;
/// Keys below are those of what every block has.
const FIRST_KEY: i64 = 10_000;
const FIRST_SUPPLIER_PART: i64 = 1_000_000;
/// Modules that contain each other, and how many levels deep.
const CHAINED: std::ops::Range<i64> = 10..60;
const LEVELS: i64 = 25;

/// Which range a block has: none for the first one.
fn range(block: &Block) -> Option<i64> {
    (block.number > 0).then(|| block.number - 1)
}

fn location(range: i64, at: i64) -> i64 {
    BINS.end() + range * LOCATIONS + at + 1
}

fn category(range: i64, at: i64) -> i64 {
    CATEGORIES.len() as i64 + range * RANGE_CATEGORIES + at + 1
}

fn company(range: i64, at: i64) -> i64 {
    PARTNERS.len() as i64 + range * COMPANIES + at + 1
}

/// Where an item lies.
pub(super) fn shelf(block: &Block, item: i64) -> i64 {
    match range(block) {
        // half of the stock lies on the shelves of the range
        Some(range) if item % 2 == 1 => location(range, 1 + AISLES + item / 2 % (AISLES * SHELVES)),
        _ => BINS.start() + item % 24,
    }
}

/// The category of a component, unless it is one of every block.
pub(super) fn kind(block: &Block, place: i64) -> Option<i64> {
    let range = range(block).filter(|_| place % 2 == 1)?;
    Some(category(range, 1 + GROUPS + place / 2 % (GROUPS * KINDS)))
}

/// What the parts of the block refer to.
pub(super) fn before_parts(block: &mut Block) {
    let Some(range) = range(block) else { return };
    let number = block.number;
    let place = |at: i64, name: String, parent: i64, path: &str, structural: bool| {
        let fields = json!({
            "name": name, "description": format!("{name} of hall {number}"), "parent": parent, "structural": structural,
            "pathstring": path, "tree_id": 1,
        });
        (location(range, at), fields)
    };
    let hall = format!("Hall {number:03}");
    let top = format!("Works/{hall}");
    let mut places = vec![place(0, hall, 1, &top, true)];
    for aisle in 0..AISLES {
        let path = format!("{top}/Aisle {}", aisle + 1);
        places.push(place(1 + aisle, format!("Aisle {}", aisle + 1), location(range, 0), &path, true));
        for shelf in 0..SHELVES {
            let name = format!("Rack {}", shelf + 1);
            let (at, path) = (1 + AISLES + aisle * SHELVES + shelf, format!("{path}/{name}"));
            places.push(place(at, name, location(range, 1 + aisle), &path, false));
        }
    }
    for (pk, fields) in places {
        block.push("stock.stocklocation", pk, fields);
    }
    categories(block, range);
    companies(block, range);
}

fn categories(block: &mut Block, range: i64) {
    let number = block.number;
    let mut add = |at: i64, name: String, parent: i64, path: &str, structural: bool| {
        let fields = json!({
            "name": name, "description": format!("{name} of the demo company"), "parent": parent,
            "structural": structural, "pathstring": path, "tree_id": 1,
        });
        block.push("part.partcategory", category(range, at), fields);
    };
    let top = format!("Electronics/Range {number:03}");
    add(0, format!("Range {number:03}"), 1, &top, true);
    for group in 0..GROUPS {
        let path = format!("{top}/Group {}", group + 1);
        add(1 + group, format!("Group {}", group + 1), category(range, 0), &path, true);
        for kind in 0..KINDS {
            let (at, name) = (1 + GROUPS + group * KINDS + kind, format!("Kind {}", kind + 1));
            add(at, name.clone(), category(range, 1 + group), &format!("{path}/{name}"), false);
        }
    }
}

fn companies(block: &mut Block, range: i64) {
    for at in 0..COMPANIES {
        let pk = company(range, at);
        let sells = at < RANGE_SUPPLIERS;
        let name = format!("{} {pk}", if sells { "Regional Supply" } else { "Regional Customer" });
        let fields = json!({
            "name": name, "description": format!("{name}, a business partner"), "website": format!("https://c{pk}.example.org"),
            "email": format!("office@c{pk}.example.org"), "currency": "EUR", "is_supplier": sells, "is_manufacturer": false,
            "is_customer": !sells,
        });
        block.push("company.company", pk, fields);
    }
}

/// The key of what a supplier of the range sells as number `at`, and the place of that part.
fn sold(range: i64, supplier: i64, at: i64) -> (i64, i64) {
    let number = supplier * SOLD + at;
    (FIRST_SUPPLIER_PART + range * RANGE_SUPPLIERS * SOLD + number, number * 13 % FIRST_BOARD)
}

/// What refers to the parts of the block.
pub(super) fn after_parts(block: &mut Block) {
    let Some(range) = range(block) else { return };
    for supplier in 0..RANGE_SUPPLIERS {
        for at in 0..SOLD {
            let (pk, place) = sold(range, supplier, at);
            let fields = json!({
                "part": block.part(place), "supplier": company(range, supplier), "SKU": format!("R{pk}"),
                "pack_quantity": "1", "pack_quantity_native": "1.0000000000", "updated": moment(place % 200),
            });
            block.push("company.supplierpart", pk, fields);
        }
    }
    for place in CHAINED {
        let assembly = block.part(FIRST_MODULE + place);
        // the last one of a chain contains no other
        let inner = (place - CHAINED.start + 1) % LEVELS != 0;
        let further = [(FIRST_MODULE + place + 1, inner), (place * 5 % FIRST_BOARD, true)];
        for (i, (sub, _)) in further.into_iter().enumerate().filter(|(_, (_, there))| *there) {
            let fields = json!({
                "part": assembly, "sub_part": block.part(sub), "raw_amount": "1", "quantity": quantity(1),
                "reference": format!("Y{}", i + 1),
            });
            block.push("part.bomitem", assembly * 10 + 5 + i as i64, fields);
        }
    }
    purchases(block, range);
    sales(block, range);
}

fn purchases(block: &mut Block, range: i64) {
    for i in 0..PURCHASES {
        let (pk, status) = (FIRST_KEY + range * PURCHASES + i, PURCHASE[(i % 7) as usize]);
        let supplier = i % RANGE_SUPPLIERS;
        let mut fields = head("PO", pk, status);
        fields["supplier"] = company(range, supplier).into();
        block.push("order.purchaseorder", pk, fields);
        for line in 0..2 {
            let (part, _) = sold(range, supplier, (i / RANGE_SUPPLIERS + line) % SOLD);
            let amount = 10 * (line + 1);
            let received = if status == 30 { amount } else { 0 };
            let fields = json!({
                "order": pk, "part": part, "quantity": quantity(amount), "received": quantity(received),
                "purchase_price": money(70_000), "purchase_price_currency": "EUR", "line": (line + 1).to_string(),
                "line_int": line + 1,
            });
            block.push("order.purchaseorderlineitem", pk * 10 + line, fields);
        }
    }
}

fn sales(block: &mut Block, range: i64) {
    for i in 0..SALES_ORDERS {
        let (pk, status) = (FIRST_KEY + range * SALES_ORDERS + i, SALES[(i % 8) as usize]);
        let mut fields = head("SO", pk, status);
        fields["customer"] = company(range, RANGE_SUPPLIERS + i % (COMPANIES - RANGE_SUPPLIERS)).into();
        block.push("order.salesorder", pk, fields);
        let shipped = if matches!(status, 20 | 30) { 1 } else { 0 };
        for line in 0..2 {
            let part = block.part(FIRST_PRODUCT + (i * 3 + line) % 50);
            let fields = json!({
                "order": pk, "part": part, "quantity": quantity(1), "shipped": quantity(shipped),
                "sale_price": money(259_000_000), "sale_price_currency": "EUR",
            });
            block.push("order.salesorderlineitem", pk * 10 + line, fields);
        }
    }
}

const _: () = assert!(FIRST_PRODUCT - FIRST_MODULE >= CHAINED.end, "modules stay modules");
