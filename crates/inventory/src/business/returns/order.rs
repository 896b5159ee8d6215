//! The return order resource.

use ironwood_base::status::{RETURN_ORDER_STATUS, ReturnOutcome};
use ironwood_rest::resource::{Condition, Filter, NO_RULES, Resource, Rules, Sort, filter, sort};
use ironwood_rest::segments::{concat, count, with};
use ironwood_rest::view::{BOOL, Field, INT, View, col, nested, sql};
use ironwood_store::sql;

use crate::business::company::companies::BRIEF as COMPANY_BRIEF;
use crate::business::order::fields::{
    COMPLETED, DEFAULT_SORT, FILTERS as COMMON_FILTERS, ISSUE_DATE, MONEY, SORTS as COMMON_SORTS, order_fields,
};
use crate::business::order::order_type::RETURN;
use crate::business::order::{duplicate, rules};
use crate::business::part::part::by_parts;
use crate::platform::common::custom_state::status_text;
use crate::platform::common::parameter;
use crate::platform::common::tag;
use crate::platform::settings::keys;
use crate::schema::company::COMPANY;
use crate::schema::returns::ORDER as TABLE;

/// Lines name single items, so that they cannot be copied.
static DUPLICATE: View = View::plain(
    "ReturnOrderDuplicateOptions",
    &[duplicate::original(&TABLE), duplicate::PARAMETERS, duplicate::EXTRA_LINES],
);

const LINES: &str = "(SELECT COUNT(*) FROM order_returnorderlineitem l WHERE l.\"order\" = {id})";
const COMPLETED_LINES: &str = sql!(
    "(SELECT COUNT(*) FROM order_returnorderlineitem l WHERE l.\"order\" = {id} AND l.outcome <> ",
    [ReturnOutcome::PENDING],
    ")"
);

const OWN: &[Field] = &[
    sql("line_items", INT, LINES).counted(),
    sql("completed_lines", INT, COMPLETED_LINES).counted(),
    parameter::PARAMETERS,
    tag::TAGS,
    col("complete_date").label("Completion Date").help("Date of completion."),
    col("customer").mandatory().help("Customer."),
    nested("customer_detail", "customer", &COMPANY_BRIEF),
    col("customer_reference").help("Customer's reference for the order."),
];
const SEGMENTS: &[&[Field]] = &[
    &order_fields(keys::RETURNORDER_REFERENCE_PATTERN.name(), status_text!(RETURN_ORDER_STATUS), &DUPLICATE),
    OWN,
    &MONEY,
];
static FIELDS: [Field; count(SEGMENTS)] = with(concat(SEGMENTS), ISSUE_DATE);

/// A return order.
pub(crate) static VIEW: View = View::new("ReturnOrder", &TABLE, &FIELDS);

const WITH_SEGMENTS: &str = "EXISTS (SELECT 1 FROM order_returnorderlineitem l JOIN stock_stockitem s ON s.id = l.item \
    WHERE l.\"order\" = {id} AND s.part IN {parts})";
const OWN_FILTERS: &[Filter] = &[
    filter("customer", Condition::Link(&COMPANY, "{customer} = {value}")),
    filter("part", Condition::Custom(INT, |query, text| by_parts(query, text, WITH_SEGMENTS)))
        .help("Orders that contain stock of this part."),
    filter("include_variants", Condition::Noted(BOOL)).help("Include variants of `part`."),
];
const FILTER_SEGMENTS: &[&[Filter]] = &[COMMON_FILTERS, COMPLETED, OWN_FILTERS];
static FILTERS: [Filter; count(FILTER_SEGMENTS)] = concat(FILTER_SEGMENTS);

const OWN_SORTS: &[Sort] = &[
    sort("customer__name", &["{customer.name}"]),
    sort("customer_reference", &["{customer_reference}"]),
    sort("line_items", &[LINES]),
    sort("complete_date", &["{complete_date}"]),
];
const SORT_SEGMENTS: &[&[Sort]] = &[COMMON_SORTS, OWN_SORTS];
static SORTS: [Sort; count(SORT_SEGMENTS)] = concat(SORT_SEGMENTS);

/// Return orders.
pub(crate) static ORDERS: Resource = Resource::new("/api/order/ro/", "order_ro", &VIEW)
    .filters(&FILTERS)
    .search(&["{customer.name}", "{reference}", "{description}", "{customer_reference}", "{project_code.code}"])
    .sorts(&SORTS)
    .default_sort(DEFAULT_SORT)
    .rules(Rules {
        check: |ctx, change| rules::check(ctx, change, &RETURN, &DUPLICATE),
        saved: |ctx, change, id| rules::saved(ctx, change, id.of_kind(), &RETURN, &DUPLICATE),
        ..NO_RULES
    })
    .open_params(parameter::narrow)
    .help("Return orders.");
