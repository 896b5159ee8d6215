//! The purchase order resource.

use ironwood_base::status::PURCHASE_ORDER_STATUS;
use ironwood_base::{Error, Result};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Condition, Filter, NO_RULES, Resource, Rules, Sort, filter, sort};
use ironwood_rest::segments::{concat, count};
use ironwood_rest::view::{Field, INT, TEXT, View, col, nested, sql};

use crate::business::company::companies::BRIEF as COMPANY_BRIEF;
use crate::business::order::fields::{
    COMPLETED, DEFAULT_SORT, FILTERS as COMMON_FILTERS, MONEY, SORTS as COMMON_SORTS, order_fields,
};
use crate::business::order::order_type::PURCHASE;
use crate::business::order::{duplicate, rules};
use crate::platform::common::custom_state::status_text;
use crate::platform::common::{parameter, tag};
use crate::platform::settings::keys;
use crate::schema::build::BUILD;
use crate::schema::company::{COMPANY, SUPPLIER_PART};
use crate::schema::keys::BuildKey;
use crate::schema::part::PART;
use crate::schema::purchasing::ORDER as TABLE;

static DUPLICATE: View = View::plain(
    "PurchaseOrderDuplicateOptions",
    &[duplicate::original(&TABLE), duplicate::PARAMETERS, duplicate::LINES, duplicate::EXTRA_LINES],
);

const LINES: &str = "(SELECT COUNT(*) FROM order_purchaseorderlineitem l WHERE l.\"order\" = {id})";
const COMPLETED_LINES: &str =
    "(SELECT COUNT(*) FROM order_purchaseorderlineitem l WHERE l.\"order\" = {id} AND l.quantity <= l.received)";

const OWN: &[Field] = &[
    sql("line_items", INT, LINES).counted(),
    sql("completed_lines", INT, COMPLETED_LINES).counted(),
    parameter::PARAMETERS,
    tag::TAGS,
    col("complete_date").label("Completion Date").read_only(),
    col("supplier").required().mandatory().help("Supplier."),
    nested("supplier_detail", "supplier", &COMPANY_BRIEF),
    col("supplier_reference").help("Supplier's reference for the order."),
    sql("supplier_name", TEXT, "{supplier.name}").nullable(),
    col("destination").help("Destination location of received stock."),
];
const SEGMENTS: &[&[Field]] = &[
    &order_fields(keys::PURCHASEORDER_REFERENCE_PATTERN.name(), status_text!(PURCHASE_ORDER_STATUS), &DUPLICATE),
    OWN,
    &MONEY,
];
static FIELDS: [Field; count(SEGMENTS)] = concat(SEGMENTS);

/// A purchase order.
pub(crate) static VIEW: View = View::new("PurchaseOrder", &TABLE, &FIELDS);

fn by_build(query: &mut Query<'_>, text: &str) -> Result<()> {
    let Ok(build) = text.trim().parse::<BuildKey>() else {
        return Err(Error::field("external_build", "Must be the ID of a build order."));
    };
    query.must_be(&BUILD, "external", build, "external_build");
    query.and_value(
        "EXISTS (SELECT 1 FROM order_purchaseorderlineitem l WHERE l.\"order\" = {id} AND l.build_order = {value})",
        build,
    );
    Ok(())
}

const OWN_FILTERS: &[Filter] = &[
    filter("supplier", Condition::Link(&COMPANY, "{supplier} = {value}")),
    filter(
        "part",
        Condition::Link(
            &PART,
            "EXISTS (SELECT 1 FROM order_purchaseorderlineitem l JOIN company_supplierpart s ON s.id = l.part \
             WHERE l.\"order\" = {id} AND s.part = {value})",
        ),
    )
    .help("Orders that contain this part."),
    filter(
        "supplier_part",
        Condition::Link(
            &SUPPLIER_PART,
            "EXISTS (SELECT 1 FROM order_purchaseorderlineitem l WHERE l.\"order\" = {id} AND l.part = {value})",
        ),
    ),
    filter("external_build", Condition::Custom(INT, by_build)).help("Orders with a line for this build order."),
];
const FILTER_SEGMENTS: &[&[Filter]] = &[COMMON_FILTERS, COMPLETED, OWN_FILTERS];
static FILTERS: [Filter; count(FILTER_SEGMENTS)] = concat(FILTER_SEGMENTS);

const OWN_SORTS: &[Sort] = &[
    sort("supplier__name", &["{supplier.name}"]),
    sort("complete_date", &["{complete_date}"]),
    sort("line_items", &[LINES]),
    sort("total_price", &["{total_price}"]),
];
const SORT_SEGMENTS: &[&[Sort]] = &[COMMON_SORTS, OWN_SORTS];
static SORTS: [Sort; count(SORT_SEGMENTS)] = concat(SORT_SEGMENTS);

/// Purchase orders.
pub(crate) static ORDERS: Resource = Resource::new("/api/order/po/", "order_po", &VIEW)
    .filters(&FILTERS)
    .search(&["{reference}", "{supplier.name}", "{supplier_reference}", "{project_code.code}", "{description}"])
    .sorts(&SORTS)
    .default_sort(DEFAULT_SORT)
    .rules(Rules {
        check: |ctx, change| rules::check(ctx, change, &PURCHASE, &DUPLICATE),
        saved: |ctx, change, id| rules::saved(ctx, change, id.of_kind(), &PURCHASE, &DUPLICATE),
        ..NO_RULES
    })
    .open_params(parameter::narrow)
    .help("Purchase orders.");
