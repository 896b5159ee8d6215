//! Ships a shipment, which assigns its stock to the customer.

use std::collections::BTreeMap;

use ironwood_base::{Error, Quantity, Result, clock};
use ironwood_rest::bulk;
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request;
use ironwood_rest::request::{Request, Sent};
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::selected;
use ironwood_rest::table::ColumnType;
use ironwood_rest::view::{DATE, TEXT, Type, View, input};
use ironwood_store::{Connection, Fragment, Value, fragment};
use serde_json::json;

use crate::business::stock::kernel::{Ledger, With};
use crate::platform::settings;
use crate::platform::settings::keys;
use crate::platform::system::job;
use crate::schema::keys::*;
use crate::schema::sales::{ALLOCATION, Allocation, LINE, Line};

/// What is noted of a shipment that goes out.
#[derive(Debug, Clone, Default)]
pub(crate) struct ShipmentDetails {
    /// The day it goes; today where none is given.
    pub shipment_date: Option<String>,
    /// `Some(None)` takes a date away that was there.
    pub delivery_date: Option<Option<String>>,
    pub tracking_number: String,
    pub invoice_number: String,
    pub link: String,
}

selected! {
    /// A shipment that is to be sent.
    struct Parcel {
        is_sent: bool = "(h.shipment_date IS NOT NULL)",
        is_checked: bool = "(h.checked_by IS NOT NULL)",
        order: SalesOrderKey = "h.\"order\"",
        customer: Option<CompanyKey> = "o.customer",
    }
}

selected! {
    /// One allocation of a shipment.
    struct Load {
        id: SalesAllocationKey = "a.id",
        line: SalesLineKey = "a.line",
        item: ItemKey = "a.item",
        quantity: Quantity = "a.quantity",
    }
}

/// Sends a shipment: each allocated quantity becomes an item of the order's customer, split off where the
/// item holds more; the lines' counters grow; the details are noted.
///
/// # Errors
/// 400 where it was sent before, is empty, was not checked although the settings ask for that, or where
/// stock is not there any more.
pub(crate) fn send(
    conn: &mut Connection,
    user: UserKey,
    shipment: ShipmentKey,
    details: &ShipmentDetails,
) -> Result<()> {
    let from = "FROM order_salesordershipment h JOIN order_salesorder o ON o.id = h.\"order\" WHERE h.id = $1";
    let found: Parcel = selected::first(conn, from, &[shipment.into()])?.ok_or(Error::NotFound)?;
    if found.is_sent {
        return Err(Error::non_field("This shipment has already been shipped."));
    }
    let from = "FROM order_salesorderallocation a WHERE a.shipment = $1 ORDER BY a.id";
    let mut loads: Vec<Load> = selected::all(conn, from, &[shipment.into()])?;
    if loads.is_empty() {
        return Err(Error::non_field("No stock is allocated to this shipment."));
    }
    if !found.is_checked && settings::get_bool(conn, keys::SALESORDER_SHIPMENT_REQUIRES_CHECK)? {
        return Err(Error::non_field("This shipment must be checked before it can be shipped."));
    }
    let no_customer = || Error::non_field("Customer is required before the order can be shipped.");
    let customer = found.customer.ok_or_else(no_customer)?;
    hand_over(conn, user, found.order, customer, &mut loads)?;
    count(conn, &loads)?;
    note(conn, shipment, details)
}

/// Moves the stock; loads name the customer's items afterwards.
fn hand_over(
    conn: &mut Connection,
    user: UserKey,
    order: SalesOrderKey,
    customer: CompanyKey,
    loads: &mut [Load],
) -> Result<()> {
    let before: Vec<ItemKey> = loads.iter().map(|l| l.item).collect();
    let mut ledger = Ledger::open(conn, user, &before)?;
    let to = ledger.recipient(customer, Some(order))?;
    ledger.leave_bare();
    ledger.expect_new(loads.len())?;
    let mut parts = Vec::with_capacity(loads.len());
    for load in loads.iter() {
        let item = ledger.item(load.item)?;
        if !item.is_on_hand() || item.quantity < load.quantity {
            let message = format!("Stock item {} is allocated to this shipment but no longer available.", item.id);
            return Err(Error::non_field(message));
        }
        let part = ledger.split(load.item, load.quantity, None, &With::default())?;
        if part != load.item {
            // what others keep about the item stays with what stays
            ledger.item_mut(part)?.metadata = None;
        }
        parts.push(part);
    }
    for (load, part) in loads.iter_mut().zip(parts) {
        load.item = ledger.assign(part, load.quantity, &to, "")?;
    }
    ledger.close()?;
    let moved = loads.iter().zip(before).filter(|(load, item)| load.item != *item);
    let moved = moved.map(|(load, _)| (load.id, load.item));
    bulk::update_one(conn, const { bulk::set(&ALLOCATION, Allocation::item) }, moved)
}

/// The lines' counters.
fn count(conn: &mut Connection, loads: &[Load]) -> Result<()> {
    let mut sums: BTreeMap<SalesLineKey, Quantity> = BTreeMap::new();
    for load in loads {
        let sum = sums.entry(load.line).or_default();
        *sum = sum.saturating_add(load.quantity);
    }
    bulk::update_one(conn, const { bulk::add(&LINE, Line::shipped) }, sums)
}

fn note(conn: &mut Connection, shipment: ShipmentKey, details: &ShipmentDetails) -> Result<()> {
    let date = details.shipment_date.clone().unwrap_or_else(clock::today);
    let mut sets = vec![Fragment::from("shipment_date = $2")];
    let mut params: Vec<Value> = vec![shipment.into(), date.into()];
    let texts = [
        ("tracking_number", &details.tracking_number),
        ("invoice_number", &details.invoice_number),
        ("link", &details.link),
    ];
    for (column, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        params.push(text.as_str().into());
        sets.push(fragment!("{column} = ${}", params.len()));
    }
    if let Some(date) = &details.delivery_date {
        params.push(date.clone().into());
        sets.push(fragment!("delivery_date = ${}", params.len()));
    }
    conn.execute(
        &fragment!("UPDATE order_salesordershipment SET {} WHERE id = $1", Fragment::join(&sets, ", ")),
        &params,
    )?;
    Ok(())
}

static FORM: View = View::plain(
    "SalesOrderShipmentComplete",
    &[
        input("shipment_date", DATE).nullable().help("Date of shipment."),
        input("delivery_date", DATE).nullable().help("Date of delivery."),
        input("tracking_number", TEXT).max(100).help("Tracking number of the carrier."),
        input("invoice_number", TEXT).max(100).help("Invoice number."),
        input("link", Type::Of(ColumnType::Url)).max(2000).help("Link to an external page."),
    ],
);

request! {
    struct ShipRequest of FORM {
        shipment_date: Option<String>,
        delivery_date: Sent<String>,
        tracking_number: String,
        invoice_number: String,
        link: String,
    } without []
}

/// `POST /api/order/so/shipment/{id}/ship/`.
pub(crate) static SHIP: Action = action(
    Method::Post,
    "/api/order/so/shipment/{id}/ship/",
    "order_so_shipment_ship_create",
    Access::Table("order_salesordershipment"),
    ship,
)
.request(Shape::Object(&FORM))
.response(200, Shape::Object(&job::DETAIL))
.help("Ships the allocated stock to the customer.");

fn ship(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let shipment: ShipmentKey = args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)?;
    let there = ctx.conn.one("SELECT 1 FROM order_salesordershipment WHERE id = $1", &[shipment.into()])?;
    there.ok_or(Error::NotFound)?;
    let request = ShipRequest::read(ctx)?;
    let details = ShipmentDetails {
        shipment_date: request.shipment_date,
        delivery_date: request.delivery_date.change(),
        tracking_number: request.tracking_number,
        invoice_number: request.invoice_number,
        link: request.link,
    };
    let user = caller_key(ctx);
    send(ctx.conn, user, shipment, &details)?;
    job::done_now(ctx, "order.ship", &json!({"shipment": shipment}))
}
