//! Parts and their categories.

pub mod actions;
#[cfg(test)]
mod beside_tests;
pub mod category;
mod creation;
pub mod export;
pub mod kept;
#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod list_tests;
pub mod name;
pub mod others;
#[allow(clippy::module_inception)] // the resource of the area's own name
pub mod part;
pub mod picture;
pub mod price;
pub mod pricing;
#[cfg(test)]
mod race_tests;
pub mod requirements;
pub mod rules;
#[cfg(test)]
mod rules_tests;
pub mod stocktake;
pub mod subscribers;
pub mod test_template;
pub mod totals;
pub mod view;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[
    &part::PART,
    &category::CATEGORY,
    &category::TREE,
    &others::CATEGORY_PARAMETERS,
    &price::SALE,
    &price::INTERNAL,
    &price::SALE_MOVED,
    &price::INTERNAL_MOVED,
    &test_template::TEST_TEMPLATE,
    &others::RELATION,
    &others::STOCKTAKES,
    &actions::PICTURE,
];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &{
    let [a, b, c] = actions::ACTIONS;
    let [d, e, f, g, h, i] = pricing::api::ACTIONS;
    [a, b, c, d, e, f, g, h, i, &stocktake::GENERATE]
};
