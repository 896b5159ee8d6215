//! The domain: one module for each business area, one file for each resource or action.

pub mod app;
pub mod attach;
pub mod barcode;
pub mod bom;
pub mod build;
pub mod changelog;
pub mod common;
pub mod company;
pub mod demo;
pub mod exchange;
pub mod importer;
pub mod machine;
pub mod media;
pub mod migrations;
pub mod notify;
pub mod older;
pub mod order;
pub mod output;
pub mod pages;
pub mod part;
pub mod plugin;
pub mod purchasing;
pub mod records;
pub mod registry;
pub mod report;
pub mod returns;
pub mod sales;
pub mod server;
pub mod settings;
pub mod starter;
pub mod state;
pub mod stock;
pub mod system;
pub mod tables;
#[cfg(test)]
#[allow(dead_code, reason = "each area uses what it needs")]
mod testing;
pub mod transfer;
pub mod upkeep;
pub mod users;
#[cfg(test)]
mod walks;
