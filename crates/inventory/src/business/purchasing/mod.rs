//! Purchase orders.

pub(crate) mod extra_line;
pub(crate) mod line;
pub(crate) mod moves;
pub(crate) mod order;
pub(crate) mod receive;
pub(crate) mod receiving;
pub(crate) mod take_back;
#[cfg(test)]
mod tests;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[&order::ORDERS, &line::LINES, &extra_line::EXTRA_LINES];

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[
    &moves::ISSUE,
    &moves::HOLD,
    &moves::CANCEL,
    &moves::COMPLETE,
    &moves::STATUS,
    &receiving::RECEIVE,
    &take_back::TAKE_BACK,
];
