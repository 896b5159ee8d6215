//! The end: what was begun is finished.

use std::io::Write;
use std::time::Duration;

use crate::server::{ADMIN, Server, basic, read_reply};

#[test]
fn told_to_end_it_finishes_what_was_begun() {
    let mut server = Server::sqlite();
    let body = b"{\"name\": \"Bolt\"}";
    let (first, rest) = body.split_at(5);
    let mut stream = server.connect();
    let head = format!(
        "POST /api/part/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        basic(ADMIN.0, ADMIN.1),
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(first).unwrap();
    // waits for nothing, and must not keep the server
    let idle = server.connect();
    std::thread::sleep(Duration::from_millis(200));
    server.terminate();
    std::thread::sleep(Duration::from_millis(200));
    stream.write_all(rest).unwrap();
    let reply = read_reply(&mut stream);
    assert_eq!(reply.status, 201, "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!(reply.json()["name"], "Bolt");
    drop(idle);
    assert_eq!(server.wait().code(), Some(0));
    assert!(std::net::TcpStream::connect(server.address).is_err());
}

#[test]
fn what_was_answered_is_there_after_a_restart() {
    let server = Server::sqlite();
    assert_eq!(server.admin("POST", "/api/part/", b"{\"name\": \"Nut\"}").status, 201);
    let server = Server::start(server.stop(), &[]);
    assert_eq!(server.admin("GET", "/api/part/?limit=1", b"").json()["results"][0]["name"], "Nut");
}
