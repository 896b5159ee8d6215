//! Functionality shared by all types of orders: references, states, totals, extra lines, and calendars.
//!
//! A type of order is data ([`order_type::OrderType`]). The module of each type builds its views from [`fields`] and passes its
//! type to the shared [`rules`] and [`states`] in closures. `sales::order` is an example.

pub(crate) mod allocation_api;
pub(crate) mod allocation_rules;
pub(crate) mod calendar;
mod custom_state;
pub(crate) mod duplicate;
pub(crate) mod extra_line;
pub(crate) mod fields;
#[cfg(test)]
mod lives;
pub(crate) mod notice;
pub(crate) mod order_type;
pub(crate) mod overdue;
pub(crate) mod project_code;
pub(crate) mod reference;
pub(crate) mod rules;
pub(crate) mod states;
pub(crate) mod total;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[&project_code::PROJECT_CODES];

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[&calendar::CALENDAR];
