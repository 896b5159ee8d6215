//! Data import: the rows of a file become records.
//!
//! A session holds the file and goes through states: its columns are mapped to the fields of a kind of
//! record ([`session`]), its rows are read and tried ([`rows`]), and become records when they are
//! accepted ([`parts`]), by the same code that a POST runs and with the permissions of the user who accepts them.

pub mod ahead;
pub mod extract;
pub mod file;
pub mod lookup;
pub mod models;
pub mod parts;
pub mod rows;
pub mod session;
pub mod state;
#[cfg(test)]
mod tests;
mod within;
pub mod work;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&session::SESSIONS, &parts::MAPPINGS, &parts::ROWS];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[&session::MODELS, &session::ACCEPT_FIELDS, &parts::ACCEPT_ROWS];
