//! What makes tables of lists. The names of exporters are those that clients know.

use std::collections::HashSet;

use ironwood_base::decimal::{self, Excess};
use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::Request;
use ironwood_rest::list;
use ironwood_rest::options::label;
use ironwood_rest::resource::Resource;
use ironwood_rest::view::{Type, View};
use serde_json::{Map, Value as Json};

use super::options;
use super::sheet::Sheet;

/// All fields of a list, as they are.
pub const PLAIN: &str = "inventree-exporter";
/// A list with a column for each parameter.
pub const PARAMETERS: &str = "parameter-exporter";
/// Parts with their stock and what it is worth.
pub const STOCKTAKE: &str = "inventree-stocktake-exporter";

/// All exporters, with their names for people.
pub static EXPORTERS: &[(&str, &str)] = &[
    (PLAIN, "The list as it is"),
    (PARAMETERS, "With parameters"),
    (STOCKTAKE, "Stocktake"),
    (crate::bom::export::NAME, "Bill of materials, level by level"),
];

/// Whether an exporter makes a table of this list.
pub fn makes(plugin: &str, resource: &Resource) -> bool {
    match plugin {
        PLAIN => true,
        PARAMETERS => resource.view.field("parameters").is_some(),
        STOCKTAKE => resource.path == "/api/part/",
        crate::bom::export::NAME => resource.path == "/api/bom/",
        _ => false,
    }
}

/// The table that an exporter makes of a list.
///
/// # Errors
/// [`Error::Invalid`] for an exporter that is not there or makes nothing of this list.
pub fn sheet(ctx: &mut Context<'_>, resource: &'static Resource, plugin: &str) -> Result<Sheet> {
    if !makes(plugin, resource) {
        return Err(Error::field("export_plugin", "There is no such exporter for this list."));
    }
    match plugin {
        PLAIN => Ok(plain(resource.view, &rows(ctx, resource, &[])?)),
        PARAMETERS => {
            let only_enabled = options::says(ctx, PARAMETERS, "export_exclude_inactive_parameters");
            Ok(with_parameters(resource.view, &rows(ctx, resource, &["parameters"])?, only_enabled))
        }
        STOCKTAKE => {
            let says = |name: &str| options::says(ctx, STOCKTAKE, name);
            let include = Include {
                pricing: says("export_pricing_data"),
                external: says("export_include_external_items"),
                variants: says("export_include_variant_items"),
                nothing: !says("export_exclude_zero_stock_entries"),
            };
            Ok(stocktake(&rows(ctx, resource, &["pricing"])?, include))
        }
        _ => crate::bom::export::sheet(ctx, resource),
    }
}

/// All rows of a list, with the fields that these parameters switch on.
fn rows(ctx: &mut Context<'_>, resource: &'static Resource, with: &[&str]) -> Result<Vec<Map<String, Json>>> {
    let mut request: Request = ctx.request.clone();
    request.query.extend(with.iter().map(|name| ((*name).to_owned(), "true".to_owned())));
    let mut inner = Context::new(ctx.conn, ctx.caller, &request, ctx.domain, ctx.registry, ctx.limits);
    let bytes = list::all_rows(&mut inner, resource)?;
    serde_json::from_slice(&bytes).map_err(|error| Error::Internal(format!("rows: {error}")))
}

/// A column: its name, and the way to its value.
struct Column {
    name: String,
    path: Vec<&'static str>,
}

/// Columns for the fields that are in the rows; those of shown objects stand by themselves.
fn columns(view: &'static View, first: Option<&Map<String, Json>>, path: &[&'static str], prefix: &str) -> Vec<Column> {
    let mut all = Vec::new();
    for field in view.fields.iter().filter(|f| f.shown()) {
        if first.is_some_and(|row| !row.contains_key(field.name)) {
            continue;
        }
        let name = format!("{prefix}{}", label(field));
        let path: Vec<&'static str> = path.iter().copied().chain([field.name]).collect();
        match field.wire(view.table) {
            Type::Object(inner) if path.len() < 3 => {
                let inside = first.and_then(|row| row.get(field.name)).and_then(Json::as_object);
                all.extend(columns(inner, inside, &path, &format!("{name}.")));
            }
            Type::List(_) => {}
            _ => all.push(Column { name, path }),
        }
    }
    all
}

fn value(row: &Map<String, Json>, path: &[&str]) -> Json {
    let Some((first, rest)) = path.split_first() else { return Json::Null };
    match row.get(*first) {
        Some(Json::Object(inner)) if !rest.is_empty() => value(inner, rest),
        Some(found) if rest.is_empty() => found.clone(),
        _ => Json::Null,
    }
}

/// Fields shown in every row are looked for in a row in which no inner object is missing.
fn plain(view: &'static View, rows: &[Map<String, Json>]) -> Sheet {
    let full = rows.iter().max_by_key(|row| row.values().filter(|v| v.is_object()).count());
    let columns = columns(view, full.or(Some(&Map::new())).filter(|r| !r.is_empty()), &[], "");
    Sheet {
        rows: rows.iter().map(|row| columns.iter().map(|c| value(row, &c.path)).collect()).collect(),
        columns: columns.into_iter().map(|c| c.name).collect(),
    }
}

fn with_parameters(view: &'static View, rows: &[Map<String, Json>], only_enabled: bool) -> Sheet {
    let mut sheet = plain(view, rows);
    let given = |row: &Map<String, Json>| -> Vec<(String, Json)> {
        let list = row.get("parameters").and_then(Json::as_array).cloned().unwrap_or_default();
        list.iter()
            .filter_map(|p| {
                let template = p.get("template_detail")?;
                if only_enabled && template.get("enabled") == Some(&Json::Bool(false)) {
                    return None;
                }
                let units = template.get("units").and_then(Json::as_str).filter(|u| !u.is_empty());
                let name = template.get("name")?.as_str()?;
                let name = units.map_or_else(|| name.to_owned(), |units| format!("{name} [{units}]"));
                Some((name, p.get("data").cloned().unwrap_or(Json::Null)))
            })
            .collect()
    };
    let mut names: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for (name, _) in rows.iter().flat_map(given) {
        if seen.insert(name.clone()) {
            names.push(name);
        }
    }
    for (cells, row) in sheet.rows.iter_mut().zip(rows) {
        let values = given(row);
        cells.extend(names.iter().map(|n| values.iter().find(|(v, _)| v == n).map_or(Json::Null, |(_, v)| v.clone())));
    }
    sheet.columns.extend(names);
    sheet
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

fn stocktake(rows: &[Map<String, Json>], include: Include) -> Sheet {
    const PLACES: u8 = decimal::QUANTITY;
    let number = |row: &Map<String, Json>, name: &str, places: u8| -> i64 {
        let text = row.get(name).filter(|v| !v.is_null()).map(Json::to_string).unwrap_or_default();
        decimal::parse(&text, places, Excess::Round).unwrap_or(0)
    };
    let shown = |scaled: i64, places: u8| -> Json {
        let mut bytes = Vec::new();
        decimal::write_short(&mut bytes, scaled, places);
        serde_json::from_slice(&bytes).unwrap_or(Json::Null)
    };
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
        let mut quantity = number(row, "in_stock", PLACES);
        if include.variants {
            quantity = quantity.saturating_add(number(row, "variant_stock", PLACES));
        }
        if !include.external {
            quantity = quantity.saturating_sub(number(row, "external_stock", PLACES)).max(0);
        }
        if quantity == 0 && !include.nothing {
            continue;
        }
        let mut cells: Vec<Json> = ["pk", "full_name", "IPN", "description", "category_name", "stock_item_count"]
            .iter()
            .map(|name| row.get(*name).cloned().unwrap_or(Json::Null))
            .collect();
        cells.push(shown(quantity, PLACES));
        if include.pricing {
            let (least, most) =
                (number(row, "pricing_min", decimal::MONEY), number(row, "pricing_max", decimal::MONEY));
            cells.push(row.get("pricing_min").cloned().unwrap_or(Json::Null));
            cells.push(row.get("pricing_max").cloned().unwrap_or(Json::Null));
            for price in [least, most] {
                let total = i128::from(price) * i128::from(quantity) / i128::from(decimal::scale(PLACES));
                cells.push(i64::try_from(total).map_or(Json::Null, |total| shown(total, decimal::MONEY)));
            }
        }
        sheet.rows.push(cells);
    }
    sheet
}
