//! Transfer orders: stock that is moved between locations or consumed.

use ironwood_base::status::TRANSFER_ORDER_STATUS;
use ironwood_rest::resource::{Condition, Filter, NO_RULES, Resource, Rules, Sort, filter, sort};
use ironwood_rest::segments::{concat, count, with};
use ironwood_rest::view::{BOOL, Field, INT, View, col, nested, sql};

use crate::business::order::fields::{
    COMPLETED, DEFAULT_SORT, FILTERS as COMMON_FILTERS, ISSUE_DATE, SORTS as COMMON_SORTS, order_fields,
};
use crate::business::order::order_type::TRANSFER;
use crate::business::order::{duplicate, rules};
use crate::business::part::part::by_parts;
use crate::business::stock::location::VIEW as LOCATION_VIEW;
use crate::platform::common::custom_state::status_text;
use crate::platform::common::{parameter, tag};
use crate::platform::settings::keys;
use crate::schema::transfer::ORDER as TABLE;

static DUPLICATE: View = View::plain(
    "TransferOrderDuplicateOptions",
    &[duplicate::original(&TABLE), duplicate::PARAMETERS, duplicate::LINES],
);

const LINES: &str = "(SELECT COUNT(*) FROM order_transferorderlineitem l WHERE l.\"order\" = {id})";
const COMPLETED_LINES: &str =
    "(SELECT COUNT(*) FROM order_transferorderlineitem l WHERE l.\"order\" = {id} AND l.quantity <= l.transferred)";

const OWN: &[Field] = &[
    sql("line_items", INT, LINES).counted(),
    sql("completed_lines", INT, COMPLETED_LINES).counted(),
    parameter::PARAMETERS,
    tag::TAGS,
    col("take_from").label("Source Location").help("Source location of stock."),
    nested("take_from_detail", "take_from", &LOCATION_VIEW).on("take_from_detail", true),
    col("destination").label("Destination Location").help("Destination location."),
    nested("destination_detail", "destination", &LOCATION_VIEW).on("destination_detail", true),
    col("consume").label("Consume Stock").help("Consume the stock instead of moving it."),
    col("complete_date").label("Completion Date").help("Date of completion."),
];
const SEGMENTS: &[&[Field]] = &[
    &order_fields(keys::TRANSFERORDER_REFERENCE_PATTERN.name(), status_text!(TRANSFER_ORDER_STATUS), &DUPLICATE),
    OWN,
];
static FIELDS: [Field; count(SEGMENTS)] = with(concat(SEGMENTS), ISSUE_DATE);

/// A transfer order.
pub(crate) static VIEW: View = View::new("TransferOrder", &TABLE, &FIELDS);

const WITH_SEGMENTS: &str =
    "EXISTS (SELECT 1 FROM order_transferorderlineitem l WHERE l.\"order\" = {id} AND l.part IN {parts})";
const OWN_FILTERS: &[Filter] = &[
    filter("part", Condition::Custom(INT, |query, text| by_parts(query, text, WITH_SEGMENTS)))
        .help("Orders that contain this part."),
    filter("include_variants", Condition::Noted(BOOL)).help("Include variants of `part`."),
];
const FILTER_SEGMENTS: &[&[Filter]] = &[COMMON_FILTERS, COMPLETED, OWN_FILTERS];
static FILTERS: [Filter; count(FILTER_SEGMENTS)] = concat(FILTER_SEGMENTS);

const OWN_SORTS: &[Sort] = &[sort("line_items", &[LINES]), sort("complete_date", &["{complete_date}"])];
const SORT_SEGMENTS: &[&[Sort]] = &[COMMON_SORTS, OWN_SORTS];
static SORTS: [Sort; count(SORT_SEGMENTS)] = concat(SORT_SEGMENTS);

/// Transfer orders.
pub(crate) static ORDERS: Resource = Resource::new("/api/order/transfer-order/", "order_transfer_order", &VIEW)
    .filters(&FILTERS)
    .search(&["{reference}", "{description}", "{project_code.code}"])
    .sorts(&SORTS)
    .default_sort(DEFAULT_SORT)
    .rules(Rules {
        check: |ctx, change| rules::check(ctx, change, &TRANSFER, &DUPLICATE),
        saved: |ctx, change, id| rules::saved(ctx, change, id.of_kind(), &TRANSFER, &DUPLICATE),
        ..NO_RULES
    })
    .open_params(parameter::narrow)
    .help("Transfer orders.");
