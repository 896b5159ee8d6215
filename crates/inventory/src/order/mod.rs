//! What all kinds of orders share: references, states, totals, extra lines, calendars.

use ironwood_rest::resource::{Action, Resource};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[];
