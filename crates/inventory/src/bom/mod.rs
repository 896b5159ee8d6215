//! Bills of materials.

pub mod lines;
pub mod tables;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[];
