//! Whatever comes over the wire: refused with what is wrong, and the server lives.

use crate::server::{ADMIN, Server, basic};

/// Bodies that a POST to a list of parts refuses, with the field that is named (empty: any).
const BODIES: &[(&str, &[u8], u16, &str)] = &[
    ("no JSON", b"{\"name\": ", 400, "detail"),
    ("two values", b"{} {}", 400, "detail"),
    ("a number that is none", b"{\"name\": \"x\", \"minimum_stock\": NaN}", 400, "detail"),
    ("infinite", b"{\"name\": \"x\", \"minimum_stock\": Infinity}", 400, "detail"),
    ("a huge number", b"{\"name\": \"x\", \"minimum_stock\": 1e400}", 400, "minimum_stock"),
    ("many digits", b"{\"name\": \"x\", \"default_expiry\": 99999999999999999999999999}", 400, "default_expiry"),
    ("a number below its least", b"{\"name\": \"x\", \"default_expiry\": -1}", 400, "default_expiry"),
    ("text for a number", b"{\"name\": \"x\", \"default_expiry\": \"soon\"}", 400, "default_expiry"),
    ("a list for a text", b"{\"name\": [1]}", 400, "name"),
    ("an object for a truth value", b"{\"name\": \"x\", \"active\": {}}", 400, "active"),
    ("an unknown row", b"{\"name\": \"x\", \"category\": 4711}", 400, "category"),
    ("a null byte", b"{\"name\": \"x\\u0000y\"}", 400, "name"),
    ("half a character", b"{\"name\": \"\xff\xfe\"}", 400, "detail"),
    ("a lonely surrogate", b"{\"name\": \"\\ud800\"}", 400, "detail"),
    ("nothing that is needed", b"{}", 400, "name"),
    ("a bare text", b"\"part\"", 400, ""),
    ("null", b"null", 400, ""),
];

#[test]
fn odd_bodies_are_refused_by_name() {
    let server = Server::sqlite();
    for (what, body, status, field) in BODIES {
        let reply = server.admin("POST", "/api/part/", body);
        assert_eq!(reply.status, *status, "{what}: {}", String::from_utf8_lossy(&reply.body));
        assert!(field.is_empty() || reply.json().get(field).is_some(), "{what}: {}", reply.json());
    }
    let long = format!("{{\"name\": \"{}\"}}", "x".repeat(101));
    assert!(server.admin("POST", "/api/part/", long.as_bytes()).json().get("name").is_some());
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        assert_eq!(server.admin("POST", "/api/part/", deep.as_bytes()).status, 400, "deep nesting of {open}");
    }
    assert_eq!(server.admin("GET", "/api/part/", b"").status, 200);
    assert_eq!(server.admin("GET", "/api/part/?limit=1", b"").json()["count"], 0, "something was made of it");
}

#[test]
fn lists_of_keys_have_a_limit() {
    let server = Server::sqlite();
    let keys = |count: u32| format!("{{\"items\": {:?}}}", (1..=count).collect::<Vec<_>>());
    // nothing of that is there, and that is all that is wrong with it
    let many = server.admin("DELETE", "/api/stock/", keys(10_000).as_bytes());
    assert!(many.status < 500, "{}", many.status);
    let too_many = server.admin("DELETE", "/api/stock/", keys(10_001).as_bytes());
    assert_eq!(too_many.status, 400, "{}", too_many.json());
    assert!(too_many.json().get("non_field_errors").is_some(), "{}", too_many.json());
}

#[test]
fn large_requests_are_refused_before_they_are_held() {
    let server = Server::sqlite();
    let basic = basic(ADMIN.0, ADMIN.1);
    let head = |length: &str| {
        format!(
            "POST /api/part/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {basic}\r\n\
             Content-Type: application/json\r\n{length}\r\n\r\n"
        )
    };
    // what is announced need not even be sent
    assert_eq!(server.raw(head("Content-Length: 100000000").as_bytes()).status, 413);
    assert_eq!(server.raw(head("Content-Length: 99999999999999999999999").as_bytes()).status, 400);
    let mut chunked = head("Transfer-Encoding: chunked").into_bytes();
    for _ in 0..11 {
        chunked.extend_from_slice(b"f4240\r\n");
        chunked.extend_from_slice(&vec![b' '; 1_000_000]);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(server.raw(&chunked).status, 413);
    let cookie = "x".repeat(100_000);
    let reply = server.send("GET", "/api/", &[("Cookie", &cookie)], b"");
    assert!(matches!(reply.status, 431 | 400), "{}", reply.status);
    let reply = server.send("GET", &format!("/api/part/?search={}", "x".repeat(65_500)), &[], b"");
    assert!((400..500).contains(&reply.status), "{}", reply.status);
    assert_eq!(server.admin("GET", "/api/part/", b"").status, 200);
}

#[test]
fn unknown_methods_paths_and_types_say_so() {
    let server = Server::sqlite();
    for (method, path, status) in [
        ("BREW", "/api/part/", 405),
        ("DELETE", "/api/version/", 405),
        ("GET", "/api/nothing/", 404),
        ("GET", "/api/part/4711/", 404),
        ("GET", "/api/part/99999999999999999999/", 404),
        ("GET", "/api/part/x/", 404),
        ("GET", "/nothing", 404),
        ("GET", "/api/part/?category=x", 400),
        ("GET", "/api/part/?created_after=2026-02-30", 400),
        ("GET", "/api/part/%ff/", 400),
        ("GET", "/api/part/?search=%00", 400),
        ("GET", "/media/../../etc/passwd", 404),
        ("GET", "/media/%2e%2e%2f%2e%2e%2fetc/passwd", 404),
        ("GET", "/api/part/?limit=99999999999999999999", 400),
        ("GET", "/api/part/?limit=-1&offset=x", 400),
        ("GET", "/api/part", 200),
    ] {
        let reply = server.admin(method, path, b"");
        let refused = reply.status == status || (status == 404 && path.starts_with("/media") && reply.status == 400);
        assert!(refused, "{method} {path}: {} {}", reply.status, String::from_utf8_lossy(&reply.body));
    }
    let basic = basic(ADMIN.0, ADMIN.1);
    for kind in ["text/csv", "application/xml", "multipart/form-data"] {
        let reply = server.send("POST", "/api/part/", &[("Authorization", &basic), ("Content-Type", kind)], b"x");
        assert!((400..=415).contains(&reply.status), "{kind}: {}", reply.status);
    }
    assert!(server.raw(b"\x16\x03\x01\x02\x00nonsense\r\n\r\n").status < 500);
    assert_eq!(server.admin("GET", "/api/version/", b"").status, 200);
}
