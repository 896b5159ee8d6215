//! What all kinds of orders share: references, states, totals, extra lines, calendars.
//!
//! A kind of order ([`kind::Kind`]) is data; a kind's folder puts its views together from [`fields`] and
//! gives its rules as closures that name its kind:
//!
//! ```ignore
//! const RULES: Rules = Rules {
//!     check: |ctx, change| rules::check(ctx, change, &kind::SALES, &OPTIONS),
//!     saved: |ctx, change, id| rules::saved(ctx, change, id, &kind::SALES, &OPTIONS),
//!     ..NO_RULES
//! };
//! static HOLD: Action = states::state_action("/api/order/so/{id}/hold/", "order_so_hold_create",
//!     "order_salesorder", |ctx, args| states::hold_action(ctx, args, &kind::SALES));
//! ```

pub mod allocating;
pub mod allocation;
pub mod calendar;
pub mod columns;
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
