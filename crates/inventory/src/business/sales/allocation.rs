//! Allocations of sales orders.

use ironwood_base::status::SalesOrderStatus;
use ironwood_base::{Error, Key, Result, key};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::resource::{
    Condition, Delete, Filter, NO_RULES, Operations, Resource, Rules, Sort, filter, flag_filter, sort,
};
use ironwood_rest::segments::{concat, count};
use ironwood_rest::view::{Field, View, col, nested};
use ironwood_store::sql;

use super::allocation_rules::{ALLOCATION_RULES, check_shipment};
use super::{order as sales_order, shipment};
use crate::business::company::companies::BRIEF as COMPANY_BRIEF;
use crate::business::order::allocation_api;
use crate::business::stock::view::LOCATION_BRIEF;
use crate::schema::keys::{AnyKey, SalesAllocationKey, SalesOrderKey};
use crate::schema::sales::{ALLOCATION as TABLE, Allocation, LINE, ORDER, SHIPMENT};

const OWN: [Field; 5] = [
    col("shipment").help("Shipment."),
    nested("order_detail", "line.order", &sales_order::VIEW),
    nested("customer_detail", "line.order.customer", &COMPANY_BRIEF),
    nested("location_detail", "item.location", &LOCATION_BRIEF),
    nested("shipment_detail", "shipment", &shipment::VIEW).on("shipment_detail", true).without(&["order_detail"]),
];

const LISTED: &[&[Field]] = &[&allocation_api::fields(&ORDER, false), &OWN];
const SINGLE: &[&[Field]] = &[&allocation_api::fields(&ORDER, true), &OWN];
static LIST_FIELDS: [Field; count(LISTED)] = concat(LISTED);
static DETAIL_FIELDS: [Field; count(SINGLE)] = concat(SINGLE);
static VIEW: View = View::new("SalesOrderAllocation", &TABLE, &LIST_FIELDS);
static DETAIL: View = View::new("SalesOrderAllocation", &TABLE, &DETAIL_FIELDS);

const OUTSTANDING: &str =
    sql!("{line.order.status} IN (", [..SalesOrderStatus::OPEN], ") AND {shipment.shipment_date} IS NULL");
const NOT_OUTSTANDING: &str =
    sql!("NOT ({line.order.status} IN (", [..SalesOrderStatus::OPEN], ") AND {shipment.shipment_date} IS NULL)");
const OWN_FILTERS: &[Filter] = &[
    filter("shipment", Condition::Link(&SHIPMENT, "{shipment} = {value}")),
    flag_filter("outstanding", OUTSTANDING, NOT_OUTSTANDING),
    flag_filter("assigned_to_shipment", "{shipment} IS NOT NULL", "{shipment} IS NULL"),
];
const FILTER_SEGMENTS: &[&[Filter]] = &[&allocation_api::filters(&ORDER, &LINE), OWN_FILTERS];
static FILTERS: [Filter; count(FILTER_SEGMENTS)] = concat(FILTER_SEGMENTS);
const SORTING_SEGMENTS: &[&[Sort]] =
    &[&allocation_api::SORTINGS, &[sort("shipment_date", &["{shipment.shipment_date}"])]];
static SORTINGS: [Sort; count(SORTING_SEGMENTS)] = concat(SORTING_SEGMENTS);

/// Allocations of stock to sales orders.
pub(crate) static ALLOCATIONS: Resource = Resource::new("/api/order/so-allocation/", "order_so_allocation", &VIEW)
    .detail(&DETAIL)
    .operations(Operations::ALL.no_create().bulk_update().bulk_delete())
    .bulk_deletes("{shipment.shipment_date} IS NULL")
    .filters(&FILTERS)
    .search(allocation_api::SEARCH)
    .sorts(&SORTINGS)
    .rules(Rules { check, delete: Delete::Many(delete), ..NO_RULES })
    .help("Stock allocated to sales orders or shipped with them.");

/// What was shipped stays as it is.
fn refuse_shipped(ctx: &mut Context<'_>, allocations: &[SalesAllocationKey]) -> Result<()> {
    let sql = "SELECT a.id FROM order_salesorderallocation a JOIN order_salesordershipment h ON h.id = a.shipment \
               WHERE a.id IN ({keys}) AND h.shipment_date IS NOT NULL";
    let mut shipped = false;
    ctx.conn.of_keys(sql, allocations, |_| shipped = true)?;
    if shipped { Err(Error::non_field("This stock has already been shipped.")) } else { Ok(()) }
}

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    refuse_shipped(ctx, &[Key::from_id(change.id.unwrap_or(0))])?;
    let sql = "SELECT \"order\" FROM order_salesorderlineitem WHERE id = $1";
    let order: SalesOrderKey =
        ctx.conn.one(sql, &[change.int(Allocation::line).into()])?.map_or_else(Key::default, |row| row.cell(0));
    if change.is_changed(Allocation::shipment)
        && let Some(shipment) = change.key(Allocation::shipment)
    {
        check_shipment(ctx.conn, order, shipment)?;
    }
    ALLOCATION_RULES.check_change(ctx.conn, order.general(), change)
}

fn delete(ctx: &mut Context<'_>, ids: &[AnyKey]) -> Result<bool> {
    refuse_shipped(ctx, &key::of_kind(ids))?;
    Ok(true)
}
