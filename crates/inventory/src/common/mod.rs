//! What all areas share.

pub mod tables;
