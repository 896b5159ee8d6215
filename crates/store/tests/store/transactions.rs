use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake};
use std::time::Duration;

use ironwood_base::Error;
use ironwood_store::{Connection, Database, Options};

use crate::{number, tester, with_schema};

const SCHEMA: &str = "CREATE TABLE counter (id {{id}}, value BIGINT NOT NULL UNIQUE);
    INSERT INTO counter (value) VALUES (0);";
const VALUE: &str = "SELECT value FROM counter WHERE id = 1";

fn set(connection: &mut Connection, value: i64) -> Result<u64, Error> {
    connection.execute("UPDATE counter SET value = $1 WHERE id = 1", &[value.into()])
}

fn increment(connection: &mut Connection) -> Result<(), Error> {
    let value = connection.one(VALUE, &[])?.ok_or(Error::NotFound)?.int(0);
    set(connection, value + 1)?;
    Ok(())
}

#[test]
fn an_error_undoes_everything() {
    with_schema(SCHEMA, |database| {
        let result: Result<(), Error> = database.write(&tester(), |connection| {
            set(connection, 5)?;
            Err(Error::NotFound)
        });
        assert_eq!(result, Err(Error::NotFound));
        assert_eq!(number(database, VALUE), 0);
    });
}

#[test]
fn a_panic_undoes_everything_and_the_thread_lives_on() {
    with_schema(SCHEMA, |database| {
        for _ in 0..6 {
            let result: Result<(), Error> = database.write(&tester(), |connection| {
                set(connection, 5)?;
                panic!("on purpose");
            });
            let error = result.unwrap_err();
            assert_eq!(error.status(), 500);
            assert!(error.to_string().contains("on purpose"), "{error}");
        }
        assert_eq!(number(database, VALUE), 0);
        database.write(&tester(), increment).unwrap();
        assert_eq!(number(database, VALUE), 1);
    });
}

#[test]
fn a_savepoint_is_undone_alone() {
    with_schema(SCHEMA, |database| {
        database
            .write(&tester(), |connection| {
                set(connection, 1)?;
                let inner: Result<(), Error> = connection.savepoint(|connection| {
                    set(connection, 2)?;
                    connection.savepoint(|connection| set(connection, 3))?;
                    // unique: fails, and must not spoil what is around it
                    connection.execute("INSERT INTO counter (value) VALUES (3)", &[])?;
                    Ok(())
                });
                assert_eq!(inner.unwrap_err().status(), 400);
                assert_eq!(connection.one(VALUE, &[])?.unwrap().int(0), 1);
                connection.savepoint(|connection| connection.execute("INSERT INTO counter (value) VALUES (9)", &[]))?;
                Ok(())
            })
            .unwrap();
        assert_eq!(number(database, "SELECT CAST(SUM(value) AS BIGINT) FROM counter"), 10);
    });
}

type Change = fn(&mut Connection) -> Result<(), Error>;

/// What was read is remembered until something may have changed, however it is changed.
#[test]
fn what_was_seen_is_forgotten_with_each_change() {
    with_schema(SCHEMA, |database| {
        let changes: [Change; 5] = [
            |connection| set(connection, 7).map(drop),
            |connection| connection.batch("UPDATE counter SET value = 8"),
            |connection| connection.one("UPDATE counter SET value = 9 RETURNING value", &[]).map(drop),
            |connection| {
                let undone = connection.savepoint(|connection| {
                    set(connection, 10)?;
                    connection.saw(10_i64);
                    Err::<(), _>(Error::NotFound)
                });
                assert_eq!(undone, Err(Error::NotFound));
                Ok(())
            },
            |connection| increment(connection),
        ];
        for change in changes {
            let done = database.write(&tester(), move |connection| {
                assert_eq!(connection.seen::<i64>(), None, "of an earlier transaction");
                connection.saw(1_i64);
                connection.saw("another");
                connection.one(VALUE, &[])?;
                assert_eq!((connection.seen::<i64>(), connection.seen::<&str>()), (Some(1), Some("another")));
                change(connection)?;
                assert_eq!((connection.seen::<i64>(), connection.seen::<&str>()), (None, None));
                connection.saw(2_i64);
                Ok(())
            });
            done.unwrap();
        }
    });
}

#[test]
fn a_failure_that_is_ignored_commits_nothing() {
    with_schema(SCHEMA, |database| {
        let result = database.write(&tester(), |connection| {
            set(connection, 4)?;
            let _ = connection.execute("INSERT INTO counter (value) VALUES (4)", &[]);
            Ok(())
        });
        assert_eq!(result.unwrap_err().status(), 500);
        assert_eq!(number(database, VALUE), 0);
    });
}

#[test]
fn sixteen_writers_lose_no_increment() {
    with_schema(SCHEMA, |database| {
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..10 {
                        // a closure that hides the conflict from the store is run again all the same
                        let hide = |_| Error::bad_request("hidden");
                        database.write(&tester(), move |connection| increment(connection).map_err(hide)).unwrap();
                    }
                });
            }
        });
        assert_eq!(number(database, VALUE), 160);
    });
}

#[test]
fn two_transactions_that_each_read_what_the_other_writes_are_put_in_order() {
    with_schema(SCHEMA, |database| {
        // each inserts the number of rows: in any order of the two, the numbers differ
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        let insert = |connection: &mut Connection| {
                            let count = connection.one("SELECT COUNT(*) FROM counter", &[])?.unwrap().int(0);
                            connection.execute("INSERT INTO counter (value) VALUES ($1)", &[count.into()])
                        };
                        database.write(&tester(), insert).unwrap();
                    }
                });
            }
        });
        assert_eq!(number(database, "SELECT COUNT(*) FROM counter"), 21);
    });
}

#[test]
fn readers_go_on_while_a_long_write_runs() {
    with_schema(SCHEMA, |database| {
        let writer = database.clone();
        let (started, ready) = std::sync::mpsc::channel();
        let long = std::thread::spawn(move || {
            writer.write(&tester(), move |connection| {
                set(connection, 7)?;
                let _ = started.send(());
                std::thread::sleep(Duration::from_millis(300));
                Ok(())
            })
        });
        ready.recv().unwrap();
        for _ in 0..50 {
            assert_eq!(number(database, VALUE), 0, "not committed yet");
        }
        long.join().unwrap().unwrap();
        assert_eq!(number(database, VALUE), 7);
    });
}

#[test]
fn a_read_sees_one_state() {
    with_schema(SCHEMA, |database| {
        let writer = database.clone();
        let (go, wait) = std::sync::mpsc::channel();
        let (done, written) = std::sync::mpsc::channel();
        let other = std::thread::spawn(move || {
            wait.recv().unwrap();
            writer.write(&tester(), increment).unwrap();
            done.send(()).unwrap();
        });
        let twice = database.read(move |connection| {
            let first = connection.one(VALUE, &[])?.unwrap().int(0);
            let _ = go.send(());
            let _ = written.recv_timeout(Duration::from_secs(10));
            Ok((first, connection.one(VALUE, &[])?.unwrap().int(0)))
        });
        assert_eq!(twice, Ok((0, 0)));
        other.join().unwrap();
        assert_eq!(number(database, VALUE), 1);
    });
}

struct Unpark(std::thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let waker = Arc::new(Unpark(std::thread::current())).into();
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[test]
fn asynchronous_callers_get_the_same() {
    with_schema(SCHEMA, |database| {
        block_on(async {
            database.write_async(&tester(), increment).await.unwrap();
            let value = database.read_async(|connection| connection.one(VALUE, &[])).await.unwrap();
            assert_eq!(value.unwrap().int(0), 1);
            let failed: Result<(), Error> = database.write_async(&tester(), |_| Err(Error::NotFound)).await;
            assert_eq!(failed, Err(Error::NotFound));
        });
    });
}

#[test]
fn a_full_queue_and_a_closed_database_refuse() {
    with_schema(SCHEMA, |database| {
        let inner = database.clone();
        let nested = database.write(&tester(), move |_| inner.read(|connection| connection.one(VALUE, &[])));
        assert_eq!(nested.unwrap_err().status(), 500);
        database.close();
        assert_eq!(database.write(&tester(), increment).unwrap_err().status(), 503);
    });
    let place = ironwood_testbed::TestDatabase::sqlite();
    let database = Database::open(&place.url, &Options { queue: 2, ..Options::default() }).unwrap();
    let refused = Arc::new(AtomicU32::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let slow = database.write(&tester(), |_| {
                    std::thread::sleep(Duration::from_millis(100));
                    Ok(())
                });
                if let Err(error) = slow {
                    assert_eq!(error.status(), 503);
                    refused.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert!(refused.load(Ordering::Relaxed) >= 4, "{refused:?}");
}

#[test]
fn a_broken_connection_is_made_anew() {
    with_schema(SCHEMA, |database| {
        if database.backend() == ironwood_store::Backend::Sqlite {
            return;
        }
        let tries = Arc::new(AtomicU32::new(0));
        let counted = tries.clone();
        database
            .write(&tester(), move |connection| {
                increment(connection)?;
                if counted.fetch_add(1, Ordering::Relaxed) == 0 {
                    connection.one("SELECT pg_terminate_backend(pg_backend_pid())", &[])?;
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(tries.load(Ordering::Relaxed), 2);
        assert_eq!(number(database, VALUE), 1);
    });
}

#[test]
fn a_full_disk_is_said_to_be_one() {
    with_schema(SCHEMA, |database| {
        let full = database.write(&tester(), |connection| match connection.backend() {
            ironwood_store::Backend::Sqlite => {
                // as if the disk ended here
                connection.one("PRAGMA max_page_count = 1", &[])?;
                connection.batch("CREATE TABLE large (text TEXT)")?;
                let text = "x".repeat(1_000_000);
                connection.execute("INSERT INTO large VALUES ($1)", &[text.into()])
            }
            ironwood_store::Backend::Postgres => {
                connection.batch("DO $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$")?;
                Ok(0)
            }
        });
        let error = full.unwrap_err();
        assert_eq!(error.status(), 507, "{error}");
        assert!(error.json()["detail"].as_str().unwrap().contains("full"), "{error}");
        database.read(|connection| connection.one(VALUE, &[])).unwrap();
    });
}
