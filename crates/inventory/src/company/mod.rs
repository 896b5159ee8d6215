//! Companies and what they sell.

pub mod address;
pub mod contact;
pub mod tables;
pub mod view;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[];
