//! A running server, and the plainest of clients.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine};
use ironwood_testbed::TestDatabase;
use serde_json::Value as Json;

pub(crate) const ADMIN: (&str, &str) = ("admin", "a password for tests");

/// The program, serving on a database of its own.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    child: Child,
    database: TestDatabase,
}

/// The program's own command.
pub(crate) fn program(database: &TestDatabase) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ironwood"));
    command
        .env("IRONWOOD_DATABASE", &database.url)
        .env("IRONWOOD_SECRET_KEY", "a key for tests only, of more than thirty characters")
        .env("IRONWOOD_MEDIA", media(database))
        .env("IRONWOOD_LOG", "warn")
        .env("IRONWOOD_ADMIN_PASSWORD", ADMIN.1)
        .stdin(Stdio::null());
    command
}

fn media(database: &TestDatabase) -> PathBuf {
    database.folder().map_or_else(std::env::temp_dir, PathBuf::from).join("media")
}

impl Server {
    pub(crate) fn start(database: TestDatabase, options: &[&str]) -> Server {
        Self::start_with(database, options, |_| ())
    }

    /// With the log of everything in a file.
    pub(crate) fn logging(database: TestDatabase, options: &[&str], log: &std::path::Path) -> Server {
        let log = std::fs::File::create(log).unwrap();
        Self::start_with(database, options, |command| {
            command.env("IRONWOOD_LOG", "info,ironwood::access=info").stderr(log);
        })
    }

    /// Starts a server whose command is changed first.
    pub(crate) fn start_with(database: TestDatabase, options: &[&str], change: impl FnOnce(&mut Command)) -> Server {
        let mut command = program(&database);
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(options);
        command.stdout(Stdio::piped()).stderr(Stdio::inherit());
        change(&mut command);
        let mut child = command.spawn().expect("the program");
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
        // keeps reading, so that the program can go on writing
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Server { address: address.parse().unwrap(), child, database }
    }

    /// On a fresh database of each kind.
    pub(crate) fn on_each(mut test: impl FnMut(Server)) {
        Self::on_each_with(&[], &mut test);
    }

    /// On a fresh database of each kind, started with these options.
    pub(crate) fn on_each_with(options: &[&str], mut test: impl FnMut(Server)) {
        for database in ironwood_testbed::databases() {
            eprintln!("on {}", database.url);
            test(Self::start(database, options));
        }
    }

    /// On a fresh SQLite database.
    pub(crate) fn sqlite() -> Server {
        Self::start(TestDatabase::sqlite(), &[])
    }

    /// The folder of its SQLite database.
    pub(crate) fn folder(&self) -> &Path {
        self.database.folder().unwrap()
    }

    /// Where its uploaded files are.
    pub(crate) fn media(&self) -> PathBuf {
        media(&self.database)
    }

    pub(crate) fn database_url(&self) -> &str {
        &self.database.url
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// Sends bytes, reads everything until the server closes the connection.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Reply {
        let mut stream = self.connect();
        // a server that refuses early may close before it has read everything
        let _ = stream.write_all(bytes);
        read_reply(&mut stream)
    }

    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() || method != "GET" {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        self.raw(&[head.as_bytes(), b"\r\n", body].concat())
    }

    /// As the administrator, with a JSON body.
    pub(crate) fn admin(&self, method: &str, path: &str, body: &[u8]) -> Reply {
        let basic = basic(ADMIN.0, ADMIN.1);
        self.send(method, path, &[("Authorization", &basic), ("Content-Type", "application/json")], body)
    }

    /// The environment of the process.
    pub(crate) fn environment(&self) -> Vec<String> {
        let all = std::fs::read_to_string(format!("/proc/{}/environ", self.child.id())).unwrap_or_default();
        all.split('\0').map(str::to_owned).collect()
    }

    /// The most memory that the server has had so far, in megabytes.
    pub(crate) fn peak_megabytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak.and_then(|rest| rest.split_whitespace().next()).and_then(|n| n.parse().ok()).unwrap_or(0_u64) / 1000
    }

    /// Tells the server to end, as a service manager does.
    pub(crate) fn terminate(&self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < Duration::from_secs(40), "the server does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends the server and gives its database back.
    pub(crate) fn stop(mut self) -> TestDatabase {
        self.terminate();
        assert_eq!(self.wait().code(), Some(0));
        std::mem::replace(&mut self.database, TestDatabase::sqlite())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or(Json::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The value of a cookie that the server sets.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let set = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case("set-cookie"));
        let mut pairs = set.filter_map(|(_, v)| v.split(';').next().and_then(|pair| pair.split_once('=')));
        pairs.find(|(n, _)| n.trim() == name).map(|(_, v)| v.to_owned())
    }
}

pub(crate) fn read_reply(stream: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|l| l.split(' ').nth(1)).and_then(|s| s.parse().ok()).unwrap_or(0);
    let headers = lines.filter_map(|l| l.split_once(':')).map(|(n, v)| (n.into(), v.trim().into())).collect();
    Reply { status, headers, body: bytes.get(end + 4..).unwrap_or_default().to_vec() }
}

/// The header of sign-in by name and password.
pub(crate) fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")))
}
