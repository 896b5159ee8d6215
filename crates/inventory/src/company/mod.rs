//! Companies and what they sell.

pub mod tables;
pub mod view;
