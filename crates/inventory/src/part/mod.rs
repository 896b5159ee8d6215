//! Parts and their categories.

pub mod category;
pub mod name;
#[allow(clippy::module_inception)] // the resource of the area's own name
pub mod part;
pub mod price;
pub mod rules;
pub mod tables;
pub mod totals;
pub mod view;

use ironwood_rest::resource::Resource;

/// Resources of this area.
pub static RESOURCES: &[&Resource] =
    &[&part::PART, &category::CATEGORY, &category::TREE, &price::SALE, &price::INTERNAL];
