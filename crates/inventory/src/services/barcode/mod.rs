//! Barcodes: generating, scanning, and assigning.

pub(crate) mod found;
pub(crate) mod history;
pub(crate) mod internal;
pub(crate) mod label;
pub(crate) mod link;
pub(crate) mod order_allocate;
pub(crate) mod picture;
pub(crate) mod po_receive;
#[cfg(test)]
mod receive_tests;
pub(crate) mod record_types;
pub(crate) mod scan;
pub(crate) mod settings;
pub(crate) mod supplier;
pub(crate) mod symbol;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[&history::SCANS];

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[
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
