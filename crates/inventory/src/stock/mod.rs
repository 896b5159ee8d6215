//! Stock and where it is.

pub mod available;
pub mod history;
pub mod item;
pub mod location;
pub mod rules;
pub mod serial;
pub mod tables;
pub mod test;
pub mod track;
pub mod view;

use ironwood_rest::resource::Resource;

/// Resources of this area.
pub static RESOURCES: &[&Resource] =
    &[&item::ITEM, &location::LOCATION, &location::TREE, &location::LOCATION_TYPE, &test::RESULTS, &track::HISTORY];
