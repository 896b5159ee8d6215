//! What the log tells, and what it must not.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ironwood_testbed::TestDatabase;

use crate::server::{ADMIN, Server, basic};

fn with_log(options: &[&str]) -> (Server, PathBuf) {
    let database = TestDatabase::sqlite();
    let log = database.folder().unwrap().join("log");
    (Server::logging(database, options, &log), log)
}

/// Waits for a line that has all of the words.
pub(crate) fn line_with(log: &Path, words: &[&str]) -> String {
    let begun = Instant::now();
    loop {
        let text = std::fs::read_to_string(log).unwrap();
        if let Some(line) = text.lines().find(|line| words.iter().all(|word| line.contains(word))) {
            return line.to_owned();
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{words:?} is not in the log:\n{text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn failed_sign_ins_are_logged_with_name_and_address() {
    let (server, log) = with_log(&["--trusted-proxy", "127.0.0.1"]);
    let from = ("X-Forwarded-For", "203.0.113.9, 198.51.100.7");
    let forged = "root\" address=192.0.2.1\n\u{1b}[31m sign-in failed";
    for name in ["nobody", forged] {
        let reply = server.send("GET", "/api/part/", &[("Authorization", &basic(name, "guess-4711")), from], b"");
        assert_eq!(reply.status, 401);
    }
    let body = b"{\"username\": \"admin\", \"password\": \"guess-4711\"}";
    let form = ("Content-Type", "application/json");
    assert_eq!(server.send("POST", "/api/auth/v1/auth/login", &[form, from], body).status, 400);
    let token = ("Authorization", "Token inv-4711-guess");
    assert_eq!(server.send("GET", "/api/part/", &[token, from], b"").status, 401);
    for user in ["\"nobody\"", "\"admin\"", "(token)", "root"] {
        let line = line_with(&log, &["sign-in failed", user]);
        assert!(line.ends_with(" address=198.51.100.7"), "{line}");
    }
    let text = std::fs::read_to_string(&log).unwrap();
    assert_eq!(text.lines().filter(|line| line.contains("sign-in failed")).count(), 4, "{text}");
    assert!(!text.contains("4711"), "a secret is in the log:\n{text}");
    assert!(!text.contains('\u{1b}'), "colors although nobody sees them:\n{text}");
    // success and an ended session are no failures
    assert_eq!(server.admin("GET", "/api/part/", b"").status, 200);
    assert_eq!(server.send("GET", "/api/part/", &[("Cookie", "sessionid=0815")], b"").status, 401);
    let text = std::fs::read_to_string(&log).unwrap();
    assert_eq!(text.lines().filter(|line| line.contains("sign-in failed")).count(), 4, "{text}");
}

#[test]
fn requests_are_logged_with_user_and_query_and_without_secrets() {
    let (server, log) = with_log(&["--log-format", "json"]);
    assert_eq!(server.admin("GET", "/api/part/?search=x%20y&password=4711&limit=1", b"").status, 200);
    let line = line_with(&log, &["ironwood::access", "/api/part/"]);
    let entry: serde_json::Value = serde_json::from_str(&line).unwrap();
    let fields = &entry["fields"];
    assert_eq!((fields["user"].as_str(), fields["method"].as_str()), (Some(ADMIN.0), Some("GET")));
    assert_eq!(fields["query"], "search=x%20y&password=***&limit=1");
    assert!(fields["ms"].is_f64() && fields["status"].is_u64() && fields["bytes"].is_u64(), "{line}");
    assert_eq!(server.send("GET", "/api/", &[], b"").status, 200);
    let line = line_with(&log, &["ironwood::access", "\"/api/\""]);
    let entry: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(entry["fields"]["user"], "-");
}
