//! State transitions of transfer orders. Completing one moves or consumes its stock.

use std::collections::{BTreeMap, HashMap};

use ironwood_base::status::{HistoryCode, OrderStatus};
use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::selected;
use ironwood_rest::view::{BOOL, View, input};
use ironwood_rest::{bulk, row};
use serde_json::json;

use crate::business::order::order_type::TRANSFER;
use crate::business::order::states::{self, CurrentState};
use crate::business::stock::kernel::{Ledger, With};
use crate::schema::keys::*;
use crate::schema::transfer::{self as schema, ORDER};

const UNALLOCATED_LINES: &str = "SELECT COUNT(*) FROM order_transferorderlineitem l LEFT JOIN part_part p \
    ON p.id = l.part WHERE l.\"order\" = $1 AND NOT COALESCE(p.virtual, FALSE) AND l.quantity > \
    (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_transferorderallocation a WHERE a.line = l.id)";

/// Cancels an open order and frees what is allocated for it.
///
/// # Errors
/// 400 where it is not open.
pub(crate) fn cancel(ctx: &mut Context<'_>, order: CurrentState) -> Result<()> {
    states::cancel(ctx, &TRANSFER, order)?;
    let sql = "DELETE FROM order_transferorderallocation WHERE line IN \
               (SELECT l.id FROM order_transferorderlineitem l WHERE l.\"order\" = $1)";
    ctx.conn.execute(sql, &[order.id.into()])?;
    Ok(())
}

row! {
    /// Where the stock of an order goes.
    struct Route in ORDER as TransferOrderKey {
        destination: Option<LocationKey>,
        consume: bool,
    } without [..]
}

/// Completes an order that is issued: what is allocated goes to the destination or is consumed, as the order
/// says. An order that is not issued yet stays as it is. The number of statements depends on how many
/// items there are only in lots of them.
///
/// # Errors
/// 400 where the order is closed, has nowhere to go to, or (unless that is accepted) lines lack stock.
pub(crate) fn complete(ctx: &mut Context<'_>, order: CurrentState, accept_incomplete: bool) -> Result<()> {
    let lacking = ctx.conn.one(UNALLOCATED_LINES, &[order.id.into()])?.map_or(0, |row| row.int(0));
    if lacking > 0 && !accept_incomplete {
        return Err(Error::field(
            "accept_incomplete_allocation",
            "Some lines of the order have not been fully allocated.",
        ));
    }
    let Route { destination, consume, .. } = row::one(ctx.conn, order.id.of_kind())?.ok_or(Error::NotFound)?;
    let refusal = match order.status {
        OrderStatus::COMPLETE => "This order is already complete.",
        OrderStatus::CANCELLED => "This order has been cancelled.",
        _ if destination.is_none() && !consume => "Destination is required before the order can be completed.",
        _ => "",
    };
    if !refusal.is_empty() {
        return Err(Error::non_field(refusal));
    }
    // the state moves first: what is left of items counts as free then
    if states::complete(ctx, &TRANSFER, order)? {
        move_stock(ctx, order.id.of_kind(), destination.filter(|_| !consume))?;
    }
    Ok(())
}

selected! {
    /// One allocation of the order.
    struct Allocation {
        id: TransferAllocationKey = "a.id",
        line: TransferLineKey = "a.line",
        item: ItemKey = "a.item",
        quantity: Quantity = "a.quantity",
    }
}

fn move_stock(ctx: &mut Context<'_>, order: TransferOrderKey, destination: Option<LocationKey>) -> Result<()> {
    let from = "FROM order_transferorderallocation a JOIN order_transferorderlineitem l ON l.id = a.line \
                WHERE l.\"order\" = $1 ORDER BY a.id";
    let allocations: Vec<Allocation> = selected::all(ctx.conn, from, &[order.into()])?;
    let user = caller_key(ctx);
    let items: Vec<ItemKey> = allocations.iter().map(|a| a.item).collect();
    let mut ledger = Ledger::open(ctx.conn, user, &items)?;
    ledger.expect_new(if destination.is_some() { splits(&ledger, &allocations)? } else { 0 })?;
    let with = With::default().and("transferorder", order);
    let mut moved: BTreeMap<TransferLineKey, Quantity> = BTreeMap::new();
    let mut now: Vec<(TransferAllocationKey, ItemKey)> = Vec::new();
    for allocation in &allocations {
        let item = ledger.item(allocation.item)?;
        if item.customer.is_some() || item.belongs_to.is_some() || item.consumed_by.is_some() {
            return Err(Error::non_field(format!("Stock item {} is no longer in stock.", allocation.item)));
        }
        // less may be there than was allocated
        let quantity = allocation.quantity.min(item.quantity);
        if !quantity.is_positive() {
            continue;
        }
        match destination {
            None => ledger.take(allocation.item, quantity, HistoryCode::STOCK_REMOVE, &with)?,
            Some(location) => {
                let there = ledger.transfer(allocation.item, quantity, location, &with).map_err(at_destination)?;
                if there != allocation.item {
                    now.push((allocation.id, there));
                }
            }
        }
        *moved.entry(allocation.line).or_default() += quantity;
    }
    ledger.close()?;
    bulk::update_one(ctx.conn, const { bulk::set(&schema::ALLOCATION, schema::Allocation::item) }, now)?;
    bulk::update_one(ctx.conn, const { bulk::add(&schema::LINE, schema::Line::transferred) }, moved)
}

/// How many items will be made, because something of the item they are split from stays where it is.
fn splits(ledger: &Ledger<'_>, allocations: &[Allocation]) -> Result<usize> {
    let (mut left, mut made): (HashMap<ItemKey, Quantity>, usize) = (HashMap::new(), 0);
    for allocation in allocations {
        let there = ledger.item(allocation.item)?.quantity;
        let left = left.entry(allocation.item).or_insert(there);
        if allocation.quantity < *left {
            *left -= allocation.quantity;
            made += 1;
        }
    }
    Ok(made)
}

/// A fault of the location is one of the order's destination.
fn at_destination(error: Error) -> Error {
    match error {
        Error::Invalid(fields) if fields.has("location") => Error::non_field("The destination cannot hold stock."),
        other => other,
    }
}

/// `POST /api/order/transfer-order/{id}/issue/`.
pub(crate) static ISSUE: Action = states::state_action(
    "/api/order/transfer-order/{id}/issue/",
    "order_transfer_order_issue_create",
    "order_transferorder",
    |ctx, args| states::issue_action(ctx, args, &TRANSFER),
)
.help("Issues a transfer order.");

/// `POST /api/order/transfer-order/{id}/hold/`.
pub(crate) static HOLD: Action = states::state_action(
    "/api/order/transfer-order/{id}/hold/",
    "order_transfer_order_hold_create",
    "order_transferorder",
    |ctx, args| states::hold_action(ctx, args, &TRANSFER),
)
.help("Puts a transfer order on hold.");

/// `POST /api/order/transfer-order/{id}/cancel/`.
pub(crate) static CANCEL: Action = states::state_action(
    "/api/order/transfer-order/{id}/cancel/",
    "order_transfer_order_cancel_create",
    "order_transferorder",
    |ctx, args| {
        let order = states::current_state(ctx.conn, &TRANSFER, args)?;
        cancel(ctx, order).map(|()| states::moved())
    },
)
.help("Cancels a transfer order.");

static FORM: View = View::plain(
    "TransferOrderComplete",
    &[input("accept_incomplete_allocation", BOOL)
        .default("false")
        .help("Complete the order even if lines have not been fully allocated.")],
);

request! {
    struct CompleteRequest of FORM {
        accept_incomplete_allocation: bool,
    } without []
}

/// `POST /api/order/transfer-order/{id}/complete/`.
pub(crate) static COMPLETION: Action = action(
    Method::Post,
    "/api/order/transfer-order/{id}/complete/",
    "order_transfer_order_complete_create",
    Access::Table("order_transferorder"),
    completion,
)
.request(Shape::Object(&FORM))
.response(201, Shape::Object(&FORM))
.help("Completes a transfer order. Its stock is moved or consumed.");

fn completion(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = states::current_state(ctx.conn, &TRANSFER, args)?;
    let accept = CompleteRequest::read(ctx)?.accept_incomplete_allocation;
    complete(ctx, order, accept)?;
    Ok(Answer::json(201, &json!({"accept_incomplete_allocation": accept})))
}
