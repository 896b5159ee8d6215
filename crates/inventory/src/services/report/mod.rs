//! Labels and reports: their templates, and what templates use.

pub(crate) mod context;
pub(crate) mod defaults;
pub(crate) mod document;
mod downloads;
pub(crate) mod files;
pub(crate) mod filters;
mod options;
pub(crate) mod preview;
pub(crate) mod print;
pub(crate) mod render;
#[cfg(test)]
mod rights_tests;
pub(crate) mod sheet;
pub(crate) mod tags;
pub(crate) mod template;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod upload;
pub(crate) mod work;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[&template::LABELS, &template::REPORTS, &files::SNIPPETS, &files::ASSETS];

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[
    &print::PRINT_LABELS,
    &print::PRINT_REPORT,
    &print::ADD_DEFAULTS,
    &preview::PREVIEW_LABEL,
    &preview::PREVIEW_REPORT,
    &preview::LABEL_NAMES,
    &preview::REPORT_NAMES,
];
