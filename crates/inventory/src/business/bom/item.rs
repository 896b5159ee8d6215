//! Lines of bills of materials.

use ironwood_base::{Error, Result};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Condition, Delete, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::view::{INT, MONEY, Many, QUANTITY, REAL, TIME, View, col, made, many, nested, pk, sql};

use super::available::{self, CAN_BUILD_FROM, CAN_BUILD_ORDER, write_can_build};
use super::rules;
use super::substitute;
use crate::business::part::view::{BRIEF as PART_BRIEF, CATEGORY_BRIEF, prices_updated};
use crate::schema::bom::BOM_ITEM as TABLE;
use crate::schema::keys::PartKey;
use crate::schema::part::{CATEGORY, PART};

const PRICE_MIN: &str = "(SELECT p.overall_min FROM part_partpricing p WHERE p.part = {sub_part})";
const PRICE_MAX: &str = "(SELECT p.overall_max FROM part_partpricing p WHERE p.part = {sub_part})";
const PRICE_UPDATED: &str = prices_updated!("{sub_part}");
/// Price of the line's quantity, rounded half away from zero to six places; beyond 64 bits it is null.
const TOTAL_MIN: &str = "(SELECT CASE WHEN p.overall_min = 0 OR {quantity} * {piece_count} <= 4000000000000000000 / p.overall_min \
    THEN ({quantity} * {piece_count} * p.overall_min + 50000) / 100000 \
    ELSE ({quantity} * {piece_count} / 100000) * p.overall_min END \
    FROM part_partpricing p WHERE p.part = {sub_part})";
const TOTAL_MAX: &str = "(SELECT CASE WHEN p.overall_max = 0 OR {quantity} * {piece_count} <= 4000000000000000000 / p.overall_max \
    THEN ({quantity} * {piece_count} * p.overall_max + 50000) / 100000 \
    ELSE ({quantity} * {piece_count} / 100000) * p.overall_max END \
    FROM part_partpricing p WHERE p.part = {sub_part})";
const PRICED: &str = "EXISTS (SELECT 1 FROM part_partpricing p WHERE p.part = {sub_part} \
    AND (p.overall_min IS NOT NULL OR p.overall_max IS NOT NULL))";
const NOT_PRICED: &str = "NOT EXISTS (SELECT 1 FROM part_partpricing p WHERE p.part = {sub_part} \
    AND (p.overall_min IS NOT NULL OR p.overall_max IS NOT NULL))";

static OF_LINE: Many = Many::new(&substitute::VIEW, "{bom_item}");

/// A line of a bill of materials.
pub(crate) static VIEW: View = View::new(
    "BomItem",
    &TABLE,
    &[
        col("part").label("Assembly").help("Assembly that the line belongs to."),
        col("sub_part").label("Component").help("Component."),
        col("reference").help("Reference designators."),
        col("raw_amount")
            .label("Amount")
            .optional()
            .not_null()
            .help("Quantity required for one assembly. May include a unit."),
        col("quantity").help("Quantity in the unit of the component."),
        col("piece_count").help("Number of pieces of that quantity required for one assembly."),
        col("allow_variants").help("Whether variants of the component can be used."),
        col("inherited").label("Gets inherited").help("Whether variants of the assembly inherit this line."),
        col("optional").help("Whether the component is optional."),
        col("consumable").help("Consumable parts are used without stock being allocated."),
        col("setup_quantity").help("Additional quantity required to set up a build."),
        col("attrition").help("Expected loss during a build, in percent."),
        col("rounding_multiple").help("The required quantity is rounded up to a multiple of this number."),
        col("note"),
        pk(),
        sql("pricing_min", MONEY, PRICE_MIN).money().nullable().on("pricing", false),
        sql("pricing_max", MONEY, PRICE_MAX).money().nullable().on("pricing", false),
        sql("pricing_min_total", MONEY, TOTAL_MIN).money().nullable().on("pricing", false),
        sql("pricing_max_total", MONEY, TOTAL_MAX).money().nullable().on("pricing", false),
        sql("pricing_updated", TIME, PRICE_UPDATED).nullable().on("pricing", false),
        many("substitutes", &OF_LINE).nullable().on("substitutes", false),
        col("validated").help("Whether the line is validated."),
        sql("available_stock", QUANTITY, available::AVAILABLE).counted(),
        sql("available_substitute_stock", QUANTITY, available::SUBSTITUTES).counted(),
        sql("available_variant_stock", QUANTITY, available::VARIANTS).counted(),
        sql("external_stock", QUANTITY, available::EXTERNAL).counted(),
        sql("on_order", QUANTITY, available::ON_ORDER).counted(),
        sql("building", QUANTITY, available::BUILDING).label("In Production").counted(),
        made("can_build", REAL, CAN_BUILD_FROM, write_can_build).counted().on("can_build", true),
        nested("part_detail", "part", &PART_BRIEF).label("Assembly"),
        nested("sub_part_detail", "sub_part", &PART_BRIEF).label("Component"),
        nested("category_detail", "sub_part.category", &CATEGORY_BRIEF).label("Category"),
    ],
);

/// Lines of a part: its own, and those that it inherits from the templates above it.
const OF_PART: &str = "{part} IN {above} AND ({part} = {value} OR {inherited})";
/// Lines that can use a part: for itself, as a variant of what they name, or as a substitute.
const USING: &str = "{sub_part} = {value} OR {id} IN (SELECT u.bom_item FROM part_bomitemsubstitute u \
    WHERE u.part = {value}) OR ({allow_variants} AND {sub_part} IN {above})";
const IN_CATEGORY: &str = "{sub_part.category} IN {below}";

// any part may be asked about, assembly or not
fn by_part(query: &mut Query<'_>, text: &str) -> Result<()> {
    let key: PartKey = text.trim().parse().map_err(|_| Error::field("part", "Must be the ID of a part."))?;
    query.must_exist(&PART, key, "part");
    // who may not view parts is told nothing of their families
    query.and_tree(if query.sees(&PART) { OF_PART } else { "{part} = {value}" }, &PART, key);
    Ok(())
}

/// Lines of bills of materials.
pub(crate) static ITEM: Resource = Resource::new("/api/bom/", "bom", &VIEW)
    .operations(Operations::ALL.bulk_update().bulk_delete())
    .filters(&[
        flag_filter("optional", "{optional}", "NOT {optional}"),
        flag_filter("consumable", "{consumable}", "NOT {consumable}"),
        flag_filter("inherited", "{inherited}", "NOT {inherited}"),
        flag_filter("allow_variants", "{allow_variants}", "NOT {allow_variants}"),
        flag_filter("validated", "{validated}", "NOT {validated}"),
        flag_filter("part_active", "{part.active}", "NOT {part.active}"),
        flag_filter("part_trackable", "{part.trackable}", "NOT {part.trackable}"),
        flag_filter("part_testable", "{part.testable}", "NOT {part.testable}"),
        flag_filter("part_locked", "{part.locked}", "NOT {part.locked}"),
        flag_filter("sub_part_active", "{sub_part.active}", "NOT {sub_part.active}"),
        flag_filter("sub_part_trackable", "{sub_part.trackable}", "NOT {sub_part.trackable}"),
        flag_filter("sub_part_testable", "{sub_part.testable}", "NOT {sub_part.testable}"),
        flag_filter("sub_part_assembly", "{sub_part.assembly}", "NOT {sub_part.assembly}"),
        flag_filter("sub_part_virtual", "{sub_part.virtual}", "NOT {sub_part.virtual}"),
        flag_filter("available_stock", available::HAS_AVAILABLE, available::NOT_AVAILABLE),
        flag_filter("on_order", available::IS_ON_ORDER, available::NOT_ON_ORDER),
        flag_filter("has_pricing", PRICED, NOT_PRICED),
        filter("part", Condition::Custom(INT, by_part))
            .help("Lines of this part's bill of materials, including inherited ones."),
        filter("uses", Condition::Link(&PART, USING))
            .help("Lines that can use this part, including as a variant or substitute."),
        filter("category", Condition::Link(&CATEGORY, IN_CATEGORY))
            .help("Lines whose assembly is in this category or its subcategories."),
    ])
    .search(&[
        "{reference}",
        "{part.name}",
        "{part.description}",
        "{part.IPN}",
        "{part.revision}",
        "{part.keywords}",
        "{sub_part.name}",
        "{sub_part.description}",
        "{sub_part.IPN}",
        "{sub_part.revision}",
        "{sub_part.keywords}",
        "{sub_part.category.name}",
    ])
    .sorts(&[
        sort("can_build", &[CAN_BUILD_ORDER]),
        sort("category", &["{sub_part.category.name}"]),
        sort("quantity", &["{quantity}"]),
        sort("setup_quantity", &["{setup_quantity}"]),
        sort("attrition", &["{attrition}"]),
        sort("rounding_multiple", &["{rounding_multiple}"]),
        sort("sub_part", &["{sub_part.name}"]),
        sort("IPN", &["{sub_part.IPN}"]),
        sort("available_stock", &[available::AVAILABLE]),
        sort("allow_variants", &["{allow_variants}"]),
        sort("inherited", &["{inherited}"]),
        sort("optional", &["{optional}"]),
        sort("consumable", &["{consumable}"]),
        sort("reference", &["{reference}"]),
        sort("validated", &["{validated}"]),
        sort("pricing_min", &[PRICE_MIN]),
        sort("pricing_max", &[PRICE_MAX]),
        sort("pricing_min_total", &[TOTAL_MIN]),
        sort("pricing_max_total", &[TOTAL_MAX]),
        sort("pricing_updated", &[PRICE_UPDATED]),
    ])
    .rules(Rules { check: rules::check, saved: rules::saved, delete: Delete::Many(rules::delete), ..NO_RULES })
    .help("Lines of bills of materials.");
