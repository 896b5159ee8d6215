//! Deletes old import sessions.

use ironwood_base::{Result, clock};
use ironwood_rest::write;
use ironwood_store::Value;
use serde_json::json;

use super::session::SESSIONS;
use crate::platform::system::job::{Job, JobType, Next, Schedule};

/// Days after which a session is deleted.
const DAYS: i64 = 5;
/// Old sessions of one step.
const OLD: i64 = 50;

static CLEAN: JobType = JobType::bound("clean_imports", clean);

/// Jobs of this file.
pub(crate) static JOBS: &[&JobType] = &[&CLEAN];

/// Work of this file that comes back.
pub(crate) static SCHEDULES: &[Schedule] =
    &[Schedule { name: "Delete old import sessions", job: &CLEAN, minutes: 24 * 60 }];

/// Sessions that are some days old go, with their files.
fn clean(job: &mut Job<'_, '_>) -> Result<Next> {
    let before = clock::seconds_from_now(-DAYS * 24 * 60 * 60);
    let sql = "SELECT id FROM importer_dataimportsession WHERE timestamp <= $1 ORDER BY id LIMIT $2";
    let old = job.ctx.conn.rows(sql, &[before.into(), Value::Int(OLD)])?;
    let keys: Vec<i64> = old.iter().map(|row| row.int(0)).collect();
    write::delete(job.ctx, &SESSIONS, &keys)?;
    Ok(if old.len() as i64 == OLD { Next::More { payload: json!({}), progress: 0, total: 0 } } else { Next::Done })
}
