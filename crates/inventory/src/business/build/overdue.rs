//! Sends a notification once for each build order that becomes overdue.

use ironwood_base::status::BuildStatus;
use ironwood_base::{Result, clock};
use ironwood_store::sql;

use super::notice::{self, Event};
use crate::platform::notify::days;
use crate::platform::system::job::{Job, JobType, Next, Schedule};
use crate::schema::keys::*;

pub(super) static OVERDUE: JobType = JobType::bound("build_overdue", notify_overdue);

/// Jobs of this area.
pub(crate) static JOBS: &[&JobType] = &[&OVERDUE];

/// Work of this area that comes back.
pub(crate) static SCHEDULES: &[Schedule] =
    &[Schedule { name: "Notify of overdue build orders", job: &OVERDUE, minutes: 24 * 60 }];

/// Tells of open build orders whose target date has passed since this was asked last.
fn notify_overdue(job: &mut Job<'_, '_>) -> Result<Next> {
    let since = days::since_last_look(job.ctx.conn, Event::Overdue.category())?;
    let sql = sql!(
        "SELECT id FROM build_build WHERE status IN (",
        [..BuildStatus::OPEN],
        ") AND target_date >= $1 AND target_date < $2 \
               ORDER BY id"
    );
    let builds: Vec<BuildKey> =
        job.ctx.conn.rows(sql, &[since.into(), clock::today().into()])?.iter().map(|row| row.cell(0)).collect();
    for build in builds {
        notice::notify(job.ctx.conn, build, Event::Overdue, UserKey::default())?;
    }
    Ok(Next::Done)
}
