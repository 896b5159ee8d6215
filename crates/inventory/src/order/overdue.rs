//! Orders that have become overdue: those whom it concerns are told once.

use ironwood_base::{Result, clock};

use super::kind::{KINDS, Kind};
use super::notice::{self, Event};
use crate::system::job::{self, Job, Next, Schedule};

static OVERDUE: job::Kind = job::Kind::bound("orders_overdue", run);

/// Jobs of this file.
pub static JOBS: &[&job::Kind] = &[&OVERDUE];

/// Work of this file that comes back.
pub static SCHEDULES: &[Schedule] = &[Schedule { name: "Tell of overdue orders", kind: &OVERDUE, minutes: 24 * 60 }];

fn run(job: &mut Job<'_, '_>) -> Result<Next> {
    for kind in KINDS {
        for order in overdue(job.ctx.conn, kind)? {
            notice::tell(job.ctx.conn, kind, order, Event::Overdue, 0)?;
        }
    }
    Ok(Next::Done)
}

/// Open orders whose own target date, or that of a line with something still to be done, was yesterday: each
/// day is looked at once, so nobody is told again.
fn overdue(conn: &mut ironwood_store::Connection, kind: &Kind) -> Result<Vec<i64>> {
    let sql = format!(
        "SELECT o.id FROM {} o WHERE o.status IN (10, 15, 20, 25) AND (o.target_date = $1 OR EXISTS \
         (SELECT 1 FROM {} l WHERE l.\"order\" = o.id AND l.target_date = $1 AND {})) ORDER BY o.id",
        kind.table.name, kind.lines.name, kind.line_open
    );
    Ok(conn.rows(&sql, &[clock::days_from_today(-1).into()])?.iter().map(|row| row.int(0)).collect())
}

#[cfg(test)]
mod tests {
    use ironwood_base::clock;
    use serde_json::{Value as Json, json};

    use super::OVERDUE;
    use crate::testing::{Client, Server, on_each_server};
    use crate::users::permission::{Action, Ruleset};

    const SEE: &[Action] = &[Action::View];
    const SEES_ALL: &[(Ruleset, &[Action])] = &[
        (Ruleset::PurchaseOrder, SEE),
        (Ruleset::SalesOrder, SEE),
        (Ruleset::ReturnOrder, SEE),
        (Ruleset::TransferOrder, SEE),
    ];

    fn told(server: &Server, user: &Client, category: &str) -> i64 {
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
        for (kind, base, item) in [
            ("po", json!({"supplier": company}), json!({"part": supplied, "quantity": 2})),
            ("so", json!({"customer": company}), json!({"part": part, "quantity": 2})),
            ("ro", json!({"customer": company}), json!({"item": sold, "quantity": 1})),
            ("transfer-order", json!({}), json!({"part": part, "quantity": 2})),
        ] {
            let order = admin.made(&format!("/api/order/{kind}/"), with(base, more));
            let lines = if kind == "transfer-order" { "transfer-order-line".into() } else { format!("{kind}-line") };
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
                let counts = [&admin, &bob, &fan, &blind].map(|user| told(server, user, &category));
                assert_eq!(counts, [2, 1, 1, 0], "{model}: maker, responsible, follower, one who may not see it");
            }
            // what is done or given up is not late
            for table in ["purchaseorder", "salesorder", "returnorder", "transferorder"] {
                server.write(move |conn| {
                    conn.execute("DELETE FROM common_notificationentry", &[])?;
                    conn.execute("DELETE FROM common_notificationmessage", &[])?;
                    conn.execute(&format!("UPDATE order_{table} SET status = 40"), &[])
                });
            }
            server.run_job(&OVERDUE);
            assert_eq!(server.int("SELECT COUNT(*) FROM common_notificationmessage", &[]), 0);
        });
    }

    #[test]
    fn whatever_comes_back_is_known_to_the_worker() {
        for schedule in crate::system::schedules() {
            let known = crate::system::kinds().any(|kind| kind.name == schedule.kind.name);
            assert!(known, "{} would never be done", schedule.name);
        }
    }
}
