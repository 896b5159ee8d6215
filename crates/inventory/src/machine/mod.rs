//! Machines.

pub mod tables;
