//! What the platform needs of all areas: their jobs, what follows a changed setting, and the like.
//!
//! The platform calls the functions here, so that it does not name later layers. This is the one file
//! besides tests that may name every layer.

use ironwood_base::Result;
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::registry::Registry;
use ironwood_rest::table::Table;
use ironwood_store::{Connection, Value};

use crate::business::order::reference;
use crate::business::{build, magnitudes, order, part, stock};
#[cfg(test)]
use crate::installation::worker_tests;
use crate::platform::common::unit::AddedUnit;
use crate::platform::system::idempotency;
use crate::platform::system::job::{JobType, Schedule, Sweep};
use crate::platform::{attach, changelog, exchange, media, system};
use crate::schema::keys::AnyKey;
use crate::services::{importer, report};

/// Every type of job, by area.
pub(crate) fn job_types() -> impl Iterator<Item = &'static JobType> {
    #[cfg(test)]
    let tried = worker_tests::JOBS;
    #[cfg(not(test))]
    let tried: &[&JobType] = &[];
    [
        system::JOBS,
        attach::attachment::JOBS,
        build::overdue::JOBS,
        changelog::JOBS,
        exchange::JOBS,
        idempotency::JOBS,
        importer::cleanup::JOBS,
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
pub(crate) fn schedules() -> impl Iterator<Item = &'static Schedule> {
    [
        system::SCHEDULES,
        build::overdue::SCHEDULES,
        changelog::SCHEDULES,
        exchange::SCHEDULES,
        idempotency::SCHEDULES,
        importer::cleanup::SCHEDULES,
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
pub(crate) fn sweeps() -> impl Iterator<Item = &'static Sweep> {
    [part::kept::SWEEPS, part::pricing::SWEEPS].into_iter().flatten()
}

/// What follows in the same transaction when rows were made or changed by requests for them, or through
/// [`ironwood_rest::write`]. Changes that actions write with statements of their own are not told here; the change log
/// has all of them.
///
/// # Errors
/// Those of the database.
pub(crate) fn written(ctx: &mut Context<'_>, changes: &[Change]) -> Result<()> {
    part::pricing::watch::written(ctx, changes)
}

/// What follows when rows are about to be deleted.
///
/// # Errors
/// Those of the database.
pub(crate) fn deleting(ctx: &mut Context<'_>, table: &'static Table, keys: &[AnyKey]) -> Result<()> {
    attach::attachment::forget_of(ctx, table, keys)?;
    part::pricing::watch::deleting(ctx, table, keys)
}

/// What follows when the global setting `key` has another value.
///
/// # Errors
/// Those of the database.
pub(crate) fn setting_changed(conn: &mut Connection, key: &str) -> Result<()> {
    part::pricing::watch::setting_changed(conn, key)?;
    stock::serial::setting_changed(conn, key)
}

/// What follows when there are other exchange rates.
///
/// # Errors
/// Those of the database.
pub(crate) fn rates_changed(conn: &mut Connection) -> Result<()> {
    part::pricing::mark_all(conn)
}

/// What follows when there are other units than `before`. A refusal names `field`.
///
/// # Errors
/// Those of [`magnitudes::units_changed`].
pub(crate) fn units_changed(ctx: &mut Context<'_>, before: &[AddedUnit], field: &str) -> Result<()> {
    magnitudes::units_changed(ctx, before, field)
}

/// The value of a list of choices that areas make anew for each record: the next reference by the
/// setting with its pattern, or a batch code. `None` for other lists.
///
/// # Errors
/// Those of the database.
pub(crate) fn made_value(conn: &mut Connection, list: &str) -> Result<Option<Value>> {
    if let Some(series) = reference::series(list) {
        return Ok(Some(reference::next(conn, series)?.into()));
    }
    if list == "stock_batch" {
        return Ok(Some(stock::batch::default_code(conn)?.into()));
    }
    Ok(None)
}

/// All resources and actions.
pub(crate) fn the_registry() -> &'static Registry {
    crate::installation::app::the_registry()
}
