//! The command line as operators use it: wrong paths, configuration, keys, backups.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use ironwood_testbed::TestDatabase;
use serde_json::Value as Json;

use crate::server::{Reply, Server, program};

/// A folder that goes with its database.
struct Home(TestDatabase);

/// What a command came to.
struct Done {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Home {
    fn new() -> Home {
        Home(TestDatabase::sqlite())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.folder().unwrap().join(name)
    }

    fn url(&self, name: &str) -> String {
        format!("sqlite:{}", self.path(name).display())
    }

    /// Names in the folder, sorted.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.folder().unwrap())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// The program with its key in a file, as it is without configuration.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(&self.0);
        command.env_remove("IRONWOOD_SECRET_KEY").current_dir(self.0.folder().unwrap()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Done {
        let done = self.command(arguments).output().unwrap();
        Done {
            code: done.status.code(),
            out: String::from_utf8(done.stdout).unwrap(),
            err: String::from_utf8(done.stderr).unwrap(),
        }
    }

    /// A command that must succeed; gives what it printed.
    fn done(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        assert_eq!(done.code, Some(0), "{arguments:?}: {}", done.err);
        done.out
    }

    /// A command that must fail with one line.
    fn refused(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        assert!(matches!(done.code, Some(1 | 2)), "{arguments:?}: {:?} {} {}", done.code, done.out, done.err);
        let lines: Vec<&str> = done.err.lines().filter(|line| line.starts_with("ironwood: ")).collect();
        assert_eq!(lines.len(), 1, "{arguments:?}: {}", done.err);
        lines[0].to_owned()
    }

    /// Ends the server on it and gives the folder back.
    fn stopped(server: Server) -> Home {
        Home(server.stop())
    }
}

/// Starts a server whose key is in a file.
fn serve(home: Home, options: &[&str]) -> Server {
    Server::start_with(home.0, options, |command| {
        command.env_remove("IRONWOOD_SECRET_KEY");
    })
}

fn token(server: &Server) -> String {
    server.admin("GET", "/api/user/token/?name=script", b"").json()["token"].as_str().unwrap().to_owned()
}

fn with_token(server: &Server, token: &str, path: &str) -> Reply {
    server.send("GET", path, &[("Authorization", &format!("Token {token}"))], b"")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_log_tells_who_changed_what_commands_included() {
    let home = Home::new();
    let url = home.0.url.clone();
    let at = ["--database", url.as_str()];
    home.done(&[&["migrate"][..], &at].concat());
    home.done(&[&["user", "add", "ann", "--password", "a long pass phrase", "--superuser"][..], &at].concat());
    home.done(&[&["user", "password", "ann", "--password", "another pass phrase"][..], &at].concat());
    fs::write(home.path("key"), "a key of more than thirty characters, to be used here").unwrap();
    fs::set_permissions(home.path("key"), fs::Permissions::from_mode(0o600)).unwrap();
    let key = home.path("key").display().to_string();
    let keyed = ["--database", url.as_str(), "--secret-key-file", key.as_str()];
    home.done(&[&["token", "create", "ann", "--name", "script"][..], &keyed].concat());
    home.done(&[&["token", "revoke", "1"][..], &keyed].concat());
    let json = |more: &[&str]| -> Vec<Json> {
        let told = home.done(&[&["log", "--json"][..], more, &at].concat());
        told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let all = json(&[]);
    for task in ["user add", "user password", "token create", "token revoke"] {
        let entry = all.iter().find(|entry| entry["task"] == task).unwrap_or_else(|| panic!("{task}: {all:?}"));
        assert_eq!(entry["kind"], "command");
    }
    let tokens = json(&["--table", "apitoken", "--key", "1", "--since", "1h"]);
    let actions: Vec<&str> = tokens.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["change", "add"]);
    let shown = home.done(&[&["log", "--table", "users_apitoken", "--limit", "1"][..], &at].concat());
    assert!(shown.contains(" change users_apitoken 1  command"), "{shown}");
    assert!(shown.contains("    revoked: false -> true"), "{shown}");
    let secrets = home.done(&[&["log", "--limit", "0"][..], &at].concat());
    assert!(secrets.contains("password: (secret)") && !secrets.contains("pbkdf2") && !secrets.contains("argon2"));
    assert_eq!(json(&["--since", "2999-01-01"]), Vec::<Json>::new());
    assert_eq!(json(&["--user", "nobody at all"]), Vec::<Json>::new());
    for wrong in [["--table", "nothing"], ["--since", "whenever"]] {
        let said = home.refused(&[&["log"][..], &wrong, &at].concat());
        assert!(said.contains(wrong[0]) && said.contains(wrong[1]), "{said}");
    }
}

#[test]
fn a_wrong_path_is_named_and_makes_nothing() {
    let home = Home::new();
    let typo = home.url("typo.sqlite3");
    fs::write(home.path("empty.sqlite3"), "").unwrap();
    let before = home.names();
    for arguments in [
        &["check"][..],
        &["export", "records.json"],
        &["user", "list"],
        &["user", "add", "ann", "--password", "a long password"],
        &["user", "password", "ann", "--password", "a long password"],
        &["token", "list"],
        &["token", "create", "ann"],
        &["token", "revoke", "1"],
        &["log"],
        &["backup", "b.tar"],
        &["backup", "b.sqlite3"],
    ] {
        let said = home.refused(&[arguments, &["--database", &typo]].concat());
        assert!(said.contains("typo.sqlite3") && said.contains("does not exist"), "{arguments:?}: {said}");
        // a file that is there, and holds nothing
        let said = home.refused(&[arguments, &["--database", &home.url("empty.sqlite3")]].concat());
        assert!(said.contains("no Ironwood tables"), "{arguments:?}: {said}");
        assert_eq!(home.names(), before, "{arguments:?}");
    }
    assert_eq!(fs::metadata(home.path("empty.sqlite3")).unwrap().len(), 0);
    // on PostgreSQL an empty database is as wrong
    if let Some(empty) = TestDatabase::postgres() {
        for arguments in [&["check"][..], &["user", "list"], &["export", "records.json"], &["backup", "b.tar"]] {
            let said = home.refused(&[arguments, &["--database", &empty.url]].concat());
            assert!(said.contains("no Ironwood tables"), "{arguments:?}: {said}");
        }
    }
    home.done(&["migrate", "--database", &typo]);
    home.done(&["check", "--database", &typo]);
}

#[test]
fn reading_commands_leave_the_database_as_it_is() {
    let home = Home::new();
    home.done(&["migrate"]);
    let file = home.path("test.sqlite3");
    let before = (fs::read(&file).unwrap(), home.names());
    for arguments in [&["check"][..], &["user", "list"], &["token", "list"]] {
        home.done(arguments);
        assert!((fs::read(&file).unwrap(), home.names()) == before, "{arguments:?} changed something");
    }
}

#[test]
fn unknown_names_in_the_configuration_are_refused() {
    let home = Home::new();
    fs::write(home.path("c.toml"), "databse = \"sqlite:x\"\n").unwrap();
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["check"], &["user", "list"]] {
        let said = home.refused(&[&["--config", "c.toml"], arguments].concat());
        assert!(said.contains("databse") && said.contains("\"database\"") && said.contains("c.toml"), "{said}");
    }
    assert_eq!(home.names(), ["c.toml"]);
    fs::write(home.path("c.toml"), format!("database = \"{}\"\nmax_page = 5\n", home.url("other.sqlite3"))).unwrap();
    let mut command = home.command(&["--config", "c.toml", "migrate"]);
    assert!(command.env_remove("IRONWOOD_DATABASE").stdout(Stdio::null()).status().unwrap().success());
    assert!(home.path("other.sqlite3").exists());
    let typo = home.command(&["check"]).env("IRONWOOD_DATABSE", "x").output().unwrap();
    assert!(String::from_utf8_lossy(&typo.stderr).contains("Did you mean IRONWOOD_DATABASE?"));
}

#[test]
fn files_are_for_their_owner_alone() {
    let server = serve(Home::new(), &[]);
    assert_eq!(server.admin("POST", "/api/part/category/", b"{\"name\": \"Screws\"}").status, 201);
    let folder = server.folder().to_owned();
    for name in ["test.sqlite3", "test.sqlite3-wal", "test.sqlite3-shm", "test.sqlite3.key"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&folder.join("media")), 0o700);
    let home = Home::stopped(server);
    home.done(&["export", "records.json"]);
    home.done(&["backup", "b.tar"]);
    for name in ["records.json", "b.tar"] {
        assert_eq!(mode(&home.path(name)), 0o600, "{name}");
    }
    let key = home.path("test.sqlite3.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let said = home.refused(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(said.contains("chmod 600") && said.contains("test.sqlite3.key"), "{said}");
    assert!(home.refused(&["token", "list"]).contains("chmod 600"));
}

#[test]
fn a_lost_key_is_told_at_start_and_in_the_answer() {
    let server = serve(Home::new(), &[]);
    let old = token(&server);
    assert_eq!(with_token(&server, &old, "/api/user/me/").status, 200);
    assert_eq!(with_token(&server, "inv-nothing", "/api/user/me/").json()["detail"], "Invalid token.");
    let home = Home::stopped(server);
    let key = home.path("test.sqlite3.key");
    fs::rename(&key, home.path("kept")).unwrap();
    assert!(home.refused(&["token", "create", "admin"]).contains("test.sqlite3.key"));
    let log = home.path("log");
    let errors = fs::File::create(&log).unwrap();
    let server = Server::start_with(home.0, &[], |command| {
        command.env_remove("IRONWOOD_SECRET_KEY").stderr(errors);
    });
    let said = fs::read_to_string(&log).unwrap();
    assert!(said.contains("1 API tokens in the database were made with another secret key"), "{said}");
    let refused = with_token(&server, &old, "/api/user/me/");
    assert_eq!(refused.status, 401);
    assert!(refused.json()["detail"].as_str().unwrap().contains("was replaced"), "{}", refused.json());
    let home = Home::stopped(server);
    fs::rename(home.path("kept"), &key).unwrap();
    let server = serve(home, &[]);
    assert_eq!(with_token(&server, &old, "/api/user/me/").status, 200);
}

/// Attaches a file to a new part; gives the address of the file.
fn attach(server: &Server, name: &str, content: &[u8]) -> String {
    let part = server.admin("POST", "/api/part/", format!("{{\"name\": \"{name}\"}}").as_bytes()).json();
    let field = |field: &str, value: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").into_bytes()
    };
    let head = format!(
        "--x\r\nContent-Disposition: form-data; name=\"attachment\"; filename=\"{name}.txt\"\r\n\
         Content-Type: text/plain\r\n\r\n"
    );
    let body = [
        field("model_type", "part"),
        field("model_id", &part["pk"].to_string()),
        head.into_bytes(),
        content.to_vec(),
        b"\r\n--x--\r\n".to_vec(),
    ]
    .concat();
    let basic = crate::server::basic(crate::server::ADMIN.0, crate::server::ADMIN.1);
    let headers = [("Authorization", basic.as_str()), ("Content-Type", "multipart/form-data; boundary=x")];
    let reply = server.send("POST", "/api/attachment/", &headers, &body);
    assert_eq!(reply.status, 201, "{}", reply.json());
    reply.json()["attachment"].as_str().unwrap().to_owned()
}

#[test]
fn a_backup_holds_database_key_and_files() {
    let server = serve(Home::new(), &[]);
    let (key, file) = (token(&server), attach(&server, "note", b"a file"));
    let folder = server.folder().to_owned();
    // while the server runs, and after
    let database = format!("sqlite:{}", folder.join("test.sqlite3").display());
    let backup = |home: &Home, name: &str| {
        let to = home.path(name).display().to_string();
        home.done(&["backup", "--database", &database, "--media", folder.join("media").to_str().unwrap(), &to])
    };
    let elsewhere = Home::new();
    let said = backup(&elsewhere, "live.tar");
    // the file, and those of the default templates
    assert!(said.contains("database, key, ") && said.contains(" media files"), "{said}");
    backup(&elsewhere, "live.tar.gz");
    let said = backup(&elsewhere, "live.sqlite3");
    assert!(said.contains("database only") && said.contains("key") && said.contains("media"), "{said}");
    assert_eq!(elsewhere.names(), ["live.sqlite3", "live.tar", "live.tar.gz"], "nothing else is left");
    let home = Home::stopped(server);
    let missing = home.refused(&["backup", "--media", "nowhere", "x.tar"]);
    assert!(missing.contains("nowhere") && missing.contains("--no-media"), "{missing}");
    assert!(home.refused(&["backup", elsewhere.path("live.tar").to_str().unwrap()]).contains("already exists"));

    for (name, whole) in [("live.tar", true), ("live.tar.gz", true), ("live.sqlite3", false)] {
        let target = Home::new();
        let bytes = fs::read(elsewhere.path(name)).unwrap();
        fs::set_permissions(elsewhere.path(name), fs::Permissions::from_mode(0o400)).unwrap();
        target.done(&["restore", elsewhere.path(name).to_str().unwrap()]);
        assert!(fs::read(elsewhere.path(name)).unwrap() == bytes, "the backup is left as it was");
        let expected = if whole { &["media", "test.sqlite3", "test.sqlite3.key"][..] } else { &["test.sqlite3"] };
        assert_eq!(target.names(), expected, "{name}");
        assert_eq!(mode(&target.path("test.sqlite3")), 0o600);
        let again = target.refused(&["restore", elsewhere.path(name).to_str().unwrap()]);
        assert!(again.contains("already exists") && !again.contains("back up"), "{again}");
        let server = serve(target, &[]);
        assert_eq!(server.admin("GET", "/api/part/?limit=1", b"").json()["count"], 1);
        assert_eq!(with_token(&server, &key, "/api/user/me/").status, if whole { 200 } else { 401 });
        if whole {
            let reply = with_token(&server, &key, &file);
            assert_eq!((reply.status, reply.body.as_slice()), (200, &b"a file"[..]));
        }
    }
}

#[test]
fn a_restore_overwrites_nothing_and_leaves_nothing_behind() {
    let source = Home::new();
    source.done(&["migrate"]);
    fs::create_dir(source.path("media")).unwrap();
    fs::write(source.path("media/a"), "a").unwrap();
    source.done(&["backup", "b.tar"]);
    source.done(&["backup", "b.sqlite3"]);
    let from = |name: &str| source.path(name).display().to_string();
    let home = Home::new();
    for log in ["test.sqlite3-wal", "test.sqlite3-shm"] {
        fs::write(home.path(log), "x").unwrap();
        for name in ["b.tar", "b.sqlite3"] {
            let said = home.refused(&["restore", &from(name)]);
            assert!(said.contains(log) && said.contains("was moved"), "{said}");
        }
        fs::remove_file(home.path(log)).unwrap();
    }
    fs::create_dir(home.path("media")).unwrap();
    fs::write(home.path("media/other"), "b").unwrap();
    assert!(home.refused(&["restore", &from("b.tar")]).contains("not empty"));
    fs::remove_dir_all(home.path("media")).unwrap();
    fs::write(home.path("test.sqlite3.key"), "another key of more than thirty characters").unwrap();
    assert!(home.refused(&["restore", &from("b.tar")]).contains("different key"));
    fs::remove_file(home.path("test.sqlite3.key")).unwrap();
    // broken backups
    let whole = fs::read(source.path("b.tar")).unwrap();
    let bare = fs::read(source.path("b.sqlite3")).unwrap();
    let mut damaged = bare.clone();
    for byte in &mut damaged[8192..20_000] {
        *byte = 0xff;
    }
    let mut other = TestDatabase::sqlite();
    other.url.clear();
    for (name, bytes) in [
        ("cut.tar", &whole[..whole.len() / 2]),
        ("cut.sqlite3", &bare[..bare.len() / 2]),
        ("damaged.sqlite3", &damaged),
        ("text.tar", b"no backup at all"),
        ("empty", b""),
    ] {
        let file = source.path(name);
        fs::write(&file, bytes).unwrap();
        let said = home.refused(&["restore", file.to_str().unwrap()]);
        assert!(said.contains("cannot restore from") && said.contains(name), "{name}: {said}");
        assert_eq!(home.names(), Vec::<String>::new(), "{name}");
    }
    assert!(home.refused(&["restore", "nowhere.tar"]).contains("nowhere.tar"));
    assert!(home.refused(&["restore", source.0.folder().unwrap().to_str().unwrap()]).contains("not a file"));
    fs::write(source.path("b.sqlite3-wal"), "x").unwrap();
    assert!(home.refused(&["restore", &from("b.sqlite3")]).contains("b.sqlite3-wal"));
    assert_eq!(home.names(), Vec::<String>::new());
    home.done(&["restore", &from("b.tar")]);
    assert_eq!(fs::read_to_string(home.path("media/a")).unwrap(), "a");
}

/// Writes as fast as the server takes it until told to stop; gives the number of parts made.
fn write_parts(server: &Server, stop: &AtomicBool, made: &AtomicU32) {
    while !stop.load(Ordering::Relaxed) {
        let number = made.load(Ordering::Relaxed);
        let body = format!("{{\"name\": \"part {number} {:?}\"}}", std::thread::current().id());
        assert_eq!(server.admin("POST", "/api/part/", body.as_bytes()).status, 201);
        made.fetch_add(1, Ordering::Relaxed);
    }
}

/// Ends the writers also where the test fails.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_backup_ends_while_others_write_and_a_killed_one_leaves_nothing() {
    let server = serve(Home::new(), &["--demo"]);
    let folder = server.folder().to_owned();
    let database = format!("sqlite:{}", folder.join("test.sqlite3").display());
    let (stop, made) = (AtomicBool::new(false), AtomicU32::new(0));
    let home = Home::new();
    std::thread::scope(|scope| {
        let _end = StopOnDrop(&stop);
        for _ in 0..4 {
            scope.spawn(|| write_parts(&server, &stop, &made));
        }
        while made.load(Ordering::Relaxed) < 4 {
            std::thread::sleep(Duration::from_millis(5));
        }
        for name in ["b.tar", "b.sqlite3"] {
            home.done(&["backup", "--database", &database, "--no-media", name]);
        }
        for (signal, wait) in [("-TERM", 0), ("-TERM", 20), ("-INT", 40), ("-TERM", 80)] {
            let mut child = home
                .command(&["backup", "--database", &database, "--no-media", "killed.tar"])
                .stdout(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_millis(wait));
            let _ = Command::new("kill").args([signal, &child.id().to_string()]).status();
            if child.wait().unwrap().success() {
                fs::remove_file(home.path("killed.tar")).unwrap();
            }
            assert_eq!(home.names(), ["b.sqlite3", "b.tar"], "{signal} after {wait} ms");
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(made.load(Ordering::Relaxed) > 4);
    for name in ["b.tar", "b.sqlite3"] {
        let restored = Home::new();
        restored.done(&["restore", home.path(name).to_str().unwrap()]);
        assert!(restored.done(&["check"]).contains("no problems"), "{name}");
    }
}

#[test]
fn a_backup_of_postgresql_holds_its_records() {
    let Some(database) = TestDatabase::postgres() else { return };
    let server = Server::start(database, &["--demo"]);
    let count = |server: &Server| server.admin("GET", "/api/part/?limit=1", b"").json()["count"].clone();
    let parts = count(&server);
    assert!(parts.as_i64() > Some(400), "{parts}");
    let home = Home::new();
    let said = home.done(&["backup", "--database", server.database_url(), "--no-media", "b.tar"]);
    assert!(said.contains("records") && said.contains("API tokens, sessions") && said.contains("pg_dump"), "{said}");
    drop(server);
    // to SQLite, and to PostgreSQL
    let from = home.path("b.tar").display().to_string();
    let target = Home::new();
    target.done(&["restore", &from]);
    // the key comes along where this machine has one for its PostgreSQL servers
    assert!(target.names().iter().any(|name| name == "test.sqlite3"));
    let sqlite = serve(target, &[]);
    assert_eq!(count(&sqlite), parts);
    let Some(target) = TestDatabase::postgres() else { return };
    home.done(&["restore", "--database", &target.url, &from]);
    assert!(home.refused(&["restore", "--database", &target.url, &from]).contains("empty"));
    let server = Server::start(target, &[]);
    assert_eq!(count(&server), parts);
    // and an SQLite database does not go into PostgreSQL this way
    let home = Home::stopped(sqlite);
    home.done(&["backup", "--no-media", "lite.tar"]);
    let said = home.refused(&["restore", "--database", server.database_url(), "lite.tar"]);
    assert!(said.contains("SQLite"), "{said}");
}

#[test]
fn changes_are_answered_with_either_durability() {
    for when in ["full", "normal"] {
        let server = serve(Home::new(), &["--sqlite-synchronous", when]);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let server = &server;
                scope.spawn(move || {
                    for i in 0..10 {
                        let body = format!("{{\"name\": \"part {thread} {i}\"}}");
                        assert_eq!(server.admin("POST", "/api/part/", body.as_bytes()).status, 201);
                    }
                });
            }
        });
        let server = serve(Home::stopped(server), &["--sqlite-synchronous", when]);
        assert_eq!(server.admin("GET", "/api/part/?limit=1", b"").json()["count"], Json::from(80));
    }
}

/// The allocator of the server gives free memory back at once, unless its environment says otherwise.
#[test]
#[cfg(target_os = "linux")]
fn free_memory_is_given_back() {
    let delay = |server: &Server| {
        let all = server.environment();
        all.iter().find_map(|value| value.strip_prefix("MIMALLOC_PURGE_DELAY=").map(str::to_owned))
    };
    let server = Server::start_with(TestDatabase::sqlite(), &[], |command| {
        command.env_remove("MIMALLOC_PURGE_DELAY");
    });
    assert_eq!(delay(&server).as_deref(), Some("0"));
    let server = Server::start_with(TestDatabase::sqlite(), &[], |command| {
        command.env("MIMALLOC_PURGE_DELAY", "500");
    });
    assert_eq!(delay(&server).as_deref(), Some("500"));
}

/// A configuration can come from a pipe, and what is wrong with the environment is said once.
#[test]
#[cfg(target_os = "linux")]
fn a_server_reads_its_configuration_once() {
    let home = Home::new();
    let (url, folder) = (home.0.url.clone(), home.path(""));
    let log = home.path("log");
    let server = Server::start_with(home.0, &["--config", "/dev/stdin"], |command| {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writeln!(writer, "database = \"{url}\"").unwrap();
        command.env_remove("MIMALLOC_PURGE_DELAY").env_remove("IRONWOOD_DATABASE").env("IRONWOOD_DATABSE", "");
        command.current_dir(&folder).stdin(reader).stderr(fs::File::create(&log).unwrap());
    });
    assert_eq!(server.admin("GET", "/api/part/?limit=1", b"").status, 200);
    assert!(!folder.join("ironwood.sqlite3").exists(), "the configuration was lost");
    assert_eq!(fs::read_to_string(&log).unwrap().matches("IRONWOOD_DATABSE").count(), 1);
}
