//! Sales orders.

pub mod tables;
