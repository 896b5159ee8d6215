//! The action that receives lines of a purchase order.

use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::Answer;
use ironwood_rest::query::Query;
use ironwood_rest::request;
use ironwood_rest::request::{Request, Sent};
use ironwood_rest::resource::{Action, Args, Shape};
use ironwood_rest::select::{self, Rows};
use ironwood_rest::view::{BOOL, DATE, INT, QUANTITY, TEXT, Type, View, input};

use super::receive::{Arrival, OVER_RECEIPT_HELP, Receipt, receive};
use crate::business::order::notice::{self, Event};
use crate::business::order::order_type::PURCHASE;
use crate::business::order::states::state_action;
use crate::business::stock::item;
use crate::schema::keys::*;
use crate::schema::purchasing::LINE;
use crate::schema::stock::{ITEM, LOCATION};

static ARRIVAL: View = View::plain(
    "PurchaseOrderLineItemReceive",
    &[
        input("barcode", TEXT).nullable().default("\"\"").help("Barcode of the received items."),
        input("line_item", INT).links(&LINE).required().help("Line."),
        input("location", INT).links(&LOCATION).nullable().help("Destination."),
        input("quantity", QUANTITY).required().as_text().help("Number of packs received."),
        input("status", INT)
            .chosen_from("StockStatus")
            .default(ironwood_store::sql!([ironwood_base::status::StockStatus::OK]))
            .help("Status."),
        input("batch_code", TEXT).max(100).default("\"\"").help("Batch code."),
        input("expiry_date", DATE).nullable().default("null").help("Expiry date. The item is expired after this date."),
        input("serial_numbers", TEXT).default("\"\"").help("Serial numbers, such as `1-10, 15`."),
        input("packaging", TEXT).max(50).default("\"\"").help("Packaging."),
        input("note", TEXT).default("\"\"").help("Note about the received items."),
        input("allow_over_receipt", BOOL).nullable().default("null").help(OVER_RECEIPT_HELP),
    ],
);

static RECEIPT: View = View::plain(
    "PurchaseOrderReceive",
    &[
        input("items", Type::List(&ARRIVAL)).required().help("Received quantities, by line."),
        input("location", INT).links(&LOCATION).nullable().help("Default destination location."),
        input("allow_over_receipt", BOOL).default("false").help(OVER_RECEIPT_HELP),
    ],
);

request! {
    struct ArrivalRequest of ARRIVAL {
        barcode: String,
        line_item: PurchaseLineKey,
        location: Option<LocationKey>,
        quantity: Quantity,
        status: i64,
        batch_code: String,
        expiry_date: Option<String>,
        serial_numbers: String,
        packaging: String,
        note: String,
        allow_over_receipt: Option<bool>,
    } without []
}

request! {
    struct ReceiveRequest of RECEIPT {
        items: Vec<ArrivalRequest>,
        location: Sent<LocationKey>,
        allow_over_receipt: bool,
    } without []
}

/// `POST /api/order/po/{id}/receive/`.
pub(crate) static RECEIVE: Action =
    state_action("/api/order/po/{id}/receive/", "order_po_receive_create", "order_purchaseorder", run)
        .request(Shape::Object(&RECEIPT))
        .response(201, Shape::List(&item::VIEW))
        .help("Receives items of the order into stock.");

fn run(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order: PurchaseOrderKey = args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)?;
    let destination: Option<LocationKey> = ctx
        .conn
        .one("SELECT destination FROM order_purchaseorder WHERE id = $1", &[order.into()])?
        .ok_or(Error::NotFound)?
        .cell(0);
    let request = ReceiveRequest::read(ctx)?;
    // a location of the request goes before that of the lines, which may know a better one than the order
    let location = request.location.change().unwrap_or(destination);
    let over = request.allow_over_receipt;
    let arrivals: Vec<Arrival> = request.items.into_iter().map(|row| arrival(row, location, over)).collect();
    let receipt = receive_and_tell(ctx, order, &arrivals)?;
    items(ctx, &receipt.items)
}

/// [`receive`] for the caller; those whom it concerns are told.
///
/// # Errors
/// Those of [`receive`].
pub(crate) fn receive_and_tell(
    ctx: &mut Context<'_>,
    order: PurchaseOrderKey,
    arrivals: &[Arrival],
) -> Result<Receipt> {
    let user = caller_key(ctx);
    let receipt = receive(ctx.conn, user, order, arrivals)?;
    let lines: Vec<LineKey> = arrivals.iter().map(|a| a.line.general()).collect();
    notice::send(ctx, &PURCHASE, order.general(), Event::Received(&lines))?;
    Ok(receipt)
}

fn arrival(row: ArrivalRequest, location: Option<LocationKey>, allow_over_receipt: bool) -> Arrival {
    Arrival {
        line: row.line_item,
        packs: row.quantity,
        location: row.location.or(location),
        status: row.status,
        batch: row.batch_code,
        expiry_date: row.expiry_date,
        serial_numbers: row.serial_numbers.trim().to_owned(),
        packaging: row.packaging,
        notes: row.note,
        barcode: row.barcode.trim().to_owned(),
        allow_over_receipt: row.allow_over_receipt.unwrap_or(allow_over_receipt),
    }
}

/// The answer with new stock items, as the list of stock shows them.
fn items(ctx: &mut Context<'_>, keys: &[ItemKey]) -> Result<Answer> {
    let body = ctx.reading(|ctx| {
        let mut query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, &ITEM);
        query.and_keys("{id}", keys);
        query.order_by("{id}", false);
        Ok(select::write_rows(ctx, &item::VIEW, Rows { query, page: None })?.0)
    })?;
    Ok(Answer::json_bytes(201, body))
}
