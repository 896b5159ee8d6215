//! Tracks processed days, so that overdue records are reported once, even if the server was down.

use ironwood_base::{Result, clock};
use ironwood_store::Connection;

use super::message::note_sent;
use crate::schema::keys::AnyKey;

/// No record has this key: its entry says when all records were looked at.
const ALL: AnyKey = AnyKey::from_id(0);

/// The first day that messages of that kind have not dealt with yet: yesterday where there were none so far.
/// What lies between it and today, which is not over yet, counts as dealt with from now on.
///
/// # Errors
/// Those of the database.
pub(crate) fn since_last_look(conn: &mut Connection, category: &str) -> Result<String> {
    let sql = "SELECT updated FROM common_notificationentry WHERE key = $1 AND uid = $2";
    let last = conn.one(sql, &[category.into(), ALL.into()])?;
    let last = last.and_then(|row| row.opt_text(0).and_then(|moment| moment.get(..10)).map(str::to_owned));
    note_sent(conn, category, ALL)?;
    Ok(last.map_or_else(|| clock::days_from_today(-1), |day| day.min(clock::today())))
}
