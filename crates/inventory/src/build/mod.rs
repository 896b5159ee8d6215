//! Build orders.

pub mod tables;
