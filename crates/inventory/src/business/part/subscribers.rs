//! Followers of a part, who are notified when its stock is low.

use ironwood_base::{Result, clock};
use ironwood_rest::selected;
use ironwood_store::fragment;

use crate::platform::notify::followers;
use crate::platform::notify::message::{self, Message};
use crate::platform::system::job::{Job, JobType, Next, Schedule};
use crate::schema::keys::PartKey;
use crate::schema::part::PART;
use crate::schema::totals::{TOTALS, low_stock};

/// Category of the message, and key under which it is noted that it was sent.
const LOW: &str = "part.notify_low_stock";
/// Parts that are looked at in one run.
const AT_ONCE: i64 = 500;

/// Tells followers of parts of which there is less than there should be; once a day for each part.
static NOTIFY: JobType = JobType::bound("part_low_stock", notify);

/// Jobs of this file.
pub(crate) static JOBS: &[&JobType] = &[&NOTIFY];
/// What comes back.
pub(crate) static SCHEDULES: &[Schedule] = &[Schedule { name: "Notify of low stock", job: &NOTIFY, minutes: 15 }];

selected! {
    /// A part that is low in stock.
    struct Low {
        part: PartKey = "p.id",
        name: String = "p.name",
    }
}

fn notify(job: &mut Job<'_, '_>) -> Result<Next> {
    let conn = &mut *job.ctx.conn;
    // stock of variants counts for their template
    let from = fragment!(
        "FROM {} k JOIN part_part p ON p.id = k.id WHERE {} AND p.active \
         AND NOT EXISTS (SELECT 1 FROM common_notificationentry e WHERE e.key = $1 AND e.uid = p.id AND e.updated > $2) \
         ORDER BY p.id LIMIT {AT_ONCE}",
        TOTALS.name,
        low_stock!("k.", "")
    );
    let since = clock::seconds_from_now(-24 * 60 * 60);
    let low: Vec<Low> = selected::all(conn, &from, &[LOW.into(), since.into()])?;
    for Low { part, name } in low {
        let users = followers::of(conn, &[part])?;
        let text = format!("Stock of {name} has fallen below the minimum level.");
        let message =
            Message { category: LOW, name: "Low stock", message: &text, target: (PART.record, part.general()) };
        message::send(conn, &users, &message)?;
        // also where no one follows it: the next run goes on to other parts
        message::note_sent(conn, LOW, part.general())?;
    }
    Ok(Next::Done)
}

#[cfg(test)]
mod tests {
    use ironwood_base::key;
    use ironwood_store::Fragment;
    use serde_json::json;

    use crate::platform::users::permission::{Permission, Ruleset};
    use crate::schema::keys::PartKey;
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
            let see: &[(Ruleset, &[Permission])] = &[(Ruleset::Part, &[Permission::View])];
            let (bob, eve) = (server.user("bob", see).user, server.user("eve", see).user);
            // also follows the part, but has no permission to view it
            let blind = server.user("blind", &[]).user;
            let stars = [
                ("part_partstar", "part", template, bob),
                ("part_partcategorystar", "category", outer, eve),
                ("part_partstar", "part", part, blind),
            ];
            for (table, column, key, user) in stars {
                server.write(move |conn| {
                    let sql = format!("INSERT INTO {table} ({column}, \"user\") VALUES ($1, $2)");
                    conn.execute(Fragment::generated(&sql), &[key.into(), user.into()])
                });
            }
            let followers = server.write(move |conn| super::followers::of(conn, &[PartKey::from_id(part)]));
            assert_eq!(key::ids(&followers), [bob, eve, blind]);
            for _ in 0..2 {
                server.run_job(&super::NOTIFY);
            }
            let sql = "SELECT COUNT(*) FROM common_notificationmessage WHERE category = 'part.notify_low_stock'";
            assert_eq!(server.int(sql, &[]), 2);
        });
    }
}
