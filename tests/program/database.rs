//! PostgreSQL that goes away, breaks off, or is in the way of itself; answers that are given once.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ironwood_testbed::TestDatabase;

use crate::log::line_with;
use crate::server::{ADMIN, Server, basic};

/// A connection to the database server, over a socket file or the network.
enum Upstream {
    File(UnixStream),
    Network(TcpStream),
}

/// Stands between the program and its database server, and can cut the connection.
struct Between {
    address: SocketAddr,
    away: Arc<AtomicBool>,
    /// Cuts the connection when the next commit is done, before its answer is handed on.
    cut_commit: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Between {
    /// Between the program and this database; gives the address to use instead.
    fn start(database: &TestDatabase) -> (Between, String) {
        let (head, name) = database.url.rsplit_once('/').unwrap();
        let (_, rest) = head.split_once("://").unwrap();
        let (user, host) = rest.rsplit_once('@').unwrap_or(("", rest));
        let (user, host) = (user.to_owned(), host.replace("%2F", "/").replace("%2f", "/"));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let between = Between {
            address: listener.local_addr().unwrap(),
            away: Arc::default(),
            cut_commit: Arc::default(),
            open: Arc::default(),
        };
        let (away, cut, open) = (between.away.clone(), between.cut_commit.clone(), between.open.clone());
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { break };
                if away.load(Ordering::SeqCst) {
                    continue; // closed at once
                }
                open.lock().unwrap().push(client.try_clone().unwrap());
                let Some(server) = connect(&host) else { continue };
                forward(client, server, cut.clone());
            }
        });
        let url = format!("postgres://{user}@{}/{name}", between.address);
        (between, url)
    }

    /// The server goes: open connections break, new ones are refused.
    fn go(&self) {
        self.away.store(true, Ordering::SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

fn connect(host: &str) -> Option<Upstream> {
    if host.starts_with('/') {
        return UnixStream::connect(format!("{host}/.s.PGSQL.5432")).ok().map(Upstream::File);
    }
    let host = if host.contains(':') { host.to_owned() } else { format!("{host}:5432") };
    TcpStream::connect(host).ok().map(Upstream::Network)
}

fn forward(client: TcpStream, server: Upstream, cut: Arc<AtomicBool>) {
    let (reader, writer): (Box<dyn Read + Send>, Box<dyn Write + Send>) = match server {
        Upstream::File(stream) => (Box::new(stream.try_clone().unwrap()), Box::new(stream)),
        Upstream::Network(stream) => (Box::new(stream.try_clone().unwrap()), Box::new(stream)),
    };
    let committing = Arc::new(AtomicBool::new(false));
    let (from, to) = (client.try_clone().unwrap(), client);
    let seen = committing.clone();
    std::thread::spawn(move || {
        let mut writes = false;
        copy(from, writer, |bytes| {
            let has = |text: &[u8]| bytes.windows(text.len()).any(|word| word == text);
            if has(b"BEGIN") {
                // with it goes the end of a transaction that only read
                writes = has(b"SERIALIZABLE");
            } else if writes && has(b"COMMIT") && cut.swap(false, Ordering::SeqCst) {
                seen.store(true, Ordering::SeqCst);
            }
            true
        });
    });
    let watched = to.try_clone().unwrap();
    std::thread::spawn(move || {
        // the answer to the commit is here, so it is done: and no one gets to know
        copy(reader, to, |_| !committing.load(Ordering::SeqCst));
        let _ = watched.shutdown(std::net::Shutdown::Both);
    });
}

fn copy(mut from: impl Read, mut to: impl Write, mut may: impl FnMut(&[u8]) -> bool) {
    let mut buffer = [0; 64 * 1024];
    while let Ok(read) = from.read(&mut buffer) {
        if read == 0 || !may(&buffer[..read]) || to.write_all(&buffer[..read]).is_err() {
            return;
        }
    }
}

/// A program on PostgreSQL with something in between, and its log; `None` where there is no PostgreSQL.
fn server_between(options: &[&str]) -> Option<(Server, Between, std::path::PathBuf)> {
    let database = TestDatabase::postgres()?;
    let (between, url) = Between::start(&database);
    let log = std::env::temp_dir().join(format!("ironwood-log-{}", between.address.port()));
    Some((Server::logging(database, &[&["--database", &url], options].concat(), &log), between, log))
}

#[test]
fn while_the_database_is_away_answers_come_at_once() {
    let Some((server, between, log)) = server_between(&[]) else { return };
    let token = server.admin("GET", "/api/user/token/", b"").json()["token"].as_str().unwrap().to_owned();
    let header = format!("Token {token}");
    let ask = || server.send("GET", "/api/part/?limit=1", &[("Authorization", &header)], b"");
    assert_eq!(ask().status, 200);
    between.go();
    ask();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..60).map(|_| scope.spawn(ask)).collect();
        for reader in readers {
            let reply = reader.join().unwrap();
            assert_eq!(reply.status, 503, "{}", reply.json());
            assert!(reply.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()));
        }
    });
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    for headers in [&[][..], &[("Authorization", header.as_str())]] {
        let home = server.send("GET", "/api/", headers, b"");
        assert_eq!((home.status, home.json()["server"].as_str()), (200, Some("InvenTree")));
        assert_eq!(home.json()["system_health"], false);
    }
    std::thread::sleep(Duration::from_secs(3));
    ask();
    let text = std::fs::read_to_string(&log).unwrap();
    let told = text.lines().filter(|line| line.contains("ERROR") || line.contains("WARN")).count();
    assert_eq!(told, 1, "one line for an outage:\n{text}");
    between.away.store(false, Ordering::SeqCst);
    let begun = Instant::now();
    while ask().status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(10), "it does not come back");
        std::thread::sleep(Duration::from_millis(100));
    }
    line_with(&log, &["connected to the database again"]);
    let _ = std::fs::remove_file(log);
}

#[test]
fn a_commit_whose_connection_breaks_says_so_and_can_be_repeated() {
    let Some((server, between, log)) = server_between(&["--no-worker"]) else { return };
    let admin = basic(ADMIN.0, ADMIN.1);
    let make = |key: Option<&str>, name: &str| {
        let mut headers = vec![("Authorization", admin.as_str()), ("Content-Type", "application/json")];
        headers.extend(key.map(|key| ("Idempotency-Key", key)));
        server.send("POST", "/api/part/", &headers, format!("{{\"name\": \"{name}\"}}").as_bytes())
    };
    let count = || server.admin("GET", "/api/part/?limit=1", b"").json()["count"].as_i64();
    assert_eq!(make(None, "first").status, 201);
    between.cut_commit.store(true, Ordering::SeqCst);
    let broken = make(None, "second");
    assert_eq!(broken.status, 504, "{}", broken.json());
    assert!(broken.json()["detail"].as_str().unwrap().contains("may have been saved"), "{}", broken.json());
    assert_eq!(count(), Some(2), "it was made");
    between.cut_commit.store(true, Ordering::SeqCst);
    assert_eq!(make(Some("third-1"), "third").status, 504);
    let again = make(Some("third-1"), "third");
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")));
    assert_eq!(count(), Some(3), "made once");
    let _ = std::fs::remove_file(log);
}

#[test]
fn a_repeated_request_gets_the_same_answer() {
    Server::on_each(|server| {
        let admin = basic(ADMIN.0, ADMIN.1);
        let send = |method: &str, path: &str, key: &str, body: &str| {
            let json = ("Content-Type", "application/json");
            let headers = [("Authorization", admin.as_str()), json, ("Idempotency-Key", key)];
            server.send(method, path, &headers, body.as_bytes())
        };
        let first = send("POST", "/api/part/", "a", "{\"name\": \"Bolt\"}");
        let again = send("POST", "/api/part/", "a", "{\"name\": \"Bolt\"}");
        assert_eq!((first.status, again.status, &first.body), (201, 201, &again.body));
        assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), (None, Some("true")));
        assert_eq!(send("POST", "/api/part/", "a", "{\"name\": \"Nut\"}").status, 422);
        assert_eq!(send("POST", "/api/company/", "a", "{\"name\": \"Bolt\"}").status, 422);
        assert_eq!(send("GET", "/api/part/?limit=1", "a", "").json()["count"], 1, "reading is not kept");
    });
}

#[test]
fn changes_in_each_others_way_leave_no_warnings_in_the_log() {
    let Some(database) = TestDatabase::postgres() else { return };
    let log = std::env::temp_dir().join(format!("ironwood-conflicts-{}", std::process::id()));
    let server = Server::logging(database, &[], &log);
    assert_eq!(server.admin("POST", "/api/part/", b"{\"name\": \"Bolt\"}").status, 201);
    std::thread::scope(|scope| {
        for client in 0..6 {
            let server = &server;
            scope.spawn(move || {
                for round in 0..8 {
                    let body = format!("{{\"notes\": \"{client} {round}\", \"name\": \"Bolt {client}\"}}");
                    assert_eq!(server.admin("PATCH", "/api/part/1/", body.as_bytes()).status, 200);
                }
            });
        }
    });
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(!text.contains("no transaction in progress"), "{text}");
    assert!(!text.contains(" WARN ") && !text.contains(" ERROR "), "{text}");
    let _ = std::fs::remove_file(log);
}
