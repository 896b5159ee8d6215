//! Stock items and locations.

pub(crate) mod actions;
pub(crate) mod available;
pub(crate) mod batch;
pub(crate) mod create;
pub(crate) mod expiry;
pub(crate) mod generate;
pub(crate) mod history;
pub(crate) mod history_limit;
pub(crate) mod item;
pub(crate) mod kernel;
pub(crate) mod location;
pub(crate) mod numbers;
pub(crate) mod owner;
pub(crate) mod past;
pub(crate) mod rules;
#[cfg(test)]
mod serial_tests;
pub(crate) mod shop_floor;
pub(crate) mod shortage;
#[cfg(test)]
mod status_tests;
pub(crate) mod test;
pub(crate) mod tested;
#[cfg(test)]
mod tests;
pub(crate) mod track;
pub(crate) mod view;

pub(crate) use kernel::spaces as serial;

use ironwood_rest::resource::Resource;

pub(crate) use numbers::ACTIONS;

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] =
    &[&item::ITEM, &location::LOCATION, &location::TREE, &location::LOCATION_TYPE, &test::RESULTS, &track::HISTORY];
