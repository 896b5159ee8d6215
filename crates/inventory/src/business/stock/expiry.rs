//! Expired and stale stock: restrictions on its use, and notifications.
//!
//! An item has expired when its date lies before today, and is stale when it will have expired within
//! `STOCK_STALE_DAYS` days. Both matter only while it is in stock, and keep no one from anything unless
//! `STOCK_ENABLE_EXPIRY` is on.

use std::collections::{BTreeMap, HashMap};

use ironwood_base::{Result, clock};
use ironwood_rest::selected;
use ironwood_store::{Connection, Fragment, fragment, sql};

use super::available::IN_STOCK;
use crate::platform::notify::followers;
use crate::platform::notify::message::{self, Message};
use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::platform::system::job::{self, Job, Next, Schedule};
use crate::schema::keys::*;
use crate::schema::stock::ITEM;

/// The setting by which expired stock may be sold all the same.
pub(crate) const ALLOW_SALE: keys::Key<bool> = keys::STOCK_ALLOW_EXPIRED_SALE;
/// The setting by which expired stock may be used in builds all the same.
pub(crate) const ALLOW_BUILD: keys::Key<bool> = keys::STOCK_ALLOW_EXPIRED_BUILD;

/// Those of the items that have expired and so must not be used, unless the setting `allowed` is on; with
/// what is said of them. At most two statements.
///
/// # Errors
/// Those of the database.
pub(crate) fn barred(
    conn: &mut Connection,
    items: &[ItemKey],
    allowed: keys::Key<bool>,
) -> Result<HashMap<ItemKey, &'static str>> {
    let mut found = HashMap::new();
    let settings = Settings::load(conn)?;
    if !settings.bool(keys::STOCK_ENABLE_EXPIRY) || settings.bool(allowed) {
        return Ok(found);
    }
    let today = Fragment::today();
    let sql = fragment!("SELECT s.id FROM stock_stockitem s WHERE s.id IN ({{keys}}) AND s.expiry_date < {today}");
    conn.of_keys(&sql, items, |row| {
        found.insert(row.cell(0), "This stock item has expired.");
    })?;
    Ok(found)
}

/// Category of the messages on stale stock.
const STALE: &str = "stock.notify_stale_stock";

/// Tells followers of parts once a day of their stock that expires soon.
static NOTIFY: job::JobType = job::JobType::bound("stock_stale", notify);

/// Jobs of this file.
pub(crate) static JOBS: &[&job::JobType] = &[&NOTIFY];
/// Work of this file that comes back.
pub(crate) static SCHEDULES: &[Schedule] =
    &[Schedule { name: "Notify of stale stock", job: &NOTIFY, minutes: 24 * 60 }];

selected! {
    /// Stock of a part that has expired, or soon will.
    struct StaleStock {
        part: PartKey = "s.part",
        first: ItemKey = "MIN(s.id)",
        count: i64 = "COUNT(*)",
    }
}

fn notify(job: &mut Job<'_, '_>) -> Result<Next> {
    let conn = &mut *job.ctx.conn;
    let settings = Settings::load(conn)?;
    let days = settings.int(keys::STOCK_STALE_DAYS);
    if !settings.bool(keys::STOCK_ENABLE_EXPIRY) || days <= 0 {
        return Ok(Next::Done);
    }
    let from =
        sql!("FROM stock_stockitem s WHERE ", IN_STOCK, " AND s.expiry_date < $1 GROUP BY s.part ORDER BY s.part");
    let stale: Vec<StaleStock> = selected::all(conn, from, &[clock::days_from_today(days).into()])?;
    // one notification per user about all items they follow, which refers to the first one
    let mut of_user: BTreeMap<UserKey, (ItemKey, i64)> = BTreeMap::new();
    for StaleStock { part, first, count } in stale {
        for user in followers::of(conn, &[part])? {
            of_user.entry(user).or_insert((first, 0)).1 += count;
        }
    }
    for (user, (first, count)) in of_user {
        let text = match count {
            1 => "A stock item of a part that you follow expires soon or has expired.".to_owned(),
            _ => format!("{count} stock items of parts that you follow expire soon or have expired."),
        };
        let message =
            Message { category: STALE, name: "Stale stock", message: &text, target: (ITEM.record, first.general()) };
        message::send_summary(conn, user, &message)?;
    }
    Ok(Next::Done)
}

#[cfg(test)]
mod tests {
    use ironwood_base::clock;
    use serde_json::{Value as Json, json};

    use super::NOTIFY;
    use crate::platform::settings;
    use crate::platform::users::permission::{Permission, Ruleset};
    use crate::testing::{Client, Server, on_each_server};

    fn set(server: &Server, key: &'static str, value: &'static str) {
        server.write(move |conn| settings::set_global(conn, key, value).map(|_| ()));
    }

    fn item(admin: &Client, part: i64, expires: Option<i64>) -> i64 {
        let date = expires.map(clock::days_from_today);
        admin.made("/api/stock/", json!({"part": part, "quantity": 5, "expiry_date": date}))
    }

    fn shown(client: &Client, query: &str) -> Vec<i64> {
        let rows = client.read(&format!("/api/stock/?{query}&ordering=updated"));
        let mut keys: Vec<i64> = rows.as_array().unwrap().iter().map(|row| row["pk"].as_i64().unwrap()).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn what_expires_is_found_by_its_day() {
        on_each_server(|server| {
            let admin = server.superuser();
            let part = admin.made("/api/part/", json!({"name": "Glue", "default_expiry": 30}));
            let plain = admin.made("/api/part/", json!({"name": "Nail"}));
            let never = item(&admin, plain, None);
            let late = item(&admin, plain, Some(-1));
            let (today, soon) = (item(&admin, plain, Some(0)), item(&admin, plain, Some(4)));
            let (edge, later) = (item(&admin, plain, Some(5)), item(&admin, part, None));
            let gone = item(&admin, plain, Some(-1));
            assert_eq!(admin.patch(&format!("/api/stock/{gone}/"), json!({"status": 60})).0, 200);

            // the part says how long its stock is good
            let day = json!(clock::days_from_today(30));
            assert_eq!(admin.read(&format!("/api/stock/{later}/"))["expiry_date"], day);
            let all = vec![never, late, today, soon, edge, later, gone];
            // switched off, the filters say nothing
            assert_eq!(shown(&admin, "expired=true"), all);
            assert_eq!(shown(&admin, "stale=true"), all);
            set(server, "STOCK_ENABLE_EXPIRY", "True");
            set(server, "STOCK_STALE_DAYS", "5");
            assert_eq!(shown(&admin, "expired=true"), [late]);
            assert_eq!(shown(&admin, "expired=false"), [never, today, soon, edge, later, gone]);
            assert_eq!(shown(&admin, "stale=true"), [late, today, soon]);
            assert_eq!(shown(&admin, "stale=false"), [never, edge, later, gone]);
            for (key, expired, stale) in
                [(late, true, true), (today, false, true), (edge, false, false), (gone, false, false)]
            {
                let row = admin.read(&format!("/api/stock/{key}/"));
                assert_eq!((&row["expired"], &row["stale"]), (&json!(expired), &json!(stale)), "{row}");
            }
        });
    }

    #[test]
    fn expired_stock_is_neither_sold_nor_built_with_unless_the_settings_say_so() {
        on_each_server(|server| {
            let admin = server.superuser();
            let part = admin.made("/api/part/", json!({"name": "Glue", "salable": true, "component": true}));
            let assembly = admin.made("/api/part/", json!({"name": "Chair", "assembly": true}));
            admin.made("/api/bom/", json!({"part": assembly, "sub_part": part, "quantity": 1}));
            let company = admin.made("/api/company/", json!({"name": "C", "is_customer": true}));
            let order = admin.made("/api/order/so/", json!({"customer": company}));
            let line = admin.made("/api/order/so-line/", json!({"order": order, "part": part, "quantity": 3}));
            let shipment = admin.read(&format!("/api/order/so/shipment/?order={order}"))[0]["pk"].clone();
            admin.done(&format!("/api/order/so/{order}/issue/"), json!({}));
            let build = admin.made("/api/build/", json!({"part": assembly, "quantity": 1, "reference": "BO-0001"}));
            admin.done(&format!("/api/build/{build}/issue/"), json!({}));
            let build_line = admin.read(&format!("/api/build/line/?build={build}"))[0]["pk"].clone();
            let late = item(&admin, part, Some(-1));
            set(server, "STOCK_ENABLE_EXPIRY", "True");

            let allocate = || {
                let body =
                    json!({"items": [{"line_item": line, "stock_item": late, "quantity": 1}], "shipment": shipment});
                admin.post(&format!("/api/order/so/{order}/allocate/"), body)
            };
            let use_up = || {
                let body = json!({"items": [{"build_line": build_line, "stock_item": late, "quantity": 1}]});
                admin.post(&format!("/api/build/{build}/allocate/"), body)
            };
            let assign = || admin.post("/api/stock/assign/", json!({"items": [{"item": late}], "customer": company}));
            let refused = |(status, answer): (u16, Json), field: &str| {
                assert_eq!(status, 400, "{answer}");
                assert!(answer["items"][0][field].is_array(), "{answer}");
            };
            refused(allocate(), "stock_item");
            refused(use_up(), "stock_item");
            refused(assign(), "item");
            admin.done(&format!("/api/order/so/{order}/auto-allocate/"), json!({}));
            admin.done(&format!("/api/build/{build}/auto-allocate/"), json!({}));
            let claims =
                "SELECT (SELECT COUNT(*) FROM order_salesorderallocation) + (SELECT COUNT(*) FROM build_builditem)";
            assert_eq!(server.int(claims, &[]), 0);

            set(server, "STOCK_ALLOW_EXPIRED_SALE", "True");
            assert_eq!(allocate().0, 201);
            refused(use_up(), "stock_item");
            set(server, "STOCK_ALLOW_EXPIRED_BUILD", "True");
            assert_eq!(use_up().0, 201);
            assert_eq!(server.int(claims, &[]), 2);
        });
    }

    #[test]
    fn followers_are_told_of_all_their_stale_stock_at_once() {
        on_each_server(|server| {
            let admin = server.superuser();
            let parts = ["Glue", "Paint", "Nail"].map(|name| admin.made("/api/part/", json!({"name": name})));
            let see: &[(Ruleset, &[Permission])] = &[
                (Ruleset::Part, &[Permission::View]),
                (Ruleset::Stock, &[Permission::View]),
                (Ruleset::StockLocation, &[Permission::View]),
            ];
            let (bob, blind) = (server.user("bob", see).user, server.user("blind", &[]).user);
            for (part, user) in [(parts[0], bob), (parts[1], bob), (parts[0], blind)] {
                server.write(move |conn| {
                    let sql = "INSERT INTO part_partstar (part, \"user\") VALUES ($1, $2)";
                    conn.execute(sql, &[part.into(), user.into()])
                });
            }
            for part in parts {
                item(&admin, part, Some(2));
                item(&admin, part, Some(20));
            }
            let sent = "SELECT COUNT(*) FROM common_notificationmessage WHERE category = 'stock.notify_stale_stock'";
            set(server, "STOCK_STALE_DAYS", "7");
            server.run_job(&NOTIFY);
            assert_eq!(server.int(sent, &[]), 0, "expiry is switched off");
            set(server, "STOCK_ENABLE_EXPIRY", "True");
            server.run_job(&NOTIFY);
            assert_eq!(server.int(sent, &[]), 1);
            assert_eq!(
                server.int(&format!("{sent} AND \"user\" = $1 AND message LIKE '2 stock items%'"), &[bob.into()]),
                1
            );
        });
    }
}
