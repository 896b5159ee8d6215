//! Sales orders.

pub(crate) mod allocation;
pub(crate) mod allocation_actions;
pub(crate) mod allocation_rules;
pub(crate) mod auto_allocation;
pub(crate) mod extra_line;
pub(crate) mod line;
pub(crate) mod moves;
pub(crate) mod order;
pub(crate) mod ship;
pub(crate) mod shipment;
#[cfg(test)]
mod tests;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] =
    &[&order::ORDERS, &line::LINES, &extra_line::EXTRA_LINES, &shipment::SHIPMENTS, &allocation::ALLOCATIONS];

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[
    &moves::ISSUE,
    &moves::HOLD,
    &moves::CANCEL,
    &moves::COMPLETION,
    &moves::STATUS,
    &allocation_actions::ALLOCATE,
    &allocation_actions::ALLOCATE_SERIALS,
    &allocation_actions::AUTO_ALLOCATE,
    &ship::SHIP,
];
