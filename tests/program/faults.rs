//! Faults of our own, and places where nothing can be written.

use std::io::Write as _;
use std::net::{IpAddr, TcpStream};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use ironwood::server::{self, Admitted, Limits, Proxies, Service, Settings};
use ironwood_base::Error;
use ironwood_rest::http::{Answer, Presented, Request};
use ironwood_testbed::TestDatabase;

use crate::server::{program, read_reply};

/// A service with a fault.
struct Faulty;

impl Service for Faulty {
    type Admission = ();

    fn admit(&self, _: &Request) -> Result<Admitted<()>, Answer> {
        Ok(Admitted { user: None, admission: () })
    }

    fn answer(&self, request: Request, (): ()) -> Answer {
        if request.path.ends_with("panic") {
            let nothing: Option<u8> = None;
            assert!(nothing.is_some(), "a fault");
        }
        Answer::json(200, &serde_json::json!({}))
    }

    fn may_read_media(&self, _: &str, _: &Presented, _: IpAddr) -> Result<Option<String>, Error> {
        Err(Error::NotFound)
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_panic_is_an_answer_with_an_id_that_the_log_knows() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(server::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let settings = Settings {
        limits: Limits::default(),
        media: std::env::temp_dir(),
        proxies: Proxies::default(),
        site_url: None,
        web: None,
        allowed_origins: Vec::new(),
    };
    runtime.spawn(server::run(listener, Arc::new(Faulty), settings, std::future::pending()));
    let get = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        read_reply(&mut stream)
    };
    for _ in 0..3 {
        let reply = get("/api/panic");
        assert_eq!(reply.status, 500);
        let id = reply.json()["id"].as_str().expect("an id").to_owned();
        assert!(!id.is_empty() && !String::from_utf8_lossy(&reply.body).contains("a fault"));
        let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(written.contains(&id), "{id} is not in the log:\n{written}");
        assert_eq!(get("/api/fine").status, 200);
    }
    runtime.shutdown_background();
}

/// The one line that a command ends with.
fn refused(database: &TestDatabase, arguments: &[&str]) -> String {
    let done = program(database).args(arguments).stdout(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    assert_eq!(done.status.code(), Some(1), "{arguments:?}: {text}");
    assert!(text.starts_with("ironwood: ") && text.lines().count() == 1, "{arguments:?}: {text}");
    text
}

#[test]
fn what_cannot_be_done_is_said_in_one_line() {
    let database = TestDatabase::sqlite();
    let folder = database.folder().unwrap().to_owned();
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    assert!(program(&database).arg("migrate").status().unwrap().success());
    for (name, text, word) in [
        ("empty.json", "", "empty.json"),
        ("none.json", "this is no JSON", "none.json"),
        ("cut.json", "[{\"model\": \"part.part\", \"pk\": 1, \"fields\": {\"name\": \"x\"", "cut.json"),
        ("object.json", "{}", "object.json"),
        (
            "dangling.json",
            "[{\"model\": \"part.part\", \"pk\": 7, \"fields\": {\"name\": \"x\", \"description\": \"\", \"category\": 99}}]",
            "category",
        ),
    ] {
        let path = file(name, text);
        let said = refused(&database, &["import", &path]);
        assert!(said.contains(word), "{name}: {said}");
    }
    assert!(refused(&database, &["import", "/nowhere/records.json"]).contains("/nowhere/records.json"));
    assert!(refused(&database, &["export", "/nowhere/records.json"]).contains("/nowhere/records.json"));
    // nothing stayed behind: a good file is still taken
    let good = file("good.json", "[{\"model\": \"part.partcategory\", \"pk\": 1, \"fields\": {\"name\": \"Screws\"}}]");
    assert!(program(&database).args(["import", &good]).status().unwrap().success());
    assert!(refused(&database, &["import", &good]).contains("empty"));
    if std::path::Path::new("/dev/full").exists() {
        assert!(refused(&database, &["export", "/dev/full"]).contains("/dev/full"));
    }
    let nowhere = ["migrate", "--database", "sqlite:/nowhere/x.sqlite3"];
    assert!(refused(&database, &nowhere).contains("/nowhere"));
    let no_server = ["migrate", "--database", "postgres://nobody@127.0.0.1:1/none"];
    assert!(refused(&database, &no_server).contains("database"));
}
