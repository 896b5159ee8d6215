//! Lists as files: what was exported, and how it is done.

pub mod exporter;
pub mod options;
pub mod sheet;
#[cfg(test)]
mod tests;

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::http::Answer;
use ironwood_rest::input::Input;
use ironwood_rest::list;
use ironwood_rest::resource::{Access, Operations, Resource, Test, filter, order};
use ironwood_rest::view::{View, col, nested, pk};
use ironwood_store::Value;

use crate::common::tables::DATA_OUTPUT as TABLE;
use crate::state::Inventory;
use crate::users::tables::USER;
use crate::users::view::BRIEF;
use exporter::Exporter;
use sheet::Format;

/// Folder of exported files below the media folder.
pub const FOLDER: &str = "data_output";

/// A file made from a list or a template.
pub static VIEW: View = View::new(
    "DataOutput",
    &TABLE,
    &[
        pk(),
        col("created").read_only(),
        col("user").help("Who asked for it."),
        nested("user_detail", "user", &BRIEF).always(),
        col("total").help("How many rows there are."),
        col("progress").help("Per cent of the work that is done."),
        col("complete").help("Whether the file is there."),
        col("output_type").help("Kind of the output."),
        col("template_name").help("Template that it was made from."),
        col("plugin").help("What made it."),
        col("output").read_only().nullable().help("Address of the file."),
        col("errors").help("What went wrong."),
    ],
);

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&OUTPUTS];

/// Files made from lists and templates: everybody sees his own, staff all.
pub static OUTPUTS: Resource = Resource::new("/api/data-output/", "data_output", &VIEW)
    .operations(Operations { create: false, update: false, ..Operations::ALL }.bulk_delete())
    .access(Access::SignedIn)
    .scope("{t}.\"user\" = {user} OR EXISTS (SELECT 1 FROM auth_user s WHERE s.id = {user} AND s.is_staff)")
    .filters(&[filter("user", Test::Link(&USER, "{t}.\"user\" = {value}"))])
    .search(&["{output_type}", "{template_name}", "{plugin}"])
    .order(&[
        order("pk", &["{id}"]),
        order("user", &["{t}.\"user\""]),
        order("plugin", &["{plugin}"]),
        order("output_type", &["{output_type}"]),
        order("created", &["{created}"]),
    ])
    .help("Files made from lists and templates.");

/// Makes a file of all rows that a list gives, by one of these exporters, and answers with its record.
///
/// # Errors
/// [`Error::Invalid`] for an unknown format or exporter; 500 where the file cannot be written.
pub fn export(ctx: &mut Context<'_>, resource: &'static Resource, exporters: &[&Exporter]) -> Result<Answer> {
    let format = Format::parse(ctx.request.param("export_format").unwrap_or("csv"))
        .ok_or_else(|| Error::field("export_format", "The form of the file is csv, tsv or xlsx."))?;
    let named = ctx.request.param("export_plugin").unwrap_or(exporter::PLAIN.name);
    let exporter = exporters.iter().find(|e| e.name == named && (e.takes)(resource));
    let exporter = exporter.ok_or_else(|| Error::field("export_plugin", "There is no such exporter for this list."))?;
    let sheet = (exporter.sheet)(ctx, resource)?;
    let bytes = sheet.write(format)?;
    let mut change = Change::create(&TABLE, Input::default());
    change.set("user", ctx.caller.id());
    change.set("total", sheet.rows.len() as i64);
    change.set("progress", 100);
    change.set("complete", true);
    change.set("output_type", "export");
    change.set("plugin", exporter.name);
    change.set("output", "");
    let id = change.write(ctx.conn)?;
    let name = format!("Ironwood_{}_{}_{id}.{}", resource.view.name, ironwood_base::clock::today(), format.extension());
    let media = Inventory::of(ctx.domain)?.media.clone();
    let path = crate::media::write(&media, &mut ctx.effects, FOLDER, &name, &bytes)?;
    ctx.conn.execute("UPDATE common_dataoutput SET output = $1 WHERE id = $2", &[path.into(), Value::Int(id)])?;
    list::retrieve(ctx, &OUTPUTS, id)
}
