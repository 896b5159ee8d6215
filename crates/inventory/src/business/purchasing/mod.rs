//! Purchase orders.

pub mod extra_line;
pub mod line;
pub mod moves;
pub mod order;
pub mod receive;
pub mod receiving;
#[cfg(test)]
mod tests;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&order::ORDERS, &line::LINES, &extra_line::EXTRA_LINES];

/// Actions of this area.
pub static ACTIONS: &[&Action] =
    &[&moves::ISSUE, &moves::HOLD, &moves::CANCEL, &moves::COMPLETE, &moves::STATUS, &receiving::RECEIVE];
