//! The program as a whole: all resources together, the database's versions, records in and out, checks, and demo data.

pub mod app;
pub mod demo;
pub mod migrations;
pub mod records;
pub(crate) mod registry;
pub(crate) mod starter;
pub mod upkeep;
pub mod worker;
#[cfg(test)]
pub(crate) mod worker_tests;
