//! Bills of materials.

pub mod actions;
pub mod amount;
pub mod available;
pub mod checksum;
pub mod copy;
pub mod cycle;
pub mod export;
pub mod import;
pub mod item;
pub mod lines;
pub mod rules;
pub mod substitute;
pub mod tables;
#[cfg(test)]
mod tests;

use ironwood_rest::resource::Resource;

pub use actions::ACTIONS;

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&item::ITEM, &substitute::SUBSTITUTE];
