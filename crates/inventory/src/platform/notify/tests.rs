//! Messages belong to their users.

use ironwood_rest::http::{Body, Method};
use serde_json::json;

use super::message::in_words;
use crate::platform::users::permission::{Action, Ruleset};
use crate::testing::{Server, on_each_server};

fn message(server: &Server, user: i64, part: i64, name: &'static str) -> i64 {
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
        let viewer = |name: &str| server.user(name, &[(Ruleset::Part, &[Action::View])]);
        let (ann, bob) = (viewer("ann"), viewer("bob"));
        let (first, second) = (message(server, ann.user, part, "one"), message(server, ann.user, part, "two"));
        let other = message(server, bob.user, part, "three");
        let keys = |list: &serde_json::Value| -> Vec<i64> {
            list.as_array().unwrap().iter().map(|row| row["pk"].as_i64().unwrap()).collect()
        };
        let mut own = keys(&ann.read("/api/notifications/"));
        own.sort_unstable();
        assert_eq!(own, [first, second]);
        let told = ann.read(&format!("/api/notifications/{first}/"));
        assert_eq!((&told["target"]["model_type"], &told["target"]["model_id"]), (&json!("part"), &json!(part)));
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
        let ann = server.user("ann", &[(Ruleset::Part, &[Action::View])]);
        message(server, ann.user, part, "one");
        assert_eq!(ann.read("/api/notifications/").as_array().map(Vec::len), Some(1));
        server.write(|conn| conn.execute("UPDATE users_ruleset SET can_view = FALSE", &[]));
        assert_eq!(ann.read("/api/notifications/"), json!([]));
    });
}

#[test]
fn ages_are_told_in_the_largest_unit_that_fits() {
    for (seconds, told) in [
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
        assert_eq!(in_words(seconds), told);
    }
}
