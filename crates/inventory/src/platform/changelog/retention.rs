//! Old entries of the change log are removed where the settings say so.

use ironwood_base::{Result, clock};
use ironwood_store::{Value, fragment};
use serde_json::json;

use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::platform::system::job::{Job, JobType, Next, Schedule};

static THIN: JobType = JobType::bound("thin_change_log", thin);

/// Jobs of this file.
pub static JOBS: &[&JobType] = &[&THIN];
/// Work of this file that comes back.
pub static SCHEDULES: &[Schedule] =
    &[Schedule { name: "Remove old entries of the change log", job: &THIN, minutes: 24 * 60 }];

/// Most entries, and most transactions, that one step removes: others wait for a step.
const AT_ONCE: u64 = 5_000;

/// Removes what is older than `CHANGE_LOG_DAYS`, in steps; nothing where that is 0.
fn thin(job: &mut Job<'_, '_>) -> Result<Next> {
    let conn = &mut *job.ctx.conn;
    let days = Settings::load(conn)?.int(keys::CHANGE_LOG_DAYS);
    if days <= 0 {
        return Ok(Next::Done);
    }
    let before: Value = clock::seconds_from_now(-days * 24 * 60 * 60).into();
    let entries = fragment!(
        "DELETE FROM ironwood_change WHERE id IN (SELECT c.id FROM ironwood_change c \
         JOIN ironwood_transaction x ON x.id = c.\"transaction\" WHERE x.\"time\" < $1 ORDER BY c.id LIMIT {AT_ONCE})"
    );
    let transactions = fragment!(
        "DELETE FROM ironwood_transaction WHERE id IN (SELECT x.id FROM ironwood_transaction x WHERE x.\"time\" < $1 \
         AND NOT EXISTS (SELECT 1 FROM ironwood_change c WHERE c.\"transaction\" = x.id) ORDER BY x.id LIMIT {AT_ONCE})"
    );
    let mut gone = conn.execute(&entries, std::slice::from_ref(&before))?;
    if gone < AT_ONCE {
        gone = conn.execute(&transactions, &[before])?;
    }
    if gone < AT_ONCE {
        return Ok(Next::Done);
    }
    let done = job.payload["done"].as_i64().unwrap_or(0) + 1;
    Ok(Next::More { payload: json!({"done": done}), progress: done, total: done + 1 })
}
