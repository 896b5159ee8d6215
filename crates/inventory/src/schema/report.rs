//! Tables: labels and reports.

use ironwood_base::Key;
use ironwood_base::key::Record;
use ironwood_rest::table::Default::{Int, Text};
use ironwood_rest::table::OnDelete::SetNull;
use ironwood_rest::table::{Column, Table, file, flag, join, json, link, natural, real, text, time};

use crate::schema::users;

const TEMPLATE: [Column; 12] = [
    file("template"),
    text("name", 100),
    text("description", 250).blank(),
    natural("revision").default(Int(1)),
    flag("attach_to_model", false),
    text("filename_pattern", 100).default(Text("output.pdf")),
    flag("enabled", true),
    text("model_type", 100),
    text("filters", 250).blank(),
    time("updated").null(),
    link("updated_by", &users::USER, SetNull).null(),
    json("metadata").null().filled("{}"),
];

/// Templates of labels.
pub static LABEL: Table = Table::new("report_labeltemplate", "report.labeltemplate")
    .columns(&join::<12, 2, 14>(
        TEMPLATE,
        [real("width").default(Int(50)).check("{} >= 2"), real("height").default(Int(20)).check("{} >= 2")],
    ))
    .unique(&[&["name", "model_type"]]);

/// Templates of reports.
pub static REPORT: Table = Table::new("report_reporttemplate", "report.reporttemplate")
    .columns(&join::<12, 3, 15>(
        TEMPLATE,
        [text("page_size", 20).default(Text("A4")), flag("landscape", false), flag("merge", false)],
    ))
    .unique(&[&["name", "model_type"]]);

/// Pieces of templates that others include.
pub static SNIPPET: Table =
    Table::new("report_reportsnippet", "report.reportsnippet").columns(&[file("snippet"), text("description", 250)]);

/// Files that templates use.
pub static ASSET: Table =
    Table::new("report_reportasset", "report.reportasset").columns(&[file("asset"), text("description", 250)]);

/// What templates of labels are.
#[derive(Debug)]
pub enum LabelTemplate {}

impl Record for LabelTemplate {
    const TABLE: &'static str = LABEL.name;
}

/// What templates of reports are.
#[derive(Debug)]
pub enum ReportTemplate {}

impl Record for ReportTemplate {
    const TABLE: &'static str = REPORT.name;
}

/// The key of a template of labels.
pub type LabelTemplateKey = Key<LabelTemplate>;
/// The key of a template of reports.
pub type ReportTemplateKey = Key<ReportTemplate>;
