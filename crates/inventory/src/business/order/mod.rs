//! Functionality shared by all types of orders: references, states, totals, extra lines, and calendars.
//!
//! A type of order is data ([`kind::Kind`]). The module of each type builds its views from [`fields`] and passes its
//! type to the shared [`rules`] and [`states`] in closures. `sales::order` is an example.

pub mod allocating;
pub mod allocation;
pub mod calendar;
pub mod duplicate;
pub mod extra_line;
pub mod fields;
pub mod kind;
#[cfg(test)]
mod lives;
pub mod notice;
pub mod overdue;
pub mod project_code;
pub mod reference;
pub mod rules;
pub mod states;
pub mod total;

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&project_code::PROJECT_CODES];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[&calendar::CALENDAR];
