//! Purchase orders.

pub mod tables;
