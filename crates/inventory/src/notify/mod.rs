//! Messages, to users and between systems.

pub mod tables;
