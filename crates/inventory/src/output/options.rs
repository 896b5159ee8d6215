//! What may be said about a file that is made of a list, as OPTIONS tells clients.

use ironwood_base::Result;
use ironwood_rest::context::Context;
use ironwood_rest::options;
use ironwood_rest::resource::Resource;
use ironwood_rest::select::truth;
use ironwood_rest::view::{BOOL, Field, INT, TEXT, View, input};
use serde_json::{Map, Value as Json, json};

use super::exporter;

/// The forms of files.
const FORMATS: &[(&str, &str)] = &[("csv", "CSV"), ("xlsx", "Excel"), ("tsv", "TSV")];

static ALL: View = View::plain(
    "DataExportOptions",
    &[
        input("export_format", TEXT).choices(FORMATS).default("\"csv\"").help("Form of the file."),
        input("export_plugin", TEXT)
            .default("\"inventree-exporter\"")
            .option_type("choice")
            .help("What makes the table of the list."),
    ],
);

const fn yes(name: &'static str) -> Field {
    input(name, BOOL).default("true")
}
const fn no(name: &'static str) -> Field {
    input(name, BOOL).default("false")
}

static OF_PARAMETERS: View = View::plain(
    "ParameterExportOptions",
    &[yes("export_exclude_inactive_parameters").label("Exclude inactive").help("Only templates that are in use.")],
);
static OF_STOCKTAKE: View = View::plain(
    "StocktakeExportOptions",
    &[
        yes("export_pricing_data").label("Prices").help("With what parts and their stock are worth."),
        no("export_include_external_items").label("External stock").help("With stock in external locations."),
        no("export_include_variant_items").label("Stock of variants").help("With the stock of variants."),
        no("export_exclude_zero_stock_entries").label("Exclude empty").help("Without parts that have no stock."),
    ],
);
static OF_BOM: View = View::plain(
    "BomExportOptions",
    &[
        input("export_levels", INT).label("Levels").default("0").help("How many levels; 0: all."),
        yes("export_total_quantity").label("Total quantity").help("With how much the topmost assembly needs."),
        yes("export_stock_data").label("Stock").help("With the stock of components."),
        yes("export_pricing_data").label("Prices").help("With the prices of components."),
        yes("export_supplier_data").label("Suppliers").help("With suppliers of components."),
        yes("export_manufacturer_data").label("Manufacturers").help("With manufacturers of components."),
        yes("export_substitute_data").label("Substitutes").help("With what may be used instead."),
        yes("export_parameter_data").label("Parameters").help("With parameters of components."),
    ],
);

/// Options of an exporter.
fn of(plugin: &str) -> Option<&'static View> {
    match plugin {
        exporter::PARAMETERS => Some(&OF_PARAMETERS),
        exporter::STOCKTAKE => Some(&OF_STOCKTAKE),
        crate::bom::export::NAME => Some(&OF_BOM),
        _ => None,
    }
}

/// Whether an exporter's option is on: as the request says, or by default.
pub fn says(ctx: &Context<'_>, plugin: &str, name: &str) -> bool {
    let default = of(plugin).and_then(|view| view.field(name)).is_some_and(|field| field.default == "true");
    ctx.request.param(name).and_then(truth).unwrap_or(default)
}

/// The options of a file of this list, those of the exporter that the request names included.
///
/// # Errors
/// Those of the database.
pub fn describe(ctx: &mut Context<'_>, resource: &'static Resource) -> Result<Map<String, Json>> {
    let mut told = options::accepted(ctx, &ALL)?;
    let choices: Vec<Json> = exporter::EXPORTERS
        .iter()
        .filter(|(name, _)| exporter::makes(name, resource))
        .map(|(name, label)| json!({"value": name, "display_name": label}))
        .collect();
    if let Some(Json::Object(info)) = told.get_mut("export_plugin") {
        info.insert("choices".into(), choices.into());
    }
    let plugin = ctx.request.param("export_plugin").unwrap_or_default().to_owned();
    if let Some(view) = of(&plugin).filter(|_| exporter::makes(&plugin, resource)) {
        told.extend(options::accepted(ctx, view)?);
    }
    Ok(told)
}
