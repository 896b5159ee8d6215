//! Sales orders.

pub mod allocate;
pub mod allocating;
pub mod allocation;
pub mod extra_line;
pub mod line;
pub mod moves;
pub mod order;
pub mod ship;
pub mod shipment;
#[cfg(test)]
mod tests;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] =
    &[&order::ORDERS, &line::LINES, &extra_line::EXTRA_LINES, &shipment::SHIPMENTS, &allocation::ALLOCATIONS];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[
    &moves::ISSUE,
    &moves::HOLD,
    &moves::CANCEL,
    &moves::COMPLETION,
    &moves::STATUS,
    &allocating::ALLOCATE,
    &allocating::ALLOCATE_SERIALS,
    &allocating::AUTO_ALLOCATE,
    &ship::SHIP,
];
