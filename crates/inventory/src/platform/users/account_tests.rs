//! Attacks on accounts: the last administrator, passwords and what outlives them.

use serde_json::{Value as Json, json};

use crate::platform::users::password;
use crate::testing::{Client, Server, on_each_server};

fn with_password(server: &Server, client: &Client, text: &str) {
    let (user, hash) = (client.user, password::hash(text).unwrap());
    server.write(move |conn| {
        conn.execute("UPDATE auth_user SET password = $1 WHERE id = $2", &[hash.as_str().into(), user.into()])
    });
}

fn change(client: &Client, current: &str, new: &str, more: Json) -> u16 {
    let mut body = json!({"current_password": current, "new_password": new});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.post("/api/auth/v1/account/password/change", body).0
}

#[test]
fn the_last_active_superuser_remains() {
    on_each_server(|server| {
        let root = server.superuser();
        let own = format!("/api/user/{}/", root.user);
        let whole = json!({
            "username": "root", "first_name": "", "last_name": "", "email": "r@example.com", "is_staff": true,
            "is_superuser": false, "is_active": true,
        });
        let held = || server.int("SELECT COUNT(*) FROM auth_user WHERE is_superuser AND is_active", &[]);
        for (_, status) in [
            ("demoted", root.patch(&own, json!({"is_superuser": false})).0),
            ("switched off", root.patch(&own, json!({"is_active": false})).0),
            ("demoted by PUT", root.put(&own, whole).0),
            ("deleted", root.delete("/api/user/me/").0),
            ("deleted by key", root.delete(&own).0),
        ] {
            assert_eq!((status, held()), (400, 1));
        }
        // groups give no one these rights, so taking them all away is no danger
        assert_eq!(root.patch(&own, json!({"group_ids": []})).0, 200);
        let second = server.superuser_named("second");
        assert_eq!(root.patch(&own, json!({"is_superuser": false})).0, 200);
        assert_eq!(second.patch(&format!("/api/user/{}/", second.user), json!({"is_active": false})).0, 400);
        assert_eq!(second.delete("/api/user/me/").0, 400);
        assert_eq!(held(), 1);
        // other users can delete themselves
        assert_eq!(root.delete("/api/user/me/").0, 204);
    });
}

#[test]
fn tokens_end_with_a_password_that_an_administrator_sets() {
    on_each_server(|server| {
        let (root, ann) = (server.superuser(), server.user("ann", &[]));
        assert_eq!(ann.get("/api/user/me/").0, 200);
        let body = json!({"password": "a new one, of some length", "override_warning": true});
        assert_eq!(root.put(&format!("/api/user/{}/set-password/", ann.user), body).0, 200);
        assert_eq!(ann.get("/api/user/me/").0, 401, "the token goes on");
    });
}

#[test]
fn tokens_end_with_the_own_password_where_that_is_wanted() {
    on_each_server(|server| {
        let ann = server.user("ann", &[]);
        with_password(server, &ann, "correct horse");
        assert_eq!(change(&ann, "correct horse", "correct horse battery", json!({})), 200);
        assert_eq!(ann.get("/api/user/me/").0, 200, "a token ended unasked");
        let wanted = json!({"end_tokens": true});
        assert_eq!(change(&ann, "correct horse battery", "correct horse staple", wanted), 200);
        assert_eq!(ann.get("/api/user/me/").0, 401, "the token goes on");
    });
}

#[test]
fn guessing_the_current_password_is_slowed_down() {
    on_each_server(|server| {
        let ann = server.user("ann", &[]);
        with_password(server, &ann, "correct horse");
        let tries: Vec<u16> =
            (0..14).map(|i| change(&ann, &format!("guess {i}"), "another long one", json!({}))).collect();
        assert_eq!((tries[0], tries[13]), (400, 429), "{tries:?}");
        // the right one is as good as another guess by now
        assert_eq!(change(&ann, "correct horse", "another long one", json!({})), 429);
    });
}

#[test]
fn addresses_for_e_mail_are_for_their_users_and_those_who_administer_users() {
    on_each_server(|server| {
        let (root, ann) = (server.superuser(), server.user("ann", &[]));
        server.write(|conn| conn.execute("UPDATE auth_user SET email = username || '@example.com'", &[]));
        let all = |client: &Client, path: &str| client.read(path).to_string();
        for path in ["/api/user/", "/api/user/?ordering=email", "/api/user/group/?user_detail=true"] {
            assert!(all(&root, path).contains("ann@example.com"), "{path}");
            assert!(!all(&ann, path).contains("root@example.com"), "{path}");
        }
        assert!(all(&ann, "/api/user/").contains("ann@example.com"));
        assert_eq!(ann.read(&format!("/api/user/{}/", root.user))["email"], "");
        assert_eq!(ann.read("/api/user/me/")["email"], "ann@example.com");
        let keys = |order: &str| -> Vec<Json> {
            let rows = ann.read(&format!("/api/user/?ordering={order}"));
            rows.as_array().unwrap().iter().map(|row| row["pk"].clone()).collect()
        };
        server.write(|conn| conn.execute("UPDATE auth_user SET email = 'a' WHERE username = 'root'", &[]));
        let before = keys("-email");
        server.write(|conn| conn.execute("UPDATE auth_user SET email = 'z' WHERE username = 'root'", &[]));
        assert_eq!(keys("-email"), before, "a sorting tells of addresses");
    });
}

/// There is no second factor yet: the setting that asks everybody for one locks nobody out for good.
#[test]
fn a_second_factor_is_asked_for_only_where_it_came_with_records() {
    on_each_server(|server| {
        let (root, ann) = (server.superuser(), server.user("ann", &[]));
        with_password(server, &root, "a long password");
        with_password(server, &ann, "another long password");
        let login = |name: &str, password: &str| {
            let body = json!({"username": name, "password": password});
            let (status, answer) = server.stranger().post("/api/auth/v1/auth/login", body);
            (status, answer.to_string().contains("LOGIN_ENFORCE_MFA"))
        };
        let setting = "/api/settings/global/LOGIN_ENFORCE_MFA/";
        let (status, refused) = root.patch(setting, json!({"value": true}));
        assert_eq!(status, 400, "{refused}");
        assert!(refused.to_string().contains("second factor"), "{refused}");
        assert_eq!(login("ann", "another long password"), (200, false));
        // as the import of another server's records leaves it
        server.write(|conn| {
            conn.execute(
                "INSERT INTO common_inventreesetting (\"key\", \"value\") VALUES ('LOGIN_ENFORCE_MFA', 'True')",
                &[],
            )
        });
        assert_eq!(login("ann", "another long password"), (400, true));
        assert_eq!(login("root", "a long password"), (200, false));
        assert_eq!(login("root", "a wrong password"), (400, false));
        // tokens work for everybody, and what is on may be written as on
        ann.read("/api/user/me/");
        assert_eq!(root.patch(setting, json!({"value": true})).0, 200);
        assert_eq!(root.patch(setting, json!({"value": false})).0, 200);
        assert_eq!(login("ann", "another long password"), (200, false));
        assert_eq!(root.patch(setting, json!({"value": true})).0, 400);
    });
}
