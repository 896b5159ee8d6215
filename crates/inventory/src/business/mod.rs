//! The areas of the business: parts, their bills of materials, stock, companies, orders, and builds.

pub(crate) mod bom;
pub(crate) mod build;
pub(crate) mod company;
pub(crate) mod magnitudes;
#[cfg(test)]
mod magnitudes_tests;
pub(crate) mod order;
pub(crate) mod part;
pub(crate) mod purchasing;
pub(crate) mod returns;
pub(crate) mod sales;
pub(crate) mod stock;
pub(crate) mod transfer;
