//! Server errors (status 500), recorded for administrators.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use ironwood_base::{Result, clock};
use ironwood_rest::resource::{Access, Operations, Resource, sort};
use ironwood_rest::view::{View, col, pk};
use ironwood_store::{Database, Origin, Value};

use crate::schema::system::ERROR as TABLE;

/// How many are kept: enough to find a cause, too few to fill a disk.
const KEPT: i64 = 1_000;

/// Least seconds between two that are kept, so that a failure that repeats does not write all the time.
const SECONDS: i64 = 1;

/// Most characters of an address that are kept.
const ADDRESS: usize = 200;

static VIEW: View = View::new(
    "ErrorMessage",
    &TABLE,
    &[
        col("when").read_only().help("Time of the error."),
        col("info").read_only().help("Error message."),
        col("data").read_only().help("Details."),
        col("path").read_only().help("URL of the request."),
        pk(),
    ],
);

/// Errors of the server.
pub(super) static ERRORS: Resource = Resource::new("/api/error-report/", "error_report", &VIEW)
    .operations(Operations::ALL.no_create().bulk_delete())
    .access(Access::Staff)
    .search(&["{data}", "{info}"])
    .sorts(&[sort("when", &["{when}"]), sort("info", &["{info}"])])
    .default_sort(&["-{id}"])
    .help("Requests that failed with a server error. The latest 1,000 are kept.");

static LAST: AtomicI64 = AtomicI64::new(0);

/// Keeps an error that was answered with 500. Where that fails, too, the log has it all the same.
pub(crate) fn keep(db: &Database, path: &str, why: &str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64);
    let last = LAST.load(Ordering::Relaxed);
    let due = now.saturating_sub(last) >= SECONDS || now < last;
    if !due || LAST.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_err() {
        return;
    }
    let path: String = path.chars().filter(|c| !c.is_control()).take(ADDRESS).collect();
    let why = why.replace('\0', "");
    let kept = db.write(&Origin::server("errors"), move |conn| -> Result<()> {
        let now = clock::now();
        let sql = "INSERT INTO error_report_error (kind, info, path, \"when\", modified) \
                   VALUES ('Error', $1, $2, $3, $3) RETURNING id";
        let params: [Value; 3] = [why.as_str().into(), path.as_str().into(), now.into()];
        let newest = conn.one(sql, &params)?.map_or(0, |row| row.int(0));
        conn.execute("DELETE FROM error_report_error WHERE id <= $1", &[Value::Int(newest - KEPT)])?;
        Ok(())
    });
    if let Err(error) = kept {
        tracing::warn!("cannot record the error for administrators: {error}");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::on_each_server;

    #[test]
    fn what_was_answered_with_500_is_kept_for_staff() {
        on_each_server(|server| {
            let admin = server.superuser();
            let db = server.app.db();
            LAST.store(0, Ordering::Relaxed);
            keep(db, "/api/part/\u{1}", "the disk\0 is on fire");
            keep(db, "/api/part/", "again within the same second");
            let rows = admin.read("/api/error-report/");
            assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
            assert_eq!((&rows[0]["info"], &rows[0]["path"]), (&json!("the disk is on fire"), &json!("/api/part/")));
            let clerk = server.user("clerk", &[]);
            assert_eq!(clerk.get("/api/error-report/").0, 403);
            let (status, _) = admin.send(
                ironwood_rest::http::Method::Delete,
                "/api/error-report/",
                ironwood_rest::http::Body::Json(json!({"items": [rows[0]["pk"]]})),
            );
            assert_eq!(status, 200);
            assert_eq!(admin.read("/api/error-report/"), json!([]));
        });
    }
}
