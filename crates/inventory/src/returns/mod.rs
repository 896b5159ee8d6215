//! Return orders.

pub mod tables;
