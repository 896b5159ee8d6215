//! The server itself.

pub mod tables;
