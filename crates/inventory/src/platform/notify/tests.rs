//! Messages belong to their users.

use ironwood_base::{Key, clock, key};
use ironwood_rest::http::{Body, Method};
use ironwood_store::Fragment;
use serde_json::json;

use super::audience::Audience;
use super::days;
use super::message::{self, Message, in_words};
use crate::platform::users::permission::{Permission, Ruleset};
use crate::schema::keys::{AnyKey, UserKey};
use crate::testing::{Server, on_each_server};

fn stored(server: &Server, user: i64, part: i64, name: &'static str) -> i64 {
    let sql = "INSERT INTO common_notificationmessage (target_content_type, target_object_id, \"user\", category, name, \
               message, creation, \"read\") VALUES ('part.part', $1, $2, 'test', $3, 'text', $4, FALSE) RETURNING id";
    server.write(move |conn| {
        let params = [part.to_string().into(), user.into(), name.into(), ironwood_base::clock::now().into()];
        Ok(conn.one(sql, &params)?.map_or(0, |row| row.int(0)))
    })
}

#[test]
fn everybody_reads_marks_and_deletes_their_own_messages_alone() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        let viewer = |name: &str| server.user(name, &[(Ruleset::Part, &[Permission::View])]);
        let (ann, bob) = (viewer("ann"), viewer("bob"));
        let (first, second) = (stored(server, ann.user, part, "one"), stored(server, ann.user, part, "two"));
        let other = stored(server, bob.user, part, "three");
        let keys = |list: &serde_json::Value| -> Vec<i64> {
            list.as_array().unwrap().iter().map(|row| row["pk"].as_i64().unwrap()).collect()
        };
        let mut own = keys(&ann.read("/api/notifications/"));
        own.sort_unstable();
        assert_eq!(own, [first, second]);
        let shown = ann.read(&format!("/api/notifications/{first}/"));
        assert_eq!((&shown["target"]["model_type"], &shown["target"]["model_id"]), (&json!("part"), &json!(part)));
        let path = format!("/api/notifications/{other}/");
        assert_eq!(ann.get(&path).0, 404);
        assert_eq!(ann.patch(&path, json!({"read": true})).0, 404);
        assert_eq!(ann.delete(&path).0, 404);
        assert_eq!(ann.patch(&format!("/api/notifications/{first}/"), json!({"read": true})).0, 200);
        assert_eq!(keys(&ann.read("/api/notifications/?read=false")), [second]);
        ann.done("/api/notifications/readall/", json!({}));
        assert_eq!(keys(&ann.read("/api/notifications/?read=false")), Vec::<i64>::new());
        assert_eq!(bob.read("/api/notifications/?read=false").as_array().map(Vec::len), Some(1));
        let all = Body::Json(json!({"items": [first, second, other]}));
        let status = ann.send(Method::Delete, "/api/notifications/", all).0;
        assert!(status == 200 || status == 400, "{status}");
        assert_eq!(server.int("SELECT COUNT(*) FROM common_notificationmessage WHERE id = $1", &[other.into()]), 1);
    });
}

#[test]
fn a_message_about_what_its_user_may_not_view_any_more_is_not_shown() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        let ann = server.user("ann", &[(Ruleset::Part, &[Permission::View])]);
        stored(server, ann.user, part, "one");
        assert_eq!(ann.read("/api/notifications/").as_array().map(Vec::len), Some(1));
        server.write(|conn| conn.execute("UPDATE users_ruleset SET can_view = FALSE", &[]));
        assert_eq!(ann.read("/api/notifications/"), json!([]));
    });
}

#[test]
fn ages_are_told_in_the_largest_unit_that_fits() {
    for (seconds, shown) in [
        (0, "now"),
        (1, "1 second ago"),
        (59, "59 seconds ago"),
        (60, "1 minute ago"),
        (3_599, "59 minutes ago"),
        (3_600, "1 hour ago"),
        (86_400, "1 day ago"),
        (172_800, "2 days ago"),
        (2_592_000, "1 month ago"),
        (31_536_000, "1 year ago"),
        (63_072_000, "2 years ago"),
    ] {
        assert_eq!(in_words(seconds), shown);
    }
}

/// Moves the moment at which messages of a kind about a record were last sent.
fn sent_at(server: &Server, uid: i64, moment: String) {
    let sql = "UPDATE common_notificationentry SET updated = $1 WHERE uid = $2";
    assert_eq!(server.write(move |conn| conn.execute(sql, &[moment.clone().into(), uid.into()])), 1);
}

fn count(server: &Server, user: i64) -> i64 {
    server.int("SELECT COUNT(*) FROM common_notificationmessage WHERE \"user\" = $1", &[user.into()])
}

#[test]
fn a_message_about_a_record_is_sent_once_a_day() {
    on_each_server(|server| {
        let ann = UserKey::from_id(server.user("ann", &[(Ruleset::Part, &[Permission::View])]).user);
        let send = |category: &'static str, record: i64| {
            let message =
                Message { category, name: "Low", message: "text", target: ("part.part", AnyKey::from_id(record)) };
            server.write(move |conn| message::send(conn, &[ann], &message));
            count(server, ann.id())
        };
        assert_eq!((send("low", 1), send("low", 1)), (1, 1), "not twice within a day");
        assert_eq!((send("low", 2), send("high", 1)), (2, 3), "another record, another kind of message");
        sent_at(server, 2, clock::seconds_from_now(-23 * 3_600));
        assert_eq!(send("low", 2), 3);
        sent_at(server, 2, clock::seconds_from_now(-25 * 3_600));
        assert_eq!((send("low", 2), send("low", 2)), (4, 4), "again after a day, and once");
        // a clock that ran ahead does not silence messages until it is right
        sent_at(server, 2, clock::seconds_from_now(48 * 3_600));
        assert_eq!(send("low", 2), 5);
        let summary = |record: i64| {
            let message = Message {
                category: "many",
                name: "Low",
                message: "text",
                target: ("part.part", AnyKey::from_id(record)),
            };
            server.write(move |conn| message::send_summary(conn, ann, &message));
            count(server, ann.id())
        };
        assert_eq!((summary(1), summary(2)), (6, 6), "one summary a day, whatever record stands in it");
    });
}

#[test]
fn a_message_that_reached_nobody_is_not_noted_as_sent() {
    on_each_server(|server| {
        let see: &[(Ruleset, &[Permission])] = &[(Ruleset::Part, &[Permission::View])];
        let (blind, gone) = (server.user("blind", &[]).user, server.user("gone", see).user);
        server.write(move |conn| conn.execute("UPDATE auth_user SET is_active = FALSE WHERE id = $1", &[gone.into()]));
        let late = server.user("late", see).user;
        let send = |users: Vec<i64>| {
            let users: Vec<UserKey> = key::of_ids(&users);
            let message =
                Message { category: "low", name: "Low", message: "text", target: ("part.part", AnyKey::from_id(7)) };
            server.write(move |conn| message::send(conn, &users, &message));
        };
        send(vec![blind, gone]);
        assert_eq!(count(server, blind) + count(server, gone), 0, "inactive, or without permission to view parts");
        send(vec![blind, gone, late]);
        assert_eq!((count(server, blind) + count(server, gone), count(server, late)), (0, 1));
    });
}

#[test]
fn an_audience_is_users_members_and_followers_each_once() {
    on_each_server(|server| {
        let admin = server.superuser();
        let user = |name: &str| server.user(name, &[]).user;
        let (ann, bob, carl, dora, eve) = (user("ann"), user("bob"), user("carl"), user("dora"), user("eve"));
        let template = admin.made("/api/part/", json!({"name": "Screw", "is_template": true}));
        let above = admin.made("/api/part/category/", json!({"name": "Hardware"}));
        let category = admin.made("/api/part/category/", json!({"name": "Screws", "parent": above}));
        let body = json!({"name": "M3", "variant_of": template, "category": category});
        let part = admin.made("/api/part/", body);
        server.write(move |conn| {
            for (table, column, record, user) in [
                ("part_partstar", "part", template, carl),
                ("part_partcategorystar", "category", above, dora),
                ("part_partstar", "part", part, eve),
                ("part_partstar", "part", part, ann),
            ] {
                let sql = format!("INSERT INTO {table} ({column}, \"user\") VALUES ($1, $2)");
                conn.execute(Fragment::generated(&sql), &[record.into(), user.into()])?;
            }
            conn.execute("UPDATE auth_user SET is_active = FALSE WHERE id = $1", &[eve.into()])
        });
        let owner = |kind: &str, of: i64| {
            let sql = "SELECT id FROM users_owner WHERE owner_type = $1 AND owner_id = $2";
            server.int(sql, &[kind.into(), of.into()])
        };
        let group = server.int("SELECT \"group\" FROM auth_user_groups WHERE \"user\" = $1", &[bob.into()]);
        let audience = Audience {
            users: key::of_ids(&[ann, ann]),
            owners: key::of_ids(&[owner("auth.group", group), owner("auth.user", ann)]),
            parts: vec![Key::from_id(part)],
            except: None,
        };
        let resolve = |audience: Audience| key::ids(&server.write(move |conn| audience.resolve(conn)));
        // followers of the template and of the category above, but none who is inactive
        assert_eq!(resolve(audience.clone()), [ann, bob, carl, dora]);
        assert_eq!(resolve(Audience { except: Some(Key::from_id(bob)), ..audience }), [ann, carl, dora]);
        // who follows a variant does not follow its template
        let of_template = Audience { parts: vec![Key::from_id(template)], ..Audience::default() };
        assert_eq!(resolve(of_template), [carl]);
    });
}

#[test]
fn a_day_is_dealt_with_once_even_after_an_outage() {
    on_each_server(|server| {
        let look = || server.write(|conn| days::since_last_look(conn, "late"));
        assert_eq!(look(), clock::days_from_today(-1), "the first look takes in yesterday");
        assert_eq!(look(), clock::today(), "what came before today is dealt with");
        let before = clock::days_from_today(-5);
        sent_at(server, 0, format!("{before} 12:00:00.000000"));
        assert_eq!(look(), before, "the days of an outage are not lost");
        assert_eq!(look(), clock::today());
        sent_at(server, 0, format!("{} 12:00:00.000000", clock::days_from_today(3)));
        assert_eq!(look(), clock::today(), "no day is passed over by a clock that ran ahead");
    });
}

#[test]
fn news_and_emails_are_for_those_who_administer() {
    on_each_server(|server| {
        let sql = "INSERT INTO common_newsfeedentry (feed_id, title, link, published, author, summary, read) \
                   VALUES ('1', 'New', '', '2026-01-01 00:00:00.000000', '', '', FALSE) RETURNING id";
        let entry = server.write(move |conn| Ok(conn.one(sql, &[])?.map_or(0, |row| row.int(0))));
        let (admin, ann) = (server.superuser(), server.user("ann", &[(Ruleset::Admin, Permission::ALL.as_slice())]));
        let path = format!("/api/news/{entry}/");
        for path in ["/api/news/", &path, "/api/admin/email/"] {
            assert_eq!(ann.get(path).0, 403, "{path}");
        }
        assert_eq!(ann.patch(&path, json!({"read": true})).0, 403);
        assert_eq!(admin.read("/api/news/?read=false").as_array().map(Vec::len), Some(1));
        assert_eq!(admin.patch(&path, json!({"read": true})).0, 200);
        assert_eq!(admin.read("/api/news/?read=false"), json!([]));
        assert_eq!(admin.delete(&path).0, 204);
        assert_eq!(admin.post("/api/admin/email/test/", json!({"email": "no address"})).0, 400);
    });
}
