use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ironwood_base::{Error, Result, clock};
use ironwood_rest::http::{Body, Method};
use ironwood_testbed::for_each_database;
use serde_json::json;

use super::worker::Worker;
use crate::installation::app::App;
use crate::platform::state::Inventory;
use crate::platform::system::job::{self, Job, JobType, Next, Queue};
use crate::schema::keys::JobKey;
use crate::testing::{Server, on_each_server};

/// Notes every run in a row that may be there once, and takes its time.
static STEPS: JobType = JobType::bound("test_steps", |job: &mut Job<'_, '_>| {
    let step = job.payload["step"].as_i64().unwrap_or(0);
    let sql = "INSERT INTO ironwood_meta (name, value) VALUES ($1, '')";
    job.ctx.conn.execute(sql, &[format!("job {} step {step}", job.id).into()])?;
    if step == 2 {
        Ok(Next::Done)
    } else {
        Ok(Next::More { payload: json!({"step": step + 1}), progress: step, total: 3 })
    }
});
static BROKEN: JobType = JobType::bound("test_broken", |job: &mut Job<'_, '_>| {
    job.ctx.conn.execute("INSERT INTO ironwood_meta (name, value) VALUES ('left behind', '')", &[])?;
    Err(Error::Internal("something is down".into()))
})
.tries(2);
static REFUSED: JobType = JobType::bound("test_refused", |_| Err(Error::non_field("never")));
static UNKNOWN: JobType = JobType::bound("test_unknown", |_| Ok(Next::Done));
static OUTSIDE: JobType = JobType::free("test_outside", outside);

/// Ends once a job of the type [`PRINTED`] with the same name was done.
static PATIENT: JobType = JobType::free("test_patient", |_, payload| {
    let (name, began) = (payload["name"].to_string(), Instant::now());
    while !PRINTS.lock().unwrap().contains(&name) {
        assert!(began.elapsed() < Duration::from_secs(20), "the other queue stands still");
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(Next::Done)
});
static PRINTED: JobType = JobType::free("test_printed", |_, payload| {
    PRINTS.lock().unwrap().push(payload["name"].to_string());
    Ok(Next::Done)
})
.queue(Queue::Printing);
static PRINTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

pub(crate) static JOBS: &[&JobType] = &[&STEPS, &BROKEN, &REFUSED, &OUTSIDE, &PATIENT, &PRINTED];

/// Which jobs are at work outside of the database, and how often each was done.
static AT_WORK: Mutex<BTreeMap<String, (bool, u32)>> = Mutex::new(BTreeMap::new());

fn outside(_: &Inventory, payload: &serde_json::Value) -> Result<Next> {
    let name = payload["name"].as_str().unwrap_or_default().to_owned();
    {
        let mut all = AT_WORK.lock().unwrap();
        let (busy, times) = all.entry(name.clone()).or_default();
        assert!(!*busy, "{name} is done twice at once");
        (*busy, *times) = (true, *times + 1);
    }
    std::thread::sleep(Duration::from_millis(payload["takes"].as_u64().unwrap_or(5)));
    AT_WORK.lock().unwrap().get_mut(&name).unwrap().0 = false;
    Ok(Next::Done)
}

fn queue(app: &App, job_type: &'static JobType, payload: serde_json::Value) -> JobKey {
    app.db().write(&crate::testing::origin(), move |conn| job::insert(conn, job_type, &payload, None, "")).unwrap()
}

/// Waits until no job is due any more.
fn settled(app: &App) {
    let began = Instant::now();
    let sql = "SELECT COUNT(*) FROM ironwood_job WHERE state = 'running' OR (state = 'pending' AND run_after IS NULL)";
    while app.db().read(move |conn| Ok(conn.one(sql, &[])?.unwrap().int(0))).unwrap() > 0 {
        if began.elapsed() > Duration::from_secs(30) {
            let all = app
                .db()
                .read(|conn| conn.rows("SELECT kind, state, attempts, error, payload FROM ironwood_job", &[]))
                .unwrap();
            panic!("the jobs do not come to an end: {all:?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn state(app: &App, id: JobKey) -> (String, i64, String) {
    let sql = "SELECT state, attempts, error FROM ironwood_job WHERE id = $1";
    let row = app.db().read(move |conn| conn.one(sql, &[id.into()])).unwrap().unwrap();
    (row.text(0).to_owned(), row.int(1), row.opt_text(2).unwrap_or_default().to_owned())
}

#[test]
fn several_workers_never_do_one_job_at_once() {
    for_each_database(|database| {
        let server = Server::on(database);
        // on PostgreSQL another node; an embedded database has one process
        let node = database.is_postgres().then(|| Server::on(database));
        let app = server.app.clone();
        let other = node.as_ref().map_or(&app, |node| &node.app).clone();
        let mark = &database.url;
        let steps: Vec<JobKey> = (0..15).map(|_| queue(&app, &STEPS, json!({}))).collect();
        for n in 0..15 {
            queue(&app, &OUTSIDE, json!({"name": format!("{mark} {n}")}));
        }
        let workers: Vec<Worker> = [&app, &other, &app, &other].map(|app| Worker::start(app).unwrap()).into();
        settled(&app);
        drop(workers);
        for id in steps {
            assert_eq!(state(&app, id), ("done".into(), 1, String::new()));
        }
        let sql = "SELECT COUNT(*) FROM ironwood_meta WHERE name LIKE 'job %'";
        assert_eq!(app.db().read(move |conn| Ok(conn.one(sql, &[])?.unwrap().int(0))).unwrap(), 45);
        let all = AT_WORK.lock().unwrap();
        let done: Vec<u32> = all.iter().filter(|(name, _)| name.starts_with(mark)).map(|(_, (_, n))| *n).collect();
        assert_eq!(done, [1; 15]);
    });
}

#[test]
fn jobs_of_another_queue_do_not_wait() {
    for_each_database(|database| {
        let server = Server::on(database);
        let patient = queue(&server.app, &PATIENT, json!({"name": &database.url}));
        let printed = queue(&server.app, &PRINTED, json!({"name": &database.url}));
        let worker = Worker::start(&server.app).unwrap();
        settled(&server.app);
        drop(worker);
        for id in [patient, printed] {
            assert_eq!(state(&server.app, id), ("done".into(), 1, String::new()));
        }
    });
}

#[test]
fn a_worker_that_starts_leaves_the_jobs_of_others_alone() {
    for_each_database(|database| {
        let server = Server::on(database);
        let app = server.app.clone();
        let name = format!("{} late", database.url);
        let job = queue(&app, &OUTSIDE, json!({"name": name, "takes": 400}));
        let dead = queue(&app, &OUTSIDE, json!({"name": format!("{name} dead")}));
        let first = Worker::start(&app).unwrap();
        let began = Instant::now();
        while state(&app, job).0 != "running" {
            assert!(began.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(5));
        }
        // a job of a worker that is no more
        let sqlite = !database.is_postgres();
        app.db()
            .write(&crate::testing::origin(), move |conn| {
                let lease = if sqlite { "2099-01-01T00:00:00.000Z" } else { "2001-01-01T00:00:00.000Z" };
                let sql = "UPDATE ironwood_job SET state = 'running', owner = 'gone', lease = $1 WHERE id = $2";
                conn.execute(sql, &[lease.into(), dead.into()])
            })
            .unwrap();
        let second = Worker::start(&app).unwrap();
        settled(&app);
        drop((first, second));
        for id in [job, dead] {
            assert_eq!(state(&app, id), ("done".into(), 1, String::new()));
        }
        let all = AT_WORK.lock().unwrap();
        assert!(all.iter().filter(|(known, _)| known.starts_with(&name)).all(|(_, (_, times))| *times == 1));
    });
}

#[test]
fn failures_leave_nothing_behind_and_are_shown() {
    on_each_server(|server| {
        let app = server.app.clone();
        let (broken, refused) = (queue(&app, &BROKEN, json!({"a": 1})), queue(&app, &REFUSED, json!({})));
        let unknown = queue(&app, &UNKNOWN, json!({}));
        let worker = Worker::start(&app).unwrap();
        settled(&app);
        // it waits for its second try
        assert_eq!(state(&app, broken).0, "pending");
        assert_eq!(state(&app, refused).0, "failed");
        assert_eq!(state(&app, unknown).0, "failed");
        let now = clock::now();
        app.db()
            .write(&crate::testing::origin(), move |conn| {
                conn.execute("UPDATE ironwood_job SET run_after = NULL WHERE run_after > $1", &[now.as_str().into()])
            })
            .unwrap();
        settled(&app);
        drop(worker);
        assert_eq!(state(&app, broken), ("failed".into(), 2, "something is down".into()));
        let sql = "SELECT COUNT(*) FROM ironwood_meta WHERE name = 'left behind'";
        assert_eq!(app.db().read(move |conn| Ok(conn.one(sql, &[])?.unwrap().int(0))).unwrap(), 0);

        let admin = server.superuser();
        let (status, one) = admin.get(&format!("/api/background-task/{broken}"));
        assert_eq!((status, &one["complete"], &one["success"]), (200, &json!(true), &json!(false)));
        assert_eq!(admin.get("/api/background-task/12345").0, 404);
        let (_, failed) = admin.get("/api/background-task/failed");
        let results: Vec<&str> = failed.as_array().unwrap().iter().filter_map(|f| f["result"].as_str()).collect();
        assert!(results.contains(&"something is down"), "{failed}");
        assert_eq!(admin.read("/api/background-task")["failed_tasks"], json!(3));
        let body = Body::Json(json!({"items": [broken]}));
        assert!(admin.send(Method::Delete, "/api/background-task/failed", body).0 < 300);
        assert_eq!(admin.read("/api/background-task")["failed_tasks"], json!(2));
    });
}

#[test]
fn the_job_of_a_dead_worker_is_taken_over() {
    on_each_server(|server| {
        let app = server.app.clone();
        let id = queue(&app, &STEPS, json!({}));
        app.db()
            .write(&crate::testing::origin(), move |conn| {
                let sql =
                    "UPDATE ironwood_job SET state = 'running', owner = 'gone', attempts = 1, lease = $1 WHERE id = $2";
                conn.execute(sql, &[clock::seconds_from_now(-1).into(), id.into()])
            })
            .unwrap();
        let worker = Worker::start(&app).unwrap();
        settled(&app);
        drop(worker);
        assert_eq!(state(&app, id), ("done".into(), 2, String::new()));
    });
}

#[test]
fn what_is_due_is_queued_once() {
    on_each_server(|server| {
        let app = server.app.clone();
        let worker = Worker::start(&app).unwrap();
        let began = Instant::now();
        let due = "UPDATE ironwood_schedule SET next_run = '2020-01-01T00:00:00.000Z' WHERE kind = 'clean_jobs'";
        while app.db().write(&crate::testing::origin(), move |conn| conn.execute(due, &[])).unwrap() == 0 {
            assert!(began.elapsed() < Duration::from_secs(60));
        }
        let sql = "SELECT COUNT(*) FROM ironwood_job WHERE kind = 'clean_jobs' AND state = 'done'";
        while app.db().read(move |conn| Ok(conn.one(sql, &[])?.unwrap().int(0))).unwrap() == 0 {
            assert!(began.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(worker);
        let scheduled = server.superuser().read("/api/background-task/scheduled");
        let row = scheduled.as_array().unwrap().iter().find(|s| s["func"] == "clean_jobs").unwrap();
        assert_eq!((&row["success"], &row["schedule_type"]), (&json!(true), &json!("D")));
        let jobs = "SELECT COUNT(*) FROM ironwood_job WHERE kind = 'clean_jobs'";
        assert_eq!(app.db().read(move |conn| Ok(conn.one(jobs, &[])?.unwrap().int(0))).unwrap(), 1);
    });
}

#[test]
fn what_a_killed_server_left_is_taken_back() {
    on_each_server(|server| {
        let id = queue(&server.app, &STEPS, json!({}));
        // the lease of a process that is gone, as a clock that was ahead may have written it
        let ahead = clock::seconds_from_now(2 * 86_400);
        server.write(move |conn| {
            let sql =
                "UPDATE ironwood_job SET state = 'running', owner = 'gone', lease = $1, attempts = 1 WHERE id = $2";
            conn.execute(sql, &[ahead.as_str().into(), id.into()])
        });
        let worker = Worker::start(&server.app).unwrap();
        if server.app.db().backend() == ironwood_store::Backend::Postgres {
            // elsewhere another node may be at work: the lease has to end, within minutes
            let began = Instant::now();
            let soon = "SELECT COUNT(*) FROM ironwood_job WHERE state = 'running' AND lease < $1";
            while server.int(soon, &[clock::seconds_from_now(180).into()]) == 0 {
                assert!(began.elapsed().as_secs() < 30, "the lease is not shortened");
                std::thread::sleep(Duration::from_millis(10));
            }
            let now = clock::now();
            server.write(move |conn| conn.execute("UPDATE ironwood_job SET lease = $1", &[now.as_str().into()]));
        }
        settled(&server.app);
        drop(worker);
        assert_eq!(server.int("SELECT COUNT(*) FROM ironwood_job WHERE state = 'done'", &[]), 1);
    });
}

#[test]
fn a_clock_that_was_ahead_delays_nothing() {
    on_each_server(|server| {
        drop(Worker::start(&server.app).unwrap());
        let (ahead, id) = (clock::seconds_from_now(2 * 86_400), queue(&server.app, &STEPS, json!({})));
        server.write(move |conn| {
            conn.execute("UPDATE ironwood_schedule SET next_run = $1", &[ahead.as_str().into()])?;
            conn.execute("UPDATE ironwood_job SET run_after = $1 WHERE id = $2", &[ahead.as_str().into(), id.into()])
        });
        let worker = Worker::start(&server.app).unwrap();
        let began = Instant::now();
        let late = "SELECT (SELECT COUNT(*) FROM ironwood_schedule WHERE minutes <= 60 AND next_run > $1) \
                    + (SELECT COUNT(*) FROM ironwood_job WHERE run_after > $1)";
        while server.int(late, &[clock::seconds_from_now(2 * 3_600).into()]) > 0 {
            assert!(began.elapsed().as_secs() < 30, "something still waits for the clock");
            std::thread::sleep(Duration::from_millis(10));
        }
        drop(worker);
        let day = clock::seconds_from_now(25 * 3_600);
        assert_eq!(server.int("SELECT COUNT(*) FROM ironwood_schedule WHERE next_run > $1", &[day.into()]), 0);
    });
}
