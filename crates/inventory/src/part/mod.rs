//! Parts and their categories.

pub mod tables;
