//! Searches find the same rows, whichever way the database takes to them.

use ironwood_rest::http::Method;
use ironwood_rest::registry::Target;
use ironwood_rest::search;
use ironwood_store::{Backend, watch};

use serde_json::json;

use crate::installation::app::the_registry;
use crate::testing::{Client, on_each_server};

fn found(client: &Client, address: &str) -> Option<Vec<i64>> {
    let (status, rows) = client.get(address);
    let rows = rows.as_array().filter(|_| status == 200)?;
    let mut keys: Vec<i64> = rows.iter().filter_map(|row| row["pk"].as_i64()).collect();
    keys.sort_unstable();
    Some(keys)
}

/// A regular expression that is a plain text looks at each row with its linked rows; the text itself may be
/// looked for in the linked rows first.
#[test]
fn a_text_is_found_in_linked_rows_as_in_the_row_itself() {
    on_each_server(|server| {
        server.fill_with_demo();
        let admin = server.superuser();
        let (mut wrong, mut compared) = (Vec::new(), 0);
        for (path, operation) in the_registry().operations() {
            let Target::List(resource) = operation.target else { continue };
            if operation.method != Method::Get || !resource.search.iter().any(|field| field.contains('.')) {
                continue;
            }
            for term in ["a", "re", "10", "ing", "er,a"] {
                let plain = found(&admin, &format!("{path}?search={term}"));
                let joined = found(&admin, &format!("{path}?search={term}&search_regex=true"));
                if plain != joined {
                    wrong.push(format!("{path} {term}: {plain:?}, not {joined:?}"));
                }
                compared += plain.map_or(0, |keys| keys.len());
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(compared > 500, "only {compared} rows were found at all");
    });
}

/// Trees show what is found with all that is above it, and count both.
#[test]
fn trees_count_what_is_above_of_what_they_find() {
    on_each_server(|server| {
        let admin = server.superuser();
        let top = admin.made("/api/part/category/", json!({"name": "Electronics"}));
        let inside = admin.made("/api/part/category/", json!({"name": "Passive", "parent": top}));
        admin.made("/api/part/category/", json!({"name": "Resistors", "parent": inside}));
        admin.made("/api/part/category/", json!({"name": "Other"}));
        for (text, count) in [("resistor", 3), ("passive", 2), ("other", 1), ("nowhere", 0)] {
            let page = admin.read(&format!("/api/part/category/tree/?limit=25&search={text}"));
            assert_eq!(page["count"], json!(count), "{text}");
            assert_eq!(page["results"].as_array().map(Vec::len), Some(count), "{text}");
        }
    });
}

/// Where a table's texts are in an index, a search of its list asks the index, and does not look at every row.
#[test]
fn searches_ask_the_index() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (mut walking, mut asking) = (Vec::new(), 0);
        for (path, operation) in the_registry().operations() {
            let Target::List(resource) = operation.target else { continue };
            let table = resource.view.table;
            let is_own = |field: &&str| table.searched.iter().any(|name| **field == format!("{{{name}}}"));
            if operation.method != Method::Get || path.contains('{') || !resource.search.iter().any(is_own) {
                continue;
            }
            // what was found before may be remembered
            let text = format!("zzqq{asking}");
            let (_, ran) = watch::statements(|| admin.read(&format!("{path}?search={text}&limit=5")));
            let index = match server.app.db().backend() {
                Backend::Sqlite => format!("{} MATCH", search::index_of(table).text()),
                Backend::Postgres => format!("{} LIKE", search::indexed_text(table, "x.").text()),
            };
            asking += 1;
            if !ran.iter().any(|ran| ran.sql.contains(&index)) {
                walking.push(path);
            }
        }
        assert!(walking.is_empty(), "these look at every row:\n{}", walking.join("\n"));
        assert!(asking > 15, "only {asking} lists were searched at all");
    });
}

/// The rows of a list that a term is found in, as one term whatever is in it.
fn with_term(client: &Client, list: &str, term: &str) -> Vec<i64> {
    let quoted = format!("\"{}\"", term.replace('\\', "\\\\").replace('"', "\\\""));
    found(client, &format!("{list}?search={quoted}")).unwrap_or_else(|| panic!("{list} {term}"))
}

/// What the index finds is what stands in the texts, without regard to case, whatever the letters are; it follows
/// every change, and rows are found by the texts of the rows that they link to.
#[test]
fn the_index_finds_each_text_by_all_that_stands_in_it() {
    const NAMES: [&str; 9] = [
        "Ölpumpe GRÖSSE Ñandú",
        "50%_off",
        "say \"ok\" now",
        "back\\slash",
        "don't stop",
        "star*quest?on",
        "abc",
        "ab",
        "{brace} : OR AND NEAR(x)",
    ];
    const TERMS: [&str; 25] = [
        "ölpumpe",
        "ÖLP",
        "Grösse",
        "olp",
        "ñandÚ",
        "50%",
        "%_o",
        "0__off",
        "\"ok\"",
        "y \"O",
        "k\\s",
        "\\SLA",
        "n't",
        "*QUE",
        "t?o",
        "abc",
        "ABC",
        "ab",
        "B",
        "abcd",
        "{BR",
        "} : or",
        "or and near(X)",
        "n\u{130}t",
        "ﬀss",
    ];
    on_each_server(|server| {
        let admin = server.superuser();
        for (i, name) in NAMES.iter().enumerate() {
            let key = i as i64 + 1;
            let values = [key.into(), (*name).into(), format!("/{key}/").into()];
            server.write(move |conn| {
                conn.execute("INSERT INTO part_part (id, name, tree_path) VALUES ($1, $2, $3)", &values)?;
                conn.execute("INSERT INTO stock_stockitem (id, part, quantity) VALUES ($1, $1, 100000)", &values[..1])?;
                Ok(())
            });
        }
        let expected = |names: &[&str], term: &str| -> Vec<i64> {
            let term = term.to_lowercase();
            let rows = names.iter().enumerate().filter(|(_, name)| name.to_lowercase().contains(&term));
            rows.map(|(i, _)| i as i64 + 1).collect()
        };
        for term in TERMS {
            let wanted = expected(&NAMES, term);
            assert_eq!(with_term(&admin, "/api/part/", term), wanted, "{term}");
            assert_eq!(with_term(&admin, "/api/stock/", term), wanted, "stock by {term}");
        }
        // two terms, both have to be there
        assert_eq!(found(&admin, "/api/part/?search=stop,don"), Some(vec![5]));
        server.write(|conn| {
            conn.execute("UPDATE part_part SET name = 'Kugel' WHERE id = 1", &[])?;
            conn.execute("UPDATE part_part SET description = 'none', name = '' WHERE id = 7", &[])?;
            conn.execute("DELETE FROM part_part WHERE id = 3", &[])?;
            conn.execute("UPDATE stock_stockitem SET batch = 'LOT-Kugel' WHERE id = 2", &[])?;
            Ok(())
        });
        for (term, parts, stock) in [
            ("kugel", vec![1], vec![1, 2]),
            ("ölpumpe", vec![], vec![]),
            ("abc", vec![], vec![]),
            ("\"ok\"", vec![], vec![]),
            ("off", vec![2], vec![2]),
            ("lot", vec![], vec![2]),
        ] {
            assert_eq!(with_term(&admin, "/api/part/", term), parts, "{term}");
            assert_eq!(with_term(&admin, "/api/stock/", term), stock, "stock by {term}");
        }
    });
}

/// Terms that are found in few rows, in some and in many are looked for in different ways: lists, their numbers and
/// their pages are the same.
#[test]
fn numbers_and_pages_of_a_search_agree_however_many_rows_it_finds() {
    on_each_server(|server| {
        let admin = server.superuser();
        server.write(|conn| {
            // 24,000 rows with "common", 2,400 with "seldom", 24 with "scarce"
            conn.execute(
                "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 24000) \
                 INSERT INTO part_part (id, name, tree_path, active) SELECT i, 'common ' || CASE WHEN i % 10 = 0 THEN 'seldom ' \
                 ELSE '' END || CASE WHEN i % 1000 = 0 THEN 'scarce' ELSE '' END, '', i % 2 = 0 FROM n",
                &[],
            )?;
            Ok(())
        });
        for (query, count) in [
            ("search=common", 24_000),
            ("search=seldom", 2_400),
            ("search=scarce", 24),
            ("search=common,seldom", 2_400),
            ("search=scarce,common", 24),
            ("search=common&active=true", 12_000),
            ("search=nothing", 0),
            ("search=co", 24_000),
        ] {
            let (status, page) = admin.get(&format!("/api/part/?{query}&limit=3&offset=1&ordering=-id"));
            assert_eq!((status, page["count"].as_i64()), (200, Some(count)), "{query}");
            let rows = page["results"].as_array().map_or(0, Vec::len) as i64;
            assert_eq!(rows, (count - 1).clamp(0, 3), "{query}");
        }
        // a number that was counted before is not told once it has changed
        let numbers = || {
            let count = |query: &str| admin.get(&format!("/api/part/?{query}&limit=1")).1["count"].as_i64();
            [count("search=co"), count("search=common"), count("active=true")]
        };
        for change in 0..6 {
            let (seen, active) = (24_000 - change, 12_000 - change);
            for _ in 0..4 {
                assert_eq!(numbers(), [Some(seen), Some(seen), Some(active)]);
            }
            server.write(move |conn| conn.execute("DELETE FROM part_part WHERE id = $1", &[(2 * change + 2).into()]));
        }
    });
}
