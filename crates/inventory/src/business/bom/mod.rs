//! Bills of materials.

pub(crate) mod actions;
pub(crate) mod amount;
pub(crate) mod available;
pub(crate) mod checksum;
#[cfg(test)]
mod circle_tests;
pub(crate) mod copy;
pub(crate) mod cycle;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod item;
pub(crate) mod lines;
pub(crate) mod rules;
pub(crate) mod substitute;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod usable;
#[cfg(test)]
mod usable_tests;

use ironwood_rest::resource::Resource;

pub(crate) use actions::ACTIONS;

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[&item::ITEM, &substitute::SUBSTITUTE];
