//! Labels and reports: their templates, and what templates use.

pub mod files;
pub mod filters;
pub mod press;
pub mod print;
pub mod tables;
pub mod template;
pub mod upload;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&template::LABELS, &template::REPORTS, &files::SNIPPETS, &files::ASSETS];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[&print::PRINT_LABELS, &print::PRINT_REPORT];
