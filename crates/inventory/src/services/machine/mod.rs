//! Machines that labels are printed on: what they are, their settings, how they are reached.

pub mod address;
pub mod api;
pub mod driver;
pub mod image;
pub mod printing;
#[cfg(test)]
mod real_tests;
pub mod request;
pub mod setting;
pub mod status;
#[cfg(test)]
mod tests;

use ironwood_rest::resource::{Action, Resource};

pub use printing::{print, printers};
pub use request::Request;

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&api::MACHINES];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[
    &api::TYPES,
    &api::DRIVERS,
    &api::STATUS,
    &api::RESTART,
    &setting::SETTINGS,
    &setting::SETTING,
    &setting::SETTING_PUT,
    &setting::SETTING_PATCH,
];
