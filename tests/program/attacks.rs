//! Clients that try to exhaust the server: with bodies, with connections, with what they do not read.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use ironwood_testbed::TestDatabase;
use socket2::{Domain, Socket, Type};

use crate::server::{ADMIN, Server, basic, read_reply};

/// A connection from another address of this machine.
fn connect_from(server: &Server, last: u8) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let from = SocketAddr::from((IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)), 0));
    socket.bind(&from.into()).unwrap();
    socket.connect(&server.address.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// A JSON body of about so many bytes, whose tree is as large as can be.
fn heavy(bytes: usize) -> Vec<u8> {
    let pairs = vec!["{\"\":0}"; bytes / 7].join(",");
    format!("[{pairs}]").into_bytes()
}

/// Sends the same request from eight clients at once; gives the status of each answer.
fn at_once(server: &Server, path: &str, authorization: Option<&str>, body: &[u8]) -> Vec<u16> {
    let mut headers = vec![("Content-Type", "application/json")];
    headers.extend(authorization.map(|value| ("Authorization", value)));
    std::thread::scope(|scope| {
        let headers = &headers;
        let clients: Vec<_> =
            (0..8).map(|_| scope.spawn(move || server.send("POST", path, headers, body).status)).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    })
}

#[test]
fn heavy_bodies_take_little_memory() {
    Server::on_each(|server| {
        let admin = basic(ADMIN.0, ADMIN.1);
        assert_eq!(server.admin("GET", "/api/part/", b"").status, 200);
        let before = server.peak_megabytes();
        let heavy = heavy(9_800_000);
        assert_eq!(at_once(&server, "/api/nothing/", None, &heavy), [404; 8]);
        assert_eq!(at_once(&server, "/api/part/", None, &heavy), [401; 8]);
        let strangers = server.peak_megabytes();
        assert!(strangers < before + 20, "{before} MB before, {strangers} MB with strangers");
        // what anybody may send is small
        assert_eq!(at_once(&server, "/api/auth/v1/auth/login", None, &heavy), [413; 8]);
        let signed_in = at_once(&server, "/api/part/", Some(&admin), &heavy);
        assert!(signed_in.iter().all(|status| matches!(status, 400 | 503)), "{signed_in:?}");
        // within the limits, and as much as that allows
        let allowed = at_once(&server, "/api/part/", Some(&admin), &self::heavy(400_000));
        assert!(allowed.iter().all(|status| matches!(status, 400 | 503)), "{allowed:?}");
        let peak = server.peak_megabytes();
        assert!(peak < before + 160, "{before} MB before, {peak} MB at the peak");
        assert_eq!(server.admin("GET", "/api/part/", b"").status, 200);
    });
}

#[test]
fn all_requests_together_stay_below_the_limit_on_memory() {
    Server::on_each_with(&["--max-memory", "24", "--max-upload", "12"], |server| {
        let admin = basic(ADMIN.0, ADMIN.1);
        assert_eq!(server.admin("GET", "/api/part/", b"").status, 200);
        let before = server.peak_megabytes();
        // unfinished bodies that are held: far more than fit
        let text = vec![b' '; 5_900_000];
        let head = format!(
            "POST /api/part/ HTTP/1.1\r\nHost: x\r\nAuthorization: {admin}\r\nContent-Type: application/json\r\n\
         Content-Length: 6000000\r\n\r\n"
        );
        let mut held: Vec<TcpStream> = (0..12).map(|_| server.connect()).collect();
        std::thread::scope(|scope| {
            for stream in &mut held {
                let (head, text) = (&head, &text);
                scope.spawn(move || {
                    // the server may refuse it half-way
                    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(text));
                });
            }
            // small requests go on meanwhile
            for _ in 0..20 {
                assert_eq!(server.admin("GET", "/api/part/?limit=1", b"").status, 200);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let peak = server.peak_megabytes();
        assert!(peak < before + 40, "{before} MB before, {peak} MB at the peak");
        let statuses: Vec<u16> = held.iter_mut().map(|stream| read_reply(stream).status).collect();
        assert!(statuses.iter().all(|status| matches!(status, 503 | 408)), "{statuses:?}");
        assert_eq!(server.admin("POST", "/api/part/", b"{\"name\": \"after\"}").status, 201);
    });
}

#[test]
fn a_client_that_reads_nothing_costs_little_memory() {
    Server::on_each(|server| {
        let admin = basic(ADMIN.0, ADMIN.1);
        let part = server.admin("POST", "/api/part/", b"{\"name\": \"Reel\"}").json()["pk"].clone();
        let form = format!(
            "--b\r\nContent-Disposition: form-data; name=\"model_type\"\r\n\r\npart\r\n--b\r\nContent-Disposition: \
         form-data; name=\"model_id\"\r\n\r\n{part}\r\n--b\r\nContent-Disposition: form-data; name=\"attachment\"; \
         filename=\"a.bin\"\r\n\r\nx\r\n--b--\r\n"
        );
        let headers = [("Authorization", admin.as_str()), ("Content-Type", "multipart/form-data; boundary=b")];
        let attached = server.send("POST", "/api/attachment/", &headers, form.as_bytes());
        assert_eq!(attached.status, 201, "{}", attached.json());
        let path = attached.json()["attachment"].as_str().unwrap().to_owned();
        let file = server.media().join(path.trim_start_matches("/media/"));
        // a sparse file of 300 MB
        std::fs::File::options().write(true).open(&file).unwrap().set_len(300_000_000).unwrap();
        let before = server.peak_megabytes();
        let mut idle: Vec<TcpStream> = (0..8).map(|_| server.connect()).collect();
        for stream in &mut idle {
            write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {admin}\r\n\r\n").unwrap();
        }
        std::thread::sleep(Duration::from_secs(2));
        let mut first = [0; 12];
        idle[0].read_exact(&mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        let peak = server.peak_megabytes();
        assert!(peak < before + 20, "{before} MB before, {peak} MB at the peak");
        assert_eq!(server.admin("GET", "/api/part/", b"").status, 200);
    });
}

/// Kinds of connections that keep a place: what is sent on each.
fn bad_connections(server: &Server, count: usize) -> Vec<TcpStream> {
    let kinds: [&[u8]; 4] = [
        b"",
        b"GET /api/ HTTP/1.1\r\nHost: x\r\nX-Slow",
        b"POST /api/auth/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{",
        b"GET /api/ HTTP/1.1\r\nHost: x\r\n\r\n",
    ];
    (0..count)
        .map(|i| {
            let mut stream = connect_from(server, u8::try_from(2 + i % 8).unwrap());
            let _ = stream.write_all(kinds[i / 8 % kinds.len()]);
            stream
        })
        .collect()
}

#[test]
fn bad_connections_leave_room_for_others() {
    Server::on_each_with(&["--max-connections", "64"], |server| {
        let token = server.admin("GET", "/api/user/token/", b"").json()["token"].as_str().unwrap().to_owned();
        let header = format!("Token {token}");
        // a client that stays connected while the places run out
        let mut known = server.connect();
        let ask = format!("GET /api/user/me/ HTTP/1.1\r\nHost: x\r\nAuthorization: {header}\r\n\r\n");
        let answered = |known: &mut TcpStream| {
            known.write_all(ask.as_bytes()).unwrap();
            let mut buffer = [0; 16 * 1024];
            let read = known.read(&mut buffer).unwrap();
            assert!(buffer[..read].starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer[..read]));
        };
        answered(&mut known);
        let bad = bad_connections(&server, 400);
        answered(&mut known);
        for _ in 0..40 {
            let begun = Instant::now();
            let reply = server.send("GET", "/api/user/me/", &[("Authorization", &header)], b"");
            assert_eq!(reply.status, 200);
            assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        }
        // strangers, too, as long as they come from elsewhere
        assert_eq!(server.send("GET", "/api/", &[], b"").status, 200);
        answered(&mut known);
        drop(bad);
    });
}

#[test]
fn one_address_has_a_share_of_the_connections() {
    let server = Server::start(TestDatabase::sqlite(), &["--max-connections-each", "10"]);
    let mut first: Vec<TcpStream> = (0..30).map(|_| connect_from(&server, 2)).collect();
    std::thread::sleep(Duration::from_millis(300));
    let open = |stream: &mut TcpStream| {
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        stream.read(&mut [0]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    };
    assert_eq!(first.iter_mut().filter_map(|stream| open(stream).then_some(())).count(), 10, "the newest stay");
    // the same behind a trusted proxy, which many clients share
    let server =
        Server::start(TestDatabase::sqlite(), &["--max-connections-each", "10", "--trusted-proxy", "127.0.0.3"]);
    let mut proxied: Vec<TcpStream> = (0..30).map(|_| connect_from(&server, 3)).collect();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(proxied.iter_mut().filter_map(|stream| open(stream).then_some(())).count(), 30);
}

#[test]
fn only_trusted_proxies_are_believed() {
    let server = Server::start(TestDatabase::sqlite(), &["--trusted-proxy", "127.0.0.3"]);
    let next = |last: u8| {
        let mut stream = connect_from(&server, last);
        let admin = basic(ADMIN.0, ADMIN.1);
        write!(
            stream,
            "GET /api/user/tokens/?limit=1 HTTP/1.1\r\nHost: inner\r\nX-Forwarded-Host: outer.example\r\n\
             X-Forwarded-Proto: https\r\nConnection: close\r\nAuthorization: {admin}\r\n\r\n"
        )
        .unwrap();
        let reply = read_reply(&mut stream);
        assert_eq!(reply.status, 200);
        reply.json()["next"].as_str().unwrap_or_default().to_owned()
    };
    for name in ["a", "b"] {
        assert_eq!(server.admin("GET", &format!("/api/user/token/?name={name}"), b"").status, 200);
    }
    assert!(next(3).starts_with("https://outer.example/"), "{}", next(3));
    assert!(next(4).starts_with("http://inner/"), "{}", next(4));
}
