//! Allocations of transfer orders.

use ironwood_base::status::{OrderStatus, TransferOrderStatus};
use ironwood_base::{Error, Key, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::resource::{Delete, Filter, NO_RULES, Operations, Resource, Rules, flag_filter};
use ironwood_rest::segments::{concat, count};
use ironwood_rest::selected;
use ironwood_rest::view::{Field, View, nested};
use ironwood_store::sql;

use super::allocation_rules::ALLOCATION_RULES;
use super::order as transfer_order;
use crate::business::order::allocation_api;
use crate::business::stock::view::LOCATION_BRIEF;
use crate::schema::keys::{AnyKey, TransferAllocationKey, TransferOrderKey};
use crate::schema::transfer::{ALLOCATION as TABLE, LINE, ORDER};

const fn own(details: bool) -> [Field; 2] {
    [
        nested("order_detail", "line.order", &transfer_order::VIEW).on("order_detail", details),
        nested("location_detail", "item.location", &LOCATION_BRIEF).on("location_detail", details),
    ]
}

const LISTED: &[&[Field]] = &[&allocation_api::fields(&ORDER, false), &own(false)];
const SINGLE: &[&[Field]] = &[&allocation_api::fields(&ORDER, true), &own(true)];
static LIST_FIELDS: [Field; count(LISTED)] = concat(LISTED);
static DETAIL_FIELDS: [Field; count(SINGLE)] = concat(SINGLE);
static VIEW: View = View::new("TransferOrderAllocation", &TABLE, &LIST_FIELDS);
static DETAIL: View = View::new("TransferOrderAllocation", &TABLE, &DETAIL_FIELDS);

const OUTSTANDING: Filter = flag_filter(
    "outstanding",
    sql!("{line.order.status} IN (", [..TransferOrderStatus::OPEN], ")"),
    sql!("{line.order.status} NOT IN (", [..TransferOrderStatus::OPEN], ")"),
);
const FILTER_SEGMENTS: &[&[Filter]] = &[&allocation_api::filters(&ORDER, &LINE), &[OUTSTANDING]];
static FILTERS: [Filter; count(FILTER_SEGMENTS)] = concat(FILTER_SEGMENTS);

/// Allocations of stock to transfer orders.
pub(crate) static ALLOCATIONS: Resource =
    Resource::new("/api/order/transfer-order-allocation/", "order_transfer_order_allocation", &VIEW)
        .detail(&DETAIL)
        .operations(Operations::ALL.no_create().bulk_update())
        .filters(&FILTERS)
        .search(allocation_api::SEARCH)
        .sorts(&allocation_api::SORTINGS)
        .rules(Rules { check, delete: Delete::Each(delete), ..NO_RULES })
        .help("Stock allocated to transfer orders or moved by them.");

selected! {
    struct Order {
        id: TransferOrderKey = "o.id",
        status: OrderStatus = "o.status",
    }
}

/// The order that an allocation belongs to; what was moved stays on record.
fn open_order(ctx: &mut Context<'_>, allocation: TransferAllocationKey) -> Result<TransferOrderKey> {
    let from = "FROM order_transferorderallocation a JOIN order_transferorderlineitem l \
                ON l.id = a.line JOIN order_transferorder o ON o.id = l.\"order\" WHERE a.id = $1";
    let order: Option<Order> = selected::first(ctx.conn, from, &[allocation.into()])?;
    let order = order.ok_or(Error::NotFound)?;
    if order.status == OrderStatus::COMPLETE {
        return Err(Error::non_field("The order is complete and this stock has been moved."));
    }
    Ok(order.id)
}

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let order = open_order(ctx, Key::from_id(change.id.unwrap_or(0)))?;
    ALLOCATION_RULES.check_change(ctx.conn, order.general(), change)
}

fn delete(ctx: &mut Context<'_>, id: AnyKey) -> Result<bool> {
    open_order(ctx, id.of_kind()).map(|_| true)
}
