//! Test support: the whole server without its network, on a new SQLite database and a new PostgreSQL database.
//!
//! [`on_each_server`] runs a test on both databases, [`Server::superuser`] and [`Server::user`] sign in users with
//! chosen permissions, and [`race`] sends requests concurrently.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Barrier;

use ironwood_base::Result;
use ironwood_rest::http::{Answer, Body, Method, Presented, Request};
use ironwood_store::migrate::MigrateOptions;
use ironwood_store::{Connection, Database, Durability, Fragment, Options, Origin, Value, fragment};
use ironwood_testbed::{TestDatabase, for_each_prepared};
use serde_json::Value as Json;

use crate::installation::app::{App, AppConfig};
use crate::installation::worker::Worker;
use crate::platform::system::job;
use crate::platform::users::accounts::{self, NewUser, create_user};
use crate::platform::users::permission::{Permission, Ruleset};
use crate::platform::users::token;
use crate::schema::keys::UserKey;
use crate::{installation::demo, installation::migrations, installation::records, platform::settings};

/// Numbers that look random, and are the same ones in each run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `n`.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    /// The same as a quantity of something.
    pub(crate) fn count(&mut self, n: u64) -> i64 {
        self.below(n) as i64
    }

    /// One of these; `None` where there are none.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        (!list.is_empty()).then(|| &list[self.below(list.len() as u64) as usize])
    }
}

/// A server on a database of its own.
pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) media: PathBuf,
    url: String,
}

/// A user signed in at a [`Server`].
#[derive(Clone)]
pub(crate) struct Client {
    app: App,
    /// Key of the user.
    pub(crate) user: i64,
    token: String,
}

/// Who makes the changes of tests.
pub(crate) fn origin() -> Origin {
    Origin::command("test")
}

/// A file of the recorded data, which stands beside the sources. Where there is none the test has nothing to compare
/// with, and says so on the terminal, past the harness that keeps the output of tests that pass.
///
/// # Panics
/// Where `IRONWOOD_SHARED` says that the data are there, and the file is not.
pub(crate) fn recorded(name: &str) -> Option<String> {
    let configured = std::env::var_os("IRONWOOD_SHARED").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let file = configured.clone().unwrap_or_else(beside).join(name);
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(error) if configured.is_some() => panic!("{}: {error}", file.display()),
        Err(_) => {
            let note =
                format!("\nSKIPPED: {} is missing; set IRONWOOD_SHARED to run this test in full.\n", file.display());
            let terminal = std::fs::File::options().write(true).open("/dev/tty");
            let _ = match terminal {
                Ok(mut terminal) => terminal.write_all(note.as_bytes()),
                Err(_) => std::io::stderr().write_all(note.as_bytes()),
            };
            None
        }
    }
}

/// Runs a test against a server on each kind of database.
pub(crate) fn on_each_server(mut test: impl FnMut(&Server)) {
    let migrate_new = |url: &str| {
        let database = Database::open(url, &Options::default()).unwrap();
        migrations::upgrade(&database, &MigrateOptions { backup: false }).unwrap();
    };
    for_each_prepared(&migrations::everything(), migrate_new, |database| {
        let server = Server::on(database);
        test(&server);
        server.check_totals();
    });
}

/// Runs `work` in so many threads that begin at the same moment; gives what they gave, in order.
pub(crate) fn race<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (start, work) = (Barrier::new(threads), &work);
    std::thread::scope(|scope| {
        let start = &start;
        let running: Vec<_> = (0..threads)
            .map(|i| {
                scope.spawn(move || {
                    start.wait();
                    work(i)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

impl Server {
    /// A server with an empty, migrated database.
    pub(crate) fn on(database: &TestDatabase) -> Server {
        let name = format!("ironwood-media-{}", database.url.rsplit('/').next().unwrap_or("x"));
        let folder = database.folder().map_or_else(std::env::temp_dir, PathBuf::from);
        Server::at(database.url.clone(), folder.join(name.replace(':', "-")))
    }

    /// Another node on the same database.
    pub(crate) fn another_node(&self) -> Server {
        Server::at(self.url.clone(), self.media.clone())
    }

    fn at(url: String, media: PathBuf) -> Server {
        let config = AppConfig {
            database: url.clone(),
            store: Options { threads: 4, durability: Durability::Normal, ..Options::default() },
            media: media.clone(),
            secret_key: Some("a key for tests only, of more than thirty characters".into()),
            secret_key_file: None,
            limits: Default::default(),
            signin_limits: Default::default(),
            trusted_origins: Vec::new(),
            exchange: crate::platform::exchange::provider::Provider { url: String::new() },
            printing: crate::services::machine::driver::Printing { local: true, ..Default::default() },
            setup: Vec::new(),
        };
        let app = App::open(config).unwrap();
        Server { app, media, url }
    }

    /// The address of its database.
    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// A superuser.
    pub(crate) fn superuser(&self) -> Client {
        self.superuser_named("root")
    }

    /// Another one who may do everything.
    pub(crate) fn superuser_named(&self, name: &str) -> Client {
        self.sign_in(NewUser { username: name.into(), is_staff: true, is_superuser: true, ..NewUser::default() }, &[])
    }

    /// Puts the demo company into the empty database.
    pub(crate) fn fill_with_demo(&self) {
        self.fill_with_demo_of(1);
    }

    /// Puts the demo company of a scale into the empty database.
    pub(crate) fn fill_with_demo_of(&self, scale: u32) {
        self.write(move |conn| {
            let import = records::ImportOptions { strict: true, secret: None };
            let everything = demo::records(scale, &accounts_password());
            records::import_records(conn, everything, &import)?;
            settings::ensure_instance_id(conn)
        });
    }

    /// A user with exactly these permissions.
    pub(crate) fn user(&self, name: &str, rights: &[(Ruleset, &[Permission])]) -> Client {
        self.sign_in(NewUser { username: name.into(), ..NewUser::default() }, rights)
    }

    /// Makes a user who is in a group that is there, and signs them in.
    pub(crate) fn member(&self, new: NewUser, group: &'static str) -> Client {
        let client = self.sign_in(new, &[]);
        let user = client.user;
        self.write(move |conn| {
            let row = conn.one("SELECT id FROM auth_group WHERE name = $1", &[group.into()])?.unwrap();
            accounts::set_groups(conn, UserKey::from_id(user), &[row.cell(0)])
        });
        client
    }

    /// Creates a user, in a new group with these permissions, and signs the user in. One that is there
    /// already is signed in again.
    fn sign_in(&self, new: NewUser, rights: &[(Ruleset, &[Permission])]) -> Client {
        let rights: Vec<(Ruleset, Vec<Permission>)> = rights.iter().map(|(r, a)| (*r, a.to_vec())).collect();
        let authenticator = self.app.inventory().authenticator.clone();
        let (user, token) = self.write(move |conn| {
            let user = match accounts::find_user(conn, &new.username)? {
                Some(user) => user,
                None => {
                    let user = create_user(conn, &new)?;
                    let group = accounts::create_group(conn, &format!("group of {}", new.username))?;
                    accounts::set_groups(conn, user, &[group])?;
                    for (ruleset, actions) in &rights {
                        for action in actions {
                            let sql = fragment!(
                                "UPDATE users_ruleset SET can_{} = TRUE WHERE \"group\" = $1 AND name = $2",
                                action.name()
                            );
                            conn.execute(&sql, &[group.into(), ruleset.name().into()])?;
                        }
                    }
                    user
                }
            };
            let token = token::obtain(conn, authenticator.secret(), user, "test", None)?;
            Ok((user.id(), token.key.unwrap_or_default()))
        });
        Client { app: self.app.clone(), user, token }
    }

    /// A client without credentials.
    pub(crate) fn stranger(&self) -> Client {
        Client { app: self.app.clone(), user: 0, token: String::new() }
    }

    /// Has a job done, and all that is due besides.
    pub(crate) fn run_job(&self, kind: &'static job::JobType) {
        let worker = Worker::start(&self.app).unwrap();
        self.write(|conn| job::insert(conn, kind, &Json::Null, None, ""));
        let began = std::time::Instant::now();
        while self.int("SELECT COUNT(*) FROM ironwood_job WHERE state <> 'done'", &[]) > 0 {
            assert!(began.elapsed().as_secs() < 60, "the job is not done");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        drop(worker);
    }

    /// Everything in every table that an action on stock or orders could touch: all but those of sessions and
    /// settings.
    pub(crate) fn dump(&self) -> Vec<(&'static str, String)> {
        let tables = crate::schema::TABLES.iter().filter(|t| {
            ["stock_", "part_", "build_", "order_", "company_", "common_"].iter().any(|head| t.name.starts_with(head))
        });
        let names: Vec<&'static str> = tables.map(|t| t.name).collect();
        self.write(move |conn| {
            let mut all = Vec::with_capacity(names.len());
            for table in &names {
                all.push((*table, format!("{:?}", conn.rows(fragment!("SELECT * FROM {table} ORDER BY id"), &[])?)));
            }
            Ok(all)
        })
    }

    /// Compares the totals that are kept with what they are the sums of.
    pub(crate) fn check_totals(&self) {
        let wrong = self.app.db().read(crate::schema::totals::check).unwrap_or_default();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// One transaction, past the API.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Connection) -> Result<T> + Send + 'static,
    ) -> T {
        self.app.db().write(&origin(), work).unwrap()
    }

    /// One transaction, past the API, which may be refused.
    pub(crate) fn try_write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.app.db().write(&origin(), work)
    }

    /// The first column of the first row of a statement, as an integer; 0 where there is none.
    pub(crate) fn int(&self, sql: &str, params: &[Value]) -> i64 {
        let (sql, params) = (Fragment::generated(sql), params.to_vec());
        self.app.db().read(move |conn| Ok(conn.one(&sql, &params)?.map_or(0, |row| row.int(0)))).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.app.db().close();
        let _ = std::fs::remove_dir_all(&self.media);
    }
}

fn accounts_password() -> String {
    crate::platform::users::password::unusable().unwrap()
}

impl Client {
    /// The same user at another node.
    pub(crate) fn at(&self, node: &Server) -> Client {
        Client { app: node.app.clone(), ..self.clone() }
    }

    /// Sends a request. Returns the status, or the error including the details for the log.
    pub(crate) fn try_send(&self, request: Request) -> Result<u16> {
        self.app.try_handle(request).map(|answer| answer.status)
    }

    /// Sends a request. `path` may end in a query, which is taken as it stands, without decoding.
    pub(crate) fn send(&self, method: Method, path: &str, body: Body) -> (u16, Json) {
        let answer = self.app.handle(self.request(method, path, body));
        let json = serde_json::from_slice(&answer.body).unwrap_or(Json::Null);
        assert!(answer.status < 500, "{} {path}: {} {json}", method.name(), answer.status);
        (answer.status, json)
    }

    /// Sends a GET request for an answer that the client may have already, with this tag.
    pub(crate) fn get_unless(&self, path: &str, tag: Option<&str>) -> Answer {
        let mut request = self.request(Method::Get, path, Body::Empty);
        request.presented.if_none_match = tag.map(str::to_owned);
        self.app.handle(request)
    }

    /// The status alone, whatever it is.
    pub(crate) fn app_status(&self, method: Method, path: &str, body: Body) -> u16 {
        self.app.handle(self.request(method, path, body)).status
    }

    /// The request that [`Client::send`] sends.
    pub(crate) fn request(&self, method: Method, path: &str, body: Body) -> Request {
        let (path, raw_query) = path.split_once('?').unwrap_or((path, ""));
        let pair = |p: &str| p.split_once('=').map_or((p.to_owned(), String::new()), |(n, v)| (n.into(), v.into()));
        Request {
            method,
            path: format!("/{}", path.trim_matches('/')),
            query: raw_query.split('&').filter(|p| !p.is_empty()).map(pair).collect(),
            raw_query: raw_query.to_owned(),
            base_url: "http://ironwood.test".into(),
            body,
            remote: IpAddr::V4(Ipv4Addr::LOCALHOST),
            presented: Presented {
                authorization: (!self.token.is_empty()).then(|| format!("Token {}", self.token)),
                ..Presented::default()
            },
            accept: String::new(),
            id: "test-1".into(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Json) {
        self.send(Method::Get, path, Body::Empty)
    }

    /// The status of a file below `/media/` (an address, as rows show it).
    pub(crate) fn file(&self, address: &str) -> u16 {
        let path = address.strip_prefix("http://ironwood.test").unwrap_or(address);
        self.app.check_media(self.request(Method::Get, path, Body::Empty)).map_or_else(|error| error.status(), |_| 200)
    }

    /// Number of SQL statements that a GET takes; fails the test where it is refused.
    pub(crate) fn statements(&self, path: &str) -> u64 {
        // what is remembered of callers and settings is read by the first request
        self.app.handle_counted(self.request(Method::Get, path, Body::Empty));
        let (answer, statements) = self.app.handle_counted(self.request(Method::Get, path, Body::Empty));
        assert_eq!(answer.status, 200, "GET {path}: {}", String::from_utf8_lossy(&answer.body));
        statements
    }

    /// A request with a body: status, answer, and the number of SQL statements that it took.
    pub(crate) fn counted(&self, method: Method, path: &str, body: Json) -> (u16, Json, u64) {
        let (answer, statements) = self.app.handle_counted(self.request(method, path, Body::Json(body)));
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Json::Null), statements)
    }

    pub(crate) fn options(&self, path: &str) -> (u16, Json) {
        self.send(Method::Options, path, Body::Empty)
    }

    pub(crate) fn post(&self, path: &str, body: Json) -> (u16, Json) {
        self.send(Method::Post, path, Body::Json(body))
    }

    pub(crate) fn put(&self, path: &str, body: Json) -> (u16, Json) {
        self.send(Method::Put, path, Body::Json(body))
    }

    pub(crate) fn patch(&self, path: &str, body: Json) -> (u16, Json) {
        self.send(Method::Patch, path, Body::Json(body))
    }

    pub(crate) fn delete(&self, path: &str) -> (u16, Json) {
        self.send(Method::Delete, path, Body::Empty)
    }

    /// Makes a row by POST and gives its key; fails the test where it is refused.
    pub(crate) fn made(&self, path: &str, body: Json) -> i64 {
        let (status, answer) = self.post(path, body);
        assert_eq!(status, 201, "POST {path}: {answer}");
        let row = if let Json::Array(rows) = &answer { &rows[0] } else { &answer };
        row["pk"].as_i64().unwrap_or_else(|| panic!("POST {path} gives no pk: {answer}"))
    }

    /// Reads a row or list; fails the test where it is refused.
    pub(crate) fn read(&self, path: &str) -> Json {
        let (status, answer) = self.get(path);
        assert_eq!(status, 200, "GET {path}: {answer}");
        answer
    }

    /// A POST that must be accepted (2xx).
    pub(crate) fn done(&self, path: &str, body: Json) -> Json {
        let (status, answer) = self.post(path, body);
        assert!((200..300).contains(&status), "POST {path}: {status} {answer}");
        answer
    }
}

#[test]
fn a_server_for_tests_answers_by_rights() {
    use serde_json::json;

    on_each_server(|server| {
        let admin = server.superuser();
        let category = admin.made("/api/part/category/", json!({"name": "Screws"}));
        let part = admin.made("/api/part/", json!({"name": "Bolt", "category": category}));
        let bob = server.user("bob", &[(Ruleset::Part, &[Permission::View])]);
        assert_eq!(bob.read(&format!("/api/part/?category={category}"))[0]["pk"], part);
        assert_eq!(bob.delete(&format!("/api/part/{part}/")).0, 403);
        assert_eq!(server.stranger().get("/api/part/").0, 401);
        let made = race(6, |i| admin.post("/api/stock/", json!({"part": part, "quantity": i + 1})).0);
        assert_eq!(made, [201; 6]);
        assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitem WHERE part = $1", &[part.into()]), 6);
    });
}
