//! Machines that labels are printed on: what they are, their settings, how they are reached.

pub(crate) mod address;
pub(crate) mod api;
pub(crate) mod driver;
pub(crate) mod image;
pub(crate) mod printing;
#[cfg(test)]
mod real_tests;
pub(crate) mod request;
pub(crate) mod setting;
pub(crate) mod status;
#[cfg(test)]
mod tests;

use ironwood_rest::resource::{Action, Resource};

pub(crate) use printing::{print, printers};
pub(crate) use request::Request;

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[&api::MACHINES];

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[
    &api::TYPES,
    &api::DRIVERS,
    &api::STATUS,
    &api::RESTART,
    &setting::SETTINGS,
    &setting::SETTING,
    &setting::SETTING_PUT,
    &setting::SETTING_PATCH,
];
