//! State transitions of purchase orders.

use ironwood_base::status::PURCHASE_ORDER_STATUS;
use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::Answer;
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Action, Args, Shape};
use ironwood_rest::view::{BOOL, View, input};
use ironwood_store::Connection;
use serde_json::json;

use crate::business::order::order_type::PURCHASE;
use crate::business::order::states::{self, state_action};
use crate::platform::common::status;
use crate::schema::keys::PurchaseOrderKey;

const TABLE: &str = "order_purchaseorder";

/// `POST /api/order/po/{id}/issue/`.
pub(crate) static ISSUE: Action =
    state_action("/api/order/po/{id}/issue/", "order_po_issue_create", TABLE, |ctx, args| {
        states::issue_action(ctx, args, &PURCHASE)
    })
    .help("Issues the purchase order.");

/// `POST /api/order/po/{id}/hold/`.
pub(crate) static HOLD: Action =
    state_action("/api/order/po/{id}/hold/", "order_po_hold_create", TABLE, |ctx, args| {
        states::hold_action(ctx, args, &PURCHASE)
    })
    .help("Puts the purchase order on hold.");

/// `POST /api/order/po/{id}/cancel/`.
pub(crate) static CANCEL: Action =
    state_action("/api/order/po/{id}/cancel/", "order_po_cancel_create", TABLE, |ctx, args| {
        states::cancel_action(ctx, args, &PURCHASE)
    })
    .help("Cancels the purchase order.");

static COMPLETION: View = View::plain(
    "PurchaseOrderComplete",
    &[input("accept_incomplete", BOOL)
        .default("false")
        .help("Complete the order even if lines have not been fully received.")],
);

request! {
    struct CompleteRequest of COMPLETION {
        accept_incomplete: bool,
    } without []
}

/// `POST /api/order/po/{id}/complete/`.
pub(crate) static COMPLETE: Action =
    state_action("/api/order/po/{id}/complete/", "order_po_complete_create", TABLE, complete)
        .request(Shape::Object(&COMPLETION))
        .response(201, Shape::Object(&COMPLETION))
        .help("Completes the purchase order.");

fn complete(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = states::current_state(ctx.conn, &PURCHASE, args)?;
    let accepted = CompleteRequest::read(ctx)?.accept_incomplete;
    if !accepted && is_outstanding(ctx.conn, order.id.of_kind())? {
        return Err(Error::field("accept_incomplete", "Some lines of this order have not been fully received."));
    }
    states::complete(ctx, &PURCHASE, order)?;
    Ok(Answer::json(201, &json!({ "accept_incomplete": accepted })))
}

/// Whether something of an order is still to come.
pub(super) fn is_outstanding(conn: &mut Connection, order: PurchaseOrderKey) -> Result<bool> {
    let sql = "SELECT 1 FROM order_purchaseorderlineitem WHERE \"order\" = $1 AND quantity > received LIMIT 1";
    Ok(conn.one(sql, &[order.into()])?.is_some())
}

/// `GET /api/order/po/status/`.
pub(crate) static STATUS: Action = status::of_kind("/api/order/po/status/", "order_po_status_retrieve", |ctx, _| {
    Ok(Answer::json(200, &status::describe(ctx.conn, &PURCHASE_ORDER_STATUS)?))
});
