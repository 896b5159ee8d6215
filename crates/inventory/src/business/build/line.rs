//! Build lines: the requirements of each line of the bill of materials.

use ironwood_base::status::BuildStatus;
use ironwood_rest::resource::{Condition, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::table::{ColumnType, OnDelete};
use ironwood_rest::view::{BOOL, Field, Many, QUANTITY, TEXT, Type, View, col, many, nested, pk, sql};
use ironwood_store::sql;

use super::{item, rules, supply, view};
use crate::business::bom::item::VIEW as BOM_VIEW;
use crate::business::part::category::VIEW as CATEGORY;
use crate::business::part::view::BRIEF as PART;
use crate::schema::bom::BOM_ITEM;
use crate::schema::build::{BUILD, LINE as TABLE};
use crate::schema::part::PART as PART_TABLE;

const NO_PRICES: &[&str] = &["pricing_min", "pricing_max"];

/// The line, or its part, is consumed without being counted.
pub(crate) const CONSUMABLE: &str = "({bom_item.consumable} OR {bom_item.sub_part.consumable})";
const NOT_CONSUMABLE: &str = "NOT ({bom_item.consumable} OR {bom_item.sub_part.consumable})";

static ALLOCATIONS: Many = Many::new(&item::VIEW, "{build_line}");

const fn amount(name: &'static str, expression: &'static str) -> Field {
    sql(name, QUANTITY, expression)
}

/// A line of a build order.
pub(crate) static VIEW: View = View::new(
    "BuildLine",
    &TABLE,
    &[
        pk(),
        col("build").read_only(),
        col("bom_item").read_only(),
        col("quantity").required().help("Required quantity."),
        col("consumed").required().help("Consumed quantity."),
        many("allocations", &ALLOCATIONS)
            .showing(&["location_detail", "part_detail", "stock_item_detail"])
            .nullable()
            .on("allocations", false),
        sql("part", Type::Of(ColumnType::Link(&PART_TABLE, OnDelete::Cascade)), "{bom_item.sub_part}")
            .option_type("field"),
        sql("build_reference", TEXT, "{build.reference}"),
        sql("reference", TEXT, "{bom_item.reference}"),
        sql("consumable", BOOL, CONSUMABLE),
        sql("optional", BOOL, "{bom_item.optional}"),
        sql("testable", BOOL, "{bom_item.sub_part.testable}"),
        sql("trackable", BOOL, "{bom_item.sub_part.trackable}"),
        sql("inherited", BOOL, "{bom_item.inherited}"),
        sql("allow_variants", BOOL, "{bom_item.allow_variants}"),
        amount("allocated", supply::ALLOCATED),
        amount("in_production", supply::IN_PRODUCTION),
        amount("scheduled_to_build", supply::SCHEDULED),
        amount("on_order", supply::ON_ORDER),
        amount("available_stock", supply::AVAILABLE),
        amount("available_substitute_stock", supply::SUBSTITUTES),
        amount("available_variant_stock", supply::VARIANTS),
        amount("external_stock", supply::EXTERNAL),
        nested("bom_item_detail", "bom_item", &BOM_VIEW).label("BOM Item").without(&["can_build"]),
        nested("assembly_detail", "bom_item.part", &PART).label("Assembly").without(NO_PRICES),
        nested("part_detail", "bom_item.sub_part", &PART).label("Part").without(NO_PRICES),
        nested("category_detail", "bom_item.sub_part.category", &CATEGORY).label("Category"),
        nested("build_detail", "build", &view::VIEW).label("Build").without(view::DETAILS),
    ],
);

/// Lines of build orders.
pub(crate) static LINES: Resource = Resource::new("/api/build/line/", "build_line", &VIEW)
    .operations(Operations::ALL)
    .filters(&[
        filter("build", Condition::Link(&BUILD, "{build} = {value}"))
            .help("Lines of this build order. Quantities available refer to the source location of the order."),
        filter("bom_item", Condition::Link(&BOM_ITEM, "{bom_item} = {value}")),
        filter("part", Condition::Link(&PART_TABLE, "{bom_item.sub_part} = {value}")),
        flag_filter("allocated", supply::IS_ALLOCATED, supply::NOT_ALLOCATED),
        flag_filter("assembly", "{bom_item.sub_part.assembly}", "NOT {bom_item.sub_part.assembly}"),
        flag_filter("available", supply::IS_AVAILABLE, supply::NOT_AVAILABLE),
        flag_filter("consumable", CONSUMABLE, NOT_CONSUMABLE),
        flag_filter("consumed", "{consumed} >= {quantity}", "{consumed} < {quantity}"),
        flag_filter("on_order", supply::IS_ON_ORDER, supply::NOT_ON_ORDER),
        flag_filter("optional", "{bom_item.optional}", "NOT {bom_item.optional}"),
        flag_filter(
            "order_outstanding",
            sql!("{build.status} IN (", [..BuildStatus::OPEN], ")"),
            sql!("{build.status} NOT IN (", [..BuildStatus::OPEN], ")"),
        ),
        flag_filter("testable", "{bom_item.sub_part.testable}", "NOT {bom_item.sub_part.testable}"),
        flag_filter("tracked", "{bom_item.sub_part.trackable}", "NOT {bom_item.sub_part.trackable}"),
    ])
    .search(&[
        "{bom_item.sub_part.name}",
        "{bom_item.sub_part.IPN}",
        "{bom_item.sub_part.description}",
        "{bom_item.reference}",
    ])
    .sorts(&[
        sort("part", &["{bom_item.sub_part.name}"]),
        sort("IPN", &["{bom_item.sub_part.IPN}"]),
        sort("allocated", &[supply::ALLOCATED]),
        sort("category", &["{bom_item.sub_part.category.name}"]),
        sort("consumed", &["{consumed}"]),
        sort("reference", &["{bom_item.reference}"]),
        sort("quantity", &["{quantity}"]),
        sort("consumable", &["{bom_item.consumable}"]),
        sort("optional", &["{bom_item.optional}"]),
        sort("unit_quantity", &["{bom_item.quantity}"]),
        sort("available_stock", &[supply::AVAILABLE]),
        sort("trackable", &["{bom_item.sub_part.trackable}"]),
        sort("allow_variants", &["{bom_item.allow_variants}"]),
        sort("inherited", &["{bom_item.inherited}"]),
        sort("on_order", &[supply::ON_ORDER]),
        sort("scheduled_to_build", &[supply::SCHEDULED]),
    ])
    .default_sort(&["{id}"])
    .rules(Rules { check: rules::check_line, ..NO_RULES })
    .help("Lines of build orders: the components that they require.");
