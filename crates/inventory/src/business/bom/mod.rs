//! Bills of materials.

pub mod actions;
pub mod amount;
pub mod available;
pub mod checksum;
#[cfg(test)]
mod circle_tests;
pub mod copy;
pub mod cycle;
pub mod export;
pub mod import;
pub mod item;
pub mod lines;
pub mod rules;
pub mod substitute;
#[cfg(test)]
pub(crate) mod tests;
pub mod usable;
#[cfg(test)]
mod usable_tests;

use ironwood_rest::resource::Resource;

pub use actions::ACTIONS;

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&item::ITEM, &substitute::SUBSTITUTE];
