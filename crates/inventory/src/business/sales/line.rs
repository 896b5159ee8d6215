//! Lines of sales orders.

use ironwood_base::Result;
use ironwood_base::error::Fields;
use ironwood_base::status::SalesOrderStatus;
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::resource::{
    Condition, Delete, Filter, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort,
};
use ironwood_rest::segments::{concat, count};
use ironwood_rest::view::{BOOL, Field, INT, QUANTITY, View, col, nested, sql};
use ironwood_store::{Value, sql};

use super::order::VIEW as ORDER_VIEW;
use crate::business::company::companies::BRIEF as COMPANY_BRIEF;
use crate::business::order::fields::{LINE as COMMON, ORDER_COMPLETE, QUANTITY_TEXT, line_filters};
use crate::business::order::order_type::SALES;
use crate::business::order::rules;
use crate::business::part::part::by_parts;
use crate::business::part::totals::{self, allocated_to_builds, allocated_to_sales, in_stock, of_family};
use crate::business::part::view::BRIEF as PART_BRIEF;
use crate::business::stock::available::{claimed, in_stock_condition};
use crate::schema::sales::{LINE as TABLE, Line, ORDER};

/// What is allocated for the line, or was sent.
const ALLOCATED: &str = "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_salesorderallocation a \
    WHERE a.line = {id})";
const ALLOCATED_FULLY: &str = "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_salesorderallocation a \
    WHERE a.line = {id}) >= {quantity}";
const NOT_ALLOCATED_FULLY: &str = "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_salesorderallocation a \
    WHERE a.line = {id}) < {quantity}";
const OVERDUE: &str = sql!(
    "({order.status} IN (",
    [..SalesOrderStatus::OPEN],
    ") AND {shipped} < {quantity} AND {target_date} IS NOT NULL \
    AND {target_date} < {today})"
);
/// Stock of the part that nothing is allocated of (of the part itself, without variants).
const AVAILABLE: &str = sql!(
    "GREATEST(",
    in_stock!("{id}"),
    " - ",
    allocated_to_sales!("{id}"),
    " - ",
    allocated_to_builds!("{id}"),
    ", 0)"
);
/// Stock of active variants that are sold, less what is allocated of it.
const AVAILABLE_VARIANTS: &str = sql!(
    "GREATEST(",
    of_family!(
        sql!(
            "(SELECT SUM(s.quantity - ",
            claimed!("s.id"),
            ") FROM stock_stockitem s WHERE s.part = v.id AND v.salable AND v.active AND ",
            in_stock_condition!(),
            ")"
        ),
        below,
        "{tree_path}",
        "{tree_end}"
    ),
    ", 0)"
);

const OWN: &[Field] = &[
    nested("order_detail", "order", &ORDER_VIEW),
    sql("allocated", QUANTITY, ALLOCATED),
    nested("customer_detail", "order.customer", &COMPANY_BRIEF),
    sql("overdue", BOOL, OVERDUE).counted(),
    col("part").mandatory().help("Part to sell."),
    nested("part_detail", "part", &PART_BRIEF),
    col("sale_price").money().help("Unit price."),
    col("sale_price_currency").label("Currency").currency(),
    col("shipped").read_only(),
    sql("available_stock", QUANTITY, AVAILABLE).about("part"),
    sql("available_variant_stock", QUANTITY, AVAILABLE_VARIANTS).about("part"),
    sql("building", QUANTITY, totals::BUILDING).label("In Production").about("part"),
    sql("on_order", QUANTITY, totals::ON_ORDER).about("part"),
];
const SEGMENTS: &[&[Field]] = &[&COMMON, OWN];
static FIELDS: [Field; count(SEGMENTS)] = concat(SEGMENTS);
static VIEW: View = View::new("SalesOrderLineItem", &TABLE, &FIELDS);

const OWN_FILTERS: &[Filter] = &[
    filter("part", Condition::Custom(INT, |query, text| by_parts(query, text, "{part} IN {parts}"))),
    filter("include_variants", Condition::Noted(BOOL)).help("Include variants of `part`."),
    flag_filter("allocated", ALLOCATED_FULLY, NOT_ALLOCATED_FULLY)
        .help("Only lines that are fully allocated or shipped."),
    flag_filter("completed", "{shipped} >= {quantity}", "{shipped} < {quantity}")
        .help("Only lines that are fully shipped."),
    flag_filter("has_pricing", "{sale_price} IS NOT NULL", "{sale_price} IS NULL"),
    flag_filter(
        "order_outstanding",
        sql!("{order.status} IN (", [..SalesOrderStatus::OPEN], ")"),
        sql!("{order.status} NOT IN (", [..SalesOrderStatus::OPEN], ")"),
    ),
    ORDER_COMPLETE,
];
const FILTER_SEGMENTS: &[&[Filter]] = &[&line_filters(&ORDER), OWN_FILTERS];
static FILTERS: [Filter; count(FILTER_SEGMENTS)] = concat(FILTER_SEGMENTS);

/// Lines of sales orders.
pub(crate) static LINES: Resource = Resource::new("/api/order/so-line/", "order_so_line", &VIEW)
    .operations(Operations::ALL.bulk_delete())
    .filters(&FILTERS)
    .search(&["{part.name}", QUANTITY_TEXT, "{reference}"])
    .sorts(&[
        sort("customer", &["{order.customer.name}"]),
        sort("order", &["{order.reference}"]),
        sort("part", &["{part.name}"]),
        sort("part__name", &["{part.name}"]),
        sort("IPN", &["{part.IPN}"]),
        sort("quantity", &["{quantity}"]),
        sort("allocated", &[ALLOCATED]),
        sort("shipped", &["{shipped}"]),
        sort("reference", &["{reference}"]),
        sort("sale_price", &["{sale_price}"]),
        sort("target_date", &["{target_date}"]),
        sort("line", &["{line_int}", "{line}", "{part.name}"]),
        sort("status", &["{order.status}"]),
        sort("shipment_date", &["{order.shipment_date}"]),
    ])
    .rules(Rules {
        check,
        saved: |ctx, change, _| rules::saved_line(ctx, change, &SALES),
        delete: Delete::Many(|ctx, ids| rules::delete_lines(ctx, &SALES, TABLE.name, ids)),
        ..NO_RULES
    })
    .help("Lines of sales orders.");

/// What is allocated or was sent for a line holds it to its order and part, and to what was sent.
fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    rules::check_line(ctx, change, &SALES)?;
    let Some(id) = change.id else { return Ok(()) };
    let mut fields = Fields::new();
    if change.is_changed(Line::part) || change.is_changed(Line::order) {
        let sql = "SELECT 1 FROM order_salesorderallocation WHERE line = $1 LIMIT 1";
        if ctx.conn.one(sql, &[Value::Int(id)])?.is_some() {
            for column in ["part", "order"].into_iter().filter(|column| change.is_changed(column)) {
                fields.add(column, "Stock is allocated to this line.");
            }
        }
    }
    if change.is_changed(Line::quantity) && change.quantity(Line::quantity) < change.quantity(Line::shipped) {
        fields.add("quantity", "Quantity must not be less than the quantity already shipped.");
    }
    fields.check()
}
