//! Parts.

use ironwood_base::Result;
use ironwood_rest::below;
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Condition, Delete, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::table::{ColumnType, OnDelete};
use ironwood_rest::view::{
    BOOL, DATE, Field, INT, MONEY, Many, QUANTITY, REAL, TEXT, TIME, Type, View, ancestors, col, col_as, input, made,
    many, nested, pk, sql,
};
use ironwood_store::{AsSql, Fragment, sql};

use super::name::{FROM, write_full_name, write_thumbnail};
use super::rules;
use super::view::{CATEGORY_BRIEF, CATEGORY_LOCATION, PRICE_MAX, PRICE_MIN, PRICE_UPDATED, STEP};
use super::{price, totals};
use crate::business::stock::view::LOCATION_BRIEF;
use crate::platform::common::parameter::{self, PARAMETERS};
use crate::platform::common::tag;
use crate::schema::company::COMPANY;
use crate::schema::keys::{CategoryKey, PartKey};
use crate::schema::part::{CATEGORY, PART as TABLE};
use crate::schema::stock::LOCATION;

const STARRED: &str = "EXISTS (SELECT 1 FROM part_partstar s WHERE s.part = {id} AND s.\"user\" = {user})";
const NOT_STARRED: &str = "NOT EXISTS (SELECT 1 FROM part_partstar s WHERE s.part = {id} AND s.\"user\" = {user})";
const REVISIONS: &str = "(SELECT COUNT(*) FROM part_part r WHERE r.revision_of = {id})";
const STOCK_ITEMS: &str = "{totals:items}";
const PRICED: &str = "EXISTS (SELECT 1 FROM part_partpricing p WHERE p.part = {id} \
    AND (p.overall_min IS NOT NULL OR p.overall_max IS NOT NULL))";
const NOT_PRICED: &str = "NOT EXISTS (SELECT 1 FROM part_partpricing p WHERE p.part = {id} \
    AND (p.overall_min IS NOT NULL OR p.overall_max IS NOT NULL))";

static PRICE_BREAKS: Many = Many::new(&price::SALE_VIEW, "{part}").order("{quantity}");

pub(super) static DUPLICATE: View = View::plain(
    "PartDuplicateOptions",
    &[
        input("original", Type::Of(ColumnType::Link(&TABLE, OnDelete::Cascade))).required().help("Part to copy from."),
        input("copy_image", BOOL).default("false"),
        input("copy_bom", BOOL).default("false"),
        input("copy_parameters", BOOL).default("true"),
        input("copy_notes", BOOL).default("true"),
        input("copy_tests", BOOL).default("false"),
    ],
);
pub(super) static INITIAL_STOCK: View = View::plain(
    "InitialStock",
    &[
        input("quantity", QUANTITY)
            .label("Initial Stock Quantity")
            .money()
            .required()
            .help("Initial stock quantity. 0 creates no stock."),
        input("location", Type::Of(ColumnType::Link(&LOCATION, OnDelete::Cascade)))
            .label("Initial Stock Location")
            .nullable()
            .help("Stock location."),
    ],
);
pub(super) static INITIAL_SUPPLIER: View = View::plain(
    "InitialSupplier",
    &[
        input("supplier", Type::Of(ColumnType::Link(&COMPANY, OnDelete::Cascade))).nullable(),
        input("sku", TEXT).max(100),
        input("manufacturer", Type::Of(ColumnType::Link(&COMPANY, OnDelete::Cascade))).nullable(),
        input("mpn", TEXT).max(100),
    ],
);

const fn total(name: &'static str, expression: &'static str) -> Field {
    sql(name, QUANTITY, expression).counted()
}

/// A part.
pub(crate) static VIEW: View = View::new(
    "Part",
    &TABLE,
    &[
        col("active").help("Whether the part is active."),
        col("assembly").help("Whether the part is built from other parts."),
        col("barcode_hash").read_only(),
        col("category").help("Category of the part."),
        nested("category_detail", "category", &CATEGORY_BRIEF),
        ancestors("category_path", "{category.tree_path}", &STEP).on("path_detail", false),
        sql("category_name", TEXT, "COALESCE({category.name}, '')"),
        col("component").help("Whether the part is used to build other parts."),
        col("creation_date").read_only(),
        col("creation_user")
            .described_output_only()
            .read_only()
            .option_type("related field")
            .help("User who created the record."),
        col("default_expiry").help("Shelf life of stock in days. 0: no expiry."),
        col("default_location").help("Default stock location."),
        nested("default_location_detail", "default_location", &LOCATION_BRIEF).on("location_detail", false),
        col("description").help("Description."),
        made("full_name", TEXT, FROM, write_full_name).option_type("field"),
        col("image").nullable().optional(),
        input("existing_image", TEXT).listed().help("Path of an existing part image."),
        input("remote_image", TEXT).max(2000).help("URL of an image to download."),
        col("IPN").default("\"\"").help("Internal part number."),
        col("is_template").help("Whether the part is a template for variants."),
        col("keywords").help("Keywords for search."),
        col("link").help("Link to an external page."),
        col("locked").help("Locked parts cannot be edited."),
        col("minimum_stock").help("Minimum stock level."),
        col("maximum_stock").help("Maximum stock level."),
        col("name").help("Name of the part."),
        col("notes").detail_only(),
        PARAMETERS,
        pk(),
        col("purchaseable").help("Whether the part can be purchased."),
        col("revision").default("\"\"").help("Revision code."),
        col("revision_of").help("Part that this part is a revision of."),
        sql("revision_count", INT, REVISIONS).label("Revisions").counted(),
        col("salable").help("Whether the part can be sold."),
        sql("starred", BOOL, STARRED)
            .described_output_only()
            .option_type("field")
            .help("Whether the signed-in user follows this part."),
        made("thumbnail", TEXT, &["{image}"], write_thumbnail),
        col("testable").help("Whether stock of the part can have test results."),
        col("trackable").help("Whether stock of the part is tracked by serial number or batch."),
        col("units").default("\"\"").help("Unit of measure for stock of the part."),
        col("variant_of").help("Template part that this part is a variant of."),
        col("virtual").help("Virtual parts (software, services) have no physical stock."),
        col("consumable").help("Consumable parts are used without stock being allocated."),
        sql("pricing_min", MONEY, PRICE_MIN).money().nullable().on("pricing", true),
        sql("pricing_max", MONEY, PRICE_MAX).money().nullable().on("pricing", true),
        sql("pricing_updated", TIME, PRICE_UPDATED).nullable().on("pricing", true),
        col_as("responsible", "responsible_owner").help("User or group responsible for the part."),
        many("price_breaks", &PRICE_BREAKS).nullable().on("price_breaks", false),
        total("allocated_to_build_orders", totals::ALLOCATED_TO_BUILDS),
        total("allocated_to_sales_orders", totals::ALLOCATED_TO_SALES),
        total("building", totals::BUILDING),
        total("scheduled_to_build", totals::SCHEDULED),
        sql("category_default_location", INT, CATEGORY_LOCATION).counted(),
        total("in_stock", totals::IN_STOCK),
        total("ordering", totals::ON_ORDER).label("On Order"),
        sql("required_for_build_orders", INT, totals::WHOLE_REQUIRED_FOR_BUILDS).counted(),
        sql("required_for_sales_orders", INT, totals::WHOLE_REQUIRED_FOR_SALES).counted(),
        sql("stock_item_count", INT, STOCK_ITEMS).label("Stock Items").counted(),
        total("total_in_stock", totals::TOTAL_IN_STOCK).label("Total Stock"),
        total("external_stock", totals::EXTERNAL_STOCK),
        total("unallocated_stock", totals::UNALLOCATED),
        total("variant_stock", totals::VARIANT_STOCK),
        input("duplicate", Type::Object(&DUPLICATE))
            .label("Duplicate Part")
            .listed()
            .help("What to copy from another part."),
        input("initial_stock", Type::Object(&INITIAL_STOCK)).listed().help("Initial stock to create with the part."),
        input("initial_supplier", Type::Object(&INITIAL_SUPPLIER))
            .label("Supplier Information")
            .listed()
            .help("Supplier and manufacturer of the part."),
        input("copy_category_parameters", BOOL)
            .default("true")
            .listed()
            .help("Copy the parameter templates of the category."),
        tag::TAGS,
    ],
);

fn by_category(query: &mut Query<'_>, text: &str) -> Result<()> {
    let cascade = query.request.param("cascade").and_then(ironwood_rest::select::truth).unwrap_or(true);
    if matches!(text.trim().to_ascii_lowercase().as_str(), "null" | "none") {
        if !cascade {
            query.and("{category} IS NULL");
        }
        return Ok(());
    }
    let key: CategoryKey = text
        .trim()
        .parse()
        .map_err(|_| ironwood_base::Error::field("category", "Must be the ID of a category, or null."))?;
    if cascade && query.sees(&CATEGORY) {
        // an unknown category leaves the list as it is
        query.and_known_tree("{category} IN {below}", &CATEGORY, key);
    } else {
        query.and_value("{category} = {value}", key);
    }
    Ok(())
}

// any part may be asked about, template or not
fn by_template(query: &mut Query<'_>, text: &str) -> Result<()> {
    let key: PartKey =
        text.trim().parse().map_err(|_| ironwood_base::Error::field("variant_of", "Must be the ID of a part."))?;
    query.must_exist(&TABLE, key, "variant_of");
    query.and_value("{variant_of} = {value}", key);
    Ok(())
}

// 0 is the key of no part: nothing is asked for then
fn by_relation(query: &mut Query<'_>, name: &str, text: &str, condition: impl AsSql) -> Result<()> {
    match ironwood_rest::list::whole(name, text)? {
        0 => Ok(()),
        key => {
            query.and_value(condition, key);
            Ok(())
        }
    }
}

const RELATED: &str = "{id} <> {value} AND {id} IN (SELECT r.part_2 FROM part_partrelated r WHERE r.part_1 = {value} \
    UNION SELECT r.part_1 FROM part_partrelated r WHERE r.part_2 = {value})";
const NOT_RELATED: &str = "NOT ({id} <> {value} AND EXISTS (SELECT 1 FROM part_partrelated r \
    WHERE (r.part_1 = {value} AND r.part_2 = {id}) OR (r.part_2 = {value} AND r.part_1 = {id})))";
const BELOW: &str = "{id} <> {value} AND {id} IN {below}";
/// What may stand in the part's own lines and in those that it inherits: the components, their substitutes,
/// and variants of either where a line allows them; trackable if and only if the component is.
const IN_BOM: &str = sql!(
    "{id} IN (SELECT f.id FROM part_bomitem m JOIN part_part q ON q.id = {value} \
    JOIN part_part a ON a.id = m.part JOIN part_part c ON c.id = m.sub_part \
    LEFT JOIN part_bomitemsubstitute u ON u.bom_item = m.id \
    JOIN part_part o ON o.id = c.id OR o.id = u.part \
    JOIN part_part f ON f.id = o.id OR (m.allow_variants AND ",
    below!("f", "o"),
    ") \
    WHERE (m.part = q.id OR (m.inherited AND ",
    below!("q", "a"),
    ")) \
    AND f.trackable = c.trackable)"
);
/// Other active, non-virtual parts of the same family that are no templates: what stock may be
/// converted to.
const CONVERTIBLE: &str = sql!(
    "{id} <> {value} AND {active} AND NOT {virtual} AND {tree_id} = (SELECT a.tree_id \
    FROM part_part a WHERE a.id = {value}) AND {id} IN (SELECT f.id FROM part_part f JOIN part_part a ON a.id = {value} \
    WHERE f.variant_of = a.variant_of OR f.id = a.variant_of OR (",
    below!("f", "a"),
    "))"
);

/// Parts.
pub(crate) static PART: Resource = Resource::new("/api/part/", "part", &VIEW)
    .operations(Operations::ALL.bulk_update())
    .filters(&[
        filter("IPN", Condition::Where(TEXT, "LOWER({IPN}) = LOWER({value})")),
        filter("IPN_regex", Condition::Custom(TEXT, |query, text| matches_regex(query, "IPN_regex", "{IPN}", text))),
        filter("name_regex", Condition::Custom(TEXT, |query, text| matches_regex(query, "name_regex", "{name}", text))),
        flag_filter("active", "{active}", "NOT {active}"),
        flag_filter("assembly", "{assembly}", "NOT {assembly}"),
        flag_filter("component", "{component}", "NOT {component}"),
        flag_filter("consumable", "{consumable}", "NOT {consumable}"),
        flag_filter("is_template", "{is_template}", "NOT {is_template}"),
        flag_filter("locked", "{locked}", "NOT {locked}"),
        flag_filter("purchaseable", "{purchaseable}", "NOT {purchaseable}"),
        flag_filter("salable", "{salable}", "NOT {salable}"),
        flag_filter("testable", "{testable}", "NOT {testable}"),
        flag_filter("trackable", "{trackable}", "NOT {trackable}"),
        flag_filter("virtual", "{virtual}", "NOT {virtual}"),
        flag_filter("bom_valid", "{bom_validated}", "NOT {bom_validated}"),
        flag_filter("is_variant", "{variant_of} IS NOT NULL", "{variant_of} IS NULL"),
        flag_filter("is_revision", "{revision_of} IS NOT NULL", "{revision_of} IS NULL"),
        flag_filter(
            "has_revisions",
            "EXISTS (SELECT 1 FROM part_part r WHERE r.revision_of = {id})",
            "NOT EXISTS (SELECT 1 FROM part_part r WHERE r.revision_of = {id})",
        ),
        flag_filter("has_ipn", "COALESCE({IPN}, '') <> ''", "COALESCE({IPN}, '') = ''"),
        flag_filter("has_units", "COALESCE({units}, '') <> ''", "COALESCE({units}, '') = ''"),
        flag_filter("has_pricing", PRICED, NOT_PRICED),
        flag_filter("has_stock", totals::HAS_STOCK, totals::NOT_HAS_STOCK),
        flag_filter("low_stock", totals::LOW_STOCK, totals::NOT_LOW_STOCK),
        flag_filter("high_stock", totals::HIGH_STOCK, totals::NOT_HIGH_STOCK),
        flag_filter("depleted_stock", totals::DEPLETED, totals::NOT_DEPLETED),
        flag_filter("unallocated_stock", totals::HAS_UNALLOCATED, totals::NOT_HAS_UNALLOCATED),
        flag_filter("on_order", totals::IS_ON_ORDER, totals::NOT_IS_ON_ORDER),
        flag_filter("stock_to_build", totals::NEEDED_FOR_BUILDS, totals::NOT_NEEDED_FOR_BUILDS),
        flag_filter("starred", STARRED, NOT_STARRED),
        filter("ancestor", Condition::Link(&TABLE, BELOW)).help("All variants of this template, direct or indirect."),
        filter("variant_of", Condition::Custom(INT, by_template)).help("Direct variants of this template."),
        filter("exclude_tree", Condition::Link(&TABLE, crate::platform::common::tree::NOT_IN_TREE)),
        filter("in_bom_for", Condition::Link(&TABLE, IN_BOM))
            .help("Parts that this assembly can use according to its bill of materials."),
        filter("convert_from", Condition::Link(&TABLE, CONVERTIBLE))
            .help("Parts that stock of this part can be converted to."),
        filter("revision_of", Condition::Link(&TABLE, "{revision_of} = {value}")),
        filter("default_location", Condition::Link(&LOCATION, "{default_location} = {value}")),
        filter("category", Condition::Custom(INT, by_category))
            .help("Parts in this category. `null`: parts without a category."),
        filter("cascade", Condition::Noted(BOOL)).help("Include parts in subcategories (default)."),
        filter("created_after", Condition::Where(DATE, "{creation_date} > {value}")),
        filter("created_before", Condition::Where(DATE, "{creation_date} < {value}")),
        filter("exclude_id", Condition::Ints("{id} NOT IN {value}")).help("Exclude the parts with these IDs."),
        filter("related", Condition::Custom(REAL, |query, text| by_relation(query, "related", text, RELATED)))
            .help("Parts related to this part. 0: all parts."),
        filter(
            "exclude_related",
            Condition::Custom(REAL, |query, text| by_relation(query, "exclude_related", text, NOT_RELATED)),
        )
        .help("Exclude parts related to this part."),
        tag::BY_TAGS,
        tag::BY_TAG_NAME,
    ])
    .search(&[
        "{name}",
        "{description}",
        "{IPN}",
        "{revision}",
        "{keywords}",
        "{category.name}",
        // sets that are found once, instead of a look for every part
        "{id} IN (SELECT m.part FROM company_manufacturerpart m WHERE {match m.\"MPN\"})",
        "{id} IN (SELECT s.part FROM company_supplierpart s WHERE {match s.\"SKU\"})",
        tag::SEARCHED,
    ])
    .sorts(&[
        sort("id", &["{id}"]),
        sort("name", &["{name}"]),
        sort("creation_date", &["{creation_date}"]),
        sort("IPN", &["{IPN}"]),
        sort("ordering", &[totals::ON_ORDER]),
        sort("in_stock", &[totals::IN_STOCK]),
        sort("total_in_stock", &[totals::TOTAL_IN_STOCK]),
        sort("unallocated_stock", &[totals::UNALLOCATED]),
        sort("category", &["{category}"]),
        sort("default_location", &["{default_location}"]),
        sort("units", &["{units}"]),
        sort("pricing_min", &[PRICE_MIN]),
        sort("pricing_max", &[PRICE_MAX]),
        sort("pricing_updated", &[PRICE_UPDATED]),
        sort("revision", &["{revision}"]),
        sort("revision_count", &[REVISIONS]),
    ])
    .default_sort(&["{name}"])
    .rules(Rules { check: rules::check, saved: rules::saved, delete: Delete::Each(rules::delete), ..NO_RULES })
    .open_params(parameter::narrow)
    .help("Parts that are purchased, built, stocked, and sold.");

/// Rows in which an expression matches a regular expression, letters in any case.
pub(crate) fn matches_regex(query: &mut Query<'_>, param: &str, expression: impl AsSql, pattern: &str) -> Result<()> {
    let placeholder = query.bind_pattern(param, pattern)?;
    let sql = query.resolve(expression);
    let condition = query.backend.matches(&sql, &placeholder);
    query.and_sql(condition);
    Ok(())
}

/// Rows of a part or, with `include_variants=true`, of its variants, too. `{parts}` in the template stands
/// for the parts.
pub(crate) fn by_parts(query: &mut Query<'_>, text: &str, template: &'static str) -> Result<()> {
    let key: PartKey =
        text.trim().parse().map_err(|_| ironwood_base::Error::field("part", "Must be the ID of a part."))?;
    query.must_exist(&TABLE, key, "part");
    let variants = query.request.param("include_variants").and_then(ironwood_rest::select::truth).unwrap_or(false);
    if variants && query.sees(&TABLE) {
        query.and_tree(Fragment::from(template).replace("{parts}", "{below}"), &TABLE, key);
    } else {
        query.and_value(Fragment::from(template).replace("{parts}", "({value})"), key);
    }
    Ok(())
}
