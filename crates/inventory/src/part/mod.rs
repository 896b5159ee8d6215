//! Parts.

pub mod category;
pub mod tables;

use ironwood_rest::resource::Resource;

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&category::CATEGORY, &category::TREE];
