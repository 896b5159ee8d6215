//! The change log: who changed what, when, and from where.
//!
//! Triggers that are made from the table descriptions ([`triggers`]) write a row for each row that is made, changed or
//! deleted, in the same transaction, whoever does it. Each transaction is told once who is behind it
//! ([`ironwood_store::Origin`]).

pub(crate) mod api;
pub mod read;
mod retention;
pub mod triggers;
mod values;

#[cfg(test)]
pub(crate) mod actors_tests;
#[cfg(test)]
pub(crate) mod rebuilt_tests;
#[cfg(test)]
mod tests;

pub use retention::{JOBS, SCHEDULES};
