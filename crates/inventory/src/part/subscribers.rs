//! Who follows a part, and is told when it runs low.

use ironwood_base::{Result, clock};
use ironwood_store::{Connection, Value};

use super::tables::PART;
use crate::notify::message::{self, Message};
use crate::stock::available::in_stock;
use crate::system::job::{Job, Kind, Next, Schedule};

/// Active users who follow a part, a template above it, or a category that it is in.
pub fn of(conn: &mut Connection, part: i64) -> Result<Vec<i64>> {
    let sql = "SELECT u.id FROM auth_user u WHERE u.is_active AND u.id IN (\
               SELECT s.\"user\" FROM part_part p JOIN part_part a ON p.tree_path >= a.tree_path \
               AND p.tree_path < SUBSTR(a.tree_path, 1, LENGTH(a.tree_path) - 1) || '0' \
               JOIN part_partstar s ON s.part = a.id WHERE p.id = $1 \
               UNION SELECT s.\"user\" FROM part_part p JOIN part_partcategory c ON c.id = p.category \
               JOIN part_partcategory a ON c.tree_path >= a.tree_path \
               AND c.tree_path < SUBSTR(a.tree_path, 1, LENGTH(a.tree_path) - 1) || '0' \
               JOIN part_partcategorystar s ON s.category = a.id WHERE p.id = $1) ORDER BY u.id";
    Ok(conn.rows(sql, &[Value::Int(part)])?.iter().map(|row| row.int(0)).collect())
}

/// Category of the message, and key under which it is noted that it was sent.
const LOW: &str = "part.notify_low_stock";
/// Parts that are looked at in one run.
const AT_ONCE: i64 = 500;

/// Tells followers of parts of which there is less than there should be; once a day for each part.
static NOTIFY: Kind = Kind::bound("part_low_stock", notify);

/// Jobs of this file.
pub static JOBS: &[&Kind] = &[&NOTIFY];
/// What comes back.
pub static SCHEDULES: &[Schedule] = &[Schedule { name: "Tell of low stock", kind: &NOTIFY, minutes: 15 }];

fn notify(job: &mut Job<'_, '_>) -> Result<Next> {
    let conn = &mut *job.ctx.conn;
    // six places against five; stock of variants counts for their template
    let sql = format!(
        "SELECT p.id, p.name FROM part_part p WHERE p.active AND p.minimum_stock > 0 \
         AND NOT EXISTS (SELECT 1 FROM common_notificationentry e WHERE e.key = $1 AND e.uid = p.id AND e.updated > $2) \
         AND (SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM part_part v JOIN stock_stockitem s ON s.part = v.id \
         WHERE v.tree_path >= p.tree_path AND v.tree_path < SUBSTR(p.tree_path, 1, LENGTH(p.tree_path) - 1) || '0' \
         AND {}) * 10 < p.minimum_stock ORDER BY p.id LIMIT {AT_ONCE}",
        in_stock("s")
    );
    let since = clock::seconds_from_now(-24 * 60 * 60);
    let low: Vec<(i64, String)> =
        conn.rows(&sql, &[LOW.into(), since.into()])?.iter().map(|row| (row.int(0), row.text(1).to_owned())).collect();
    for (part, name) in low {
        let users = of(conn, part)?;
        let text = format!("There is less of {name} in stock than there should be.");
        let message = Message { category: LOW, name: "Low stock", message: &text, target: (PART.record, part) };
        message::send(conn, &users, &message)?;
        let sql = "INSERT INTO common_notificationentry (key, uid, updated) VALUES ($1, $2, $3) \
                   ON CONFLICT (key, uid) DO UPDATE SET updated = excluded.updated";
        conn.execute(sql, &[LOW.into(), Value::Int(part), clock::now().into()])?;
    }
    Ok(Next::Done)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::system::job::insert;
    use crate::system::worker::Worker;
    use crate::testing::on_each_server;

    #[test]
    fn followers_of_the_part_its_template_and_its_categories_are_told_once() {
        on_each_server(|server| {
            let admin = server.superuser();
            let outer = admin.made("/api/part/category/", json!({"name": "Outer"}));
            let inner = admin.made("/api/part/category/", json!({"name": "Inner", "parent": outer}));
            let template = admin.made("/api/part/", json!({"name": "T", "is_template": true}));
            let body = json!({"name": "V", "variant_of": template, "category": inner, "minimum_stock": 5});
            let part = admin.made("/api/part/", body);
            let (bob, eve) = (server.user("bob", &[]).user, server.user("eve", &[]).user);
            let stars = [("part_partstar", "part", template, bob), ("part_partcategorystar", "category", outer, eve)];
            for (table, column, key, user) in stars {
                server.write(move |conn| {
                    let sql = format!("INSERT INTO {table} ({column}, \"user\") VALUES ($1, $2)");
                    conn.execute(&sql, &[key.into(), user.into()])
                });
            }
            assert_eq!(server.write(move |conn| super::of(conn, part)), [bob, eve]);
            let worker = Worker::start(&server.app).unwrap();
            let began = std::time::Instant::now();
            for _ in 0..2 {
                server.write(|conn| insert(conn, &super::NOTIFY, &json!({}), None, ""));
                while server.int("SELECT COUNT(*) FROM ironwood_job WHERE state <> 'done'", &[]) > 0 {
                    assert!(began.elapsed().as_secs() < 60);
                    std::thread::sleep(std::time::Duration::from_millis(10));
                }
            }
            drop(worker);
            let sql = "SELECT COUNT(*) FROM common_notificationmessage WHERE category = 'part.notify_low_stock'";
            assert_eq!(server.int(sql, &[]), 2);
        });
    }
}
