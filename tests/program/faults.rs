//! Faults of our own, and places where nothing can be written.

use std::io::Write as _;
use std::net::{IpAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use ironwood::server::{self, Admitted, Limits, Proxies, Service, Settings};
use ironwood_base::Error;
use ironwood_rest::http::{Answer, Presented, Request};
use ironwood_testbed::TestDatabase;

use crate::server::{ADMIN, Server, basic, program, read_reply};

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

/// A small disk of its own, as far as the system lets this process have one.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn new(megabytes: usize) -> Option<SmallDisk> {
        let place = std::env::temp_dir().join(format!("ironwood-disk-{}", std::process::id()));
        std::fs::create_dir_all(&place).unwrap();
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&place).output();
        mounted.is_ok_and(|done| done.status.success()).then_some(SmallDisk(place))
    }

    /// Takes all room that is left; gives the file that does so.
    fn fill(&self) -> std::path::PathBuf {
        let path = self.0.join("filler");
        let mut file = std::fs::File::create(&path).unwrap();
        let mut piece = vec![0; 1 << 20];
        while !piece.is_empty() {
            if file.write_all(&piece).is_err() {
                piece.truncate(piece.len() / 4);
            }
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let Some(disk) = SmallDisk::new(48) else {
        eprintln!("SKIPPED: no small disk can be mounted here");
        return;
    };
    let start = || {
        Server::start_with(TestDatabase::sqlite(), &[], |command| {
            let url = format!("sqlite:{}", disk.0.join("db.sqlite3").display());
            command.env("IRONWOOD_DATABASE", url).env("IRONWOOD_MEDIA", disk.0.join("media"));
        })
    };
    let server = start();
    let part = |name: &str| {
        let body = serde_json::json!({"name": name, "notes": "x".repeat(20_000)}).to_string();
        server.admin("POST", "/api/part/", body.as_bytes())
    };
    let mut kept: Vec<String> = Vec::new();
    for i in 0..5 {
        assert_eq!(part(&format!("before {i}")).status, 201);
        kept.push(format!("before {i}"));
    }
    let filler = disk.fill();
    let mut refused = 0;
    for i in 0..1_000 {
        let name = format!("part {i}");
        let reply = part(&name);
        match reply.status {
            // there may be room left in files that are there
            201 => kept.push(name),
            507 => {
                assert!(reply.json()["detail"].as_str().unwrap().contains("full"), "{}", reply.json());
                refused += 1;
            }
            other => panic!("{name}: {other}"),
        }
        if refused == 5 {
            break;
        }
    }
    assert_eq!(refused, 5, "the disk is full");
    let admin = basic(ADMIN.0, ADMIN.1);
    let form = "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.txt\"\r\n\r\n".to_owned()
        + &"x".repeat(200_000)
        + "\r\n--b--\r\n";
    let headers = [("Authorization", admin.as_str()), ("Content-Type", "multipart/form-data; boundary=b")];
    let report = server.send("POST", "/api/report/asset/", &headers, form.replace("image", "asset").as_bytes());
    assert_eq!(report.status, 507, "{}", String::from_utf8_lossy(&report.body));
    // reading goes on
    let names = |server: &Server| -> Vec<String> {
        let reply = server.admin("GET", "/api/part/", b"");
        assert_eq!(reply.status, 200);
        let rows = reply.json();
        let mut names: Vec<String> =
            rows.as_array().unwrap().iter().map(|part| part["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    let sorted = |kept: &[String]| {
        let mut all = kept.to_vec();
        all.sort();
        all
    };
    assert_eq!(names(&server), sorted(&kept));
    // with some room writing does, too, without a restart
    std::fs::remove_file(&filler).unwrap();
    assert_eq!(part("after").status, 201);
    kept.push("after".to_owned());
    assert_eq!(names(&server), sorted(&kept));
    // a full disk, and an end without any warning
    let filler = disk.fill();
    let last = (0..1_000).map(|i| (i, part(&format!("late {i}")).status)).find(|(i, status)| {
        if *status == 201 {
            kept.push(format!("late {i}"));
        }
        *status != 201
    });
    assert_eq!(last.map(|(_, status)| status), Some(507));
    drop(server);
    std::fs::remove_file(&filler).unwrap();
    let server = start();
    assert_eq!(names(&server), sorted(&kept));
    assert_eq!(server.admin("POST", "/api/part/", b"{\"name\": \"again\"}").status, 201);
}
