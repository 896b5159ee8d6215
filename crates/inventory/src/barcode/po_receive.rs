//! Receiving what a supplier sent by scanning its label.

use ironwood_base::{Error, Result, decimal};
use ironwood_rest::context::{Act, Context};
use ironwood_rest::form::{self, Form};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::registry::check_access;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{BOOL, INT, TEXT, View, input};
use ironwood_store::{Connection, Value};
use serde_json::{Map, Value as Json, json};

use super::label::{Label, VENDORS, Vendor};
use super::supplier::{self, Supplier};
use super::{hash, internal, scan};
use crate::company::tables::COMPANY;
use crate::order::kind::PURCHASE;
use crate::purchasing::receive::Arrival;
use crate::purchasing::receiving::receive_and_tell;
use crate::purchasing::tables::{LINE, ORDER};
use crate::stock::kernel::OK;
use crate::stock::tables::LOCATION;

static REQUEST: View = View::plain(
    "BarcodePOReceive",
    &[
        input("barcode", TEXT).max(4095).required().help("What was scanned."),
        input("supplier", INT).links(&COMPANY).nullable().help("The supplier, where the label does not say."),
        input("purchase_order", INT).links(&ORDER).nullable().help("The order, where the label does not say."),
        input("location", INT).links(&LOCATION).nullable().help("Where it goes."),
        input("line_item", INT).links(&LINE).nullable().help("The line of the order."),
        input("auto_allocate", BOOL).default("true").help("Receive it at once, where all is known."),
    ],
);

/// `POST /api/barcode/po-receive/`.
pub static RECEIVE: Action =
    action(Method::Post, "/api/barcode/po-receive/", "barcode_po_receive_create", Access::SignedIn, run)
        .request(Shape::Object(&REQUEST))
        .response(200, Shape::Any)
        .help("Receives what the label of a supplier names.");

/// What the client says besides the label.
struct Known {
    supplier: Option<Supplier>,
    order: Option<i64>,
    location: Option<i64>,
    line: Option<i64>,
    at_once: bool,
}

/// What one supplier's reading of a label came to.
enum Outcome {
    /// No company acts as this supplier.
    NoSupplier,
    /// The label leads to neither an order nor a part of the supplier.
    Nothing,
    /// Only one of both was found: their names.
    Half { supplier: String, order: Option<String>, part: Option<String> },
    /// Both were found, but it cannot be received.
    Refused(&'static str),
    /// A line was found: what is said of it.
    Line(Map<String, Json>),
}

fn run(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    // a barcode holds characters that texts otherwise lose
    let data = scan::barcode_of(ctx);
    let form = form::read(ctx, &REQUEST)?;
    let data = data?;
    check_access(ctx.caller, Access::Right("order_purchaseorder", Act::Add), Method::Post)?;
    let known = known(ctx.conn, &form)?;
    let mut body = Map::new();
    body.insert("barcode_data".into(), data.as_str().into());
    body.insert("barcode_hash".into(), hash::of(&data).into());
    if internal::find(ctx.conn, &data)?.is_some_and(|(kind, _)| kind.label == "stockitem") {
        body.insert("error".into(), "This has been received already.".into());
        return scan::answer(ctx, &data, body);
    }
    let mut plugin = None;
    let mut refusal = None;
    let mut strangers = Vec::new();
    for vendor in &VENDORS {
        match attempt(ctx, vendor, &data, &known)? {
            Outcome::NoSupplier => strangers.push(vendor.slug),
            Outcome::Nothing => {}
            Outcome::Half { supplier, order, part } => {
                plugin = Some(vendor.name);
                refusal = Some(if order.is_some() {
                    "The order was found, but no part of the supplier."
                } else {
                    "The part was found, but no order."
                });
                let matches = json!({
                    "purchase_order": order, "no_match": true, "supplier": supplier, "supplier_part": part,
                });
                body.insert("supplier_matches".into(), matches);
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
    body.insert("plugin".into(), plugin.into());
    if plugin.is_none() {
        if !strangers.is_empty() {
            body.insert("no_supplier_plugin_error".into(), json!(strangers));
        }
        refusal = Some("No supplier's label was recognised.");
    }
    if let Some(refusal) = refusal {
        body.insert("error".into(), refusal.into());
    }
    scan::answer(ctx, &data, body)
}

fn known(conn: &mut Connection, form: &Form) -> Result<Known> {
    let mut location = form.int("location");
    if let Some(location) = location {
        let sql = "SELECT structural FROM stock_stocklocation WHERE id = $1";
        if conn.one(sql, &[Value::Int(location)])?.is_some_and(|row| row.bool(0)) {
            return Err(Error::field("location", "A structural location holds no stock."));
        }
    }
    let order = form.int("purchase_order");
    if let Some(order) = order {
        let sql = "SELECT status, destination FROM order_purchaseorder WHERE id = $1";
        let row = conn.one(sql, &[Value::Int(order)])?.ok_or(Error::NotFound)?;
        if row.int(0) != PURCHASE.issued {
            return Err(Error::field("purchase_order", "This order has not been placed."));
        }
        location = location.or(row.opt_int(1));
    }
    let supplier = match form.int("supplier") {
        Some(id) => supplier::by_id(conn, id)?,
        None => None,
    };
    Ok(Known { supplier, order, location, line: form.int("line_item"), at_once: form.flag("auto_allocate", true) })
}

fn attempt(ctx: &mut Context<'_>, vendor: &Vendor, data: &str, known: &Known) -> Result<Outcome> {
    let own = supplier::supplier(ctx.conn, vendor)?;
    let Some(supplier) = known.supplier.clone().or_else(|| own.clone()) else { return Ok(Outcome::NoSupplier) };
    let Some(label) = (vendor.read)(data) else { return Ok(Outcome::Nothing) };
    let order = match known.order {
        Some(order) => Some(order),
        None => supplier::purchase_order(ctx.conn, &label, Some(&supplier))?,
    };
    let sql = "SELECT reference FROM order_purchaseorder WHERE id = $1 AND supplier = $2";
    let reference = ctx.conn.one(sql, &[order.into(), Value::Int(supplier.id)])?.map(|row| row.text(0).to_owned());
    let part = supplier::supplier_part(ctx.conn, &label, Some(&supplier))?;
    let (Some(order), Some(part), true) = (order, part, reference.is_some()) else {
        if reference.is_none() && part.is_none() {
            return Ok(Outcome::Nothing);
        }
        let sql = "SELECT p.name FROM company_supplierpart s JOIN part_part p ON p.id = s.part WHERE s.id = $1";
        let part = ctx.conn.one(sql, &[part.into()])?.map(|row| row.text(0).to_owned());
        return Ok(Outcome::Half { supplier: supplier.name, order: reference, part });
    };
    line(ctx, &label, data, known, order, part)
}

/// Receives the line of an order for a part, or says what is missing for that.
fn line(ctx: &mut Context<'_>, label: &Label, data: &str, known: &Known, order: i64, part: i64) -> Result<Outcome> {
    let sql = "SELECT l.id, l.part, l.quantity, l.received, COALESCE(l.destination, o.destination, p.default_location, \
               c.default_location), l.\"order\" FROM order_purchaseorderlineitem l \
               JOIN order_purchaseorder o ON o.id = l.\"order\" LEFT JOIN company_supplierpart s ON s.id = l.part \
               LEFT JOIN part_part p ON p.id = s.part LEFT JOIN part_partcategory c ON c.id = p.category";
    let rows = match known.line {
        Some(line) => ctx.conn.rows(&format!("{sql} WHERE l.id = $1"), &[Value::Int(line)])?,
        None => {
            let values = [Value::Int(order), Value::Int(part)];
            ctx.conn.rows(&format!("{sql} WHERE l.\"order\" = $1 AND l.part = $2 LIMIT 2"), &values)?
        }
    };
    let [row] = rows.as_slice() else { return Ok(Outcome::Refused("No line of the order is for this part alone.")) };
    if row.opt_int(1) != Some(part) || row.int(5) != order {
        return Ok(Outcome::Refused("The line is for something else."));
    }
    let (line, rest) = (row.int(0), row.int(2) - row.int(3));
    if rest <= 0 {
        return Ok(Outcome::Refused("Everything of this line has been received."));
    }
    let location = known.location.or(row.opt_int(4));
    let printed = label.quantity.as_deref().map(|text| decimal::parse(text, decimal::QUANTITY, decimal::Excess::Round));
    let quantity = match printed {
        Some(Ok(quantity)) if quantity > 0 => Some(quantity),
        _ => None,
    };
    let mut said = Map::new();
    said.insert(
        "lineitem".into(),
        json!({
            "pk": line, "quantity": crate::stock::history::quantity(quantity.unwrap_or(rest)), "supplier_part": part,
            "purchase_order": order, "location": location,
        }),
    );
    said.insert("no_match".into(), false.into());
    match (known.at_once, location, quantity) {
        (true, Some(location), Some(packs)) => {
            let arrival = Arrival {
                line,
                packs,
                location: Some(location),
                status: OK,
                barcode: data.to_owned(),
                ..Arrival::default()
            };
            match ctx.savepoint(|ctx| receive_and_tell(ctx, order, &[arrival])) {
                Ok(_) => said.insert("success".into(), "The line has been received.".into()),
                Err(error @ (Error::Invalid(_) | Error::List(_))) => said.insert("error".into(), reason(&error).into()),
                Err(other) => return Err(other),
            }
        }
        _ => said.insert("action_required".into(), "More has to be said to receive this line.".into()),
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
    first(&error.json()).unwrap_or_else(|| "The line cannot be received.".into())
}
