//! Build orders: building a quantity of an assembly from its bill of materials.
//!
//! A build order has a line for each line of the bill of materials ([`lines`]). Stock is allocated for
//! lines by hand ([`allocate`]) or by search ([`auto`]), and is consumed ([`consume`]) when the order or one
//! of its outputs ([`output`]) is complete. [`state`] says how an order moves.
//!
//! Whatever changes an order's stock reads the order first, locked, so that such changes take turns.

pub mod allocate;
pub mod auto;
pub mod consume;
pub mod eligible;
pub mod item;
pub mod line;
pub mod lines;
pub mod load;
pub mod notice;
pub mod order;
pub mod output;
pub mod overdue;
mod rules;
pub mod state;
pub mod supply;
#[cfg(test)]
mod tests;
pub mod view;

use ironwood_base::status::BUILD_STATUS;
use ironwood_rest::http::Answer;
use ironwood_rest::resource::{Action, Resource};

use crate::platform::common::status::{describe, of_kind};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&order::BUILD, &line::LINES, &item::ITEMS];

/// `GET /api/build/status/`.
static STATUS: Action = of_kind("/api/build/status/", "build_status_retrieve", |ctx, _| {
    Ok(Answer::json(200, &describe(ctx.conn, &BUILD_STATUS)?))
});

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[
    &STATUS,
    &allocate::ALLOCATE,
    &allocate::UNALLOCATE,
    &auto::AUTO_ALLOCATE,
    &consume::CONSUME,
    &output::CREATE,
    &output::COMPLETE,
    &output::SCRAP,
    &output::DELETE,
    &state::ISSUE,
    &state::HOLD,
    &state::CANCEL,
    &state::FINISH,
];
