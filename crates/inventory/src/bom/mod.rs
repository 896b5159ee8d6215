//! Bills of materials.

pub mod tables;
