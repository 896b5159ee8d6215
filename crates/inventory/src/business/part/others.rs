//! Related parts, stocktakes, category parameters, and images.

use ironwood_base::Result;
use ironwood_base::{Error, error::Fields};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Condition, NO_RULES, Operations, Resource, Rules, filter, sort};
use ironwood_rest::select::truth;
use ironwood_rest::view::{BOOL, INT, TEXT, View, col, made, nested, pk, sql};
use ironwood_store::Value;

use super::view::{BRIEF, CATEGORY_BRIEF};
use crate::platform::attach::parameter;
use crate::platform::common::parameter::TEMPLATE_VIEW;
use crate::schema::keys::CategoryKey;
use crate::schema::part::{CATEGORY, CATEGORY_PARAMETER, PART, RELATED, STOCKTAKE};

static RELATED_VIEW: View = View::new(
    "PartRelation",
    &RELATED,
    &[
        pk(),
        col("part_1").help("First part."),
        nested("part_1_detail", "part_1", &super::part::VIEW).not_null().always(),
        col("part_2").help("Second part."),
        nested("part_2_detail", "part_2", &super::part::VIEW).not_null().always(),
        col("note").help("Note on how the parts are related."),
    ],
);

/// Pairs of parts that have to do with each other.
pub(crate) static RELATION: Resource = Resource::new("/api/part/related/", "part_related", &RELATED_VIEW)
    .filters(&[
        filter("part", Condition::Link(&PART, "{part_1} = {value} OR {part_2} = {value}"))
            .help("Relations of this part."),
        filter("part_1", Condition::Link(&PART, "{part_1} = {value}")),
        filter("part_2", Condition::Link(&PART, "{part_2} = {value}")),
    ])
    .search(&["{part_1.name}", "{part_2.name}"])
    .sorts(&[
        sort("pk", &["{id}"]),
        sort("part_1", &["{part_1.name}"]),
        sort("part_2", &["{part_2.name}"]),
        sort("note", &["{note}"]),
    ])
    .rules(Rules { check: check_relation, ..NO_RULES })
    .help("Related parts, in pairs.");

fn check_relation(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let (one, other) = (change.int("part_1"), change.int("part_2"));
    if one == other {
        return Err(Error::non_field("A part cannot be related to itself."));
    }
    let sql = "SELECT 1 FROM part_partrelated WHERE ((part_1 = $1 AND part_2 = $2) OR (part_1 = $2 AND part_2 = $1)) AND id <> $3";
    if ctx.conn.one(sql, &[one.into(), other.into(), Value::Int(change.id.unwrap_or(0))])?.is_some() {
        return Err(Error::non_field("These parts are already related."));
    }
    Ok(())
}

static STOCKTAKE_VIEW: View = View::new(
    "PartStocktake",
    &STOCKTAKE,
    &[
        pk(),
        col("part").help("Part that was counted."),
        made("part_name", TEXT, &["{part.name}", "{part.IPN}", "{part.revision}", "{part.description}"], write_name),
        sql("part_ipn", TEXT, "{part.IPN}").nullable(),
        sql("part_description", TEXT, "{part.description}").nullable(),
        col("date").read_only(),
        col("item_count").help("Number of stock items."),
        col("quantity").required().help("Total quantity."),
        col("cost_min").money(),
        col("cost_min_currency").label("Currency").currency(),
        col("cost_max").money(),
        col("cost_max_currency").label("Currency").currency(),
        nested("part_detail", "part", &BRIEF),
    ],
);

fn write_name(out: &mut Vec<u8>, values: &[ironwood_store::ValueRef<'_>], _: &ironwood_rest::context::Facts<'_>) {
    ironwood_rest::select::write_text(out, values.first().and_then(|v| v.as_text()).unwrap_or_default());
}

/// What was counted of parts, by date.
pub(crate) static STOCKTAKES: Resource = Resource::new("/api/part/stocktake/", "part_stocktake", &STOCKTAKE_VIEW)
    .operations(Operations::ALL.bulk_delete())
    .filters(&[filter("part", Condition::Link(&PART, "{part} = {value}"))])
    .sorts(&[
        sort("part", &["{part.name}"]),
        sort("item_count", &["{item_count}"]),
        sort("quantity", &["{quantity}"]),
        sort("date", &["{date}"]),
        sort("user", &["{id}"]),
        sort("pk", &["{id}"]),
    ])
    .default_sort(&["-{id}"])
    .help("Stocktake entries of parts, by date.");

static CATEGORY_PARAMETER_VIEW: View = View::new(
    "CategoryParameterTemplate",
    &CATEGORY_PARAMETER,
    &[
        pk(),
        col("category").help("Part category."),
        nested("category_detail", "category", &CATEGORY_BRIEF).on("category_detail", true),
        col("template").formerly("parameter_template").help("Parameter template."),
        sql("parameter_template", INT, "{template}").help("Same as `template`, for older clients."),
        nested("template_detail", "template", &TEMPLATE_VIEW).not_null().always(),
        col("default_value").help("Default value for new parts in the category."),
    ],
);

/// Parameters that the parts of a category get.
pub(crate) static CATEGORY_PARAMETERS: Resource =
    Resource::new("/api/part/category/parameters/", "part_category_parameters", &CATEGORY_PARAMETER_VIEW)
        .filters(&[
            filter("category", Condition::Custom(INT, by_category)),
            filter("fetch_parent", Condition::Noted(BOOL)).help("Include templates of parent categories (default)."),
        ])
        .rules(Rules { check: check_default, ..NO_RULES })
        .help("Parameter templates of part categories, with default values.");

fn check_default(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let value = change.text("default_value").to_owned();
    match change.key("template").filter(|_| !value.is_empty()) {
        None => Ok(()),
        Some(template) => match parameter::unit_fault(ctx.conn, template, &value)? {
            Some(fault) => Err(Error::field("default_value", fault)),
            None => Ok(()),
        },
    }
}

fn by_category(query: &mut Query<'_>, text: &str) -> Result<()> {
    if matches!(text.trim().to_ascii_lowercase().as_str(), "null" | "none") {
        return Ok(());
    }
    let Ok(key) = text.trim().parse::<CategoryKey>() else {
        let mut fields = Fields::new();
        fields.add("category", "Must be the ID of a category.");
        return fields.check();
    };
    query.must_exist(&CATEGORY, key, "category");
    if query.request.param("fetch_parent").and_then(truth).unwrap_or(true) {
        query.and_tree("{category} IN {above}", &CATEGORY, key);
    } else {
        query.and_value("{category} = {value}", key);
    }
    Ok(())
}
