//! Build orders that have just become overdue: those whom it concerns are told once a day.

use ironwood_base::{Result, clock};

use super::notice::{self, Event};
use crate::system::job::{Job, Kind, Next, Schedule};

pub(super) static OVERDUE: Kind = Kind::bound("build_overdue", tell);

/// Jobs of this area.
pub static JOBS: &[&Kind] = &[&OVERDUE];

/// Work of this area that comes back.
pub static SCHEDULES: &[Schedule] =
    &[Schedule { name: "Tell of overdue build orders", kind: &OVERDUE, minutes: 24 * 60 }];

/// Tells of open build orders whose target date was yesterday.
fn tell(job: &mut Job<'_, '_>) -> Result<Next> {
    let sql = "SELECT id FROM build_build WHERE status IN (10, 20, 25) AND target_date = $1 ORDER BY id";
    let rows = job.ctx.conn.rows(sql, &[clock::days_from_today(-1).into()])?;
    for row in &rows {
        notice::tell(job.ctx.conn, row.int(0), Event::Overdue, 0)?;
    }
    Ok(Next::Done)
}
