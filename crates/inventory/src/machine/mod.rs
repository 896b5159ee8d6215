//! Machines such as label printers. There are no drivers here: machines of a migrated database are kept and
//! shown.

pub mod api;
pub mod tables;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&api::MACHINES];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[&api::TYPES, &api::DRIVERS, &api::STATUS, &api::RESTART, &api::SETTINGS];
