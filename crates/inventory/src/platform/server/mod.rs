//! Server information: versions, health, and documentation.

mod icons;
mod info;
mod schema;
mod search;

use ironwood_rest::resource::Action;

/// Version of the API that clients find here.
pub const API_VERSION: i64 = 534;
/// The newest version of the reference server whose behaviour this API follows.
pub const COMPATIBLE_WITH: &str = "1.5.0";
/// Our own name and version.
pub const NAME: &str = "Ironwood";
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[
    &info::ROOT,
    &info::VERSION_INFO,
    &info::VERSION_TEXT,
    &info::LICENSES,
    &info::HEALTH,
    &info::OBSERVABILITY_END,
    &schema::SCHEMA,
    &icons::ICONS,
    &search::SEARCH,
];

pub use schema::{document, to_yaml};
