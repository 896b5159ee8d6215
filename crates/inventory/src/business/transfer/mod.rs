//! Transfer orders: stock that is moved between locations or consumed.

pub mod allocating;
pub mod allocation;
pub mod line;
pub mod moves;
pub mod order;
pub mod supply;
#[cfg(test)]
mod tests;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&order::ORDERS, &line::LINES, &allocation::ALLOCATIONS];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[
    &moves::ISSUE,
    &moves::HOLD,
    &moves::CANCEL,
    &moves::COMPLETION,
    &allocating::ALLOCATE,
    &allocating::ALLOCATE_SERIALS,
];
