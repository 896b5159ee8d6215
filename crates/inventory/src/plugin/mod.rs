//! Plug-ins.

pub mod tables;
