//! Stock that is set aside for transfer orders, or was moved for them.

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::resource::{NO_RULES, Operations, Resource, Rules, Test, filter, flag_filter, order};
use ironwood_rest::view::{BOOL, Field, INT, TEXT, View, col, nested, pk, sql};
use ironwood_store::Value;

use super::allocate::{self, Wish};
use super::order as transfer_order;
use super::tables::{ALLOCATION as TABLE, LINE, ORDER};
use crate::order::states;
use crate::part::part::by_parts;
use crate::part::tables::PART;
use crate::part::view::BRIEF as PART_BRIEF;
use crate::stock::item;
use crate::stock::tables::{ITEM, LOCATION};
use crate::stock::view::LOCATION_BRIEF;

/// A list shows related rows where they are asked for, a single row always.
const fn fields(details: bool) -> [Field; 12] {
    [
        pk(),
        col("item").help("The stock item."),
        col("quantity").asked().help("How much of it."),
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
        nested("order_detail", "line.order", &transfer_order::VIEW).on("order_detail", details),
        nested("location_detail", "item.location", &LOCATION_BRIEF).on("location_detail", details),
    ]
}

static VIEW: View = View::new("TransferOrderAllocation", &TABLE, &fields(false));
static DETAIL: View = View::new("TransferOrderAllocation", &TABLE, &fields(true));

const BELOW: &str = "{item.location} IN (SELECT l.id FROM stock_stocklocation l JOIN stock_stocklocation a ON a.id = {value} \
    WHERE l.tree_path >= a.tree_path AND l.tree_path < SUBSTR(a.tree_path, 1, LENGTH(a.tree_path) - 1) || '0')";

/// Allocations of stock to transfer orders.
pub static ALLOCATIONS: Resource =
    Resource::new("/api/order/transfer-order-allocation/", "order_transfer_order_allocation", &VIEW)
        .detail(&DETAIL)
        .operations(Operations::ALL.no_create().bulk_update())
        .filters(&[
            filter("order", Test::Link(&ORDER, "{line.order} = {value}")),
            filter("line", Test::Link(&LINE, "{line} = {value}")),
            filter("item", Test::Link(&ITEM, "{item} = {value}")),
            filter("part", Test::Custom(INT, |query, text| by_parts(query, text, "{item.part} IN {parts}"))),
            filter("include_variants", Test::Noted(BOOL)).help("With the variants of `part`."),
            filter("location", Test::Link(&LOCATION, BELOW)).help("Stock in this location, or further below."),
            flag_filter(
                "outstanding",
                "{line.order.status} IN (10, 20, 25)",
                "{line.order.status} NOT IN (10, 20, 25)",
            ),
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
        ])
        .rules(Rules { check, delete, ..NO_RULES })
        .help("Stock that is set aside for transfer orders, or was moved for them.");

/// The order that an allocation belongs to; what was moved stays on record.
fn open_order(ctx: &mut Context<'_>, id: i64) -> Result<i64> {
    let sql = "SELECT o.id, o.status FROM order_transferorderallocation a JOIN order_transferorderlineitem l \
               ON l.id = a.line JOIN order_transferorder o ON o.id = l.\"order\" WHERE a.id = $1";
    let row = ctx.conn.one(sql, &[Value::Int(id)])?.ok_or(Error::NotFound)?;
    if row.int(1) == states::COMPLETE {
        return Err(Error::non_field("The order is complete: this stock has been moved."));
    }
    Ok(row.int(0))
}

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let id = change.id.unwrap_or(0);
    let order = open_order(ctx, id)?;
    if change.is_changed("item") || change.is_changed("quantity") {
        let key = |column: &str| change.int(column).unwrap_or(0);
        let wish = Wish { line: key("line"), item: key("item"), quantity: key("quantity") };
        if let Some((_, field, message)) = allocate::faults(ctx.conn, order, &[wish], Some(id))?.pop() {
            return Err(Error::field(if field == "stock_item" { "item" } else { field }, message));
        }
    }
    Ok(())
}

fn delete(ctx: &mut Context<'_>, id: i64) -> Result<bool> {
    open_order(ctx, id).map(|_| true)
}
