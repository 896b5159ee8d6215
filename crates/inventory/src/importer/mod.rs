//! Data import.

pub mod tables;
