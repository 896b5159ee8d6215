//! Build orders.

use ironwood_base::status::BuildStatus;
use ironwood_rest::resource::{
    Condition, Delete, Filter, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort,
};
use ironwood_rest::segments::{concat, count};
use ironwood_rest::view::{BOOL, DATE, INT};
use ironwood_store::sql;

use super::rules;
use super::view::{OVERDUE, VIEW};
use crate::business::order::fields::SHARED_FILTERS;
use crate::business::part::part::by_parts;
use crate::platform::common::parameter;
use crate::platform::common::tree::{LEVEL, NOT_IN_TREE};
use crate::schema::build::BUILD as TABLE;
use crate::schema::part::CATEGORY;
use crate::schema::sales::ORDER as SALES_ORDER;
use crate::schema::users::USER;

const OPEN: &str = sql!("{status} IN (", [..BuildStatus::OPEN], ")");
const CLOSED: &str = sql!("{status} NOT IN (", [..BuildStatus::OPEN], ")");
const NOT_OVERDUE: &str =
    sql!("NOT ({status} IN (", [..BuildStatus::OPEN], ") AND {target_date} IS NOT NULL AND {target_date} <= {today})");
/// Below the build order `{value}`, at any depth.
const BELOW: &str = "{id} <> {value} AND {id} IN {below}";
const IN_CATEGORY: &str = "{part.category} IN {below}";

const OWN_FILTERS: &[Filter] = &[
    flag_filter("active", OPEN, CLOSED),
    flag_filter("outstanding", OPEN, CLOSED),
    flag_filter("external", "{external}", "NOT {external}"),
    flag_filter("overdue", OVERDUE, NOT_OVERDUE),
    filter("ancestor", Condition::Link(&TABLE, BELOW)).help("All build orders below this one."),
    filter("category", Condition::Link(&CATEGORY, IN_CATEGORY)).help("Parts in this category or its subcategories."),
    filter("completed_after", Condition::Where(DATE, "{completion_date} > {value}")),
    filter("completed_before", Condition::Where(DATE, "{completion_date} < {value}")),
    filter(
        "min_date",
        Condition::Where(
            DATE,
            "(({creation_date} >= {value} AND {start_date} IS NULL) OR {start_date} >= {value} OR {target_date} >= {value})",
        ),
    )
    .help("Only orders with dates on or after this date."),
    filter(
        "max_date",
        Condition::Where(
            DATE,
            "(({creation_date} <= {value} AND {start_date} IS NULL) OR {start_date} <= {value} OR {target_date} <= {value})",
        ),
    )
    .help("Only orders with dates on or before this date."),
    filter("exclude_tree", Condition::Link(&TABLE, NOT_IN_TREE)).help("Exclude this build order and its descendants."),
    filter("include_variants", Condition::Noted(BOOL)).help("Include variants of `part`."),
    filter("issued_by", Condition::Link(&USER, "{issued_by} = {value}")),
    filter("parent", Condition::Link(&TABLE, "{parent} = {value}")),
    filter("part", Condition::Custom(INT, |query, text| by_parts(query, text, "{part} IN {parts}"))),
    filter("sales_order", Condition::Link(&SALES_ORDER, "{sales_order} = {value}")),
];
const FILTER_SEGMENTS: &[&[Filter]] = &[SHARED_FILTERS, OWN_FILTERS];
static FILTERS: [Filter; count(FILTER_SEGMENTS)] = concat(FILTER_SEGMENTS);

/// Build orders.
pub(crate) static BUILD: Resource = Resource::new("/api/build/", "build", &VIEW)
    .operations(Operations::ALL)
    .filters(&FILTERS)
    .search(&[
        "{reference}",
        "{title}",
        "{part.name}",
        "{part.IPN}",
        "{part.description}",
        "{project_code.code}",
        "CAST({priority} AS TEXT)",
    ])
    .sorts(&[
        sort("reference", &["{reference_int}", "{reference}"]),
        sort("part", &["{part.name}"]),
        sort("IPN", &["{part.IPN}"]),
        sort("part__name", &["{part.name}"]),
        sort("status", &["{status}"]),
        sort("creation_date", &["{creation_date}"]),
        sort("start_date", &["{start_date}"]),
        sort("target_date", &["{target_date}"]),
        sort("completion_date", &["{completion_date}"]),
        sort("quantity", &["{quantity}"]),
        sort("completed", &["{completed}"]),
        sort("issued_by", &["{issued_by}"]),
        sort("responsible", &["{responsible}"]),
        sort("project_code", &["{project_code.code}"]),
        sort("priority", &["{priority}"]),
        sort("level", &[LEVEL]),
        sort("external", &["{external}"]),
    ])
    .default_sort(&["-{reference_int}", "-{reference}"])
    .rules(Rules { check: rules::check, saved: rules::saved, delete: Delete::Each(rules::delete), ..NO_RULES })
    .open_params(parameter::narrow)
    .help("Build orders.");
