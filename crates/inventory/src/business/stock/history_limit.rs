//! Deletes old entries of the stock history, depending on the settings.

use ironwood_base::{Result, clock};
use ironwood_store::fragment;
use serde_json::json;

use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::platform::system::job::{self, Job, Next, Schedule};

static TRIM: job::JobType = job::JobType::bound("stock_history_trim", trim);

/// Jobs of this file.
pub(crate) static JOBS: &[&job::JobType] = &[&TRIM];
/// Work of this file that comes back.
pub(crate) static SCHEDULES: &[Schedule] =
    &[Schedule { name: "Delete old stock history", job: &TRIM, minutes: 24 * 60 }];

/// Most entries that one step removes.
const AT_ONCE: u64 = 5_000;

/// The moment before which entries are removed, where the settings say that they are.
pub(crate) fn begins(settings: &Settings) -> Option<String> {
    let days = settings.int(keys::STOCK_TRACKING_DELETE_DAYS).max(1);
    settings.bool(keys::STOCK_TRACKING_DELETE_OLD_ENTRIES).then(|| clock::seconds_from_now(-days * 24 * 60 * 60))
}

/// Removes entries that are older than `STOCK_TRACKING_DELETE_DAYS`, in steps. The last of the old entries
/// of an item that is still there stays: it tells how the item stood when the time that is kept began, so
/// that the stock of the days since can still be calculated.
fn trim(job: &mut Job<'_, '_>) -> Result<Next> {
    let conn = &mut *job.ctx.conn;
    let settings = Settings::load(conn)?;
    let Some(before) = begins(&settings) else { return Ok(Next::Done) };
    let sql = fragment!(
        "DELETE FROM stock_stockitemtracking WHERE id IN (SELECT t.id FROM stock_stockitemtracking t \
         WHERE t.date <= $1 AND ((t.item IS NULL AND (t.ended IS NULL OR t.ended <= $1)) \
         OR EXISTS (SELECT 1 FROM stock_stockitemtracking n \
         WHERE (n.item = t.item OR (t.item IS NULL AND n.item_key = t.item_key AND n.ended = t.ended)) AND n.date <= $1 \
         AND n.after_part IS NOT NULL AND (n.date > t.date OR (n.date = t.date AND n.id > t.id)))) \
         ORDER BY t.id LIMIT {AT_ONCE})"
    );
    let gone = conn.execute(&sql, &[before.into()])?;
    if gone < AT_ONCE {
        return Ok(Next::Done);
    }
    let done = job.payload["done"].as_i64().unwrap_or(0) + 1;
    Ok(Next::More { payload: json!({"done": done}), progress: done, total: done + 1 })
}

#[cfg(test)]
mod tests {
    use ironwood_base::clock;
    use serde_json::json;

    use super::TRIM;
    use crate::platform::settings;
    use crate::testing::{Server, on_each_server};

    /// Moves the history of an item so many days back.
    fn age(server: &Server, item: i64, days: i64) {
        let sql = "UPDATE stock_stockitemtracking SET date = $2 WHERE item = $1";
        let then = clock::seconds_from_now(-days * 86_400);
        server.write(move |conn| conn.execute(sql, &[item.into(), then.clone().into()]));
    }

    #[test]
    fn old_entries_go_and_the_stock_of_the_days_since_is_still_known() {
        on_each_server(|server| {
            let admin = server.superuser();
            let part = admin.made("/api/part/", json!({"name": "Bolt"}));
            let kept = admin.made("/api/stock/", json!({"part": part, "quantity": 5}));
            for quantity in [7, 9] {
                admin.done("/api/stock/count/", json!({"items": [{"pk": kept, "quantity": quantity}]}));
            }
            age(server, kept, 100);
            admin.done("/api/stock/count/", json!({"items": [{"pk": kept, "quantity": 2}]}));
            let deleted = admin.made("/api/stock/", json!({"part": part, "quantity": 30}));
            age(server, deleted, 50);
            assert_eq!(admin.delete(&format!("/api/stock/{deleted}/")).0, 204);
            let long_gone = admin.made("/api/stock/", json!({"part": part, "quantity": 400}));
            age(server, long_gone, 100);
            assert_eq!(admin.delete(&format!("/api/stock/{long_gone}/")).0, 204);
            let sql = "UPDATE stock_stockitemtracking SET ended = $2 WHERE item_key = $1";
            let then = clock::seconds_from_now(-90 * 86_400);
            server.write(move |conn| conn.execute(sql, &[long_gone.into(), then.clone().into()]));

            let entries = || server.int("SELECT COUNT(*) FROM stock_stockitemtracking", &[]);
            assert_eq!(entries(), 6);
            server.run_job(&TRIM);
            assert_eq!(entries(), 6, "the setting is off");
            for (key, value) in [("STOCK_TRACKING_DELETE_DAYS", "60"), ("STOCK_TRACKING_DELETE_OLD_ENTRIES", "True")] {
                server.write(move |conn| settings::set_global(conn, key, value).map(|_| ()));
            }
            server.run_job(&TRIM);
            assert_eq!(entries(), 3);
            let at =
                |days: i64| admin.get(&format!("/api/stock/history/?part={part}&at={}", clock::days_from_today(-days)));
            assert_eq!(at(55).1["quantity"], json!(9.0));
            assert_eq!(at(20).1["quantity"], json!(39.0));
            assert_eq!(at(0).1["quantity"], json!(2.0));
            let (status, answer) = at(95);
            assert!(status == 400 && answer["at"].is_array(), "{answer}");
        });
    }
}
