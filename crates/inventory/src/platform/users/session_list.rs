//! Sessions in the API: users see and end their own, administrators those of everyone.

use ironwood_rest::resource::{Access, Condition, Operations, Resource, filter, sort};
use ironwood_rest::view::{View, col, nested, pk};

use super::view::BRIEF;
use crate::schema::users::{SESSION, USER};

static VIEW: View = View::new(
    "Session",
    &SESSION,
    &[
        pk(),
        col("user").read_only(),
        nested("user_detail", "user", &BRIEF).always(),
        col("created").read_only().help("When the user signed in."),
        col("last_seen").read_only().label("Last Used").help("Day on which the session was last used."),
        col("expires").read_only().help("When the session ends by itself."),
        col("address").read_only().help("Address from which the user signed in."),
        col("user_agent").read_only().label("Program").help("Browser or program that signed in."),
    ],
);

/// Sessions that have not ended.
pub(crate) static SESSIONS: Resource = Resource::new("/api/user/session/", "user_session", &VIEW)
    .operations(Operations { delete: true, ..Operations::READ })
    .access(Access::SignedIn)
    .scope("{expires} >= {today}")
    .filters(&[filter("user", Condition::Link(&USER, "{t}.\"user\" = {value}"))])
    .search(&["{address}", "{user_agent}"])
    .sorts(&[
        sort("created", &["{created}"]),
        sort("last_seen", &["{last_seen}"]),
        sort("user", &["{user.username}"]),
        sort("address", &["{address}"]),
    ])
    .default_sort(&["-{created}"])
    .help("Sessions of the signed-in user; for superusers, those of all users. Deleting a session signs it out.");

#[cfg(test)]
mod tests {
    use ironwood_base::Key;

    use crate::platform::users::secret::Secret;
    use crate::platform::users::session;
    use crate::testing::{Client, Server, on_each_server};

    fn begin(server: &Server, user: i64) -> i64 {
        let secret = Secret::ephemeral().unwrap();
        server
            .write(move |conn| session::create(conn, &secret, Key::from_id(user), "Firefox", "192.0.2.7".parse().ok()))
            .id
            .id()
    }

    fn listed(who: &Client, query: &str) -> Vec<i64> {
        let rows = who.read(&format!("/api/user/session/{query}"));
        rows.as_array().unwrap().iter().map(|row| row["pk"].as_i64().unwrap()).collect()
    }

    #[test]
    fn users_see_and_end_their_own_and_superusers_all() {
        on_each_server(|server| {
            let admin = server.superuser();
            let (ann, bob) = (server.user("ann", &[]), server.user("bob", &[]));
            let (first, second) = (begin(server, ann.user), begin(server, bob.user));
            assert_eq!(listed(&ann, ""), [first]);
            assert_eq!(listed(&admin, "?ordering=created"), [first, second]);
            assert_eq!(listed(&admin, &format!("?user={}", bob.user)), [second]);
            let row = admin.read(&format!("/api/user/session/{second}/"));
            assert_eq!((&row["user_detail"]["username"], &row["address"]), (&"bob".into(), &"192.0.2.7".into()));
            assert!(row.get("csrf").is_none() && row.get("key_hash").is_none(), "{row}");
            assert_eq!(ann.get(&format!("/api/user/session/{second}/")).0, 404);
            assert_eq!(ann.delete(&format!("/api/user/session/{second}/")).0, 404);
            assert_eq!(ann.patch(&format!("/api/user/session/{first}/"), serde_json::json!({"address": "x"})).0, 405);
            assert_eq!(ann.delete(&format!("/api/user/session/{first}/")).0, 204);
            assert_eq!(admin.delete(&format!("/api/user/session/{second}/")).0, 204);
            assert_eq!(server.int("SELECT COUNT(*) FROM ironwood_session", &[]), 0);
        });
    }
}
