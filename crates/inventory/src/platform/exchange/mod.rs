//! Exchange rates.

pub(crate) mod api;
pub mod provider;
pub(crate) mod rates;

use ironwood_rest::resource::{Action, Resource};

use crate::platform::system::job::{JobType, Schedule};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[];

/// Actions of this area.
pub static ACTIONS: &[&Action] = &[&api::EXCHANGE, &api::REFRESH];

/// Jobs of this area.
pub static JOBS: &[&JobType] = &[&api::UPDATE];

/// Work of this area that comes back.
pub static SCHEDULES: &[Schedule] = &[Schedule { name: "Update exchange rates", job: &api::UPDATE, minutes: 60 }];
