//! Functionality shared by all areas.

pub mod barcode_hash;
pub mod choices;
pub mod contenttype;
pub mod custom_state;
pub mod duplicate;
pub mod icon;
pub mod parameter;
pub mod status;
pub mod tag;
pub mod tree;
pub mod unit;

use ironwood_rest::resource::{Action, Resource};

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[&status::ALL, &status::ONE, &status::STOCK, &status::HISTORY];

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&custom_state::STATES];
