//! Noted changes of totals are added to the totals that are kept (PostgreSQL).

use ironwood_base::Result;
use ironwood_store::{Backend, Connection, Fragment, Value, fragment};

use crate::platform::system::job::{Job, JobType, Next, Sweep};
use crate::schema::tallies::TALLIES;
use crate::schema::totals::{CHANGES, KEPT, NAMES};

/// Changes that are added in one transaction.
const AT_ONCE: i64 = 5_000;

/// Adds noted changes to the kept totals.
static FOLD: JobType = JobType::bound("part_totals", fold);

/// Jobs of this file.
pub(crate) static JOBS: &[&JobType] = &[&FOLD];
/// Changes are added as long as there are some.
pub(crate) static SWEEPS: &[Sweep] = &[
    Sweep { due: "SELECT 1 FROM ironwood_part_total_change", job: &FOLD },
    Sweep { due: "SELECT 1 FROM ironwood_location_content_change", job: &FOLD },
    Sweep { due: "SELECT 1 FROM ironwood_category_content_change", job: &FOLD },
    Sweep { due: "SELECT 1 FROM ironwood_stock_tally_change", job: &FOLD },
    Sweep { due: "SELECT 1 FROM ironwood_part_tally_change", job: &FOLD },
    Sweep { due: "SELECT 1 FROM ironwood_history_tally_change", job: &FOLD },
];

fn fold(job: &mut Job<'_, '_>) -> Result<Next> {
    add_changes(job.ctx.conn)?;
    Ok(Next::Done)
}

/// Adds the oldest changes to the totals.
///
/// # Errors
/// Those of the database.
pub(crate) fn add_changes(conn: &mut Connection) -> Result<()> {
    if conn.backend() == Backend::Sqlite {
        return Ok(());
    }
    let each = |how: fn(&'static str) -> Fragment| Fragment::join(NAMES.iter().map(|name| how(name)), ", ");
    let sql = fragment!(
        "WITH gone AS (DELETE FROM {changes} WHERE id IN (SELECT id FROM {changes} ORDER BY id LIMIT $1 \
         FOR UPDATE SKIP LOCKED) RETURNING *), sums AS (SELECT part, {} FROM gone GROUP BY part) \
         UPDATE {kept} k SET {} FROM sums WHERE k.id = sums.part",
        each(|name| fragment!("SUM({name}) AS {name}")),
        each(|name| fragment!("{name} = k.{name} + sums.{name}")),
        changes = CHANGES.name,
        kept = KEPT.name,
    );
    conn.execute(&sql, &[Value::Int(AT_ONCE)])?;
    TALLIES.iter().try_for_each(|tally| tally.add_changes(conn, AT_ONCE))
}
