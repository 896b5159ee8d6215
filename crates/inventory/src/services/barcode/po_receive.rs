//! Receives purchase order lines by scanning supplier labels.

use ironwood_base::decimal::Excess;
use ironwood_base::status::{OrderStatus, StockStatus};
use ironwood_base::{Error, Key, PackSize, Quantity, Result};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::registry::check_access;
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::selected;
use ironwood_rest::view::{BOOL, INT, QUANTITY, TEXT, View, input};
use ironwood_store::{Connection, Value, fragment};
use serde_json::{Map, Value as Json, json};

use super::label::{VENDORS, Vendor};
use super::supplier::{self, Candidate, Match, Supplier};
use super::{internal, scan};
use crate::business::company::pack;
use crate::business::order::order_type::PURCHASE;
use crate::business::purchasing::receive::{Arrival, OVER_RECEIPT_HELP};
use crate::business::purchasing::receiving::receive_and_tell;
use crate::platform::common::barcode_hash as hash;
use crate::schema::company::{COMPANY, SupplierPart};
use crate::schema::keys::*;
use crate::schema::purchasing::{LINE, ORDER, Order};
use crate::schema::stock::LOCATION;

static REQUEST: View = View::plain(
    "BarcodePOReceive",
    &[
        input("barcode", TEXT).max(4095).required().help("Content of the barcode."),
        input("supplier", INT).links(&COMPANY).nullable().help("Supplier, if the label does not identify one."),
        input("purchase_order", INT)
            .links(&ORDER)
            .nullable()
            .help("Purchase order, if the label does not identify one."),
        input("location", INT).links(&LOCATION).nullable().help("Destination."),
        input("line_item", INT).links(&LINE).nullable().help("Line of the order."),
        input("quantity", QUANTITY).nullable().as_text().help("Number of packs received, if the label does not say."),
        input("allow_over_receipt", BOOL).default("false").help(OVER_RECEIPT_HELP),
        input("auto_allocate", BOOL)
            .default("true")
            .help("Receive the line immediately if the label has all required details."),
    ],
);

request! {
    struct ReceiveRequest of REQUEST {
        supplier: Option<CompanyKey>,
        purchase_order: Option<PurchaseOrderKey>,
        location: Option<LocationKey>,
        line_item: Option<PurchaseLineKey>,
        quantity: Option<Quantity>,
        allow_over_receipt: bool,
        auto_allocate: bool,
    } without [barcode]
}

/// `POST /api/barcode/po-receive/`.
pub(crate) static RECEIVE: Action =
    action(Method::Post, "/api/barcode/po-receive/", "barcode_po_receive_create", Access::SignedIn, run)
        .request(Shape::Object(&REQUEST))
        .response(200, Shape::Any)
        .help("Receives stock from the label of a supplier.");

/// What the client says besides the label.
struct Known {
    supplier: Option<Supplier>,
    order: Option<PurchaseOrderKey>,
    location: Option<LocationKey>,
    line: Option<PurchaseLineKey>,
    /// Packs that have come.
    packs: Option<Quantity>,
    allow_over_receipt: bool,
    at_once: bool,
}

/// What one supplier's reading of a label came to.
enum Outcome {
    /// No company acts as this supplier.
    NoSupplier,
    /// Several records fit: what the client has to choose.
    Several(String),
    /// The label leads to neither an order nor a part of the supplier.
    Nothing,
    /// Only one of both was found: their names.
    Half { supplier: String, order: Option<String>, part: Option<String> },
    /// Both were found, but it cannot be received.
    Refused(String),
    /// A line was found: what is said of it.
    Line(Map<String, Json>),
}

fn run(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    // a barcode holds characters that texts otherwise lose
    let data = scan::barcode_of(ctx);
    let request = ReceiveRequest::read(ctx)?;
    let data = data?;
    check_access(ctx.caller, Access::Right("order_purchaseorder", Permission::Add), Method::Post)?;
    let known = known(ctx.conn, &request)?;
    let mut body = Map::new();
    body.insert("barcode_data".into(), data.as_str().into());
    body.insert("barcode_hash".into(), hash::of(&data).into());
    if internal::find(ctx.conn, &data)?.is_some_and(|(kind, _)| kind.table.model() == "stockitem") {
        body.insert("error".into(), "This has already been received.".into());
        return scan::answer(ctx, &data, body);
    }
    let mut plugin = None;
    let mut refusal: Option<String> = None;
    let mut strangers = Vec::new();
    for vendor in &VENDORS {
        match attempt(ctx, vendor, &data, &known)? {
            Outcome::NoSupplier => strangers.push(vendor.slug),
            Outcome::Nothing => {}
            Outcome::Half { supplier, order, part } => {
                plugin = Some(vendor.name);
                let half = if order.is_some() {
                    "The order was found, but no matching supplier part."
                } else {
                    "The part was found, but no matching order."
                };
                refusal = Some(half.into());
                let matches = json!({
                    "purchase_order": order, "no_match": true, "supplier": supplier, "supplier_part": part,
                });
                body.insert("supplier_matches".into(), matches);
            }
            Outcome::Several(which) => {
                plugin = plugin.or(Some(vendor.name));
                if refusal.is_none() {
                    body.insert("no_match".into(), true.into());
                    refusal = Some(which);
                }
            }
            Outcome::Refused(why) => {
                plugin = plugin.or(Some(vendor.name));
                if refusal.is_none() {
                    body.insert("no_match".into(), false.into());
                    refusal = Some(why);
                }
            }
            Outcome::Line(said) => {
                plugin = Some(vendor.name);
                refusal = None;
                body.remove("supplier_matches");
                body.extend(said);
                break;
            }
        }
    }
    if plugin.is_none() {
        match own_code(ctx, &data, &known)? {
            Some(Outcome::Line(said)) => {
                plugin = Some(internal::NAME);
                body.extend(said);
            }
            Some(Outcome::Several(why) | Outcome::Refused(why)) => {
                plugin = Some(internal::NAME);
                refusal = Some(why);
            }
            _ => {}
        }
    }
    body.insert("plugin".into(), plugin.into());
    if plugin.is_none() {
        if !strangers.is_empty() {
            body.insert("no_supplier_plugin_error".into(), json!(strangers));
        }
        refusal = Some("This barcode is neither the label of a known supplier nor the code of a supplier part.".into());
    }
    if let Some(refusal) = refusal {
        body.insert("error".into(), refusal.into());
    }
    scan::answer(ctx, &data, body)
}

selected! {
    /// The order that the client names.
    struct Expecting {
        status: OrderStatus = "status",
        destination: Option<LocationKey> = "destination",
    }
}

fn known(conn: &mut Connection, request: &ReceiveRequest) -> Result<Known> {
    let mut location = request.location;
    if let Some(location) = location {
        let sql = "SELECT structural FROM stock_stocklocation WHERE id = $1";
        if conn.one(sql, &[location.into()])?.is_some_and(|row| row.bool(0)) {
            return Err(Error::field("location", "A structural location cannot hold stock."));
        }
    }
    let order = request.purchase_order;
    if let Some(order) = order {
        let found: Option<Expecting> =
            selected::first(conn, "FROM order_purchaseorder WHERE id = $1", &[order.into()])?;
        let expecting = found.ok_or(Error::NotFound)?;
        if expecting.status != PURCHASE.issued {
            return Err(Error::field("purchase_order", "This order has not been issued."));
        }
        location = location.or(expecting.destination);
    }
    let supplier = match request.supplier {
        Some(id) => supplier::by_id(conn, id)?,
        None => None,
    };
    let packs = request.quantity;
    if packs.is_some_and(|packs| !packs.is_positive()) {
        return Err(Error::field("quantity", "Quantity must be greater than zero."));
    }
    Ok(Known {
        supplier,
        order,
        location,
        line: request.line_item,
        packs,
        allow_over_receipt: request.allow_over_receipt,
        at_once: request.auto_allocate,
    })
}

/// The supplier whose label it is: whom the client names, who acts as the vendor, or, where no one does or
/// several companies might, the supplier of the order that the client names.
fn supplier_of(ctx: &mut Context<'_>, vendor: &Vendor, known: &Known) -> Result<Match<Supplier>> {
    if let Some(supplier) = &known.supplier {
        return Ok(Match::One(supplier.clone()));
    }
    let own = supplier::remembered(ctx.conn, vendor)?;
    let (false, Some(order)) = (matches!(own, Match::One(_)), known.order) else { return Ok(own) };
    let sql = "SELECT supplier FROM order_purchaseorder WHERE id = $1";
    let of_order = ctx.conn.one(sql, &[order.into()])?.and_then(|row| row.cell::<Option<CompanyKey>>(0));
    match (own, of_order) {
        (Match::Several(companies), Some(id)) => {
            let named = companies.iter().find(|company| company.id == id).cloned();
            Ok(named.map_or(Match::Several(companies), Match::One))
        }
        // others print such labels, too
        (Match::None, Some(id)) => Ok(supplier::by_id(ctx.conn, id)?.map_or(Match::None, Match::One)),
        (own, _) => Ok(own),
    }
}

fn attempt(ctx: &mut Context<'_>, vendor: &Vendor, data: &str, known: &Known) -> Result<Outcome> {
    let Some(label) = (vendor.read)(data) else {
        let nobody = known.supplier.is_none() && matches!(supplier::supplier(ctx.conn, vendor)?, Match::None);
        return Ok(if nobody { Outcome::NoSupplier } else { Outcome::Nothing });
    };
    let supplier = match supplier_of(ctx, vendor, known)? {
        Match::One(supplier) => supplier,
        Match::None => return Ok(Outcome::NoSupplier),
        Match::Several(companies) => {
            let names: Vec<&str> = companies.iter().map(|company| company.name.as_str()).collect();
            return Ok(Outcome::Several(format!(
                "More than one company matches the supplier {}: {}. Choose one with `supplier`, or for all labels with \
                 the setting {} of {}.",
                vendor.company,
                names.join(", "),
                supplier::SETTING,
                vendor.slug
            )));
        }
    };
    let part = supplier::supplier_part(ctx.conn, &label, Some(&supplier))?;
    let order = match known.order {
        Some(order) => Match::One(order),
        None => match supplier::purchase_order(ctx.conn, &label, Some(&supplier))? {
            Match::One(order) => Match::One(order.id),
            Match::None => Match::None,
            Match::Several(orders) => match with_open_line(ctx.conn, &orders, &part)? {
                Some(order) => Match::One(order),
                None => {
                    return Ok(Outcome::Several(format!(
                        "More than one purchase order matches this label: {}. Choose one with `purchase_order`.",
                        supplier::names(&orders)
                    )));
                }
            },
        },
    };
    let sql = "SELECT reference FROM order_purchaseorder WHERE id = $1 AND supplier = $2";
    let order = order.one();
    let reference = ctx.conn.one(sql, &[order.into(), supplier.id.into()])?.map(|row| row.text(0).to_owned());
    let part = match part {
        Match::Several(parts) => {
            return Ok(Outcome::Several(format!(
                "More than one supplier part matches this label: {}.",
                supplier::names(&parts)
            )));
        }
        other => other.one().map(|part| part.id),
    };
    let (Some(order), Some(part), true) = (order, part, reference.is_some()) else {
        if reference.is_none() && part.is_none() {
            return Ok(Outcome::Nothing);
        }
        let sql = "SELECT p.name FROM company_supplierpart s JOIN part_part p ON p.id = s.part WHERE s.id = $1";
        let part = ctx.conn.one(sql, &[part.into()])?.map(|row| row.text(0).to_owned());
        return Ok(Outcome::Half { supplier: supplier.name, order: reference, part });
    };
    let pieces = label.quantity.as_deref().map(|text| Quantity::parse(text, Excess::Round));
    let pieces = pieces.and_then(|read| read.ok()).filter(|pieces| pieces.is_positive());
    line(ctx, known, &Scanned { order, part, line: known.line, pieces, barcode: data })
}

/// The only one of these orders of which a line for the part is still outstanding.
fn with_open_line(
    conn: &mut Connection,
    orders: &[Candidate<Order>],
    part: &Match<Candidate<SupplierPart>>,
) -> Result<Option<PurchaseOrderKey>> {
    let Match::One(part) = part else { return Ok(None) };
    let keys: Vec<PurchaseOrderKey> = orders.iter().map(|order| order.id).collect();
    let sql = fragment!(
        "SELECT DISTINCT l.\"order\" FROM order_purchaseorderlineitem l WHERE l.part = $1 AND l.received < l.quantity \
         AND l.\"order\" IN ({})",
        conn.backend().keys("$2")
    );
    let rows = conn.rows(&sql, &[part.id.into(), Value::keys(&keys)])?;
    Ok(if let [one] = rows.as_slice() { Some(one.cell(0)) } else { None })
}

/// A code that names a supplier part and nothing else: a barcode of the server, one that is linked to the part, or
/// its SKU. The order is the one that the client names, or the only placed one that expects the part.
fn own_code(ctx: &mut Context<'_>, data: &str, known: &Known) -> Result<Option<Outcome>> {
    let named: Option<(&str, Vec<AnyKey>)> = match internal::find(ctx.conn, data)? {
        Some((kind, key)) => match kind.table.model() {
            "supplierpart" => Some(("s.id", vec![key])),
            "manufacturerpart" => Some(("s.manufacturer_part", vec![key])),
            "part" => Some(("s.part", vec![key])),
            _ => None,
        },
        None => {
            let of = known.supplier.as_ref().map(|supplier| supplier.id);
            let parts = supplier::supplier_parts_of_sku(ctx.conn, data, of)?;
            Some(("s.id", parts.into_iter().map(Key::general).collect()))
        }
    };
    let Some((column, keys)) = named.filter(|(_, keys)| !keys.is_empty()) else { return Ok(None) };
    let from = fragment!(
        "FROM order_purchaseorderlineitem l \
         JOIN order_purchaseorder o ON o.id = l.\"order\" JOIN company_supplierpart s ON s.id = l.part \
         WHERE {column} IN ({}) AND o.status = {} AND ($2 = 0 OR o.id = $2) AND ($3 = 0 OR l.id = $3) \
         AND ($4 = 0 OR o.supplier = $4) ORDER BY o.id, l.id",
        ctx.conn.backend().keys("$1"),
        PURCHASE.issued
    );
    let values = [
        Value::keys(&keys),
        known.order.unwrap_or_default().into(),
        known.line.unwrap_or_default().into(),
        known.supplier.as_ref().map_or_else(Key::default, |supplier| supplier.id).into(),
    ];
    let rows: Vec<ExpectedLine> = selected::all(ctx.conn, &from, &values)?;
    let mut open: Vec<_> = rows.iter().filter(|row| row.is_open).collect();
    if open.is_empty() && rows.len() == 1 {
        open.extend(rows.first());
    }
    let [row] = open.as_slice() else {
        let mut orders: Vec<&str> = open.iter().map(|row| row.reference.as_str()).collect();
        orders.dedup();
        return Ok(Some(match orders.len() {
            0 => Outcome::Refused("No issued purchase order has an open line for this part.".into()),
            1 => Outcome::Several(format!(
                "More than one line of order {} is for this part. Choose one with `line_item`.",
                orders.join(", ")
            )),
            _ => Outcome::Several(format!(
                "More than one issued purchase order expects this part: {}. Choose one with `purchase_order`.",
                orders.join(", ")
            )),
        }));
    };
    let ExpectedLine { order, part, line: line_item, .. } = **row;
    line(ctx, known, &Scanned { order, part, line: Some(line_item), pieces: None, barcode: "" }).map(Some)
}

selected! {
    /// A line of an issued order.
    struct ExpectedLine {
        line: PurchaseLineKey = "l.id",
        order: PurchaseOrderKey = "l.\"order\"",
        part: SupplierPartKey = "s.id",
        reference: String = "o.reference",
        is_open: bool = "l.received < l.quantity",
    }
}

selected! {
    /// The line that is received.
    struct Line {
        id: PurchaseLineKey = "l.id",
        part: Option<SupplierPartKey> = "l.part",
        quantity: Quantity = "l.quantity",
        received: Quantity = "l.received",
        location: Option<LocationKey> = "COALESCE(l.destination, o.destination, p.default_location, c.default_location)",
        order: PurchaseOrderKey = "l.\"order\"",
        pack_size: Option<PackSize> = "s.pack_quantity_native",
    }
}

/// What a scan says.
struct Scanned<'a> {
    order: PurchaseOrderKey,
    part: SupplierPartKey,
    line: Option<PurchaseLineKey>,
    /// How many pieces there are.
    pieces: Option<Quantity>,
    /// The barcode that the new stock gets; empty: none.
    barcode: &'a str,
}

/// Receives the line of an order for a part, or says what is missing for that.
fn line(ctx: &mut Context<'_>, known: &Known, scanned: &Scanned<'_>) -> Result<Outcome> {
    let (order, part) = (scanned.order, scanned.part);
    let from = "FROM order_purchaseorderlineitem l \
               JOIN order_purchaseorder o ON o.id = l.\"order\" LEFT JOIN company_supplierpart s ON s.id = l.part \
               LEFT JOIN part_part p ON p.id = s.part LEFT JOIN part_partcategory c ON c.id = p.category";
    let rows: Vec<Line> = match scanned.line {
        Some(line) => selected::all(ctx.conn, &fragment!("{from} WHERE l.id = $1"), &[line.into()])?,
        None => {
            let values = [order.into(), part.into()];
            let from = fragment!("{from} WHERE l.\"order\" = $1 AND l.part = $2 LIMIT 2");
            selected::all(ctx.conn, &from, &values)?
        }
    };
    let refused = |why: &str| Ok(Outcome::Refused(why.into()));
    let [row] = rows.as_slice() else { return refused("No line of the order is for this part only.") };
    if row.part != Some(part) || row.order != order {
        return refused("This line is for another part.");
    }
    let (line, rest) = (row.id, row.quantity - row.received);
    if !rest.is_positive() && !known.allow_over_receipt {
        return refused("This line has already been received in full.");
    }
    let location = known.location.or(row.location);
    let size = row.pack_size.filter(|size| size.is_positive()).unwrap_or(PackSize::ONE);
    let packs = match (known.packs, scanned.pieces) {
        (Some(packs), _) => Some(packs),
        (None, Some(pieces)) => pack::packs(pieces, size),
        (None, None) => None,
    };
    let mut said = Map::new();
    said.insert(
        "lineitem".into(),
        json!({
            "pk": line, "quantity": crate::business::stock::history::quantity(packs.unwrap_or(rest.max(Quantity::ZERO))),
            "supplier_part": part, "purchase_order": order, "location": location,
        }),
    );
    said.insert("no_match".into(), false.into());
    match (known.at_once, location, packs) {
        (true, Some(location), Some(packs)) => {
            let arrival = Arrival {
                line,
                packs,
                location: Some(location),
                status: StockStatus::OK.key(),
                barcode: scanned.barcode.to_owned(),
                allow_over_receipt: known.allow_over_receipt,
                ..Arrival::default()
            };
            match ctx.savepoint(|ctx| receive_and_tell(ctx, order, &[arrival])) {
                Ok(_) => said.insert("success".into(), "The line was received.".into()),
                Err(error @ (Error::Invalid(_) | Error::List(_))) => said.insert("error".into(), reason(&error).into()),
                Err(other) => return Err(other),
            }
        }
        (true, _, None) if scanned.pieces.is_some() => {
            said.insert("action_required".into(), "The quantity on the label is not a whole number of packs.".into())
        }
        _ => said.insert("action_required".into(), "More details are required to receive this line.".into()),
    };
    Ok(Outcome::Line(said))
}

/// The first message of a refusal.
fn reason(error: &Error) -> String {
    fn first(json: &Json) -> Option<String> {
        match json {
            Json::String(text) => Some(text.clone()),
            Json::Array(list) => list.iter().find_map(first),
            Json::Object(fields) => fields.values().find_map(first),
            _ => None,
        }
    }
    first(&error.json()).unwrap_or_else(|| "This line cannot be received.".into())
}
