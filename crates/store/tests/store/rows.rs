//! Statements over many rows of given values.

use ironwood_store::{SqlType, Value};

use super::{number, tester, with_schema};

#[test]
fn each_row_gets_its_own_values_however_many_there_are() {
    with_schema("CREATE TABLE box (id {{id}}, size BIGINT NOT NULL, name {{text}} NULL);", |database| {
        for count in [0, 1, 2, 9, 33, 128, 129, 300] {
            database
                .write(&tester(), move |connection| {
                    connection.batch("DELETE FROM box")?;
                    for key in 1..=400 {
                        connection.execute("INSERT INTO box (id, size) VALUES ($1, 1)", &[Value::Int(key)])?;
                    }
                    let rows: Vec<(i64, Vec<Value>)> =
                        (1..=count).map(|key| (key, vec![Value::Int(key), format!("box {key}").into()])).collect();
                    let sql = "UPDATE box SET size = box.size + v.column2 * CAST($1 AS BIGINT), name = v.column3 \
                               FROM {rows} v WHERE box.id = v.column1";
                    connection.execute_rows(sql, &[Value::Int(10)], &[SqlType::Int, SqlType::Text], &rows)
                })
                .unwrap();
            assert_eq!(number(database, "SELECT COUNT(*) FROM box"), 400);
            assert_eq!(number(database, "SELECT COUNT(*) FROM box WHERE size = 1 AND name IS NULL"), 400 - count);
            let wrote = "SELECT COUNT(*) FROM box WHERE size = 1 + id * 10 AND name = 'box ' || id";
            assert_eq!(number(database, wrote), count);
        }
    });
}
