use ironwood_store::{AsSql, Database, Fragment, Value, fragment};

use crate::{tester, with_schema};

const SCHEMA: &str = "CREATE TABLE word (id {{id}}, text {{text}});";

/// What the expression answers for a text and a parameter.
fn test(database: &Database, expr: impl AsSql, text: &str, param: &str) -> Result<Option<i64>, ironwood_base::Error> {
    let sql = fragment!("SELECT CASE WHEN {expr} THEN 1 ELSE 0 END FROM word WHERE text = $2");
    let (text, param) = (text.to_owned(), param.to_owned());
    database.write(&tester(), move |connection| {
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
            let among = ["'zzz'", "text", "CAST(NULL AS TEXT)"].map(Fragment::from);
            let any = database.backend().contains_any(&among, "$1");
            assert_eq!(test(database, &any, text, param), Ok(Some(found)), "{param} among {text}");
        }
        let equals = database.backend().equals_fold("text", "$1");
        assert_eq!(test(database, &equals, "ÉTÉ", "été"), Ok(Some(1)));
        assert_eq!(test(database, &equals, "ÉTÉ", "ét"), Ok(Some(0)));
        let lower = database.backend().lower("text");
        assert_eq!(test(database, fragment!("{lower} = $1"), "ÉTÉ Ω", "été ω"), Ok(Some(1)));
    });
}

#[test]
fn a_null_contains_nothing() {
    with_schema(SCHEMA, |database| {
        let backend = database.backend();
        let sql = fragment!(
            "SELECT COUNT(*) FROM word WHERE {} OR {} OR {}",
            backend.contains("text", "$1"),
            backend.matches("text", "$1"),
            backend.contains("CAST('x' AS TEXT)", "$2"),
        );
        let count = database.write(&tester(), move |connection| {
            connection.execute("INSERT INTO word (text) VALUES (NULL)", &[])?;
            connection.one(&sql, &["x".into(), Value::Null])
        });
        assert_eq!(count.unwrap().unwrap().int(0), 0);
    });
}

/// Patterns and texts that engines take differently, unless they are told.
#[test]
fn both_databases_find_what_the_same_expression_finds() {
    const PATTERNS: &[&str] = &[
        "^PART-[0-9]{4}$",
        "^éTÉ$",
        "(x|c)$",
        r"\d+",
        r"^\w+$",
        r"\bred\b",
        r"\Bed",
        r"a.c",
        r"(?s)a.c",
        r"(?m)^b$",
        r"^b$",
        "[[:alpha:]]",
        "[^a-z]",
        r"[\w&&[^0-9]]",
        r"\$\(\)\*\.",
        "a{2,3}",
        "a*?b",
        "",
        "(|x)y",
        r"\s",
        "ſ",
        "k",
        "ß",
        "ΣΑΣ",
        r"\x{1F980}",
        r"\pL",
        "^(?:a|ab)(?:c|bcd)$",
        r"a\z",
        r"[^\n]",
        r"\x00",
        "[a&&b]",
        "(?-i)A",
    ];
    const TEXTS: &[&str] = &[
        "",
        "a",
        "A",
        "part-0042",
        "PART-٤٢٤٢",
        "éTÉ",
        "ÉTÉ",
        "abc",
        "a\nc",
        "a\nb\nc",
        "red paint",
        "reda",
        "aab",
        "aaab",
        "abcd",
        "$()*.",
        "K",
        "s",
        "STRASSE straße",
        "σας",
        "🦀",
        "_",
        "x y",
        "y",
        "\u{a0}",
        "日本",
    ];
    with_schema(SCHEMA, |database| {
        let sql = database.backend().matches("text", "$1");
        for text in PATTERNS {
            let pattern = ironwood_store::Pattern::read(text).unwrap();
            let regex = regex::RegexBuilder::new(text).case_insensitive(true).build().unwrap();
            for looked_at in TEXTS {
                let Value::Text(param) = pattern.value(database.backend()) else { panic!("a string") };
                let found = test(database, &sql, looked_at, &param).unwrap().unwrap() == 1;
                assert_eq!(found, regex.is_match(looked_at), "{text} in {looked_at:?} as {param:.200}");
            }
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
