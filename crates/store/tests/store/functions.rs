use ironwood_store::{Database, Value};

use crate::with_schema;

const SCHEMA: &str = "CREATE TABLE word (id {{id}}, text {{text}});";

/// What the expression answers for a text and a parameter.
fn test(database: &Database, expr: &str, text: &str, param: &str) -> Result<Option<i64>, ironwood_base::Error> {
    let sql = format!("SELECT CASE WHEN {expr} THEN 1 ELSE 0 END FROM word WHERE text = $2");
    let (text, param) = (text.to_owned(), param.to_owned());
    database.write(move |connection| {
        connection.execute("DELETE FROM word", &[])?;
        connection.execute("INSERT INTO word (text) VALUES ($1)", &[text.as_str().into()])?;
        let row = connection.one(&sql, &[param.as_str().into(), text.as_str().into()])?;
        Ok(row.and_then(|row| row.opt_int(0)))
    })
}

#[test]
fn substrings_are_found_whatever_the_case() {
    with_schema(SCHEMA, |database| {
        let contains = database.backend().contains("text", "$1");
        for (text, param, found) in [
            ("Résistance 10 kΩ", "RÉSIST", 1),
            ("ÄRGER", "ärg", 1),
            ("straße", "STRA", 1),
            ("МОДУЛЬ", "модуль", 1),
            ("Resistor", "SISTO", 1),
            ("Resistor", "", 1),
            ("Resistor", "Resistors", 0),
            ("100%", "%", 1),
            ("100", "%", 0),
            ("a_b", "_", 1),
            ("ab", "_", 0),
            ("a\\b", "\\", 1),
            ("plain", "é", 0),
        ] {
            assert_eq!(test(database, &contains, text, param), Ok(Some(found)), "{param} in {text}");
            let among = ["'zzz'", "text", "CAST(NULL AS TEXT)"].map(str::to_owned);
            let any = database.backend().contains_any(&among, "$1");
            assert_eq!(test(database, &any, text, param), Ok(Some(found)), "{param} among {text}");
        }
        let equals = database.backend().equals_fold("text", "$1");
        assert_eq!(test(database, &equals, "ÉTÉ", "été"), Ok(Some(1)));
        assert_eq!(test(database, &equals, "ÉTÉ", "ét"), Ok(Some(0)));
        let lower = database.backend().lower("text");
        assert_eq!(test(database, &format!("{lower} = $1"), "ÉTÉ Ω", "été ω"), Ok(Some(1)));
    });
}

#[test]
fn a_null_contains_nothing() {
    with_schema(SCHEMA, |database| {
        let backend = database.backend();
        let sql = format!(
            "SELECT COUNT(*) FROM word WHERE {} OR {} OR {}",
            backend.contains("text", "$1"),
            backend.regex("text", "$1"),
            backend.contains("CAST('x' AS TEXT)", "$2"),
        );
        let count = database.write(move |connection| {
            connection.execute("INSERT INTO word (text) VALUES (NULL)", &[])?;
            connection.one(&sql, &["x".into(), Value::Null])
        });
        assert_eq!(count.unwrap().unwrap().int(0), 0);
    });
}

#[test]
fn regular_expressions_match_and_malformed_ones_are_refused() {
    with_schema(SCHEMA, |database| {
        let (regex, fold) = (database.backend().regex("text", "$1"), database.backend().regex_fold("text", "$1"));
        for (expr, text, param, found) in [
            (&regex, "PART-0042", "^PART-[0-9]{4}$", 1),
            (&regex, "part-0042", "^PART", 0),
            (&fold, "part-0042", "^PART", 1),
            (&fold, "éTÉ", "^ÉTÉ$", 1),
            (&regex, "abc", "b", 1),
            (&regex, "abc", "(x|c)$", 1),
        ] {
            assert_eq!(test(database, expr, text, param), Ok(Some(found)), "{param} in {text}");
        }
        for bad in ["(", "[a", "*", "a{2,1}"] {
            assert_eq!(test(database, &regex, "x", bad).unwrap_err().status(), 400, "{bad}");
        }
    });
}

#[test]
fn greatest_and_least_leave_nulls_out() {
    with_schema(SCHEMA, |database| {
        let row = database
            .read(|connection| {
                connection.one(
                    "SELECT GREATEST(1, 5, 3), LEAST(4, NULL, 2), GREATEST(NULL, -1), GREATEST('a', 'b'), LEAST(7, 7), \
                     GREATEST(CAST(NULL AS BIGINT), NULL), GREATEST(0, CAST($1 AS BIGINT))",
                    &[9_007_199_254_740_993_i64.into()],
                )
            })
            .unwrap()
            .unwrap();
        assert_eq!((row.int(0), row.int(1), row.int(2), row.text(3), row.int(4)), (5, 2, -1, "b", 7));
        assert!(row.is_null(5));
        assert_eq!(row.int(6), 9_007_199_254_740_993);
    });
}
