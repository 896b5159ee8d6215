//! Background work and system information.

pub mod failure;
pub mod idempotency;
pub mod job;
pub mod setup;
pub mod tables;
mod task;
pub mod turns;
pub mod wakeup;
pub mod worker;
#[cfg(test)]
mod worker_tests;

use ironwood_rest::resource::{Action, Resource};

use job::{Kind, Schedule, Sweep};

use crate::{attach, build, changelog, exchange, importer, media, order, part, report, stock};

/// Resources of this area.
pub static RESOURCES: &[&Resource] = &[&task::FAILED, &task::PENDING, &task::SCHEDULED, &failure::ERRORS];

/// Actions of this area.
pub static ACTIONS: &[&Action] =
    &[&task::OVERVIEW, &task::ONE, &setup::CONFIG, &setup::CONFIG_ONE, &setup::FLAG_LIST, &setup::FLAG];

static CLEAN: Kind = Kind::bound("clean_jobs", task::clean);

const DAY: i64 = 24 * 60;

/// Jobs of this area.
pub static JOBS: &[&Kind] = &[&CLEAN];

static SCHEDULES: &[Schedule] = &[Schedule { name: "Clean up finished jobs", kind: &CLEAN, minutes: DAY }];

/// Every kind of job, by area.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    #[cfg(test)]
    let tried = worker_tests::JOBS;
    #[cfg(not(test))]
    let tried: &[&Kind] = &[];
    [
        JOBS,
        attach::attachment::JOBS,
        build::overdue::JOBS,
        changelog::JOBS,
        exchange::JOBS,
        idempotency::JOBS,
        importer::work::JOBS,
        order::overdue::JOBS,
        media::sweep::JOBS,
        part::picture::JOBS,
        part::kept::JOBS,
        part::pricing::JOBS,
        part::stocktake::JOBS,
        part::subscribers::JOBS,
        report::print::JOBS,
        stock::expiry::JOBS,
        stock::history_limit::JOBS,
        tried,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// All work that comes back, by area.
pub fn schedules() -> impl Iterator<Item = &'static Schedule> {
    [
        SCHEDULES,
        build::overdue::SCHEDULES,
        changelog::SCHEDULES,
        exchange::SCHEDULES,
        idempotency::SCHEDULES,
        importer::work::SCHEDULES,
        media::sweep::SCHEDULES,
        order::overdue::SCHEDULES,
        part::pricing::SCHEDULES,
        part::stocktake::SCHEDULES,
        part::subscribers::SCHEDULES,
        stock::expiry::SCHEDULES,
        stock::history_limit::SCHEDULES,
    ]
    .into_iter()
    .flatten()
}

/// All work that rows wait for, by area.
pub fn sweeps() -> impl Iterator<Item = &'static Sweep> {
    [part::kept::SWEEPS, part::pricing::SWEEPS].into_iter().flatten()
}
