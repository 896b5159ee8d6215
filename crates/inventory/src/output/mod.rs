//! Lists as files: what was exported, and how it is done.

pub mod exporter;
pub mod options;
pub mod sheet;
#[cfg(test)]
mod tests;

use std::path::Path;

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::effects::Effects;
use ironwood_rest::http::Answer;
use ironwood_rest::input::Input;
use ironwood_rest::list;
use ironwood_rest::resource::{Access, Operations, Resource, Test, filter, order};
use ironwood_rest::view::{View, col, nested, pk};
use ironwood_store::Value;

use crate::common::tables::DATA_OUTPUT as TABLE;
use crate::media;
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

/// Files made from lists and templates: everybody sees their own, superusers all.
pub static OUTPUTS: Resource = Resource::new("/api/data-output/", "data_output", &VIEW)
    .operations(Operations { create: false, update: false, ..Operations::ALL }.bulk_delete())
    .access(Access::SignedIn)
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

/// A file that was made of a list.
pub struct Made {
    bytes: Vec<u8>,
    name: String,
    rows: usize,
    exporter: &'static str,
}

/// The values of the record of a file.
pub type Record = Vec<(&'static str, Value)>;

/// Makes a file of all rows that a list gives, by one of these exporters. Nothing is written.
///
/// # Errors
/// [`Error::Invalid`] for an unknown format or exporter.
pub fn make(ctx: &mut Context<'_>, resource: &'static Resource, exporters: &[&Exporter]) -> Result<Made> {
    let format = Format::parse(ctx.request.param("export_format").unwrap_or("csv"))
        .ok_or_else(|| Error::field("export_format", "The form of the file is csv, tsv or xlsx."))?;
    let named = ctx.request.param("export_plugin").unwrap_or(exporter::PLAIN.name);
    let exporter = exporters.iter().find(|e| e.name == named && (e.takes)(resource));
    let exporter = exporter.ok_or_else(|| Error::field("export_plugin", "There is no such exporter for this list."))?;
    exporter.check_options(ctx)?;
    let sheet = (exporter.sheet)(ctx, resource)?;
    let name = format!("Ironwood_{}_{}.{}", resource.view.name, ironwood_base::clock::today(), format.extension());
    Ok(Made { bytes: sheet.write(format)?, name, rows: sheet.rows.len(), exporter: exporter.name })
}

impl Made {
    /// Writes the file; gives its path below the media folder.
    ///
    /// # Errors
    /// 500 where it cannot be written.
    pub fn write(&self, media: &Path, effects: &mut Effects) -> Result<String> {
        media::write(media, effects, &media::unguessable(FOLDER)?, &self.name, &self.bytes)
    }

    /// Its record.
    pub fn record(&self, user: Option<i64>, path: &str) -> Record {
        let rows = i64::try_from(self.rows).unwrap_or(i64::MAX);
        vec![
            ("user", user.into()),
            ("total", rows.into()),
            ("progress", 100.into()),
            ("complete", true.into()),
            ("output_type", "export".into()),
            ("plugin", self.exporter.into()),
            ("output", path.into()),
        ]
    }
}

/// Writes the record of a file and answers with it.
///
/// # Errors
/// Those of the database.
pub fn note(ctx: &mut Context<'_>, record: &Record) -> Result<Answer> {
    let mut change = Change::create(&TABLE, Input::default());
    for (column, value) in record {
        change.set(column, value.clone());
    }
    let id = change.write(ctx.conn)?;
    list::retrieve(ctx, &OUTPUTS, id)
}
