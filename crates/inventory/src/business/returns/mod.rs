//! Return orders.

pub(crate) mod extra_line;
pub(crate) mod line;
pub(crate) mod moves;
pub(crate) mod order;
pub(crate) mod receive;
#[cfg(test)]
mod tests;

use ironwood_rest::resource::{Action, Resource};

/// The error for an item that another customer has.
const FOREIGN: &str = "This stock item is with a different customer. Select an item of the customer of this order.";

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[&order::ORDERS, &line::LINES, &extra_line::EXTRA_LINES];

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[
    &moves::ISSUE,
    &moves::HOLD,
    &moves::CANCEL,
    &moves::COMPLETE,
    &moves::STATUS,
    &moves::OUTCOMES,
    &receive::RECEIVE,
];
