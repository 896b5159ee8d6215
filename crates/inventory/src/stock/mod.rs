//! Stock and where it is.

pub mod tables;
