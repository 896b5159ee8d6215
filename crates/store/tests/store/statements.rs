use ironwood_store::{Backend, Value, ValueRef, fragment};

use crate::{tester, with_schema};

const SCHEMA: &str =
    "CREATE TABLE thing (id {{id}}, name {{text}}, active BOOLEAN, size {{real}}, amount BIGINT, blob {{bytes}})";

#[test]
fn values_come_back_as_they_went() {
    with_schema(SCHEMA, |database| {
        let row = database
            .write(&tester(), |connection| {
                let params = ["Größe 'x'".into(), true.into(), 1.5.into(), i64::MAX.into(), vec![0_u8, 255].into()];
                connection.one(
                    "INSERT INTO thing (name, active, size, amount, blob) VALUES ($1, $2, $3, $4, $5) \
                     RETURNING name, active, size, amount, blob, id",
                    &params,
                )
            })
            .unwrap()
            .unwrap();
        assert_eq!(row.text(0), "Größe 'x'");
        assert!(row.bool(1));
        assert_eq!(row.get(2), ValueRef::Real(1.5));
        assert_eq!(row.int(3), i64::MAX);
        assert_eq!(row.get(4), ValueRef::Bytes(&[0, 255]));
        assert_eq!(row.int(5), 1);
        assert_eq!(row.len(), 6);

        let row = database
            .write(&tester(), |connection| {
                let nulls = vec![Value::Null; 5];
                connection.one(
                    "INSERT INTO thing (name, active, size, amount, blob) VALUES ($1, $2, $3, $4, $5) \
                     RETURNING name, active, size, amount, blob",
                    &nulls,
                )
            })
            .unwrap()
            .unwrap();
        assert!((0..5).all(|i| row.is_null(i)));
        assert_eq!((row.opt_text(0), row.opt_int(3), row.bool(1)), (None, None, false));
    });
}

#[test]
fn parameters_take_the_type_of_their_place() {
    with_schema(SCHEMA, |database| {
        database
            .write(&tester(), |connection| {
                let insert = "INSERT INTO thing (name, amount, active) VALUES ($1, $2, $3)";
                connection.execute(insert, &["7".into(), 7.into(), true.into()])?;
                for (clause, param) in [
                    ("name = $1", Value::Int(7)),
                    ("amount = $1", Value::Int(7)),
                    ("amount = $1", Value::from("7")),
                    ("amount < $1 + 1", Value::Int(7)),
                    ("amount IN (3, $1)", Value::Int(7)),
                    ("active = $1", Value::Bool(true)),
                    ("$1 OR amount IS NULL", Value::Bool(true)),
                    ("COALESCE(amount, 0) >= $1", Value::Int(-5)),
                    ("(SELECT SUM(t.amount) FROM thing t) >= $1", Value::Int(7)),
                    ("name LIKE $1 || '%'", Value::from("7")),
                ] {
                    let sql = fragment!("SELECT COUNT(*) FROM thing WHERE {clause} LIMIT $2 OFFSET $3");
                    let row = connection.one(&sql, &[param, 10.into(), 0.into()])?.unwrap();
                    assert_eq!(row.int(0), 1, "{clause}");
                }
                // a number may stand more than once, and in any order
                let row = connection.one(
                    "SELECT CAST($2 AS BIGINT) - CAST($1 AS BIGINT) + CAST($2 AS BIGINT)",
                    &[1.into(), 10.into()],
                )?;
                assert_eq!(row.unwrap().int(0), 19);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn sums_of_scaled_decimals_are_exact() {
    with_schema(SCHEMA, |database| {
        database
            .write(&tester(), |connection| {
                for _ in 0..10 {
                    // 0.1 with 5 places, and a number beyond what a float holds
                    connection.execute("INSERT INTO thing (amount) VALUES ($1)", &[10_000.into()])?;
                }
                connection.execute("INSERT INTO thing (amount) VALUES ($1)", &[9_007_199_254_740_993_i64.into()])?;
                let row = connection.one("SELECT CAST(SUM(amount) AS BIGINT), SUM(amount) FROM thing", &[])?.unwrap();
                assert_eq!(row.get(0), ValueRef::Int(9_007_199_254_840_993));
                assert_eq!(row.get(1), ValueRef::Int(9_007_199_254_840_993));
                let row = connection.one("SELECT CAST(SUM(amount) AS BIGINT) FROM thing WHERE id < 0", &[])?.unwrap();
                assert!(row.is_null(0));
                Ok(())
            })
            .unwrap();
        let overflow = database.write(&tester(), |connection| {
            connection.execute("INSERT INTO thing (amount) VALUES ($1)", &[i64::MAX.into()])?;
            connection.one("SELECT CAST(SUM(amount) AS BIGINT) FROM thing", &[])
        });
        assert_eq!(overflow.unwrap_err().status(), 400);
    });
}

#[test]
fn whole_numbers_are_of_64_bits_wherever_they_stand() {
    with_schema(SCHEMA, |database| {
        let found = database.write(&tester(), |connection| {
            connection.execute("INSERT INTO thing (amount, name) VALUES (1, 'abc')", &[])?;
            let mut count = |condition: &'static str, number: i64| {
                let sql = fragment!("SELECT COUNT(*) FROM thing WHERE {condition}");
                connection.one(&sql, &[number.into()]).map(|row| row.map_or(0, |row| row.int(0)))
            };
            Ok([
                count("LENGTH(name) <= $1", i64::MAX)?,
                count("LENGTH(name) - $1 > 0", -5_000_000_000)?,
                count("LENGTH(name) = $1", 3)?,
                // this one takes 32 bits only
                count("SUBSTR(name, 1, $1) = 'abc'", 5_000_000_000)?,
            ])
        });
        assert_eq!(found.unwrap(), [1; 4]);
    });
}

#[test]
fn rows_stream_and_the_caller_may_stop_them() {
    with_schema(SCHEMA, |database| {
        let stopped = database.write(&tester(), |connection| {
            for amount in 0..100_i64 {
                connection.execute("INSERT INTO thing (amount, name) VALUES ($1, $2)", &[amount.into(), "n".into()])?;
            }
            let before = connection.statements();
            let mut sum = 0;
            let count = connection.query("SELECT amount, name FROM thing ORDER BY id", &[], |row| {
                sum += row.int(0);
                assert_eq!(row.text(1), "n");
                Ok(())
            })?;
            assert_eq!((count, sum), (100, 4950));
            assert_eq!(connection.statements() - before, 1);
            let mut seen = 0;
            let stopped = connection.query("SELECT amount FROM thing", &[], |_| {
                seen += 1;
                if seen == 3 { Err(ironwood_base::Error::NotFound) } else { Ok(()) }
            });
            assert_eq!((stopped, seen), (Err(ironwood_base::Error::NotFound), 3));
            // the connection is as good as before
            assert_eq!(connection.execute("UPDATE thing SET amount = 0 WHERE amount < $1", &[10.into()])?, 10);
            assert_eq!(connection.execute("DELETE FROM thing WHERE amount = 0 RETURNING id", &[])?, 10);
            assert_eq!(connection.rows("SELECT id FROM thing", &[])?.len(), 90);
            Ok(())
        });
        stopped.unwrap();
    });
}

#[test]
fn more_statements_than_the_cache_holds() {
    with_schema(SCHEMA, |database| {
        database
            .read(|connection| {
                for round in 0..2 {
                    for i in 0..300_i64 {
                        let row = connection.one(fragment!("SELECT {i} + CAST($1 AS BIGINT)"), &[round.into()])?;
                        assert_eq!(row.unwrap().int(0), i + round);
                    }
                }
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn text_is_ordered_by_its_bytes() {
    with_schema(SCHEMA, |database| {
        let names = database
            .write(&tester(), |connection| {
                for name in ["b", "A", "a", "é", "B", "Z", "_", "10", "9"] {
                    connection.execute("INSERT INTO thing (name) VALUES ($1)", &[name.into()])?;
                }
                connection.rows("SELECT name FROM thing ORDER BY name", &[])
            })
            .unwrap();
        let names: Vec<&str> = names.iter().map(|row| row.text(0)).collect();
        assert_eq!(names, ["10", "9", "A", "B", "Z", "_", "a", "b", "é"]);
        assert!(matches!(database.backend(), Backend::Sqlite | Backend::Postgres));
    });
}
