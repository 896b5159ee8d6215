use ironwood_base::Key;
use ironwood_store::{Backend, Fragment, Origin};
use serde_json::{Value as Json, json};

use super::rebuilt_tests;
use crate::platform::settings;
use crate::platform::users::permission::{Permission, Ruleset};
use crate::schema::TABLES;
use crate::testing::{Server, on_each_server};

/// The entries of a row, the newest first, as the API tells them.
fn history(server: &Server, table: &str, key: i64) -> Vec<Json> {
    let answer = server.superuser().read(&format!("/api/audit/?table={table}&key={key}"));
    answer["results"].as_array().unwrap().clone()
}

fn change<'a>(entry: &'a Json, column: &str) -> &'a Json {
    let changes = entry["changes"].as_array().unwrap();
    changes.iter().find(|change| change["column"] == column).unwrap_or(&Json::Null)
}

#[test]
fn pages_of_large_changes_are_short_and_lead_on() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Reel"}));
        server.write(move |conn| {
            let text = "x".repeat(700_000);
            for i in 0..12 {
                let sql = "UPDATE part_part SET notes = $1 WHERE id = $2";
                conn.execute(sql, &[format!("{i} {text}").into(), part.into()])?;
            }
            Ok(())
        });
        let (mut path, mut seen) = (format!("/api/audit/?table=part&key={part}&limit=1000"), 0);
        loop {
            let page = admin.read(&path);
            let rows = page["results"].as_array().unwrap();
            assert!((1..=5).contains(&rows.len()), "{}", rows.len());
            seen += rows.len();
            let Some(next) = page["next"].as_str() else {
                assert_eq!(page["count"], json!(seen));
                break;
            };
            path = next[next.find("/api/").unwrap()..].to_owned();
        }
        assert!(seen > 12, "{seen}");
    });
}

#[test]
fn a_row_has_its_history_with_values_before_and_after() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Bolt \"8\" 'x' é 🦀\\", "minimum_stock": "2.5"}));
        let place = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        let item = admin.made("/api/stock/", json!({"part": part, "quantity": 7, "location": place}));
        let row = json!([{"pk": item, "quantity": "2.50001"}]);
        admin.done("/api/stock/remove/", json!({"items": row}));
        assert_eq!(admin.delete(&format!("/api/stock/{item}/")).0, 204);
        let entries = history(server, "stock.stockitem", item);
        assert_eq!(
            entries.iter().map(|e| e["action"].as_str().unwrap()).collect::<Vec<_>>(),
            ["delete", "change", "add"]
        );
        let quantity = change(&entries[1], "quantity");
        assert_eq!((&quantity["before"], &quantity["after"]), (&json!("7.00000"), &json!("4.49999")));
        assert_eq!(change(&entries[1], "part"), &Json::Null, "what stays is not told");
        assert_eq!(change(&entries[0], "quantity")["before"], "4.49999");
        for entry in &entries {
            assert_eq!(
                (&entry["username"], &entry["user"], &entry["kind"]),
                (&json!("root"), &json!(admin.user), &json!("request"))
            );
            assert_eq!((&entry["sign_in"], &entry["address"]), (&json!("token test"), &json!("127.0.0.1")));
        }
        assert_eq!((&entries[1]["method"], &entries[1]["path"]), (&json!("POST"), &json!("/api/stock/remove")));
        let name = history(server, "part", part);
        assert_eq!(change(name.last().unwrap(), "name")["after"], "Bolt \"8\" 'x' é 🦀\\");
        assert_eq!(change(name.last().unwrap(), "minimum_stock")["after"], "2.500000");
        assert_eq!(change(name.last().unwrap(), "active")["after"], true);
        // what the move made besides, its history, has the number of the same transaction
        let together = admin.read("/api/audit/?table=stock_stockitemtracking");
        assert!(together["results"].as_array().unwrap().iter().any(|e| e["transaction"] == entries[1]["transaction"]));
        // a request that is refused leaves nothing
        let before = server.int("SELECT COUNT(*) FROM ironwood_change", &[]);
        assert_eq!(admin.patch(&format!("/api/part/{part}/"), json!({"name": ""})).0, 400);
        assert_eq!(admin.patch(&format!("/api/part/{part}/"), json!({"active": true})).0, 200);
        let sql = "SELECT COUNT(*) FROM ironwood_change WHERE \"table\" = 'part_part' AND \"action\" = 'change' \
                   AND changes LIKE '%active%'";
        assert_eq!(server.int(sql, &[]), 0);
        assert!(server.int("SELECT COUNT(*) FROM ironwood_change", &[]) >= before);
        rebuilt_tests::check(server);
    });
}

#[test]
fn whoever_may_view_a_record_sees_its_history_and_nothing_else() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        admin.patch(&format!("/api/part/{part}/"), json!({"name": "Screw"}));
        let viewer = server.user("viewer", &[(Ruleset::Part, &[Permission::View])]);
        let entries = viewer.read(&format!("/api/audit/?table=part&key={part}"));
        // the second change is that of the place in the tree, which follows from the key
        assert_eq!((&entries["count"], &entries["results"][0]["username"]), (&json!(3), &json!("root")));
        assert_eq!(change(&entries["results"][0], "name")["before"], "Bolt");
        assert_eq!(entries["results"][0]["address"], Json::Null);
        for path in [
            "/api/audit/",
            "/api/audit/?table=part",
            "/api/audit/?user=root",
            "/api/audit/?table=auth_user&key=1",
            "/api/audit/?table=part&key=999",
            "/api/audit/?table=users_apitoken&key=1",
            "/api/audit/?table=stockitem&key=1",
        ] {
            assert_eq!(viewer.get(path).0, 403, "{path}");
        }
        let blind = server.user("blind", &[]);
        assert_eq!(blind.get(&format!("/api/audit/?table=part&key={part}")).0, 403);
        assert_eq!(server.stranger().get("/api/audit/").0, 401);
        for (path, field) in
            [("table=nothing", "table"), ("table=ironwood_job", "table"), ("since=x", "since"), ("key=x", "key")]
        {
            let (status, answer) = admin.get(&format!("/api/audit/?{path}"));
            assert!(status == 400 && answer.get(field).is_some(), "{path}: {status} {answer}");
        }
        let found = |query: &str| admin.read(&format!("/api/audit/?{query}"))["count"].as_i64().unwrap();
        assert_eq!(found("table=part_part&user=root"), 3);
        assert_eq!(found("table=part_part&user=viewer"), 0);
        assert_eq!(found("table=part_part&since=1h"), 3);
        assert_eq!(found("table=part_part&since=2999-01-01"), 0);
        assert_eq!(admin.read("/api/audit/?table=part_part&limit=1&offset=1")["results"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn secrets_are_told_as_changed_and_nowhere_by_value() {
    on_each_server(|server| {
        let admin = server.superuser();
        let hash = "pbkdf2_sha256$1$abcdef$SECRETHASH";
        let user = admin.user;
        server.write(move |conn| crate::platform::users::accounts::set_password(conn, Key::from_id(user), hash, None));
        server.write(|conn| settings::set_global(conn, "INVENTREE_INSTANCE", "SECRETHASH").map(drop));
        server.write(|conn| settings::set_global(conn, "INVENTREE_INSTANCE", "SECRETHASH 2").map(drop));
        let entries = history(server, "auth_user", user);
        assert_eq!(
            change(&entries[0], "password"),
            &json!({"column": "password", "before": null, "after": null, "secret": true})
        );
        let kept = "SELECT COUNT(*) FROM ironwood_change WHERE changes LIKE '%SECRETHASH%'";
        assert_eq!(server.int(kept, &[]), 0);
        let changed = "SELECT COUNT(*) FROM ironwood_change WHERE \"table\" = 'common_inventreesetting'";
        assert!(server.int(changed, &[]) >= 2);
        // whatever is marked: no statement reads it but to see that it differs
        for backend in [Backend::Sqlite, Backend::Postgres] {
            for (table, column) in
                TABLES.iter().flat_map(|t| t.columns.iter().map(move |c| (t, c))).filter(|(_, c)| c.secret)
            {
                let mut made = super::triggers::statements(backend, &[table]).concat();
                let field = format!(".\"{}\"", column.name);
                let rows = if backend == Backend::Sqlite { ["OLD", "NEW"] } else { ["o", "n"] };
                let [old, new] = rows.map(|row| format!("{row}{field}"));
                let is_told = super::values::is_logged(table)
                    && super::values::columns(table).any(|known| known.name == column.name);
                assert_eq!(made.contains(&old) && made.contains(&new), is_told, "{}{field}", table.name);
                for looked in [
                    format!("{old} IS NOT {new}"),
                    format!("{old} IS DISTINCT FROM {new}"),
                    format!("{old} <> ''"),
                    format!("{new} <> ''"),
                ] {
                    made = made.replace(&looked, "");
                }
                assert!(!made.contains(&field), "{}{field} is read", table.name);
            }
        }
    });
}

#[test]
fn tables_that_are_left_out_say_why_and_no_others_are() {
    let unlogged: Vec<&str> =
        TABLES.iter().filter(|table| !table.unlogged.is_empty()).map(|table| table.name).collect();
    let expected = [
        "common_barcodescanresult",
        "ironwood_part_total",
        "ironwood_part_total_change",
        "ironwood_location_content",
        "ironwood_location_content_change",
        "ironwood_category_content",
        "ironwood_category_content_change",
        "ironwood_stock_tally",
        "ironwood_stock_tally_change",
        "ironwood_part_tally",
        "ironwood_part_tally_change",
        "ironwood_history_tally",
        "ironwood_history_tally_change",
        "common_notificationentry",
        "importer_dataimportcolumnmap",
        "importer_dataimportrow",
        "error_report_error",
        "ironwood_job",
        "ironwood_schedule",
        "ironwood_leftover",
        "ironwood_idempotency",
        "ironwood_meta",
        "ironwood_version",
        "ironwood_transaction",
        "ironwood_change",
        "ironwood_log_columns",
        "ironwood_log_state",
    ];
    assert_eq!(unlogged, expected);
}

#[test]
fn records_that_are_imported_have_one_entry_together() {
    on_each_server(|server| {
        server.fill_with_demo();
        let each = "SELECT COUNT(*) FROM ironwood_change WHERE \"table\" = 'part_part'";
        assert_eq!(server.int(each, &[]), 0);
        let admin = server.superuser();
        let entries = admin.read("/api/audit/?limit=1000");
        let entries = entries["results"].as_array().unwrap();
        let all: Vec<&Json> = entries.iter().filter(|entry| entry["action"] == "import").collect();
        // the accounts of these tests are made after it
        assert_eq!(all.len(), 1, "{all:?}");
        let parts = server.int("SELECT COUNT(*) FROM part_part", &[]);
        assert_eq!(change(all[0], "part_part")["after"], parts);
        // and what comes after it has its own again
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        assert_eq!(history(server, "part_part", part).last().unwrap()["action"], "add");
    });
}

#[test]
fn old_entries_go_where_the_settings_say_so() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        let age = |days: i64| {
            let then = ironwood_base::clock::seconds_from_now(-days * 24 * 60 * 60);
            let sql = "UPDATE ironwood_transaction SET \"time\" = $1";
            server.write(move |conn| conn.execute(sql, &[then.as_str().into()]));
        };
        age(40);
        server.run_job(super::JOBS[0]);
        assert_eq!(history(server, "part_part", part).len(), 2, "kept for ever by default");
        server.write(|conn| settings::set_global(conn, "CHANGE_LOG_DAYS", "30").map(drop));
        age(20);
        server.run_job(super::JOBS[0]);
        assert_eq!(history(server, "part_part", part).len(), 2, "not old enough");
        age(31);
        admin.patch(&format!("/api/part/{part}/"), json!({"name": "Screw"}));
        server.run_job(super::JOBS[0]);
        let entries = history(server, "part_part", part);
        assert_eq!((entries.len(), &entries[0]["action"]), (1, &json!("change")), "what is younger stays");
        assert_eq!(
            server.int("SELECT COUNT(*) FROM ironwood_transaction WHERE \"time\" < $1", &["2026-01-01".into()]),
            0
        );
    });
}

#[test]
fn what_another_program_changes_is_logged_as_that() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        let url = server.url();
        let sql = format!("UPDATE part_part SET name = 'Screw' WHERE id = {part}");
        match url.strip_prefix("sqlite:") {
            Some(file) => {
                let done = std::process::Command::new("sqlite3").arg(file).arg(&sql).output();
                let Ok(done) = done else { return eprintln!("skipped: there is no sqlite3 here") };
                if String::from_utf8_lossy(&done.stderr).contains("contentless_delete") {
                    return eprintln!("skipped: the sqlite3 here is older than 3.43");
                }
                assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            }
            None => {
                let done = std::process::Command::new("psql").arg(&url).arg("-c").arg(&sql).output();
                let Ok(done) = done else { return eprintln!("skipped: there is no psql here") };
                assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            }
        }
        let entries = history(server, "part_part", part);
        assert_eq!((&entries[0]["kind"], &entries[0]["user"]), (&json!("outside"), &Json::Null));
        assert_eq!(change(&entries[0], "name")["after"], "Screw");
        // and the next change of ours is ours again
        admin.patch(&format!("/api/part/{part}/"), json!({"name": "Nut"}));
        assert_eq!(history(server, "part_part", part)[0]["username"], "root");
    });
}

#[test]
fn many_rows_in_one_statement_take_no_more_than_their_number() {
    on_each_server(|server| {
        server.write(|conn| {
            for lot in 0..20 {
                let rows: Vec<String> = (0..500).map(|i| format!("('tag {lot} {i}', '{lot} {i}')")).collect();
                conn.batch(Fragment::generated(format!(
                    "INSERT INTO taggit_tag (name, slug) VALUES {}",
                    rows.join(", ")
                )))?;
            }
            // the plan of the join is that of one row
            conn.batch("UPDATE taggit_tag SET name = name || '!' WHERE slug = '0 0'")
        });
        let began = std::time::Instant::now();
        server.write(|conn| conn.batch("UPDATE taggit_tag SET name = name || '!'"));
        assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
        let changed = "SELECT COUNT(*) FROM ironwood_change WHERE \"table\" = 'taggit_tag' AND \"action\" = 'change'";
        assert_eq!(server.int(changed, &[]), 10_001);
    });
}

#[test]
fn a_quote_in_a_path_or_name_harms_nothing() {
    on_each_server(|server| {
        let details = ironwood_store::Details {
            kind: "request",
            username: "O'Brien \\ \"x\"\u{0}\n".into(),
            path: "/api/'; DROP TABLE part_part; --".into(),
            ..ironwood_store::Details::default()
        };
        let sql = "INSERT INTO taggit_tag (name, slug) VALUES ('a', 'a')";
        server.app.db().write(&Origin::new(details), move |conn| conn.batch(sql)).unwrap();
        let entries = &server.superuser().read("/api/audit/?table=tag")["results"][0];
        assert_eq!(entries["username"], "O'Brien \\ \"x\"");
        assert_eq!(entries["path"], "/api/'; DROP TABLE part_part; --");
    });
}
