use ironwood_base::Error;
use ironwood_store::{Database, Value};

use crate::{number, tester, with_schema};

const SCHEMA: &str = r#"
CREATE TABLE shelf (id {{id}}, name {{text}} NOT NULL);
CREATE TABLE box (
    id {{id}},
    shelf BIGINT REFERENCES shelf(id) DEFERRABLE INITIALLY IMMEDIATE,
    label {{text}} NOT NULL UNIQUE,
    row BIGINT, "order" BIGINT,
    quantity BIGINT NOT NULL DEFAULT 0 CONSTRAINT quantity CHECK (quantity >= 0),
    weight BIGINT CHECK (weight >= 0),
    code {{text}},
    CONSTRAINT box_place UNIQUE (row, "order")
);
CREATE UNIQUE INDEX box_box__code ON box (LOWER(code));
INSERT INTO shelf (name) VALUES ('A');
INSERT INTO box (shelf, label, row, "order", code) VALUES (1, 'one', 1, 1, 'x');
"#;

fn refused(database: &Database, sql: &'static str) -> Error {
    database.write(&tester(), move |connection| connection.execute(sql, &[])).unwrap_err()
}

fn keys(error: &Error) -> Vec<String> {
    let Error::Invalid(fields) = error else { panic!("{error:?}") };
    fields.json().as_object().unwrap().keys().cloned().collect()
}

#[test]
fn a_violated_constraint_names_its_field() {
    with_schema(SCHEMA, |database| {
        for (sql, field) in [
            ("INSERT INTO box (label) VALUES ('one')", "label"),
            ("INSERT INTO box (id, label) VALUES (1, 'two')", "id"),
            ("INSERT INTO box (label, row, \"order\") VALUES ('two', 1, 1)", "non_field_errors"),
            ("INSERT INTO box (label, code) VALUES ('two', 'X')", "code"),
            ("INSERT INTO box (label) VALUES (NULL)", "label"),
            ("UPDATE box SET label = NULL", "label"),
            ("INSERT INTO box (label, quantity) VALUES ('two', -1)", "quantity"),
            ("INSERT INTO box (label, weight) VALUES ('two', -1)", "weight"),
            ("INSERT INTO box (label, shelf) VALUES ('two', 99)", "non_field_errors"),
        ] {
            assert_eq!(keys(&refused(database, sql)), [field], "{sql}");
        }
        let error = refused(database, "INSERT INTO box (label, row, \"order\") VALUES ('two', 1, 1)").to_string();
        assert!(error.contains("row, order"), "{error}");
        assert_eq!(refused(database, "DELETE FROM shelf WHERE id = 1").status(), 409);
        assert_eq!(number(database, "SELECT COUNT(*) FROM box"), 1);
    });
}

#[test]
fn deferred_foreign_keys_are_checked_at_the_end() {
    with_schema(SCHEMA, |database| {
        let insert = |last: &'static str| {
            database.write(&tester(), move |connection| {
                connection.defer_foreign_keys()?;
                connection.execute("INSERT INTO box (label, shelf) VALUES ($1, 7)", &["early".into()])?;
                connection.batch(last)
            })
        };
        assert_eq!(keys(&insert("SELECT 1").unwrap_err()), ["non_field_errors"]);
        assert_eq!(number(database, "SELECT COUNT(*) FROM box"), 1);
        insert("INSERT INTO shelf (id, name) VALUES (7, 'late')").unwrap();
        assert_eq!(number(database, "SELECT COUNT(*) FROM box"), 2);
    });
}

#[test]
fn keys_count_on_after_an_import() {
    with_schema(SCHEMA, |database| {
        let key = database
            .write(&tester(), |connection| {
                connection.execute("INSERT INTO shelf (id, name) VALUES ($1, $2)", &[Value::Int(500), "B".into()])?;
                connection.after_import(&["shelf"])?;
                connection.one("INSERT INTO shelf (name) VALUES ('C') RETURNING id", &[])
            })
            .unwrap();
        assert_eq!(key.unwrap().int(0), 501);
    });
}

#[test]
fn faults_that_are_no_fault_of_the_client_stay_internal() {
    with_schema(SCHEMA, |database| {
        let error = refused(database, "INSERT INTO nowhere (a) VALUES (1)");
        assert_eq!(error.status(), 500);
        assert!(error.to_string().contains("INSERT INTO nowhere"), "{error}");
        let error = database.read(|connection| connection.one("SELECT id FROM box WHERE id = $1", &[])).unwrap_err();
        assert_eq!(error.status(), 500);
        let error = database.read(|c| c.one("SELECT id FROM box WHERE label = $1", &["a\0b".into()])).unwrap_err();
        assert_eq!(error.status(), 400);
        let error = database.read(|c| c.execute("DELETE FROM box", &[])).unwrap_err();
        assert_eq!(error.status(), 500, "a reader cannot write");
        assert_eq!(number(database, "SELECT COUNT(*) FROM box"), 1);
    });
}
