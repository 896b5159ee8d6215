//! Fields, filters, and sort orders shared by all order types and their lines.
//!
//! A kind puts them together with its own by [`ironwood_rest::parts`].

use ironwood_base::status::OrderStatus;
use ironwood_rest::resource::{Condition, Filter, Sort, filter, flag_filter, sort};
use ironwood_rest::segments::{concat, count};
use ironwood_rest::table::Table;
use ironwood_rest::view::{BOOL, DATE, Field, INT, TEXT, Type, View, col, input, nested, pk, sql};
use ironwood_store::sql;

use super::project_code::VIEW as PROJECT_CODE_VIEW;
use super::states::{NOT_OPEN, OPEN};
use crate::business::company::address::BRIEF as ADDRESS;
use crate::business::company::contact::VIEW as CONTACT;
use crate::platform::common::tag;
use crate::platform::users::resources::OWNER_VIEW;
use crate::platform::users::view::BRIEF as USER_VIEW;
use crate::schema::common::PROJECT_CODE;
use crate::schema::users::{OWNER, USER};

/// The order is open and its target date lies in the past.
pub(crate) const OVERDUE: &str =
    sql!("({status} IN (", [..OrderStatus::OPEN], ") AND {target_date} IS NOT NULL AND {target_date} < {today})");
const NOT_OVERDUE: &str =
    sql!("NOT ({status} IN (", [..OrderStatus::OPEN], ") AND {target_date} IS NOT NULL AND {target_date} < {today})");

/// The caller, or one of their groups, is responsible.
pub(crate) const MINE: &str = "EXISTS (SELECT 1 FROM users_owner w WHERE w.id = {responsible} AND ((w.owner_type = 'auth.user' \
    AND w.owner_id = {user}) OR (w.owner_type = 'auth.group' AND w.owner_id IN \
    (SELECT m.\"group\" FROM auth_user_groups m WHERE m.\"user\" = {user}))))";
/// No one of these is.
pub(crate) const NOT_MINE: &str = "NOT EXISTS (SELECT 1 FROM users_owner w WHERE w.id = {responsible} AND ((w.owner_type = 'auth.user' \
    AND w.owner_id = {user}) OR (w.owner_type = 'auth.group' AND w.owner_id IN \
    (SELECT m.\"group\" FROM auth_user_groups m WHERE m.\"user\" = {user}))))";

/// Fields of every order. Missing are the kind's own: `line_items`, `completed_lines`, `parameters`, `tags`,
/// company, price ([`MONEY`]), completion.
///
/// `reference` is the setting with the pattern of references, `status_text` the field with the name of the state,
/// `options` is the form of `duplicate`.
pub(crate) const fn order_fields(reference: &'static str, status_text: Field, options: &'static View) -> [Field; 26] {
    [
        pk(),
        nested("created_by", "created_by", &USER_VIEW).always().not_null(),
        col("creation_date").described_read_only().help("Date of creation."),
        col("issue_date").read_only().help("Date of issue."),
        col("start_date").help("Planned start date."),
        col("target_date").help("Planned completion date. The order is overdue after this date."),
        col("description").help("Description of the order."),
        col("link").help("Link to an external page."),
        col("project_code").help("Project code."),
        col("reference").optional().described_required().suggested(reference).help("Order reference."),
        col("responsible").help("Responsible user or group."),
        col("contact").help("Contact at the company."),
        col("address").help("Address of the company for this order."),
        col("status")
            .read_only()
            .default(ironwood_store::sql!([ironwood_base::status::OrderStatus::PENDING]))
            .label("Order Status"),
        status_text,
        col("status_custom_key")
            .label("Custom Status Key")
            .kind(INT)
            .default("null")
            .help("Custom state that refines the current status."),
        col("notes").detail_only(),
        col("barcode_hash").read_only(),
        sql("overdue", BOOL, OVERDUE).counted(),
        input("duplicate", Type::Object(options)).label("Duplication Options").listed().help("Order to copy from."),
        nested("address_detail", "address", &ADDRESS).on("address_detail", true),
        nested("contact_detail", "contact", &CONTACT).on("contact_detail", true),
        nested("project_code_detail", "project_code", &PROJECT_CODE_VIEW).on("project_code_detail", true),
        sql("project_code_label", TEXT, "{project_code.code}").nullable().on("project_code_detail", true),
        nested("responsible_detail", "responsible", &OWNER_VIEW).on("responsible_detail", true),
        col("updated_at").read_only(),
    ]
}

/// `issue_date` of the kinds of orders whose clients may give it.
pub(crate) const ISSUE_DATE: Field = col("issue_date").help("Date of issue.");

/// What an order costs.
pub(crate) const MONEY: [Field; 2] = [
    col("total_price").read_only().money(),
    col("order_currency").chosen_from("currency").help("Currency of the order. Default: the currency of the company."),
];

/// Filters of every order, build orders included.
pub(crate) const SHARED_FILTERS: &[Filter] = &[
    filter(
        "status",
        Condition::Where(INT, "({status} = {value} AND {status_custom_key} IS NULL) OR {status_custom_key} = {value}"),
    )
    .help("Status, including custom states."),
    filter("reference", Condition::Where(TEXT, "LOWER({reference}) = LOWER({value})")),
    flag_filter("assigned_to_me", MINE, NOT_MINE)
        .help("Only orders assigned to the signed-in user or one of their groups."),
    filter("project_code", Condition::Link(&PROJECT_CODE, "{project_code} = {value}")),
    flag_filter("has_project_code", "{project_code} IS NOT NULL", "{project_code} IS NULL"),
    filter("assigned_to", Condition::Link(&OWNER, "{responsible} = {value}")).help("Responsible user or group."),
    filter("created_before", Condition::Where(DATE, "{creation_date} < {value}")),
    filter("created_after", Condition::Where(DATE, "{creation_date} > {value}")),
    flag_filter("has_start_date", "{start_date} IS NOT NULL", "{start_date} IS NULL"),
    filter("start_date_before", Condition::Where(DATE, "{start_date} < {value}")),
    filter("start_date_after", Condition::Where(DATE, "{start_date} > {value}")),
    flag_filter("has_target_date", "{target_date} IS NOT NULL", "{target_date} IS NULL"),
    filter("target_date_before", Condition::Where(DATE, "{target_date} < {value}")),
    filter("target_date_after", Condition::Where(DATE, "{target_date} > {value}")),
    tag::BY_TAGS,
    tag::BY_TAG_NAME,
];

const ORDER_FILTERS: &[Filter] = &[
    flag_filter("overdue", OVERDUE, NOT_OVERDUE),
    flag_filter("outstanding", OPEN, NOT_OPEN).help("Only open orders."),
    filter("created_by", Condition::Link(&USER, "{created_by} = {value}")),
    filter("updated_before", Condition::Where(DATE, "{updated_at} < {value}")),
    filter("updated_after", Condition::Where(DATE, "{updated_at} > {value}")),
    filter(
        "min_date",
        Condition::Where(
            DATE,
            "({creation_date} >= {value} AND {issue_date} IS NULL AND {start_date} IS NULL) \
             OR ({issue_date} >= {value} AND {start_date} IS NULL) OR {start_date} >= {value} OR {target_date} >= {value}",
        ),
    )
    .help("Only orders with dates on or after this date."),
    filter(
        "max_date",
        Condition::Where(
            DATE,
            "({creation_date} <= {value} AND {issue_date} IS NULL AND {start_date} IS NULL) \
             OR ({issue_date} <= {value} AND {start_date} IS NULL) OR {start_date} <= {value} OR {target_date} <= {value}",
        ),
    )
    .help("Only orders with dates on or before this date."),
];
const FILTER_SEGMENTS: &[&[Filter]] = &[SHARED_FILTERS, ORDER_FILTERS];
/// Filters of every order but build orders; [`COMPLETED`] and those of the company and of parts come from the
/// kind.
pub(crate) const FILTERS: &[Filter] = &{
    const ALL: [Filter; count(FILTER_SEGMENTS)] = concat(FILTER_SEGMENTS);
    ALL
};

/// Filters by the day of completion, for orders that keep it in `complete_date`.
pub(crate) const COMPLETED: &[Filter] = &[
    filter("completed_before", Condition::Where(DATE, "{complete_date} < {value}")),
    filter("completed_after", Condition::Where(DATE, "{complete_date} > {value}")),
];

/// Sortings of every order; `line_items` and those of the company and the price come from the kind.
pub(crate) const SORTS: &[Sort] = &[
    sort("creation_date", &["{creation_date}"]),
    sort("created_by", &["{created_by}"]),
    sort("reference", &["{reference_int}", "{reference}"]),
    sort("start_date", &["{start_date}"]),
    sort("target_date", &["{target_date}"]),
    sort("status", &["{status}"]),
    sort("responsible", &["{responsible}"]),
    sort("project_code", &["{project_code.code}"]),
    sort("updated_at", &["{updated_at}"]),
];

/// How orders are sorted where nothing else is asked for.
pub(crate) const DEFAULT_SORT: &[&str] = &["-{reference_int}", "-{reference}"];

/// The quantity of a line as people write it, to be searched: `12.5`.
pub(crate) const QUANTITY_TEXT: &str = "(CAST({quantity} / 100000 AS TEXT) || CASE WHEN {quantity} % 100000 = 0 THEN '' \
    ELSE '.' || RTRIM(SUBSTR(CAST({quantity} % 100000 + 100000 AS TEXT), 2), '0') END)";

/// Fields of every line, extra lines included. Missing are the kind's own: part, price, `order_detail`.
pub(crate) const LINE: [Field; 12] = [
    pk(),
    col("line").label("Line Number").default("\"\"").help("Line number."),
    col("link").help("Link to an external page."),
    col("notes").help("Remarks."),
    col("order").help("Order."),
    col("project_code").help("Project code."),
    col("quantity").described_required().help("Quantity."),
    col("reference").help("Reference of the line."),
    col("target_date").help("Target date of the line. Default: the target date of the order."),
    col("discount").help("Discount in percent."),
    sql("project_code_label", TEXT, "{project_code.code}").nullable().on("project_code_detail", true),
    nested("project_code_detail", "project_code", &PROJECT_CODE_VIEW).on("project_code_detail", true),
];

/// Filters of every line of parts, by its order.
pub(crate) const fn line_filters(orders: &'static Table) -> [Filter; 2] {
    [
        filter("order", Condition::Link(orders, "{order} = {value}")),
        filter("order_status", Condition::Where(INT, "{order.status} = {value}")),
    ]
}

/// The line is, or is not, of a complete order.
pub(crate) const ORDER_COMPLETE: Filter = flag_filter(
    "order_complete",
    sql!("{order.status} = ", [OrderStatus::COMPLETE]),
    sql!("{order.status} <> ", [OrderStatus::COMPLETE]),
)
.help("Lines of completed orders.");
