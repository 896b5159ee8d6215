//! Lines of transfer orders.

use ironwood_base::status::TransferOrderStatus;
use ironwood_rest::resource::{
    Condition, Delete, Filter, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort,
};
use ironwood_rest::segments::{concat, count};
use ironwood_rest::view::{BOOL, Field, INT, QUANTITY, View, col, nested, sql};
use ironwood_store::sql;

use super::order::VIEW as ORDER_VIEW;
use super::supply;
use crate::business::order::fields::{LINE as COMMON, ORDER_COMPLETE, QUANTITY_TEXT, line_filters};
use crate::business::order::order_type::TRANSFER;
use crate::business::order::rules;
use crate::business::part::part::by_parts;
use crate::business::part::totals;
use crate::business::part::view::BRIEF as PART_BRIEF;
use crate::schema::transfer::{LINE as TABLE, ORDER};

/// What is allocated for the line, or was moved.
const ALLOCATED: &str = "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_transferorderallocation a \
    WHERE a.line = {id})";
const ALLOCATED_FULLY: &str = "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_transferorderallocation a \
    WHERE a.line = {id}) >= {quantity}";
const NOT_ALLOCATED_FULLY: &str = "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_transferorderallocation a \
    WHERE a.line = {id}) < {quantity}";
const OVERDUE: &str = sql!(
    "({order.status} IN (",
    [..TransferOrderStatus::OPEN],
    ") AND {transferred} < {quantity} AND {target_date} IS NOT NULL \
    AND {target_date} < {today})"
);

const OWN: &[Field] = &[
    nested("order_detail", "order", &ORDER_VIEW),
    sql("allocated", QUANTITY, ALLOCATED),
    sql("overdue", BOOL, OVERDUE).counted(),
    col("part").mandatory().help("Part to transfer."),
    nested("part_detail", "part", &PART_BRIEF),
    col("transferred").read_only(),
    sql("available_stock", QUANTITY, supply::AVAILABLE).about("part"),
    sql("available_variant_stock", QUANTITY, supply::VARIANTS).about("part"),
    sql("building", QUANTITY, totals::BUILDING).label("In Production").about("part"),
    sql("on_order", QUANTITY, totals::ON_ORDER).about("part"),
];
const SEGMENTS: &[&[Field]] = &[&COMMON, OWN];
static FIELDS: [Field; count(SEGMENTS)] = concat(SEGMENTS);
static VIEW: View = View::new("TransferOrderLineItem", &TABLE, &FIELDS);

const OWN_FILTERS: &[Filter] = &[
    filter("part", Condition::Custom(INT, |query, text| by_parts(query, text, "{part} IN {parts}"))),
    filter("include_variants", Condition::Noted(BOOL)).help("Include variants of `part`."),
    flag_filter("allocated", ALLOCATED_FULLY, NOT_ALLOCATED_FULLY)
        .help("Only lines that are fully allocated or moved."),
    flag_filter("completed", "{transferred} >= {quantity}", "{transferred} < {quantity}")
        .help("Only lines that are fully moved."),
    flag_filter(
        "order_outstanding",
        sql!("{order.status} IN (", [..TransferOrderStatus::OPEN], ")"),
        sql!("{order.status} NOT IN (", [..TransferOrderStatus::OPEN], ")"),
    ),
    ORDER_COMPLETE,
    flag_filter("has_pricing", "FALSE", "TRUE").help("Lines of a transfer order have no price."),
];
const FILTER_SEGMENTS: &[&[Filter]] = &[&line_filters(&ORDER), OWN_FILTERS];
static FILTERS: [Filter; count(FILTER_SEGMENTS)] = concat(FILTER_SEGMENTS);

/// Lines of transfer orders.
pub(crate) static LINES: Resource =
    Resource::new("/api/order/transfer-order-line/", "order_transfer_order_line", &VIEW)
        .operations(Operations::ALL.bulk_delete())
        .filters(&FILTERS)
        .search(&["{part.name}", QUANTITY_TEXT, "{reference}"])
        .sorts(&[
            sort("order", &["{order.reference}"]),
            sort("part", &["{part.name}"]),
            sort("part__name", &["{part.name}"]),
            sort("quantity", &["{quantity}"]),
            sort("allocated", &[ALLOCATED]),
            sort("transferred", &["{transferred}"]),
            sort("reference", &["{reference}"]),
            sort("target_date", &["{target_date}"]),
        ])
        .rules(Rules {
            check: |ctx, change| rules::check_line(ctx, change, &TRANSFER),
            saved: |ctx, change, _| rules::saved_line(ctx, change, &TRANSFER),
            delete: Delete::Many(|ctx, ids| rules::delete_lines(ctx, &TRANSFER, TABLE.name, ids)),
            ..NO_RULES
        })
        .help("Lines of transfer orders.");
