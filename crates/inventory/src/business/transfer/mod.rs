//! Transfer orders: stock that is moved between locations or consumed.

pub(crate) mod allocation;
pub(crate) mod allocation_actions;
pub(crate) mod allocation_rules;
pub(crate) mod line;
pub(crate) mod moves;
pub(crate) mod order;
pub(crate) mod supply;
#[cfg(test)]
mod tests;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[&order::ORDERS, &line::LINES, &allocation::ALLOCATIONS];

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[
    &moves::ISSUE,
    &moves::HOLD,
    &moves::CANCEL,
    &moves::COMPLETION,
    &allocation_actions::ALLOCATE,
    &allocation_actions::ALLOCATE_SERIALS,
];
