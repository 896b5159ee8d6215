//! Barcodes: generating, scanning, and assigning.

pub mod found;
pub mod history;
pub mod internal;
pub mod kind;
pub mod label;
pub mod link;
pub mod order_allocate;
pub mod picture;
pub mod po_receive;
#[cfg(test)]
mod receive_tests;
pub mod scan;
pub mod settings;
pub mod supplier;
pub mod symbol;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&history::SCANS];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[
    &scan::SCAN,
    &link::GENERATE,
    &picture::PICTURE,
    &link::LINK,
    &link::UNLINK,
    &order_allocate::PO_ALLOCATE,
    &order_allocate::SO_ALLOCATE,
    &po_receive::RECEIVE,
    &settings::GET,
    &settings::PUT,
    &settings::PATCH,
];
