//! Build orders: building a quantity of an assembly from its bill of materials.
//!
//! A build order has a line for each line of the bill of materials ([`lines`]). Stock is allocated for
//! lines by hand ([`manual_allocation`]) or by search ([`auto_allocation`]), and is consumed ([`consume`]) when the order or one
//! of its outputs ([`output`]) is complete. [`state`] says how an order moves.
//!
//! Whatever changes an order's stock reads the order first, locked, so that such changes take turns.

pub(crate) mod auto_allocation;
pub(crate) mod consume;
pub(crate) mod eligible;
pub(crate) mod item;
pub(crate) mod line;
pub(crate) mod lines;
pub(crate) mod load;
pub(crate) mod manual_allocation;
pub(crate) mod notice;
pub(crate) mod order;
pub(crate) mod output;
mod output_creation;
pub(crate) mod overdue;
mod rules;
pub(crate) mod state;
pub(crate) mod supply;
#[cfg(test)]
mod tests;
pub(crate) mod view;

use ironwood_base::status::BUILD_STATUS;
use ironwood_rest::http::Answer;
use ironwood_rest::resource::{Action, Resource};

use crate::platform::common::status::{describe, of_kind};

/// Resources of this area.
pub(crate) static RESOURCES: &[&Resource] = &[&order::BUILD, &line::LINES, &item::ITEMS];

/// `GET /api/build/status/`.
static STATUS: Action = of_kind("/api/build/status/", "build_status_retrieve", |ctx, _| {
    Ok(Answer::json(200, &describe(ctx.conn, &BUILD_STATUS)?))
});

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[
    &STATUS,
    &manual_allocation::ALLOCATE,
    &manual_allocation::UNALLOCATE,
    &auto_allocation::AUTO_ALLOCATE,
    &consume::CONSUME,
    &output_creation::CREATE,
    &output::COMPLETE,
    &output::SCRAP,
    &output::DELETE,
    &state::ISSUE,
    &state::HOLD,
    &state::CANCEL,
    &state::FINISH,
];
