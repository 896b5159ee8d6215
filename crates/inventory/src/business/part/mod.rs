//! Parts and their categories.

pub(crate) mod actions;
#[cfg(test)]
mod beside_tests;
pub(crate) mod category;
mod creation;
pub(crate) mod export;
pub(crate) mod kept;
#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod list_tests;
pub(crate) mod name;
pub(crate) mod others;
#[allow(clippy::module_inception)] // the resource of the area's own name
pub(crate) mod part;
pub(crate) mod picture;
pub(crate) mod price;
pub(crate) mod pricing;
#[cfg(test)]
mod race_tests;
pub(crate) mod requirements;
pub(crate) mod rules;
#[cfg(test)]
mod rules_tests;
pub(crate) mod stocktake;
pub(crate) mod subscribers;
pub(crate) mod test_template;
pub(crate) mod totals;
pub(crate) mod view;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[
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
pub(crate) static ACTIONS: &[&Action] = &{
    let [a, b, c] = actions::ACTIONS;
    let [d, e, f, g, h, i] = pricing::api::ACTIONS;
    [a, b, c, d, e, f, g, h, i, &stocktake::GENERATE]
};
