//! State transitions of sales orders.

use ironwood_base::status::{OrderStatus, SALES_ORDER_STATUS, SalesOrderStatus};
use ironwood_base::{Error, Result, clock};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{BOOL, View, input};
use ironwood_rest::{request, selected};
use serde_json::json;

use crate::business::order::order_type::SALES;
use crate::business::order::states::{self, CurrentState, is_open};
use crate::business::part::pricing::watch;
use crate::platform::common::status;
use crate::platform::settings;
use crate::platform::settings::keys;
use crate::platform::state;
use crate::schema::keys::PartKey;

/// The state of an order whose goods are on their way.
const SHIPPED: OrderStatus = SalesOrderStatus::SHIPPED.of_order();

/// Cancels an open order and frees what is allocated for it; what was sent stays on record. An order
/// that is not open stays as it is.
pub(crate) fn cancel(ctx: &mut Context<'_>, order: CurrentState) -> Result<()> {
    if !is_open(order.status) {
        return Ok(());
    }
    states::cancel(ctx, &SALES, order)?;
    let sql = "DELETE FROM order_salesorderallocation WHERE line IN (SELECT l.id FROM order_salesorderlineitem l \
               WHERE l.\"order\" = $1) AND (shipment IS NULL OR shipment IN (SELECT h.id FROM order_salesordershipment h \
               WHERE h.shipment_date IS NULL))";
    ctx.conn.execute(sql, &[order.id.into()])?;
    Ok(())
}

selected! {
    /// What there is of an order (`$1`), counted.
    struct Contents {
        outstanding_lines: i64 = "(SELECT COUNT(*) FROM order_salesorderlineitem l LEFT JOIN part_part p ON p.id = l.part \
            WHERE l.\"order\" = $1 AND l.shipped < l.quantity AND NOT COALESCE(p.virtual, FALSE))",
        open_shipments: i64 = "(SELECT COUNT(*) FROM order_salesordershipment h WHERE h.\"order\" = $1 \
            AND h.shipment_date IS NULL)",
        open_allocations: i64 = "(SELECT COUNT(*) FROM order_salesorderallocation a JOIN order_salesorderlineitem l \
            ON l.id = a.line LEFT JOIN order_salesordershipment h ON h.id = a.shipment WHERE l.\"order\" = $1 \
            AND h.shipment_date IS NULL)",
        /// Lines of parts that are not virtual.
        real_lines: i64 = "(SELECT COUNT(*) FROM order_salesorderlineitem l LEFT JOIN part_part p ON p.id = l.part \
            WHERE l.\"order\" = $1 AND NOT COALESCE(p.virtual, FALSE))",
        /// With the extra ones.
        all_lines: i64 = "((SELECT COUNT(*) FROM order_salesorderlineitem l WHERE l.\"order\" = $1) + \
            (SELECT COUNT(*) FROM order_salesorderextraline x WHERE x.\"order\" = $1))",
        shipment_allocations: i64 = "(SELECT COUNT(*) FROM order_salesorderallocation a JOIN order_salesordershipment h \
            ON h.id = a.shipment WHERE h.\"order\" = $1)",
    }
}

/// Completes an open order: it is shipped then, and complete when this is repeated (or at once, as the
/// settings say). Virtual parts count as sent.
///
/// # Errors
/// 400 where lines are not fully sent (unless that is accepted), or shipments or allocations are open.
pub(crate) fn complete(ctx: &mut Context<'_>, order: CurrentState, accept_incomplete: bool) -> Result<()> {
    let found: Contents = selected::first(ctx.conn, "", &[order.id.into()])?.ok_or(Error::NotFound)?;
    if found.outstanding_lines > 0 && !accept_incomplete {
        return Err(Error::field("accept_incomplete", "Some lines of this order have not been fully shipped."));
    }
    // there is nothing to send: the shipment that every order begins with does not stand in the way
    let nothing_to_send = found.real_lines == 0 && found.all_lines > 0 && found.shipment_allocations == 0;
    let refusal = match order.status {
        OrderStatus::COMPLETE => "This order is already complete.",
        OrderStatus::CANCELLED => "This order has been cancelled.",
        status if !is_open(status) => "Only an open order can be completed.",
        _ if found.open_shipments > 0 && !nothing_to_send => "Some shipments of this order have not been shipped.",
        _ if found.open_allocations > 0 => "Stock allocated to this order has not been shipped.",
        _ => "",
    };
    if !refusal.is_empty() {
        return Err(Error::non_field(refusal));
    }
    ctx.conn.execute(
        "UPDATE order_salesorderlineitem SET shipped = quantity WHERE \"order\" = $1 \
         AND part IN (SELECT p.id FROM part_part p WHERE p.virtual)",
        &[order.id.into()],
    )?;
    if nothing_to_send {
        let sql =
            "UPDATE order_salesordershipment SET shipment_date = $2 WHERE \"order\" = $1 AND shipment_date IS NULL";
        ctx.conn.execute(sql, &[order.id.into(), clock::today().into()])?;
    }
    let user = ctx.caller.id();
    ctx.conn.execute(
        "UPDATE order_salesorder SET shipment_date = $2, shipped_by = $3 WHERE id = $1 AND shipment_date IS NULL",
        &[order.id.into(), clock::today().into(), user.into()],
    )?;
    let sql = "SELECT DISTINCT l.part FROM order_salesorderlineitem l WHERE l.\"order\" = $1 AND l.part IS NOT NULL";
    let parts: Vec<PartKey> = ctx.conn.rows(sql, &[order.id.into()])?.iter().map(|row| row.cell(0)).collect();
    let snapshot = state::snapshot(ctx)?;
    watch::changed(ctx.conn, &snapshot.settings, &parts)?;
    let whole = order.status == SHIPPED || settings::get_bool(ctx.conn, keys::SALESORDER_SHIP_COMPLETE)?;
    states::put(ctx.conn, &SALES, order.id, if whole { OrderStatus::COMPLETE } else { SHIPPED }, "")
}

/// `POST /api/order/so/{id}/issue/`.
pub(crate) static ISSUE: Action =
    states::state_action("/api/order/so/{id}/issue/", "order_so_issue_create", "order_salesorder", |ctx, args| {
        states::issue_action(ctx, args, &SALES)
    })
    .help("Issues a sales order.");

/// `POST /api/order/so/{id}/hold/`.
pub(crate) static HOLD: Action =
    states::state_action("/api/order/so/{id}/hold/", "order_so_hold_create", "order_salesorder", |ctx, args| {
        states::hold_action(ctx, args, &SALES)
    })
    .help("Puts a sales order on hold.");

/// `POST /api/order/so/{id}/cancel/`.
pub(crate) static CANCEL: Action =
    states::state_action("/api/order/so/{id}/cancel/", "order_so_cancel_create", "order_salesorder", |ctx, args| {
        let order = states::current_state(ctx.conn, &SALES, args)?;
        cancel(ctx, order).map(|()| states::moved())
    })
    .help("Cancels a sales order.");

static FORM: View = View::plain(
    "SalesOrderComplete",
    &[input("accept_incomplete", BOOL)
        .default("false")
        .help("Complete the order even if lines have not been fully shipped.")],
);

request! {
    struct CompleteRequest of FORM {
        accept_incomplete: bool,
    } without []
}

/// `POST /api/order/so/{id}/complete/`.
pub(crate) static COMPLETION: Action = action(
    Method::Post,
    "/api/order/so/{id}/complete/",
    "order_so_complete_create",
    Access::Table("order_salesorder"),
    |ctx, args| {
        let order = states::current_state(ctx.conn, &SALES, args)?;
        let accept = CompleteRequest::read(ctx)?.accept_incomplete;
        complete(ctx, order, accept)?;
        Ok(Answer::json(201, &json!({"accept_incomplete": accept})))
    },
)
.request(Shape::Object(&FORM))
.response(201, Shape::Object(&FORM))
.help("Completes a sales order.");

/// `GET /api/order/so/status/`.
pub(crate) static STATUS: Action = status::of_kind("/api/order/so/status/", "order_so_status_retrieve", states_of);

fn states_of(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    Ok(Answer::json(200, &status::describe(ctx.conn, &SALES_ORDER_STATUS)?))
}
