//! The areas of the business: parts, their bills of materials, stock, companies, orders, and builds.

pub mod bom;
pub mod build;
pub mod company;
pub mod magnitudes;
#[cfg(test)]
mod magnitudes_tests;
pub mod order;
pub mod part;
pub mod purchasing;
pub mod returns;
pub mod sales;
pub mod stock;
pub mod transfer;
