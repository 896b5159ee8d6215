//! Allocations of stock to lines of build orders.

use ironwood_base::{Error, Result};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Condition, Operations, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::table::Table;
use ironwood_rest::view::{BOOL, Field, INT, TEXT, Type, View, col, nested, pk, sql};

use super::{rules, view};
use crate::business::company::supplier_part::VIEW as SUPPLIER_PART;
use crate::business::part::part::by_parts;
use crate::business::part::view::BRIEF as PART;
use crate::business::stock::item::VIEW as STOCK_ITEM;
use crate::business::stock::view::LOCATION_BRIEF;
use crate::schema::build::{ALLOCATION as TABLE, BUILD, LINE};
use crate::schema::keys::*;
use crate::schema::stock::{ITEM, LOCATION};

/// What an allocation leaves out of the stock item that it shows.
const WITHOUT: &[&str] = &["part_detail"];

const fn key(table: &'static Table) -> Type {
    Type::Of(ironwood_rest::table::ColumnType::Link(table, ironwood_rest::table::OnDelete::SetNull))
}

/// Fields of an allocation; a single one is shown with what it links to.
const fn fields(single: bool) -> [Field; 14] {
    [
        pk(),
        sql("build", key(&BUILD), "{build_line.build}").option_type("field"),
        col("build_line").default("null").mandatory().help("Build line."),
        col("install_into").default("null").help("Build output that the stock is installed into."),
        col("stock_item").help("Allocated stock item."),
        col("quantity")
            .label("Allocated Quantity")
            .optional()
            .described_required()
            .default("1")
            .help("Allocated quantity."),
        sql("location", key(&LOCATION), "{stock_item.location}").option_type("field"),
        nested("build_detail", "build_line.build", &view::VIEW).label("Build").on("build_detail", single),
        nested("location_detail", "stock_item.location", &LOCATION_BRIEF)
            .label("Location")
            .on("location_detail", single),
        nested("part_detail", "stock_item.part", &PART)
            .label("Part")
            .without(&["pricing_min", "pricing_max"])
            .on("part_detail", single),
        nested("stock_item_detail", "stock_item", &STOCK_ITEM)
            .label("Stock Item")
            .without(WITHOUT)
            .on("stock_detail", single),
        nested("supplier_part_detail", "stock_item.supplier_part", &SUPPLIER_PART).label("Supplier Part"),
        nested("install_into_detail", "install_into", &STOCK_ITEM).label("Install Into").without(WITHOUT),
        sql("bom_reference", TEXT, "{build_line.bom_item.reference}"),
    ]
}

static LISTED: [Field; 14] = fields(false);
static SINGLE: [Field; 14] = fields(true);

/// An allocation.
pub(crate) static VIEW: View = View::new("BuildItem", &TABLE, &LISTED);
static ROW: View = View::new("BuildItem", &TABLE, &SINGLE);

const IN_LOCATION: &str = "{stock_item.location} IN {below}";

fn by_output(query: &mut Query<'_>, text: &str) -> Result<()> {
    if matches!(text.trim().to_ascii_lowercase().as_str(), "null" | "none" | "") {
        query.and("{install_into} IS NULL");
        return Ok(());
    }
    let key: ItemKey =
        text.trim().parse().map_err(|_| Error::field("output", "Must be the ID of a stock item, or null."))?;
    query.and_value("{install_into} = {value}", key);
    Ok(())
}

/// Allocations.
pub(crate) static ITEMS: Resource = Resource::new("/api/build/item/", "build_item", &VIEW)
    .detail(&ROW)
    .operations(Operations::ALL.bulk_delete())
    .filters(&[
        filter("build", Condition::Link(&BUILD, "{build_line.build} = {value}")),
        filter("build_line", Condition::Link(&LINE, "{build_line} = {value}")),
        filter("stock_item", Condition::Link(&ITEM, "{stock_item} = {value}")).any(),
        filter("install_into", Condition::Link(&ITEM, "{install_into} = {value}")).any(),
        filter("include_variants", Condition::Noted(BOOL)).help("Include variants of `part`."),
        filter("part", Condition::Custom(INT, |query, text| by_parts(query, text, "{stock_item.part} IN {parts}"))),
        filter("location", Condition::Link(&LOCATION, IN_LOCATION)).help("Stock in this location or below."),
        filter("output", Condition::Custom(INT, by_output))
            .help("Allocations to this output. `null`: without an output."),
        flag_filter("tracked", "{install_into} IS NOT NULL", "{install_into} IS NULL"),
    ])
    .search(&[
        "{stock_item.supplier_part.SKU}",
        "{stock_item.part.name}",
        "{stock_item.part.IPN}",
        "{build_line.bom_item.reference}",
    ])
    .sorts(&[
        sort("part", &["{stock_item.part.name}"]),
        sort("IPN", &["{stock_item.part.IPN}"]),
        sort("sku", &["{stock_item.supplier_part.SKU}"]),
        sort("quantity", &["{quantity}"]),
        sort("location", &["{stock_item.location.name}"]),
        sort("reference", &["{build_line.bom_item.reference}"]),
    ])
    .default_sort(&["{id}"])
    .rules(Rules { check: rules::check_allocation, ..ironwood_rest::resource::NO_RULES })
    .help("Stock allocated to build orders.");
