//! Labels and reports.

pub mod tables;
