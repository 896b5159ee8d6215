//! Settings of the server and of each user.
//!
//! `settings.toml` says which settings there are. A setting that was never changed has no row in
//! the database: it has its default. Values are read again in each request, by one statement, so a
//! change is seen at once on every node.

pub(crate) mod api;
mod catalog;
mod change;
mod check;
#[cfg(test)]
mod forbidding_tests;
pub(crate) mod keys;
pub(crate) mod name_format;
mod values;

pub use catalog::{Choices, Scope, Setting, SettingType, all, find};
pub use change::{Change, ensure_instance_id, set_global, set_user};
pub use values::{Found, OwnSettings, Settings, get_bool, get_int, get_text, truth};
