//! Transfer orders.

pub mod tables;
