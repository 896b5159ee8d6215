//! Parts and their categories.

pub mod actions;
pub mod category;
pub mod name;
pub mod others;
#[allow(clippy::module_inception)] // the resource of the area's own name
pub mod part;
pub mod price;
pub mod rules;
pub mod tables;
pub mod test_template;
pub mod totals;
pub mod view;

use ironwood_rest::resource::Resource;

pub use actions::ACTIONS;

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[
    &part::PART,
    &category::CATEGORY,
    &category::TREE,
    &others::CATEGORY_PARAMETERS,
    &price::SALE,
    &price::INTERNAL,
    &test_template::TEST_TEMPLATE,
    &others::RELATION,
    &others::STOCKTAKES,
];
