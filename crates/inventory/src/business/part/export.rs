//! Exports parts with their stock and its value.

use ironwood_base::amount::{Amount, Unit};
use ironwood_base::decimal::Excess;
use ironwood_base::{Money, Quantity, Result};
use ironwood_rest::context::Context;
use ironwood_rest::resource::Resource;
use ironwood_rest::view::View;
use serde_json::{Map, Value as Json};

use super::part::PART;
use crate::platform::output::exporter::{self, Exporter, off, on};
use crate::platform::output::sheet::Sheet;

/// Parts with their stock and what it is worth.
pub(crate) static STOCKTAKE: Exporter = Exporter {
    name: "inventree-stocktake-exporter",
    label: "Stocktake",
    takes: |resource| resource.path == PART.path,
    options: Some(&OPTIONS),
    sheet: stocktake,
};

static OPTIONS: View = View::plain(
    "StocktakeExportOptions",
    &[
        on("export_pricing_data").label("Prices").help("Include the value of parts and their stock."),
        off("export_include_external_items").label("External stock").help("Include stock in external locations."),
        off("export_include_variant_items").label("Stock of variants").help("Include stock of variants."),
        off("export_exclude_zero_stock_entries").label("Exclude empty").help("Exclude parts without stock."),
    ],
);

fn stocktake(ctx: &mut Context<'_>, resource: &'static Resource) -> Result<Sheet> {
    let says = |name: &str| STOCKTAKE.says(ctx, name);
    let include = Include {
        pricing: says("export_pricing_data"),
        external: says("export_include_external_items"),
        variants: says("export_include_variant_items"),
        nothing: !says("export_exclude_zero_stock_entries"),
    };
    Ok(table(&exporter::rows(ctx, resource, &["pricing"])?, include))
}

/// What counts in a stocktake.
#[derive(Clone, Copy)]
struct Include {
    pricing: bool,
    external: bool,
    variants: bool,
    /// Parts without stock, too.
    nothing: bool,
}

/// An amount in a row of the list.
fn amount<U: Unit>(row: &Map<String, Json>, name: &str) -> Amount<U> {
    let text = row.get(name).filter(|v| !v.is_null()).map(Json::to_string).unwrap_or_default();
    Amount::parse(&text, Excess::Round).unwrap_or_default()
}

fn shown<U: Unit>(amount: Amount<U>) -> Json {
    let mut bytes = Vec::new();
    amount.write_short(&mut bytes);
    serde_json::from_slice(&bytes).unwrap_or(Json::Null)
}

fn table(rows: &[Map<String, Json>], include: Include) -> Sheet {
    let mut sheet = Sheet::default();
    for name in ["ID", "Name", "IPN", "Description", "Category", "Stock Items", "Total Quantity"] {
        sheet.columns.push(name.into());
    }
    if include.pricing {
        for name in ["Minimum Unit Cost", "Maximum Unit Cost", "Minimum Total Cost", "Maximum Total Cost"] {
            sheet.columns.push(name.into());
        }
    }
    for row in rows {
        let mut quantity: Quantity = amount(row, "in_stock");
        if include.variants {
            quantity = quantity.saturating_add(amount(row, "variant_stock"));
        }
        if !include.external {
            quantity = quantity.saturating_sub(amount(row, "external_stock")).max(Quantity::ZERO);
        }
        if quantity.is_zero() && !include.nothing {
            continue;
        }
        let mut cells: Vec<Json> = ["pk", "full_name", "IPN", "description", "category_name", "stock_item_count"]
            .iter()
            .map(|name| row.get(*name).cloned().unwrap_or(Json::Null))
            .collect();
        cells.push(shown(quantity));
        if include.pricing {
            let (least, most): (Money, Money) = (amount(row, "pricing_min"), amount(row, "pricing_max"));
            cells.push(row.get("pricing_min").cloned().unwrap_or(Json::Null));
            cells.push(row.get("pricing_max").cloned().unwrap_or(Json::Null));
            for price in [least, most] {
                cells.push(price.exact(quantity).truncate().map_or(Json::Null, shown));
            }
        }
        sheet.rows.push(cells);
    }
    sheet
}
