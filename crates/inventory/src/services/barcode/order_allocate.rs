//! Adding parts to purchase orders and allocating stock to sales orders by scanning.

use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::registry::check_access;
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::selected;
use ironwood_rest::view::{INT, TEXT, View, input};
use ironwood_store::{Connection, Fragment, fragment, sql};
use serde_json::Value as Json;

use super::{found, record_types, scan};
use crate::business::order::allocation_rules::{AllocationRequest, More};
use crate::business::order::states::is_open;
use crate::business::sales::allocation_rules::ALLOCATION_RULES;
use crate::business::stock::kernel::unallocated;
use crate::schema::keys::*;
use crate::schema::purchasing::ORDER as PURCHASE_ORDER;
use crate::schema::sales::{LINE, ORDER as SALES_ORDER, SHIPMENT};

static PO_REQUEST: View = View::plain(
    "BarcodePOAllocate",
    &[
        input("barcode", TEXT).max(4095).required().help("Content of the barcode."),
        input("purchase_order", INT).links(&PURCHASE_ORDER).required().help("Order."),
    ],
);

request! {
    struct PurchaseRequest of PO_REQUEST {
        purchase_order: PurchaseOrderKey,
    } without [barcode]
}

/// `POST /api/barcode/po-allocate/`.
pub(crate) static PO_ALLOCATE: Action =
    action(Method::Post, "/api/barcode/po-allocate/", "barcode_po_allocate_create", Access::SignedIn, for_purchase)
        .request(Shape::Object(&PO_REQUEST))
        .response(200, Shape::Any)
        .help("Finds the supplier part for a barcode among the parts of the order's supplier.");

fn check_open(conn: &mut Connection, table: &'static str, field: &str, order: OrderKey) -> Result<()> {
    let row = conn.one(&fragment!("SELECT status FROM {table} WHERE id = $1"), &[order.into()])?;
    if row.is_some_and(|row| is_open(row.cell(0))) {
        Ok(())
    } else {
        Err(Error::field(field, "This order is not open."))
    }
}

fn for_purchase(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let data = scan::barcode_of(ctx);
    let request = PurchaseRequest::read(ctx)?;
    let (data, order) = (data?, request.purchase_order);
    check_access(ctx.caller, Access::Right("order_purchaseorder", Permission::Add), Method::Post)?;
    check_open(ctx.conn, PURCHASE_ORDER.name, "purchase_order", order.general())?;
    let mut scan = scan::scan(ctx, &data)?;
    let found = |name: &str| scan.body.get(name).and_then(|record| record["pk"].as_i64());
    let named = [
        ("s.part", found("part")),
        ("s.id", found("supplierpart")),
        ("s.manufacturer_part", found("manufacturerpart")),
    ];
    let refusal = match named.iter().filter(|(_, key)| key.is_some()).count() {
        _ if scan.decoder.is_none() => Some("No match was found for this barcode."),
        0 => Some("The barcode does not match a part."),
        _ => {
            let mut sql = Fragment::from(
                "SELECT s.id FROM company_supplierpart s JOIN order_purchaseorder o ON o.supplier = s.supplier \
                 WHERE o.id = $1",
            );
            for (column, key) in named {
                if let Some(key) = key {
                    sql.push(fragment!(" AND {column} = {key}"));
                }
            }
            let rows = ctx.conn.rows(&fragment!("{sql} LIMIT 2"), &[order.into()])?;
            match (rows.as_slice(), record_types::by_model("supplierpart")) {
                ([one], Some(record_type)) => {
                    let record = found::record(ctx, record_type, one.cell(0))?;
                    scan.body.extend(record.body);
                    scan.body.insert("success".into(), "A supplier part was found.".into());
                    None
                }
                ([], _) => Some("The supplier of this order does not sell this part."),
                _ => Some("Several supplier parts match this barcode."),
            }
        }
    };
    if let Some(refusal) = refusal {
        scan.body.insert("error".into(), refusal.into());
    }
    scan::answer(ctx, &data, scan.body)
}

static SO_REQUEST: View = View::plain(
    "BarcodeSOAllocate",
    &[
        input("barcode", TEXT).max(4095).required().help("Content of the barcode."),
        input("sales_order", INT).links(&SALES_ORDER).required().help("Order."),
        input("line", INT).links(&LINE).nullable().help("Line of the order."),
        input("shipment", INT).links(&SHIPMENT).nullable().help("Shipment."),
        input("quantity", INT).help("Quantity."),
    ],
);

request! {
    struct SaleRequest of SO_REQUEST {
        sales_order: SalesOrderKey,
        line: Option<SalesLineKey>,
        shipment: Option<ShipmentKey>,
        quantity: Option<i64>,
    } without [barcode]
}

/// `POST /api/barcode/so-allocate/`.
pub(crate) static SO_ALLOCATE: Action =
    action(Method::Post, "/api/barcode/so-allocate/", "barcode_so_allocate_create", Access::SignedIn, for_sale)
        .request(Shape::Object(&SO_REQUEST))
        .response(200, Shape::Any)
        .help("Allocates the stock item with this barcode to an order.");

fn for_sale(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let data = scan::barcode_of(ctx);
    let request = SaleRequest::read(ctx);
    let (request, data) = (request?, data?);
    let order = request.sales_order;
    check_access(ctx.caller, Access::Right("order_salesorder", Permission::Add), Method::Post)?;
    check_open(ctx.conn, SALES_ORDER.name, "sales_order", order.general())?;
    let mut scan = scan::scan(ctx, &data)?;
    let item = scan.body.get("stockitem").and_then(|record| record["pk"].as_i64()).map(ItemKey::from_id);
    let done = match item {
        _ if scan.decoder.is_none() => Err("No match was found for this barcode.".to_owned()),
        None => Err("The barcode does not match a stock item.".to_owned()),
        Some(item) => set_aside(ctx, &request, order, item, &mut scan.body)?,
    };
    match done {
        Ok(()) => {}
        Err(why) => {
            scan.body.insert("error".into(), why.into());
        }
    }
    scan::answer(ctx, &data, scan.body)
}

selected! {
    /// What is scanned.
    struct Stock {
        part: PartKey = "s.part",
        serial: String = "COALESCE(s.serial, '')",
    }
}

selected! {
    /// A line and the quantity still to be shipped.
    struct OpenLine {
        id: SalesLineKey = "l.id",
        part: Option<PartKey> = "l.part",
        rest: Quantity = "l.quantity - l.shipped",
    }
}

selected! {
    /// The shipment that the request names.
    struct Target {
        delivery_date: Option<String> = "delivery_date",
        order: SalesOrderKey = "\"order\"",
    }
}

/// Sets an item aside where everything is known; the inner error says why it cannot be.
fn set_aside(
    ctx: &mut Context<'_>,
    request: &SaleRequest,
    order: SalesOrderKey,
    item: ItemKey,
    body: &mut serde_json::Map<String, serde_json::Value>,
) -> Result<std::result::Result<(), String>> {
    let refuse = |why: &str| Ok(Err(why.to_owned()));
    let stock = selected::first(ctx.conn, "FROM stock_stockitem s WHERE s.id = $1", &[item.into()])?;
    let Some(Stock { part, serial }) = stock else { return refuse("The stock item no longer exists.") };
    let serialised = !serial.is_empty();
    let lines: Vec<OpenLine> = match request.line {
        Some(line) => {
            let from = "FROM order_salesorderlineitem l WHERE l.id = $1 AND l.\"order\" = $2";
            selected::all(ctx.conn, from, &[line.into(), order.into()])?
        }
        None => {
            let from = sql!(
                "FROM order_salesorderlineitem l \
                       JOIN part_part a ON a.id = l.part JOIN part_part p ON p.id = $2 WHERE l.\"order\" = $1 \
                       AND l.shipped <= l.quantity AND ",
                at_or_below!("p", "a"),
                " LIMIT 2"
            );
            selected::all(ctx.conn, from, &[order.into(), part.into()])?
        }
    };
    let [line] = lines.as_slice() else {
        return refuse(if lines.is_empty() {
            "No line of the order matches this stock item."
        } else {
            "More than one line of the order matches this stock item."
        });
    };
    let OpenLine { id: line, part: wanted_part, rest } = *line;
    let shipment = match request.shipment {
        Some(shipment) => {
            let from = "FROM order_salesordershipment WHERE id = $1";
            let found: Option<Target> = selected::first(ctx.conn, from, &[shipment.into()])?;
            let target = found.ok_or(Error::NotFound)?;
            if target.delivery_date.is_some() {
                return Err(Error::field("shipment", "This shipment has already been delivered."));
            }
            if target.order != order {
                return refuse("This shipment belongs to another order.");
            }
            Some(shipment)
        }
        None => {
            let sql = "SELECT id FROM order_salesordershipment WHERE \"order\" = $1 AND delivery_date IS NULL LIMIT 2";
            let rows = ctx.conn.rows(sql, &[order.into()])?;
            if let [one] = rows.as_slice() { Some(one.cell::<ShipmentKey>(0)) } else { None }
        }
    };
    if wanted_part != Some(part) {
        return refuse("This line is for another part.");
    }
    let free = unallocated(ctx.conn, &[item])?.get(&item).copied().unwrap_or_default();
    let quantity = match request.quantity {
        _ if serialised => Quantity::ONE,
        Some(whole) => Quantity::whole(whole).unwrap_or(Quantity::MAX),
        None => rest.min(free),
    };
    let facts = [
        ("stock_item", Json::from(item)),
        ("part", part.into()),
        ("sales_order", order.into()),
        ("line_item", line.into()),
        ("shipment", shipment.into()),
    ];
    body.extend(facts.into_iter().map(|(name, key)| (name.to_owned(), key)));
    body.insert("quantity".into(), crate::business::stock::history::quantity(quantity));
    if !quantity.is_positive() || free < quantity {
        return refuse("The available quantity is too small.");
    }
    let Some(shipment) = shipment else { return Ok(Ok(())) };
    let requests = [AllocationRequest { line: line.general(), item, quantity }];
    if let Some((_, _, why)) = ALLOCATION_RULES.faults(ctx.conn, order.general(), &requests, None)?.into_iter().next() {
        return Ok(Err(why));
    }
    (ALLOCATION_RULES.insert)(ctx.conn, &requests, More::Shipment(Some(shipment)))?;
    body.insert("success".into(), "The stock item was allocated to the order.".into());
    Ok(Ok(()))
}
