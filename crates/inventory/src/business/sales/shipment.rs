//! Shipments of sales orders.

use ironwood_base::status::SalesOrderStatus;
use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::resource::{Condition, Delete, NO_RULES, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::view::{INT, Type, View, col, input, nested, pk, sql};
use ironwood_store::{Value, sql};

use super::order::VIEW as ORDER_VIEW;
use crate::business::company::address::BRIEF as ADDRESS_BRIEF;
use crate::business::company::companies::BRIEF as COMPANY_BRIEF;
use crate::business::order::duplicate as copies;
use crate::platform::common::{parameter, tag};
use crate::platform::users::view::BRIEF as USER_BRIEF;
use crate::schema::company::Address;
use crate::schema::keys::{AnyKey, ShipmentKey};
use crate::schema::sales::{ORDER, SHIPMENT as TABLE, Shipment};

const ALLOCATED: &str = "(SELECT COUNT(*) FROM order_salesorderallocation a WHERE a.shipment = {id})";

static DUPLICATE: View =
    View::plain("SalesOrderShipmentDuplicateOptions", &[copies::original(&TABLE), copies::PARAMETERS]);

/// A shipment.
pub(crate) static VIEW: View = View::new(
    "SalesOrderShipment",
    &TABLE,
    &[
        pk(),
        col("order").help("Sales order."),
        sql("allocated_items", INT, ALLOCATED).counted(),
        col("shipment_date").help("Date of shipment."),
        col("shipment_address").label("Address").help("Destination."),
        col("delivery_date").help("Date of delivery."),
        col("checked_by").help("User who checked the shipment."),
        input("duplicate", Type::Object(&DUPLICATE))
            .label("Duplication Options")
            .listed()
            .help("What to copy from another shipment."),
        col("reference").label("Shipment").help("Shipment number, unique within the order."),
        col("tracking_number").help("Tracking number of the carrier."),
        col("invoice_number").help("Invoice number."),
        col("barcode_hash").help("Hash of the assigned barcode."),
        col("link").help("Link to an external page."),
        col("notes").detail_only(),
        parameter::PARAMETERS,
        nested("checked_by_detail", "checked_by", &USER_BRIEF).always(),
        nested("customer_detail", "order.customer", &COMPANY_BRIEF),
        nested("order_detail", "order", &ORDER_VIEW).on("order_detail", true),
        nested("shipment_address_detail", "shipment_address", &ADDRESS_BRIEF).always(),
        tag::TAGS,
    ],
);

/// Shipments of sales orders.
pub(crate) static SHIPMENTS: Resource = Resource::new("/api/order/so/shipment/", "order_so_shipment", &VIEW)
    .filters(&[
        filter("order", Condition::Link(&ORDER, "{order} = {value}")),
        flag_filter("checked", "{checked_by} IS NOT NULL", "{checked_by} IS NULL"),
        flag_filter("shipped", "{shipment_date} IS NOT NULL", "{shipment_date} IS NULL"),
        flag_filter("delivered", "{delivery_date} IS NOT NULL", "{delivery_date} IS NULL"),
        flag_filter("order_outstanding", sql!("{order.status} IN (", [..SalesOrderStatus::OPEN], ")"), sql!("{order.status} NOT IN (", [..SalesOrderStatus::OPEN], ")")),
        filter(
            "order_status",
            Condition::Where(
                INT,
                "({order.status} = {value} AND {order.status_custom_key} IS NULL) OR {order.status_custom_key} = {value}",
            ),
        ),
        tag::BY_TAGS,
        tag::BY_TAG_NAME,
        tag::BY_NAME,
    ])
    .search(&["{order.reference}", "{reference}", "{tracking_number}", "{invoice_number}"])
    .sorts(&[
        sort("reference", &["{reference}"]),
        sort("delivery_date", &["{delivery_date}"]),
        sort("shipment_date", &["{shipment_date}"]),
        sort("allocated_items", &[ALLOCATED]),
    ])
    .rules(Rules { check, saved, delete: Delete::Each(delete), ..NO_RULES })
    .open_params(parameter::narrow)
    .help("Shipments of sales orders.");

fn is_loaded(ctx: &mut Context<'_>, shipment: ShipmentKey) -> Result<bool> {
    let sql = "SELECT 1 FROM order_salesorderallocation WHERE shipment = $1 LIMIT 1";
    Ok(ctx.conn.one(sql, &[shipment.into()])?.is_some())
}

/// Stock leaves with a shipment only when that is sent, and stays gone then: with stock in it, a shipment
/// neither changes its order nor becomes sent or unsent by a date.
fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    if let Some(id) = change.id {
        let unset = |value: &Value| value == &Value::Null;
        let turned = unset(change.old(Shipment::shipment_date)) != unset(change.get(Shipment::shipment_date));
        if (turned || change.is_changed(Shipment::order)) && is_loaded(ctx, ShipmentKey::from_id(id))? {
            let field = if turned { "shipment_date" } else { "order" };
            return Err(Error::field(field, "Stock is allocated to this shipment."));
        }
    }
    if let Some(address) = change.key::<Address>(Shipment::shipment_address)
        && (change.is_changed(Shipment::shipment_address) || change.is_changed(Shipment::order))
    {
        let sql = "SELECT 1 FROM company_address a JOIN order_salesorder o ON o.customer = a.company \
                   WHERE a.id = $1 AND o.id = $2";
        if ctx.conn.one(sql, &[address.into(), change.int(Shipment::order).into()])?.is_none() {
            return Err(Error::field("shipment_address", "Address must belong to the customer of the order."));
        }
    }
    copies::options(ctx.conn, change, &DUPLICATE)?;
    Ok(())
}

fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    if change.old(Shipment::reference) == &Value::Null
        && let Some(options) = copies::options(ctx.conn, change, &DUPLICATE)?
        && options.parameters
    {
        copies::copy_parameters(ctx.conn, &TABLE, options.original, id)?;
    }
    Ok(())
}

/// What was sent stays on record.
fn delete(ctx: &mut Context<'_>, id: AnyKey) -> Result<bool> {
    let shipment: ShipmentKey = id.of_kind();
    let sql = "SELECT 1 FROM order_salesordershipment WHERE id = $1 AND shipment_date IS NOT NULL";
    if ctx.conn.one(sql, &[shipment.into()])?.is_some() && is_loaded(ctx, shipment)? {
        return Err(Error::non_field("This shipment has already been shipped."));
    }
    Ok(true)
}
