//! Whatever writes, the log says who it was: every operation that may change something, and every job.

use std::collections::BTreeMap;

use ironwood_base::{Key, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Body, Method};
use ironwood_rest::registry::Target;
use ironwood_rest::resource::{Action, Run};
use ironwood_store::{Connection, Fragment};
use serde_json::{Value as Json, json};

use super::values::ColumnLists;
use crate::installation::app::the_registry;
use crate::lists::job_types;
use crate::platform::system::job;
use crate::testing::{Client, Server, on_each_server};
use crate::walks::filled;

/// Id of a request, and payload of a job, that leave a witness behind.
const WITNESS: &str = "witness";

/// Carries out an operation; where the request asks for a witness, whatever comes of it, a row with the name of the
/// operation is written at its end in its transaction.
pub(crate) fn witnessed(ctx: &mut Context<'_>, run: impl FnOnce(&mut Context<'_>) -> Result<Answer>) -> Result<Answer> {
    if ctx.request.id != WITNESS {
        return run(ctx);
    }
    // most are refused, because they name nothing that is there
    let _ = ctx.savepoint(run);
    let name = format!("{} {}", ctx.request.method.name(), ctx.request.path);
    testify(ctx.conn, &name)?;
    Ok(Answer::empty())
}

/// The same for a job: true where its payload asked for a witness, who is then written.
pub(crate) fn job_witnessed(conn: &mut Connection, job_type: &job::JobType, payload: &Json) -> Result<bool> {
    let wanted = asks_for_witness(payload);
    if wanted {
        testify(conn, job_type.name)?;
    }
    Ok(wanted)
}

/// Whether the payload of a job asks for a witness.
pub(crate) fn asks_for_witness(payload: &Json) -> bool {
    payload[WITNESS] == true
}

pub(crate) fn testify(conn: &mut Connection, name: &str) -> Result<()> {
    let sql = "INSERT INTO taggit_tag (name, slug) VALUES ($1, $1) ON CONFLICT DO NOTHING";
    conn.execute(sql, &[name.into()]).map(drop)
}

/// What the log says of who wrote each witness: kind, task, user, credential, address, method and path, in one text.
fn testimonies(server: &Server) -> BTreeMap<String, String> {
    let columns = ["kind", "task", "user", "username", "sign_in", "address", "request", "method", "path"];
    let columns: Vec<String> = columns.iter().map(|name| format!("x.\"{name}\"")).collect();
    let sql = format!(
        "SELECT c.changes, {} FROM ironwood_change c JOIN ironwood_transaction x ON x.id = c.\"transaction\" \
         WHERE c.\"table\" = 'taggit_tag' AND c.\"action\" = 'add'",
        columns.join(", ")
    );
    server.write(move |conn| {
        let mut all = BTreeMap::new();
        let rows = conn.rows(Fragment::generated(&sql), &[])?;
        let lists = ColumnLists::of(conn, rows.iter().map(|row| row.text(0)))?;
        for row in rows {
            let changes = lists.members(None, row.text(0))?;
            let recorded = (1..row.len()).map(|at| match row.opt_int(at) {
                Some(number) => number.to_string(),
                None => row.opt_text(at).unwrap_or("-").to_owned(),
            });
            all.insert(changes["name"].as_str().unwrap().to_owned(), recorded.collect::<Vec<_>>().join("|"));
        }
        Ok(all)
    })
}

#[test]
fn every_operation_that_writes_has_its_actor_in_the_log() {
    on_each_server(|server| {
        let admin = server.superuser();
        let mut expected = BTreeMap::new();
        for (path, operation) in the_registry().operations() {
            let writes = match operation.target {
                Target::Action(Action { run: Run::Free(_), .. }) => false,
                Target::Action(action) => action.is_write(),
                _ => !operation.method.safe(),
            };
            if !writes {
                continue;
            }
            let address = filled(&path, |_| "999999".into());
            let body = if operation.method.safe() { Body::Empty } else { Body::Json(json!({})) };
            let mut request = admin.request(operation.method, &address, body);
            request.id = WITNESS.into();
            let name = format!("{} {}", operation.method.name(), request.path);
            let recorded = ["request", "-", &admin.user.to_string(), "root", "token test", "127.0.0.1", WITNESS];
            expected.insert(name, format!("{}|{}|{}", recorded.join("|"), operation.method.name(), request.path));
            let answer = server.app.handle(request);
            assert!(answer.status < 500, "{path}: {}", String::from_utf8_lossy(&answer.body));
        }
        assert!(expected.len() > 250, "{}", expected.len());
        let found = testimonies(server);
        for (name, recorded) in &expected {
            assert_eq!(found.get(name), Some(recorded), "{name}");
        }
    });
}

/// The operations that open transactions of their own, and how each is carried out.
type Example = fn(&Server, &Client) -> Json;
static FREE: &[(Method, &str, Example)] = &[
    (Method::Post, "/api/auth/v1/auth/login", |_, _| json!({"username": "root", "password": PASSWORD})),
    (Method::Delete, "/api/auth/v1/auth/session", |_, _| json!({})),
    (
        Method::Post,
        "/api/auth/v1/account/password/change",
        |_, _| json!({"current_password": PASSWORD, "new_password": "another long pass phrase"}),
    ),
];
/// Those that need another machine, or are refused for everybody: they are sent, and may write nothing.
static WITHOUT_ENTRIES: &[&str] = &[
    "/api/currency/refresh/",
    "/api/label/preview/",
    "/api/label/print/",
    "/api/machine/{id}/restart/",
    "/api/report/preview/",
    "/api/report/print/",
];
const PASSWORD: &str = "the first long pass phrase";

#[test]
fn operations_with_transactions_of_their_own_have_their_actor_in_the_log() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (root, hash) = (admin.user, crate::platform::users::password::hash(PASSWORD).unwrap());
        server.write(move |conn| crate::platform::users::accounts::set_password(conn, Key::from_id(root), &hash, None));
        let mut cookies = Vec::new();
        for (method, path, body) in FREE {
            let mut request = admin.request(*method, path, Body::Json(body(server, &admin)));
            request.presented.authorization = None;
            request.presented.cookies = cookies.clone();
            request.presented.csrf = cookies.iter().find(|(name, _)| name.contains("csrf")).map(|(_, v)| v.clone());
            request.id = format!("id of {path}");
            let answer = server.app.handle(request);
            if *path == "/api/auth/v1/auth/login" {
                let set = answer.headers.iter().filter(|(name, _)| *name == "Set-Cookie");
                let pair = |text: &str| text.split(';').next()?.split_once('=').map(|(n, v)| (n.into(), v.into()));
                cookies = set.filter_map(|(_, text)| pair(text)).collect();
            }
            if method == &Method::Delete {
                // it ended its own session: the next one begins anew
                let again = FREE[0].2(server, &admin);
                let mut request = admin.request(Method::Post, FREE[0].1, Body::Json(again));
                request.presented.authorization = None;
                let answer = server.app.handle(request);
                let set = answer.headers.iter().filter(|(name, _)| *name == "Set-Cookie");
                let pair = |text: &str| text.split(';').next()?.split_once('=').map(|(n, v)| (n.into(), v.into()));
                cookies = set.filter_map(|(_, text)| pair(text)).collect();
            }
            let sql = "SELECT COUNT(*) FROM ironwood_transaction WHERE \"user\" = $1 AND request = $2 AND method = $3 \
                       AND path = $4 AND kind = 'request'";
            let params = [root.into(), format!("id of {path}").into(), method.name().into(), (*path).into()];
            assert_eq!(server.int(sql, &params), 1, "{} {path}: {answer:?}", method.name());
        }
        for (path, operation) in the_registry().operations() {
            let Target::Action(Action { run: Run::Free(_), .. }) = operation.target else { continue };
            let is_known = FREE.iter().any(|(method, known, _)| (*method, *known) == (operation.method, &path));
            if operation.method.safe() || is_known {
                continue;
            }
            assert!(WITHOUT_ENTRIES.contains(&path.as_str()), "{path}: say in FREE how it is carried out");
            let status = admin.send(operation.method, &path, Body::Json(json!({}))).0;
            assert!(status < 500, "{path}: {status}");
        }
        let nobody = "SELECT COUNT(*) FROM ironwood_transaction WHERE kind = 'request' AND \"user\" IS NULL \
                      AND COALESCE(task, '') <> 'sign in'";
        assert_eq!(server.int(nobody, &[]), 0);
    });
}

#[test]
fn every_job_has_its_actor_in_the_log() {
    on_each_server(|server| {
        let admin = server.superuser();
        let user = admin.user;
        let names: Vec<&'static job::JobType> =
            job_types().filter(|job_type| !job_type.name.starts_with("test")).collect();
        let queued = names.clone();
        server.write(move |conn| {
            for job_type in &queued {
                job::insert(conn, job_type, &json!({WITNESS: true}), Some(Key::from_id(user)), "")?;
            }
            Ok(())
        });
        let worker = crate::installation::worker::Worker::start(&server.app).unwrap();
        let began = std::time::Instant::now();
        while server.int("SELECT COUNT(*) FROM ironwood_job WHERE state IN ('pending', 'running')", &[]) > 0 {
            assert!(began.elapsed().as_secs() < 60, "the jobs are not done");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        drop(worker);
        let found = testimonies(server);
        assert!(names.len() > 10);
        for job_type in names {
            let recorded = format!("job|{}|{user}|-|-|-|-|-|-", job_type.name);
            assert_eq!(found.get(job_type.name), Some(&recorded), "{}", job_type.name);
        }
    });
}
