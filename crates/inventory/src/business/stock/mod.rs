//! Stock items and locations.

pub mod actions;
pub mod available;
pub mod batch;
pub mod create;
pub mod expiry;
pub mod generate;
pub mod history;
pub mod history_limit;
pub mod item;
pub mod kernel;
pub mod location;
pub mod numbers;
pub mod owner;
pub mod past;
pub mod rules;
#[cfg(test)]
mod serial_tests;
pub mod shortage;
#[cfg(test)]
mod status_tests;
pub mod test;
pub mod tested;
#[cfg(test)]
mod tests;
pub mod track;
pub mod view;

pub use kernel::spaces as serial;

use ironwood_rest::resource::Resource;

pub use numbers::ACTIONS;

/// Resources of this area.
pub static RESOURCES: &[&Resource] =
    &[&item::ITEM, &location::LOCATION, &location::TREE, &location::LOCATION_TYPE, &test::RESULTS, &track::HISTORY];
