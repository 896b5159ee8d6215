//! The sales order resource.

use ironwood_base::Result;
use ironwood_base::status::SALES_ORDER_STATUS;
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::resource::{Condition, Delete, Filter, NO_RULES, Resource, Rules, Sort, filter, sort};
use ironwood_rest::row::{self, TableRow};
use ironwood_rest::segments::{concat, count, with};
use ironwood_rest::view::{BOOL, DATE, Field, INT, View, col, nested, sql};
use ironwood_store::Value;

use crate::business::company::companies::BRIEF as COMPANY_BRIEF;
use crate::business::order::fields::{
    DEFAULT_SORT, FILTERS as COMMON_FILTERS, ISSUE_DATE, MONEY, SORTS as COMMON_SORTS, order_fields,
};
use crate::business::order::order_type::SALES;
use crate::business::order::{duplicate, rules};
use crate::business::part::part::by_parts;
use crate::platform::common::custom_state::status_text;
use crate::platform::common::parameter;
use crate::platform::common::tag;
use crate::platform::settings;
use crate::platform::settings::keys;
use crate::schema::company::COMPANY;
use crate::schema::keys::{AnyKey, caller_key};
use crate::schema::sales::{ORDER as TABLE, Shipment};

static DUPLICATE: View = View::plain(
    "SalesOrderDuplicateOptions",
    &[duplicate::original(&TABLE), duplicate::PARAMETERS, duplicate::LINES, duplicate::EXTRA_LINES],
);

const LINES: &str = "(SELECT COUNT(*) FROM order_salesorderlineitem l WHERE l.\"order\" = {id})";
const COMPLETED_LINES: &str =
    "(SELECT COUNT(*) FROM order_salesorderlineitem l WHERE l.\"order\" = {id} AND l.quantity <= l.shipped)";
/// Lines for which nothing is left to be allocated.
const ALLOCATED_LINES: &str = "(SELECT COUNT(*) FROM order_salesorderlineitem l LEFT JOIN part_part p ON p.id = l.part \
    WHERE l.\"order\" = {id} AND (COALESCE(p.virtual, FALSE) OR l.shipped >= l.quantity OR l.quantity <= \
    (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_salesorderallocation a WHERE a.line = l.id)))";
const SHIPMENTS: &str = "(SELECT COUNT(*) FROM order_salesordershipment h WHERE h.\"order\" = {id})";
const SENT_SHIPMENTS: &str = "(SELECT COUNT(*) FROM order_salesordershipment h WHERE h.\"order\" = {id} \
    AND h.shipment_date IS NOT NULL)";

const OWN: &[Field] = &[
    sql("line_items", INT, LINES).counted(),
    sql("completed_lines", INT, COMPLETED_LINES).counted(),
    parameter::PARAMETERS,
    tag::TAGS,
    col("customer").mandatory().help("Customer."),
    nested("customer_detail", "customer", &COMPANY_BRIEF),
    col("customer_reference").help("Customer's reference for the order."),
    col("shipment_date").read_only(),
    sql("shipments_count", INT, SHIPMENTS).label("Shipments").counted(),
    sql("completed_shipments_count", INT, SENT_SHIPMENTS).label("Completed Shipments").counted(),
    sql("allocated_lines", INT, ALLOCATED_LINES).counted(),
];
const SEGMENTS: &[&[Field]] = &[
    &order_fields(keys::SALESORDER_REFERENCE_PATTERN.name(), status_text!(SALES_ORDER_STATUS), &DUPLICATE),
    OWN,
    &MONEY,
];
static FIELDS: [Field; count(SEGMENTS)] = with(concat(SEGMENTS), ISSUE_DATE);

/// A sales order.
pub(crate) static VIEW: View = View::new("SalesOrder", &TABLE, &FIELDS);

const WITH_SEGMENTS: &str =
    "EXISTS (SELECT 1 FROM order_salesorderlineitem l WHERE l.\"order\" = {id} AND l.part IN {parts})";
const OWN_FILTERS: &[Filter] = &[
    filter("customer", Condition::Link(&COMPANY, "{customer} = {value}")),
    filter("part", Condition::Custom(INT, |query, text| by_parts(query, text, WITH_SEGMENTS)))
        .help("Orders that contain this part."),
    filter("include_variants", Condition::Noted(BOOL)).help("Include variants of `part`."),
    filter("completed_before", Condition::Where(DATE, "{shipment_date} < {value}")),
    filter("completed_after", Condition::Where(DATE, "{shipment_date} > {value}")),
];
const FILTER_SEGMENTS: &[&[Filter]] = &[COMMON_FILTERS, OWN_FILTERS];
static FILTERS: [Filter; count(FILTER_SEGMENTS)] = concat(FILTER_SEGMENTS);

const OWN_SORTS: &[Sort] = &[
    sort("customer__name", &["{customer.name}"]),
    sort("customer_reference", &["{customer_reference}"]),
    sort("line_items", &[LINES]),
    sort("shipment_date", &["{shipment_date}"]),
    sort("total_price", &["{total_price}"]),
];
const SORT_SEGMENTS: &[&[Sort]] = &[COMMON_SORTS, OWN_SORTS];
static SORTS: [Sort; count(SORT_SEGMENTS)] = concat(SORT_SEGMENTS);

/// Sales orders.
pub(crate) static ORDERS: Resource = Resource::new("/api/order/so/", "order_so", &VIEW)
    .filters(&FILTERS)
    .search(&["{customer.name}", "{reference}", "{description}", "{customer_reference}", "{project_code.code}"])
    .sorts(&SORTS)
    .default_sort(DEFAULT_SORT)
    .rules(Rules {
        check: |ctx, change| rules::check(ctx, change, &SALES, &DUPLICATE),
        saved,
        delete: Delete::Each(delete),
        ..NO_RULES
    })
    .open_params(parameter::narrow)
    .help("Sales orders.");

/// Before an order is deleted: stock that was sent for it keeps its customer, but names no order.
fn delete(ctx: &mut Context<'_>, id: AnyKey) -> Result<bool> {
    let user = caller_key(ctx);
    crate::business::stock::kernel::release(ctx.conn, user, "sales_order", id)?;
    Ok(true)
}

/// A new order gets its first shipment, where the settings say so.
fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    if change.old("reference") == &Value::Null && settings::get_bool(ctx.conn, keys::SALESORDER_DEFAULT_SHIPMENT)? {
        let first = Shipment { order: id.of_kind(), metadata: Some("{}".into()), ..Shipment::fresh() };
        row::insert::<Shipment>(ctx.conn, [&first])?;
    }
    rules::saved(ctx, change, id.of_kind(), &SALES, &DUPLICATE)
}
