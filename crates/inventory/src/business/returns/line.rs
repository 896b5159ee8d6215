//! Lines of return orders and their outcomes.

use ironwood_base::error::Fields;
use ironwood_base::{Quantity, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::resource::{
    Condition, Delete, Filter, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort,
};
use ironwood_rest::row;
use ironwood_rest::segments::{concat, count};
use ironwood_rest::view::{Field, INT, View, col, nested};
use ironwood_store::{Connection, Value};

use super::FOREIGN;
use super::order::VIEW as ORDER_VIEW;
use crate::business::order::fields::{LINE as COMMON, line_filters};
use crate::business::order::order_type::RETURN;
use crate::business::order::rules;
use crate::business::part::view::BRIEF as PART_BRIEF;
use crate::business::stock::item;
use crate::schema::keys::{CompanyKey, ItemKey};
use crate::schema::returns::{LINE as TABLE, Line, ORDER};
use crate::schema::stock::ITEM;

const OWN: &[Field] = &[
    nested("order_detail", "order", &ORDER_VIEW),
    col("item").help("Stock item that is returned."),
    nested("item_detail", "item", &item::VIEW).on("item_detail", true),
    nested("part_detail", "item.part", &PART_BRIEF),
    col("received_date").help("Date on which the item was received."),
    col("outcome").chosen_from("ReturnOrderLineStatus").help("Outcome of the return."),
    col("price").money().help("Price of the return or repair."),
    col("price_currency").label("Currency").currency(),
];
const SEGMENTS: &[&[Field]] = &[&COMMON, OWN];
static FIELDS: [Field; count(SEGMENTS)] = concat(SEGMENTS);
static VIEW: View = View::new("ReturnOrderLineItem", &TABLE, &FIELDS);

const OWN_FILTERS: &[Filter] = &[
    filter("item", Condition::Link(&ITEM, "{item} = {value}")),
    filter("outcome", Condition::Where(INT, "{outcome} = {value}")),
    flag_filter("received", "{received_date} IS NOT NULL", "{received_date} IS NULL"),
    flag_filter("has_pricing", "{price} IS NOT NULL", "{price} IS NULL"),
];
const FILTER_SEGMENTS: &[&[Filter]] = &[&line_filters(&ORDER), OWN_FILTERS];
static FILTERS: [Filter; count(FILTER_SEGMENTS)] = concat(FILTER_SEGMENTS);

/// Lines of return orders.
pub(crate) static LINES: Resource = Resource::new("/api/order/ro-line/", "order_ro_line", &VIEW)
    .operations(Operations::ALL.bulk_update().bulk_delete())
    .filters(&FILTERS)
    .search(&["{item.serial}", "{item.part.name}", "{item.part.description}", "{reference}"])
    .sorts(&[
        sort("part", &["{item.part.name}"]),
        sort("IPN", &["{item.part.IPN}"]),
        sort("stock", &["{item.quantity}", "{item.serial_int}", "{item.serial}"]),
        sort("reference", &["{reference}"]),
        sort("target_date", &["{target_date}"]),
        sort("received_date", &["{received_date}"]),
        sort("line", &["{line_int}", "{line}", "{item.part.name}"]),
    ])
    .rules(Rules {
        check,
        saved: |ctx, change, _| rules::saved_line(ctx, change, &RETURN),
        delete: Delete::Many(|ctx, ids| rules::delete_lines(ctx, &RETURN, TABLE.name, ids)),
        ..NO_RULES
    })
    .help("Lines of return orders.");

row! {
    /// A stock item that comes back.
    struct Returned in ITEM as ItemKey {
        quantity: Quantity,
        serial: Option<String>,
        customer: Option<CompanyKey>,
    } without [..]
}

/// The customer of the order of a line.
fn customer_of(conn: &mut Connection, change: &Change) -> Result<Option<CompanyKey>> {
    let sql = "SELECT customer FROM order_returnorder WHERE id = $1";
    Ok(conn.one(sql, &[change.get(Line::order).clone()])?.and_then(|row| row.cell(0)))
}

/// No more comes back than there is; what has come back is not exchanged for something else.
fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    rules::check_line(ctx, change, &RETURN)?;
    if change.is_changed(Line::outcome) {
        change.set(Line::outcome_custom_key, Value::Null);
    }
    let is_new_pair = change.is_changed(Line::item) || change.is_changed(Line::order);
    if !is_new_pair && !change.is_changed(Line::quantity) {
        return Ok(());
    }
    let mut fields = Fields::new();
    if !change.is_new() && change.old(Line::received_date) != &Value::Null {
        for column in [Line::item, Line::quantity].into_iter().filter(|column| change.is_changed(column)) {
            fields.add(column, "This has already been received.");
        }
    }
    let quantity = change.quantity(Line::quantity).unwrap_or_default();
    let item =
        change.key(Line::item).map_or(Ok(None), |item| row::one::<Returned>(ctx.conn, item))?.unwrap_or_default();
    let (there, serial) = (item.quantity, item.serial.unwrap_or_default());
    if is_new_pair && item.customer.is_some() && item.customer != customer_of(ctx.conn, change)? {
        fields.add("item", FOREIGN);
    }
    if !quantity.is_positive() {
        fields.add("quantity", "Quantity must be greater than zero.");
    } else if !serial.trim().is_empty() && quantity != Quantity::ONE {
        fields.add("quantity", "Quantity must be 1 for an item with a serial number.");
    } else if quantity > there {
        fields.add("quantity", format!("The stock item has a quantity of only {there}."));
    }
    fields.check()
}
