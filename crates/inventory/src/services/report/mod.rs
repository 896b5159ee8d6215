//! Labels and reports: their templates, and what templates use.

pub mod context;
pub mod defaults;
mod downloads;
pub mod files;
pub mod filters;
mod options;
pub mod preview;
pub mod print;
pub mod render;
pub mod sheet;
pub mod tags;
pub mod template;
#[cfg(test)]
pub(crate) mod tests;
pub mod upload;
pub mod work;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&template::LABELS, &template::REPORTS, &files::SNIPPETS, &files::ASSETS];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[
    &print::PRINT_LABELS,
    &print::PRINT_REPORT,
    &print::ADD_DEFAULTS,
    &preview::PREVIEW_LABEL,
    &preview::PREVIEW_REPORT,
    &preview::LABEL_NAMES,
    &preview::REPORT_NAMES,
];
