//! Signing in: by session as a browser does, by token, and by guessing.

use crate::server::{ADMIN, Server, basic};

#[test]
fn a_browser_signs_in_changes_something_and_signs_out() {
    let server = Server::sqlite();
    let form = [("Content-Type", "application/json")];
    let state = server.send("GET", "/api/auth/v1/auth/session", &[], b"");
    assert_eq!((state.status, state.json()["meta"]["is_authenticated"].as_bool()), (401, Some(false)));
    let wrong =
        server.send("POST", "/api/auth/v1/auth/login", &form, b"{\"username\": \"admin\", \"password\": \"no\"}");
    assert!(matches!(wrong.status, 400 | 401), "{}", wrong.status);
    let body = format!("{{\"username\": \"{}\", \"password\": \"{}\"}}", ADMIN.0, ADMIN.1);
    let login = server.send("POST", "/api/auth/v1/auth/login", &form, body.as_bytes());
    assert_eq!(login.status, 200, "{}", login.json());
    let session = login.headers.iter().find(|(_, v)| v.starts_with("sessionid=")).expect("a session").1.clone();
    assert!(session.contains("HttpOnly") && session.contains("SameSite"), "{session}");
    let (id, csrf) = (login.cookie("sessionid").unwrap(), login.cookie("csrftoken").unwrap());
    let cookies = format!("sessionid={id}; csrftoken={csrf}");

    let me = server.send("GET", "/api/user/me/", &[("Cookie", &cookies)], b"");
    assert_eq!((me.status, me.json()["username"].as_str()), (200, Some("admin")));
    let make = |headers: &[(&str, &str)]| {
        let all = [&[("Cookie", cookies.as_str()), ("Content-Type", "application/json")], headers].concat();
        server.send("POST", "/api/part/category/", &all, b"{\"name\": \"Screws\"}").status
    };
    assert_eq!(make(&[]), 403, "without a CSRF token");
    assert_eq!(make(&[("X-CSRFToken", "x")]), 403, "with a wrong one");
    assert_eq!(make(&[("X-CSRFToken", &csrf), ("Origin", "http://elsewhere.example")]), 403, "from elsewhere");
    assert_eq!(make(&[("X-CSRFToken", &csrf)]), 201);

    let out = server.send("DELETE", "/api/auth/v1/auth/session", &[("Cookie", &cookies), ("X-CSRFToken", &csrf)], b"");
    assert_eq!(out.status, 401, "{}", out.json());
    assert_eq!(server.send("GET", "/api/user/me/", &[("Cookie", &cookies)], b"").status, 401);
}

#[test]
fn a_token_is_the_same_until_it_is_revoked() {
    let server = Server::sqlite();
    let token =
        || server.admin("GET", "/api/user/token/?name=script", b"").json()["token"].as_str().unwrap().to_owned();
    let first = token();
    assert_eq!(token(), first);
    for scheme in ["Token", "Bearer", "token"] {
        let header = format!("{scheme} {first}");
        let me = server.send("GET", "/api/user/me/", &[("Authorization", &header)], b"");
        assert_eq!(me.status, 200, "{scheme}");
    }
    let listed = server.admin("GET", "/api/user/tokens/", b"").json();
    let listed = listed.as_array().unwrap();
    let own = listed.iter().find(|t| t["name"] == "script").unwrap();
    assert_ne!(own["token"], first.as_str(), "a list shows no token in full");
    let gone = server.admin("DELETE", &format!("/api/user/tokens/{}/", own["id"]), b"");
    assert!(matches!(gone.status, 200 | 204), "{}", gone.status);
    let header = format!("Token {first}");
    let refused = server.send("GET", "/api/user/me/", &[("Authorization", &header)], b"");
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").is_some());
    assert_ne!(token(), first);
}

#[test]
fn who_guesses_has_to_wait_and_keeps_nobody_out() {
    let server = Server::sqlite();
    let token = server.admin("GET", "/api/user/token/", b"").json()["token"].as_str().unwrap().to_owned();
    let guess = |name: &str| server.send("GET", "/api/user/me/", &[("Authorization", &basic(name, "guess"))], b"");
    let refused: Vec<u16> = (0..12).map(|_| guess("admin").status).collect();
    assert_eq!(refused[0], 401);
    assert!(refused.ends_with(&[429]), "{refused:?}");
    let wait: u64 = guess("admin").header("retry-after").and_then(|w| w.parse().ok()).expect("how long to wait");
    assert!((1..=300).contains(&wait));
    // an account that is not there tells as little
    let unknown: Vec<u16> = (0..12).map(|_| guess("nobody").status).collect();
    assert_eq!(unknown, refused);
    let header = format!("Token {token}");
    assert_eq!(server.send("GET", "/api/user/me/", &[("Authorization", &header)], b"").status, 200);
}

#[test]
fn pages_of_other_sites_cannot_sign_anybody_in() {
    for options in [&[][..], &["--allow-origin", "*"], &["--allow-origin", "https://shop.example/,*"]] {
        let server = Server::start(ironwood_testbed::TestDatabase::sqlite(), options);
        let own = format!("http://{}", server.address);
        let longer = format!("{own}.evil.example");
        let login = |body: &[u8], kind: &str, origin: Option<(&str, &str)>| {
            let headers: Vec<_> = [("Content-Type", kind)].into_iter().chain(origin).collect();
            server.send("POST", "/api/auth/v1/auth/login", &headers, body).status
        };
        let json = format!("{{\"username\": \"{}\", \"password\": \"{}\"}}", ADMIN.0, ADMIN.1);
        let form = format!("username={}&password={}", ADMIN.0, ADMIN.1.replace(' ', "+"));
        for (body, kind) in [(&json, "application/json"), (&form, "application/x-www-form-urlencoded")] {
            let login = |origin| login(body.as_bytes(), kind, origin);
            for foreign in ["http://evil.example", "null", "*", "*/", "http://127.0.0.1:1", &longer] {
                assert_eq!(login(Some(("Origin", foreign))), 403, "{foreign} {options:?}");
            }
            assert_eq!(login(Some(("Referer", "http://evil.example/x"))), 403);
            assert_eq!(login(Some(("Origin", &own))), 200);
            assert_eq!(login(None), 200, "no browser");
            let shop = login(Some(("Origin", "https://shop.example")));
            assert_eq!(shop, if options.concat().contains("shop") { 200 } else { 403 });
        }
    }
}

#[test]
fn a_star_among_the_origins_trusts_none() {
    let server = Server::start(ironwood_testbed::TestDatabase::sqlite(), &["--allow-origin", "*"]);
    let body = format!("{{\"username\": \"{}\", \"password\": \"{}\"}}", ADMIN.0, ADMIN.1);
    let json = ("Content-Type", "application/json");
    let login = server.send("POST", "/api/auth/v1/auth/login", &[json], body.as_bytes());
    let csrf = login.cookie("csrftoken").unwrap();
    let cookies = format!("sessionid={}; csrftoken={csrf}", login.cookie("sessionid").unwrap());
    for origin in ["*", "*/x", "https://evil.example"] {
        let headers = [("Cookie", cookies.as_str()), ("X-CSRFToken", &csrf), json, ("Origin", origin)];
        let made = server.send("POST", "/api/part/", &headers, b"{\"name\": \"Nut\"}");
        assert_eq!(made.status, 403, "{origin}");
        let read = server.send("GET", "/api/part/", &headers, b"");
        assert_eq!((read.status, read.header("access-control-allow-origin")), (200, Some("*")));
        assert_eq!(read.header("access-control-allow-credentials"), None);
    }
    for bad in ["null", "shop.example", "https://shop.example/page", "https://*.example"] {
        let mut command = crate::server::program(&ironwood_testbed::TestDatabase::sqlite());
        let refused = command.args(["serve", "--allow-origin", bad]).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{bad}");
    }
}

#[test]
fn pages_are_not_covered_by_the_browsers_own_form() {
    let server = Server::sqlite();
    let challenge = |headers: &[(&str, &str)]| {
        let reply = server.send("GET", "/api/user/me/", headers, b"");
        assert_eq!(reply.status, 401);
        reply.header("www-authenticate").map(str::to_owned)
    };
    assert!(challenge(&[]).is_some_and(|challenge| challenge.starts_with("Basic")), "clients of the API are asked");
    let wrong = basic("admin", "wrong");
    for of_page in [("X-Requested-With", "XMLHttpRequest"), ("Sec-Fetch-Mode", "cors"), ("Cookie", "sessionid=1")] {
        assert_eq!(challenge(&[of_page]), None, "{of_page:?}");
        assert_eq!(challenge(&[of_page, ("Authorization", &wrong)]), None, "{of_page:?}");
    }
    let icon = server.send("GET", "/favicon.ico", &[], b"");
    assert_eq!((icon.status, icon.header("content-type")), (200, Some("image/x-icon")));
    assert!(icon.body.starts_with(&[0, 0, 1, 0]));
    // the pages say what they are
    let script = server.send("GET", "/api-doc/page.js", &[], b"").body;
    assert!(String::from_utf8(script).unwrap().contains("X-Requested-With"));
}
