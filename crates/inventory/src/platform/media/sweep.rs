//! Deletes files of rows that were deleted by a cascade.
//!
//! A row that the engine deletes takes its files along at once. One that goes by a cascade cannot: triggers
//! note the paths of its files in `ironwood_leftover`, and this job removes those that nothing names any more.
//! Only files that a row has named are ever touched: what was just uploaded, or put there by hand, is not.

use std::collections::HashSet;

use ironwood_base::{Result, clock};
use ironwood_rest::selected;
use ironwood_store::{Connection, Fragment, fragment};

use crate::platform::media;
use crate::platform::state::Inventory;
use crate::platform::system::job::{Job, JobType, Next, Schedule};
use crate::schema::TABLES;

/// Files that one step looks at.
const STEP: i64 = 200;
/// Seconds that a file stays after its row, so that requests that are under way can still name it.
const REST: i64 = 60;

static SWEEP: JobType = JobType::bound("sweep_files", sweep);

/// Jobs of this file.
pub static JOBS: &[&JobType] = &[&SWEEP];
/// When they are due.
pub static SCHEDULES: &[Schedule] = &[Schedule { name: "Remove files of deleted records", job: &SWEEP, minutes: 60 }];

selected! {
    /// A file whose row was deleted.
    struct Leftover {
        id: i64 = "id",
        path: String = "path",
    }
}

fn sweep(job: &mut Job<'_, '_>) -> Result<Next> {
    let from = fragment!("FROM ironwood_leftover WHERE since <= $1 ORDER BY id LIMIT {STEP}");
    let noted: Vec<Leftover> = selected::all(job.ctx.conn, &from, &[clock::seconds_from_now(-REST).into()])?;
    let folder = Inventory::of(job.ctx.domain)?.media.clone();
    super::stage::clean(&folder);
    let keys: Vec<i64> = noted.iter().map(|file| file.id).collect();
    let named = named(job.ctx.conn, &keys)?;
    for path in noted.iter().map(|file| file.path.as_str()).filter(|path| !named.contains(*path)) {
        media::forget(&folder, &mut job.ctx.effects, path);
    }
    job.ctx.conn.execute_keys("DELETE FROM ironwood_leftover WHERE id IN ({keys})", &keys)?;
    if i64::try_from(keys.len()).unwrap_or(0) < STEP {
        return Ok(Next::Done);
    }
    let done = job.payload["done"].as_i64().unwrap_or(0).saturating_add(STEP);
    Ok(Next::More { payload: serde_json::json!({ "done": done }), progress: done, total: done.saturating_add(STEP) })
}

/// A query for the paths of all files that rows name.
fn all_named() -> Fragment {
    let mut all = Vec::new();
    for table in TABLES {
        for column in table.columns.iter().filter(|column| column.is_file()) {
            all.push(fragment!("SELECT \"{0}\" AS path FROM {1} WHERE \"{0}\" <> ''", column.name, table.name));
        }
    }
    Fragment::join(&all, " UNION ALL ")
}

/// Number of files that rows name.
///
/// # Errors
/// Those of the database.
pub fn count_named(conn: &mut Connection) -> Result<i64> {
    let sql = fragment!("SELECT COUNT(*) FROM ({}) named", all_named());
    Ok(conn.one(&sql, &[])?.map_or(0, |row| row.int(0)))
}

/// Paths among those noted that a row of any table still names.
fn named(conn: &mut Connection, keys: &[i64]) -> Result<HashSet<String>> {
    let sql =
        fragment!("SELECT l.path FROM ironwood_leftover l WHERE l.id IN ({{keys}}) AND l.path IN ({})", all_named());
    let mut found = HashSet::new();
    conn.of_keys(&sql, keys, |row| {
        found.insert(row.text(0).to_owned());
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use ironwood_rest::http::{Body, FormValue, Method, Upload};
    use serde_json::json;

    use super::SWEEP;
    use crate::installation::worker::Worker;
    use crate::platform::system::job;
    use crate::testing::{Client, Server, on_each_server};

    fn attached(client: &Client, stock: i64, name: &str) -> String {
        let file = Upload { name: name.into(), content_type: "text/plain".into(), bytes: b"a file".to_vec() };
        let form = vec![
            ("model_type".to_owned(), FormValue::Text("stockitem".into())),
            ("model_id".to_owned(), FormValue::Text(stock.to_string())),
            ("attachment".to_owned(), FormValue::File(file)),
        ];
        let (status, answer) = client.send(Method::Post, "/api/attachment/", Body::Form(form));
        assert_eq!(status, 201, "{answer}");
        answer["attachment"].as_str().unwrap().trim_start_matches("/media/").to_owned()
    }

    fn swept(server: &Server) {
        server.write(|conn| {
            conn.execute("UPDATE ironwood_leftover SET since = '2020-01-01T00:00:00.000Z'", &[])?;
            job::insert(conn, &SWEEP, &json!({}), None, "")
        });
        let worker = Worker::start(&server.app).unwrap();
        let began = std::time::Instant::now();
        while server.int("SELECT COUNT(*) FROM ironwood_job WHERE state IN ('pending', 'running')", &[]) > 0 {
            assert!(began.elapsed().as_secs() < 60);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        drop(worker);
    }

    #[test]
    fn files_of_rows_that_went_with_another_row_are_removed() {
        on_each_server(|server| {
            let admin = server.superuser();
            let part = admin.made("/api/part/", json!({"name": "P"}));
            let other = admin.made("/api/part/", json!({"name": "Q"}));
            let stock = admin.made("/api/stock/", json!({"part": part, "quantity": 1}));
            let kept = admin.made("/api/stock/", json!({"part": other, "quantity": 1}));
            let (gone, shared) = (attached(&admin, stock, "a.txt"), attached(&admin, stock, "b.txt"));
            let stays = attached(&admin, kept, "c.txt");
            let path = shared.clone();
            server.write(move |conn| {
                let sql = "INSERT INTO common_attachment (model_type, model_id, attachment) VALUES ('part', $1, $2)";
                conn.execute(sql, &[other.into(), path.as_str().into()])
            });
            // a file that no row has named: an upload under way
            let media = server.app.inventory().media.clone();
            std::fs::write(media.join("new.txt"), b"new").unwrap();
            assert_eq!(admin.patch(&format!("/api/part/{part}/"), json!({"active": false})).0, 200);
            assert_eq!(admin.delete(&format!("/api/part/{part}/")).0, 204);
            assert_eq!(server.int("SELECT COUNT(*) FROM common_attachment", &[]), 2);
            assert!(media.join(&gone).exists());
            swept(server);
            assert!(!media.join(&gone).exists());
            for name in [shared.as_str(), stays.as_str(), "new.txt"] {
                assert!(media.join(name).exists(), "{name}");
            }
            assert_eq!(server.int("SELECT COUNT(*) FROM ironwood_leftover", &[]), 0);
        });
    }
}
