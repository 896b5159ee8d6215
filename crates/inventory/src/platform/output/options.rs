//! Export options of a list, as returned by OPTIONS.

use ironwood_base::Result;
use ironwood_rest::context::Context;
use ironwood_rest::options;
use ironwood_rest::resource::Resource;
use ironwood_rest::view::{TEXT, View, input};
use serde_json::{Map, Value as Json, json};

use super::exporter::Exporter;

/// The forms of files.
const FORMATS: &[(&str, &str)] = &[("csv", "CSV"), ("xlsx", "Excel"), ("tsv", "TSV")];

static ALL: View = View::plain(
    "DataExportOptions",
    &[
        input("export_format", TEXT).choices(FORMATS).default("\"csv\"").help("File format."),
        input("export_plugin", TEXT)
            .default("\"inventree-exporter\"")
            .option_type("choice")
            .help("Exporter that builds the table."),
    ],
);

/// The options of a file of this list, those of the exporter (one of `exporters`) that the request names
/// included.
///
/// # Errors
/// Those of the database.
pub(crate) fn describe(
    ctx: &mut Context<'_>,
    resource: &'static Resource,
    exporters: &[&Exporter],
) -> Result<Map<String, Json>> {
    let mut described = options::accepted(ctx, &ALL)?;
    let fit: Vec<&Exporter> = exporters.iter().copied().filter(|e| (e.takes)(resource)).collect();
    let choices: Vec<Json> = fit.iter().map(|e| json!({"value": e.name, "display_name": e.label})).collect();
    if let Some(Json::Object(info)) = described.get_mut("export_plugin") {
        info.insert("choices".into(), choices.into());
    }
    let named = ctx.request.param("export_plugin").unwrap_or_default();
    if let Some(view) = fit.iter().find(|e| e.name == named).and_then(|e| e.options) {
        described.extend(options::accepted(ctx, view)?);
    }
    Ok(described)
}
