//! Background work and system information.

pub(crate) mod failure;
pub(crate) mod idempotency;
pub mod job;
pub(crate) mod permits;
pub mod setup;
mod task;
pub(crate) mod wakeup;

use ironwood_rest::resource::{Action, Resource};

use job::{JobType, Schedule};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&task::FAILED, &task::PENDING, &task::SCHEDULED, &failure::ERRORS];

/// Actions of this area.
pub static ACTIONS: &[&Action] =
    &[&task::OVERVIEW, &task::ONE, &setup::CONFIG, &setup::CONFIG_ONE, &setup::FLAG_LIST, &setup::FLAG];

static CLEAN: JobType = JobType::bound("clean_jobs", task::clean);

const DAY: i64 = 24 * 60;

/// Jobs of this area.
pub static JOBS: &[&JobType] = &[&CLEAN];

/// Work of this area that comes back.
pub static SCHEDULES: &[Schedule] = &[Schedule { name: "Clean up finished jobs", job: &CLEAN, minutes: DAY }];
