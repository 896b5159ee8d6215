//! Exchange rates.

pub mod tables;
