//! Functionality shared by all areas.

pub(crate) mod barcode_hash;
pub(crate) mod choices;
pub(crate) mod contenttype;
pub(crate) mod custom_state;
pub(crate) mod duplicate;
pub(crate) mod icon;
pub(crate) mod parameter;
pub(crate) mod status;
pub(crate) mod tag;
#[cfg(test)]
mod tests;
pub(crate) mod tree;
pub(crate) mod unit;

use ironwood_rest::resource::{Action, Resource};

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[&status::ALL, &status::ONE, &status::STOCK, &status::HISTORY];

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[&custom_state::STATES];
