//! Stock and where it is.

pub mod available;
pub mod history;
pub mod location;
pub mod tables;
pub mod view;

use ironwood_rest::resource::Resource;

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&location::LOCATION, &location::TREE, &location::LOCATION_TYPE];
