//! What records of every kind can carry: attachments, parameters, notes, tags, metadata.

pub mod metadata;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[];

/// Actions of this area.
pub static ACTIONS: &[&Action] = metadata::ACTIONS;
