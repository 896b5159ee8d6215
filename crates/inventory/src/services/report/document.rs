//! Labels and reports, and the records that they are made of.

use ironwood_rest::table::Table;

use crate::schema::record_type::{Has, with};
use crate::schema::report::{LABEL, REPORT};

/// Labels or reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DocumentType {
    Label,
    Report,
}

impl DocumentType {
    /// The table of the templates.
    pub(crate) fn table(self) -> &'static Table {
        match self {
            DocumentType::Label => &LABEL,
            DocumentType::Report => &REPORT,
        }
    }

    /// What an output of this kind is called in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            DocumentType::Label => "label",
            DocumentType::Report => "report",
        }
    }
}

/// The table of a type of record that labels and reports are made of.
pub(crate) fn table_of(model: &str) -> Option<&'static Table> {
    with(Has::Documents).map(|one| one.table).find(|table| table.model() == model)
}
