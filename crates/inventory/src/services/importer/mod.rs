//! Data import: the rows of a file become records.
//!
//! A session holds the file and goes through states: its columns are mapped to the fields of a kind of
//! record ([`session`]), its rows are read and tried ([`rows`]), and become records when they are
//! accepted ([`mapped_rows`]), by the same code that a POST runs and with the permissions of the user who accepts them.

pub(crate) mod ahead;
pub(crate) mod cleanup;
pub(crate) mod extract;
pub(crate) mod file;
pub(crate) mod lookup;
pub(crate) mod mapped_rows;
pub(crate) mod models;
pub(crate) mod rows;
pub(crate) mod session;
pub(crate) mod state;
#[cfg(test)]
mod tests;
mod within;
pub(crate) mod work;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[&session::SESSIONS, &mapped_rows::MAPPINGS, &mapped_rows::ROWS];

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[&session::MODELS, &session::ACCEPT_FIELDS, &mapped_rows::ACCEPT_ROWS];
