//! The first command of the README.

use ironwood_testbed::TestDatabase;

use crate::server::Server;

#[test]
fn a_demo_company_is_there_from_the_first_start() {
    let server = Server::start(TestDatabase::sqlite(), &["--demo"]);
    for (path, least) in [
        ("/api/part/", 400),
        ("/api/part/category/", 10),
        ("/api/stock/", 1_000),
        ("/api/stock/location/", 10),
        ("/api/stock/track/", 1_000),
    ] {
        let reply = server.admin("GET", &format!("{path}?limit=1"), b"");
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.json()["count"].as_i64() >= Some(least), "{path}: {}", reply.json()["count"]);
    }
    // a second start adds nothing
    let count = |server: &Server| server.admin("GET", "/api/stock/?limit=1", b"").json()["count"].clone();
    let before = count(&server);
    let server = Server::start(server.stop(), &["--demo"]);
    assert_eq!(count(&server), before);
}

#[test]
fn the_first_page_of_a_web_front_end_is_served() {
    let server = Server::sqlite();
    for path in [
        "/api/",
        "/api/version/",
        "/api/user/me/?roles=true",
        "/api/settings/user/",
        "/api/settings/global/",
        "/api/generic/status/",
        "/api/icons/",
        "/api/notifications/?read=false&limit=1",
        "/api/news/?read=false",
        "/auth/",
        "/api-doc/",
        "/api/schema/",
    ] {
        let reply = server.admin("GET", path, b"");
        assert_eq!(reply.status, 200, "{path}: {}", String::from_utf8_lossy(&reply.body));
    }
    let body = b"{\"traceid\": \"0\", \"service\": \"web\"}";
    let reply = server.admin("POST", "/api/system-internal/observability/end", body);
    assert!((200..300).contains(&reply.status), "{}", reply.status);
    let home = server.send("GET", "/api/", &[], b"").json();
    assert_eq!((home["apiVersion"].as_i64(), home["server"].as_str()), (Some(534), Some("InvenTree")));
}

#[test]
fn the_servers_own_pages_need_nothing_from_elsewhere() {
    let server = Server::sqlite();
    for page in ["/api-doc/", "/admin/"] {
        let reply = server.send("GET", page, &[("Accept", "text/html")], b"");
        assert_eq!(reply.status, 200, "{page}");
        let policy = reply.header("content-security-policy").unwrap_or_default().to_owned();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{page}: {policy}");
        let html = String::from_utf8(reply.body).unwrap();
        let named = ["src=\"", "href=\""].iter().flat_map(|name| html.split(name).skip(1));
        let mut files = 0;
        for address in named.filter_map(|rest| rest.split('"').next()).filter(|address| !address.starts_with('#')) {
            // the interface's own documents name the server's root by their base
            let address = address.strip_prefix('.').unwrap_or(address);
            assert!(address.starts_with('/'), "{page} leads to {address}");
            if address.ends_with(".js") || address.ends_with(".css") {
                files += 1;
                assert_eq!(server.send("GET", address, &[], b"").status, 200, "{page}: {address}");
            }
        }
        assert!(files >= 2, "{page}");
        // a script within the page would be refused by its policy
        assert!(!html.contains("<script>") && !html.contains(" onclick") && !html.contains("style=\""), "{page}");
    }
}

#[test]
fn the_web_interface_is_part_of_the_program() {
    let server = Server::start(TestDatabase::sqlite(), &["--site-url", "https://example.org/inventory"]);
    let html = [("Accept", "text/html")];
    let page = server.send("GET", "/inventory/", &[], b"");
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap_or_default().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let text = String::from_utf8(page.body).unwrap();
    assert!(text.contains("<base href=\"/inventory/\" />"), "{text}");
    let nonce = text.split("csp-nonce\" content=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(nonce.len() == 32 && policy.contains(nonce), "{policy}");
    // a page of its own has the same document; what is no page stays not found
    assert_eq!(server.send("GET", "/parts/7", &html, b"").status, 200);
    assert_eq!(server.send("GET", "/inventory/parts/7", &html, b"").status, 200);
    assert_eq!(server.send("GET", "/parts/7", &[], b"").status, 404);
    assert_eq!(server.send("GET", "/api/nothing/", &html, b"").status, 404);
    assert_eq!(server.send("GET", "/assets/nothing.js", &html, b"").status, 404);
    assert_eq!(server.send("POST", "/parts/7", &html, b"").status, 404);
    for name in text.split("\"./").skip(1).filter_map(|rest| rest.split('"').next()) {
        let file = server.send("GET", &format!("/inventory/{name}"), &[("Accept-Encoding", "gzip")], b"");
        assert_eq!(file.status, 200, "{name}");
        let is_hashed = name.starts_with("assets/");
        assert_eq!(file.header("cache-control").is_some_and(|c| c.contains("immutable")), is_hashed, "{name}");
        let tag = file.header("etag").unwrap().to_owned();
        assert_eq!(server.send("GET", &format!("/{name}"), &[("If-None-Match", &tag)], b"").status, 304, "{name}");
    }
}
