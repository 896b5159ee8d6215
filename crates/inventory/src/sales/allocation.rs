//! Stock that is set aside for sales orders, or was sent for them.

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::resource::{NO_RULES, Operations, Resource, Rules, Test, filter, flag_filter, order};
use ironwood_rest::view::{BOOL, Field, INT, TEXT, View, col, nested, pk, sql};
use ironwood_store::Value;

use super::allocate::{self, Wish};
use super::tables::{ALLOCATION as TABLE, LINE, ORDER, SHIPMENT};
use super::{order as sales_order, shipment};
use crate::company::companies::BRIEF as COMPANY_BRIEF;
use crate::part::part::by_parts;
use crate::part::tables::PART;
use crate::part::view::BRIEF as PART_BRIEF;
use crate::stock::item;
use crate::stock::tables::{ITEM, LOCATION};
use crate::stock::view::LOCATION_BRIEF;

/// A list shows the stock and the part only where they are asked for, a single row shows them.
const fn fields(details: bool) -> [Field; 15] {
    [
        pk(),
        col("item").help("The stock item."),
        col("quantity").asked().help("How much of it."),
        col("shipment").help("The shipment that it goes with."),
        col("line").read_only(),
        sql("part", INT, "{item.part}").links(&PART).option_type("field"),
        sql("order", INT, "{line.order}").links(&ORDER).option_type("field"),
        // other servers leave it empty, and clients take the serial number from `item_detail`
        sql("serial", TEXT, "CAST(NULL AS TEXT)").nullable(),
        sql("location", INT, "{item.location}").links(&LOCATION).option_type("field"),
        nested("item_detail", "item", &item::VIEW).on("item_detail", details).without(&[
            "part_detail",
            "location_detail",
            "supplier_part_detail",
        ]),
        nested("part_detail", "item.part", &PART_BRIEF).on("part_detail", details),
        nested("order_detail", "line.order", &sales_order::VIEW),
        nested("customer_detail", "line.order.customer", &COMPANY_BRIEF),
        nested("location_detail", "item.location", &LOCATION_BRIEF),
        nested("shipment_detail", "shipment", &shipment::VIEW).on("shipment_detail", true).without(&["order_detail"]),
    ]
}

static VIEW: View = View::new("SalesOrderAllocation", &TABLE, &fields(false));
static DETAIL: View = View::new("SalesOrderAllocation", &TABLE, &fields(true));

const OUTSTANDING: &str = "{line.order.status} IN (10, 15, 20, 25) AND {shipment.shipment_date} IS NULL";
const NOT_OUTSTANDING: &str = "NOT ({line.order.status} IN (10, 15, 20, 25) AND {shipment.shipment_date} IS NULL)";
const BELOW: &str = "{item.location} IN (SELECT l.id FROM stock_stocklocation l JOIN stock_stocklocation a ON a.id = {value} \
    WHERE l.tree_path >= a.tree_path AND l.tree_path < SUBSTR(a.tree_path, 1, LENGTH(a.tree_path) - 1) || '0')";

/// Allocations of stock to sales orders.
pub static ALLOCATIONS: Resource = Resource::new("/api/order/so-allocation/", "order_so_allocation", &VIEW)
    .detail(&DETAIL)
    .operations(Operations::ALL.no_create().bulk_update().bulk_delete())
    .bulk_deletes("{shipment.shipment_date} IS NULL")
    .filters(&[
        filter("order", Test::Link(&ORDER, "{line.order} = {value}")),
        filter("line", Test::Link(&LINE, "{line} = {value}")),
        filter("item", Test::Link(&ITEM, "{item} = {value}")),
        filter("shipment", Test::Link(&SHIPMENT, "{shipment} = {value}")),
        filter("part", Test::Custom(INT, |query, text| by_parts(query, text, "{item.part} IN {parts}"))),
        filter("include_variants", Test::Noted(BOOL)).help("With the variants of `part`."),
        filter("location", Test::Link(&LOCATION, BELOW)).help("Stock in this location, or further below."),
        flag_filter("outstanding", OUTSTANDING, NOT_OUTSTANDING),
        flag_filter("assigned_to_shipment", "{shipment} IS NOT NULL", "{shipment} IS NULL"),
    ])
    .search(&["{item.part.name}", "{item.part.IPN}", "{item.serial}", "{item.batch}"])
    .order(&[
        order("quantity", &["{quantity}"]),
        order("part", &["{item.part.name}"]),
        order("IPN", &["{item.part.IPN}"]),
        order("serial", &["{item.serial_int}", "{item.serial}"]),
        order("batch", &["{item.batch}"]),
        order("location", &["{item.location.name}"]),
        order("order", &["{line.order.reference}"]),
        order("shipment_date", &["{shipment.shipment_date}"]),
    ])
    .rules(Rules { check, delete, ..NO_RULES })
    .help("Stock that is set aside for sales orders, or was sent for them.");

/// What was shipped stays as it is.
fn refuse_shipped(ctx: &mut Context<'_>, id: i64) -> Result<()> {
    let sql = "SELECT 1 FROM order_salesorderallocation a JOIN order_salesordershipment h ON h.id = a.shipment \
               WHERE a.id = $1 AND h.shipment_date IS NOT NULL";
    match ctx.conn.one(sql, &[Value::Int(id)])? {
        Some(_) => Err(Error::non_field("This stock has been shipped.")),
        None => Ok(()),
    }
}

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let id = change.id.unwrap_or(0);
    refuse_shipped(ctx, id)?;
    let key = |column: &str| change.int(column).unwrap_or(0);
    let (line, item) = (key("line"), key("item"));
    let sql = "SELECT \"order\" FROM order_salesorderlineitem WHERE id = $1";
    let order = ctx.conn.one(sql, &[Value::Int(line)])?.map_or(0, |row| row.int(0));
    if change.is_changed("shipment")
        && let Some(shipment) = change.int("shipment")
    {
        allocate::check_shipment(ctx.conn, order, shipment)?;
    }
    if change.is_changed("item") || change.is_changed("quantity") {
        let wish = Wish { line, item, quantity: key("quantity") };
        let fault = allocate::faults(ctx.conn, order, &[wish], Some(id))?.pop();
        if let Some((_, field, message)) = fault {
            let field = if field == "stock_item" { "item" } else { field };
            return Err(Error::field(field, message));
        }
    }
    Ok(())
}

fn delete(ctx: &mut Context<'_>, id: i64) -> Result<bool> {
    refuse_shipped(ctx, id)?;
    Ok(true)
}
