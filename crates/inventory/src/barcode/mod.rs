//! Barcodes: making, scanning, linking.

pub mod hash;
pub mod history;
pub mod internal;
pub mod kind;
pub mod link;
pub mod scan;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&history::SCANS];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[&scan::SCAN, &link::GENERATE, &link::LINK, &link::UNLINK];
