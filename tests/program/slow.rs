//! Slow and broken clients: an answer that is begun is whole, or broken so that it shows.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ironwood::server::{self, Admitted, Limits, Proxies, Service, Settings};
use ironwood_base::Error;
use ironwood_rest::http::{Answer, Presented, Request};

use crate::server::{ADMIN, Server, basic, read_reply};

/// Answers everything with as many bytes as the path says.
struct Large;

impl Service for Large {
    type Admission = ();

    fn admit(&self, _: &Request) -> Result<Admitted<()>, Answer> {
        Ok(Admitted { user: Some("somebody".into()), admission: () })
    }

    fn answer(&self, request: Request, (): ()) -> Answer {
        let size = request.path.rsplit('/').next().and_then(|size| size.parse().ok()).unwrap_or(2);
        Answer::json_bytes(200, vec![b' '; size])
    }

    fn may_read_media(&self, _: &str, _: &Presented, _: IpAddr) -> Result<Option<String>, Error> {
        Err(Error::NotFound)
    }
}

/// A server in this process, whose times are short.
fn with_large(test: impl FnOnce(SocketAddr)) {
    let second = Duration::from_secs(1);
    let limits = Limits {
        head_time: second,
        keep_alive: second,
        stall_time: 2 * second,
        body_time: second,
        ..Limits::default()
    };
    with_limits(limits, test);
}

fn with_limits(limits: Limits, test: impl FnOnce(SocketAddr)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(server::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let (media, site_url, allowed_origins) = (std::env::temp_dir(), None, Vec::new());
    let settings = Settings { limits, media, proxies: Proxies::default(), site_url, web: None, allowed_origins };
    runtime.spawn(server::run(listener, Arc::new(Large), settings, std::future::pending()));
    test(address);
    runtime.shutdown_background();
}

fn ask(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

#[test]
fn who_reads_slowly_gets_all_and_who_reads_nothing_is_cut_off() {
    with_large(|address| {
        const SIZE: usize = 12_000_000;
        let request = format!("GET /api/{SIZE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let mut slow = ask(address, &request);
        let mut stuck = ask(address, &request);
        let (begun, mut read, mut buffer) = (Instant::now(), 0, vec![0; 600_000]);
        loop {
            // far longer than any of the server's times
            let more = slow.read(&mut buffer).unwrap();
            if more == 0 {
                break;
            }
            read += more;
            std::thread::sleep(Duration::from_millis(150));
        }
        assert!(begun.elapsed() > Duration::from_secs(3), "{:?}", begun.elapsed());
        assert!(read > SIZE, "{read}");
        // the other one is broken by now, and shows it: less than was announced
        let mut rest = Vec::new();
        let _ = stuck.read_to_end(&mut rest);
        assert!(rest.starts_with(b"HTTP/1.1 200") && rest.len() < SIZE, "{}", rest.len());
    });
}

#[test]
fn times_of_heads_bodies_and_idle_connections_end() {
    with_large(|address| {
        let begun = Instant::now();
        let mut never = ask(address, "");
        let mut half = ask(address, "GET /api/5 HTTP/1.1\r\nHost: x\r\nX-Slow");
        let mut idle = ask(address, "GET /api/5 HTTP/1.1\r\nHost: x\r\n\r\n");
        let head = "POST /api/5 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{";
        let mut body = ask(address, head);
        let mut all = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
        for (stream, text) in [&mut never, &mut half, &mut idle, &mut body].into_iter().zip(&mut all) {
            let _ = stream.read_to_end(text);
        }
        let [_, _, idle, body] = all.map(|text| String::from_utf8(text).unwrap());
        assert!(idle.starts_with("HTTP/1.1 200") && body.starts_with("HTTP/1.1 408"), "{idle}\n{body}");
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    });
}

/// Those who send slowly keep the memory of their bodies, not that of requests at work.
#[test]
fn many_who_send_slowly_leave_memory_to_others() {
    let limits = Limits { memory: 4_000_000, queue_time: Duration::from_millis(500), ..Limits::default() };
    with_limits(limits, |address| {
        let slow = "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{";
        let waiting: Vec<TcpStream> = (0..40).map(|_| ask(address, slow)).collect();
        // until all are waited for
        std::thread::sleep(Duration::from_millis(300));
        let mut other = ask(address, "GET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let mut answer = String::new();
        other.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        drop(waiting);
    });
}

#[test]
fn malformed_heads_and_bodies_are_told_what_is_wrong() {
    Server::on_each(|server| {
        let large = format!("GET /api/ HTTP/1.1\r\nHost: x\r\nCookie: {}\r\n\r\n", "x".repeat(70_000));
        let endless = format!("GET /api/ HTTP/1.1\r\nHost: x\r\nCookie: {}", "x".repeat(300_000));
        let admin = basic(ADMIN.0, ADMIN.1);
        let chunks = format!(
            "POST /api/part/ HTTP/1.1\r\nHost: x\r\nAuthorization: {admin}\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n"
        );
        for (text, expected) in [
            ("nonsense\r\n\r\n", 400),
            ("GET /api/ HTTP/1.1\r\nHo st: x\r\n\r\n", 400),
            ("GET /api/ HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400),
            ("GET /api/\u{7f} HTTP/7\r\n\r\n", 400),
            (&large, 431),
            (&endless, 431),
            (&chunks, 400),
        ] {
            let reply = server.raw(text.as_bytes());
            assert_eq!(reply.status, expected, "{}", &text[..text.len().min(60)]);
        }
    });
}

#[test]
fn the_answer_to_a_change_arrives_whatever_follows_it() {
    Server::on_each(|server| {
        let admin = basic(ADMIN.0, ADMIN.1);
        for (i, follows) in ["\r\n", "\r\n\r\n", "GE", "GET /api/part/ HTTP/1.1\r\nHo", "nonsense\r\n\r\n", "\0"]
            .into_iter()
            .enumerate()
        {
            for half_closed in [false, true] {
                let body = format!("{{\"name\": \"Bolt {i} {half_closed}\"}}");
                let request = format!(
                    "POST /api/part/ HTTP/1.1\r\nHost: x\r\nAuthorization: {admin}\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n{body}{follows}",
                    body.len()
                );
                let mut stream = server.connect();
                stream.write_all(request.as_bytes()).unwrap();
                if half_closed {
                    stream.shutdown(std::net::Shutdown::Write).unwrap();
                }
                stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
                let mut first = [0; 12];
                stream.read_exact(&mut first).unwrap_or_else(|error| panic!("{follows:?} {half_closed}: {error}"));
                assert_eq!(&first, b"HTTP/1.1 201", "{follows:?} {half_closed}");
            }
        }
    });
}

#[test]
fn a_refused_body_is_answered_although_it_is_still_sent() {
    Server::on_each(|server| {
        let body = vec![b' '; 30_000_000];
        for path in ["/api/part/", "/api/nothing/"] {
            let reply = server.send("POST", path, &[("Content-Type", "application/json")], &body);
            assert!(matches!(reply.status, 401 | 404), "{}", reply.status);
            assert_eq!(reply.header("connection"), Some("close"));
        }
        // a client that waits to be asked for its body is not asked
        let mut stream = server.connect();
        write!(
            stream,
            "POST /api/part/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\n\
         Content-Length: 20\r\n\r\n"
        )
        .unwrap();
        assert_eq!(read_reply(&mut stream).status, 401);
    });
}
