//! Sends a notification once for each order that becomes overdue.

use ironwood_base::status::OrderStatus;
use ironwood_base::{Result, clock};
use ironwood_store::{Connection, fragment, sql};

use super::notice::{self, Event};
use super::order_type::{ORDER_TYPES, OrderType};
use crate::platform::notify::days;
use crate::platform::system::job::{self, Job, Next, Schedule};
use crate::schema::keys::{OrderKey, UserKey};

static OVERDUE: job::JobType = job::JobType::bound("orders_overdue", run);

/// Jobs of this file.
pub(crate) static JOBS: &[&job::JobType] = &[&OVERDUE];

/// Work of this file that comes back.
pub(crate) static SCHEDULES: &[Schedule] =
    &[Schedule { name: "Notify of overdue orders", job: &OVERDUE, minutes: 24 * 60 }];

fn run(job: &mut Job<'_, '_>) -> Result<Next> {
    for order_type in ORDER_TYPES {
        for order in become_overdue(job.ctx.conn, order_type)? {
            notice::notify(job.ctx.conn, order_type, order, Event::Overdue, UserKey::default())?;
        }
    }
    Ok(Next::Done)
}

/// Open orders that have become overdue since this was asked last: the earliest target date, its own or that of
/// a line with something still to be done, has passed since. Further dates of an order that is overdue already
/// are not told.
fn become_overdue(conn: &mut Connection, order_type: &OrderType) -> Result<Vec<OrderKey>> {
    let since = days::since_last_look(conn, &Event::Overdue.category(order_type))?;
    let line = |when: &'static str| {
        fragment!(
            "EXISTS (SELECT 1 FROM {} l WHERE l.\"order\" = o.id AND {} AND {when})",
            order_type.lines.name,
            order_type.line_open
        )
    };
    const OPEN: &str = sql!([..OrderStatus::OPEN]);
    let sql = fragment!(
        "SELECT o.id FROM {} o WHERE o.status IN ({OPEN}) \
         AND ((o.target_date >= $1 AND o.target_date < $2) OR {}) \
         AND (o.target_date IS NULL OR o.target_date >= $1) AND NOT {} ORDER BY o.id",
        order_type.table.name,
        line("l.target_date >= $1 AND l.target_date < $2"),
        line("l.target_date < $1")
    );
    Ok(conn.rows(&sql, &[since.into(), clock::today().into()])?.iter().map(|row| row.cell(0)).collect())
}

#[cfg(test)]
mod tests {
    use ironwood_base::clock;
    use ironwood_store::{Fragment, fragment};
    use serde_json::{Value as Json, json};

    use super::OVERDUE;
    use crate::platform::users::permission::{Permission, Ruleset};
    use crate::testing::{Client, Server, on_each_server};

    const SEE: &[Permission] = &[Permission::View];
    const SEES_ALL: &[(Ruleset, &[Permission])] = &[
        (Ruleset::PurchaseOrder, SEE),
        (Ruleset::SalesOrder, SEE),
        (Ruleset::ReturnOrder, SEE),
        (Ruleset::TransferOrder, SEE),
    ];

    fn notifications(server: &Server, user: &Client, category: &str) -> i64 {
        let sql = "SELECT COUNT(*) FROM common_notificationmessage WHERE \"user\" = $1 AND category = $2";
        server.int(sql, &[user.user.into(), category.into()])
    }

    /// A purchase, a sales, a return and a transfer order, with what else their rows say; and where their lines
    /// live, with a line that is open.
    fn orders(server: &Server, admin: &Client, more: &Json, line: &Json, part: i64) {
        let company = admin.made(
            "/api/company/",
            json!({"name": format!("C {}", server.int("SELECT COUNT(*) FROM company_company", &[])), "is_supplier": true,
                "is_customer": true, "currency": "USD"}),
        );
        let sku = json!({"part": part, "supplier": company, "SKU": "A"});
        let supplied = admin.made("/api/company/part/", sku);
        let sold = admin.made("/api/stock/", json!({"part": part, "quantity": 1}));
        let with = |base: Json, more: &Json| {
            let mut body = base;
            for (key, value) in more.as_object().unwrap() {
                body[key] = value.clone();
            }
            body
        };
        for (order_type, base, item) in [
            ("po", json!({"supplier": company}), json!({"part": supplied, "quantity": 2})),
            ("so", json!({"customer": company}), json!({"part": part, "quantity": 2})),
            ("ro", json!({"customer": company}), json!({"item": sold, "quantity": 1})),
            ("transfer-order", json!({}), json!({"part": part, "quantity": 2})),
        ] {
            let order = admin.made(&format!("/api/order/{order_type}/"), with(base, more));
            let lines = if order_type == "transfer-order" {
                "transfer-order-line".into()
            } else {
                format!("{order_type}-line")
            };
            admin.made(&format!("/api/order/{lines}/"), with(with(item, &json!({"order": order})), line));
        }
    }

    #[test]
    fn those_whom_an_overdue_order_concerns_are_told_once() {
        on_each_server(|server| {
            let admin = server.superuser();
            let bob = server.user("bob", SEES_ALL);
            let (fan, blind) = (server.user("fan", SEES_ALL), server.user("blind", &[]));
            let owner = server
                .int("SELECT id FROM users_owner WHERE owner_type = 'auth.user' AND owner_id = $1", &[bob.user.into()]);
            let part = |name: &str| {
                admin
                    .made("/api/part/", json!({"name": name, "purchaseable": true, "salable": true, "component": true}))
            };
            let (followed, other) = (part("Followed"), part("Other"));
            for user in [fan.user, blind.user] {
                server.write(move |conn| {
                    let sql = "INSERT INTO part_partstar (part, \"user\") VALUES ($1, $2)";
                    conn.execute(sql, &[followed.into(), user.into()])
                });
            }
            let (yesterday, before, today) =
                (clock::days_from_today(-1), clock::days_from_today(-2), clock::days_from_today(0));
            // late themselves; with a late line; not late
            orders(server, &admin, &json!({"target_date": yesterday, "responsible": owner}), &json!({}), other);
            orders(server, &admin, &json!({}), &json!({"target_date": yesterday}), followed);
            for day in [&before, &today] {
                orders(server, &admin, &json!({"target_date": day}), &json!({"target_date": day}), followed);
            }
            for _ in 0..2 {
                server.run_job(&OVERDUE);
            }
            for model in ["purchaseorder", "salesorder", "returnorder", "transferorder"] {
                let category = format!("order.overdue_{model}");
                let counts = [&admin, &bob, &fan, &blind].map(|user| notifications(server, user, &category));
                assert_eq!(counts, [2, 1, 1, 0], "{model}: maker, responsible, follower, one who may not see it");
            }
            // what is done or given up is not late
            for table in ["purchaseorder", "salesorder", "returnorder", "transferorder"] {
                server.write(move |conn| {
                    conn.execute("DELETE FROM common_notificationentry", &[])?;
                    conn.execute("DELETE FROM common_notificationmessage", &[])?;
                    conn.execute(fragment!("UPDATE order_{table} SET status = 40"), &[])
                });
            }
            server.run_job(&OVERDUE);
            assert_eq!(server.int("SELECT COUNT(*) FROM common_notificationmessage", &[]), 0);
        });
    }

    /// As if orders had been looked at last so many days ago.
    fn looked(server: &Server, days: i64) {
        let day = format!("{}T12:00:00.000Z", clock::days_from_today(-days));
        server.write(move |conn| {
            conn.execute("UPDATE common_notificationentry SET updated = $1", &[day.as_str().into()]).map(|_| ())
        });
    }

    #[test]
    fn what_became_overdue_while_no_server_ran_is_told_of_later() {
        on_each_server(|server| {
            let admin = server.superuser();
            let part = admin.made("/api/part/", json!({"name": "P", "purchaseable": true, "salable": true}));
            let day = |days: i64| clock::days_from_today(-days);
            server.run_job(&OVERDUE);
            for (own, line) in [
                // told of: its own day has passed; that of its line; both, on different days
                (json!(day(5)), json!({})),
                (json!(day(-9)), json!({"target_date": day(3)})),
                (json!(day(4)), json!({"target_date": day(2)})),
                // known before: the day of the order, or of the line
                (json!(day(6)), json!({"target_date": day(2)})),
                (json!(day(3)), json!({"target_date": day(9)})),
                // not late yet
                (json!(day(0)), json!({})),
            ] {
                orders(server, &admin, &json!({"target_date": own}), &line, part);
            }
            looked(server, 5);
            for _ in 0..3 {
                server.run_job(&OVERDUE);
            }
            let kinds = ["purchaseorder", "salesorder", "returnorder", "transferorder"];
            let counts = || kinds.map(|model| notifications(server, &admin, &format!("order.overdue_{model}")));
            assert_eq!(counts(), [3; 4]);
            // a later day of one that is late says nothing new; one that was put off is late once more
            looked(server, 2);
            for model in kinds {
                let (second, put_off) = (clock::days_from_today(-1), clock::days_from_today(-2));
                server.write(move |conn| {
                    let sql = format!("SELECT MIN(id), MIN(id) + 2 FROM order_{model}");
                    let row = conn.one(Fragment::generated(&sql), &[])?.map_or((0, 0), |row| (row.int(0), row.int(1)));
                    let sql = format!("UPDATE order_{model} SET target_date = $1 WHERE id = $2");
                    conn.execute(Fragment::generated(&sql), &[put_off.as_str().into(), row.0.into()])?;
                    let sql = format!("UPDATE order_{model}lineitem SET target_date = $1 WHERE \"order\" = $2");
                    conn.execute(Fragment::generated(&sql), &[second.as_str().into(), row.1.into()]).map(|_| ())
                });
            }
            server.run_job(&OVERDUE);
            assert_eq!(counts(), [4; 4]);
        });
    }

    #[test]
    fn whatever_comes_back_is_known_to_the_worker() {
        for schedule in crate::lists::schedules() {
            let known = crate::lists::job_types().any(|job_type| job_type.name == schedule.job.name);
            assert!(known, "{} would never be done", schedule.name);
        }
    }
}
