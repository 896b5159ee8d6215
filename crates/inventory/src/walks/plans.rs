//! Pages of lists are found along indexes: no filter and no order walks through a large table without need.
//!
//! Both databases are asked how they find the rows of a page, for everything that a list can be asked. Counting rows may
//! look at all of them; what it takes is remembered (`rest::remembered`).

use std::collections::BTreeMap;
use std::fmt::Write;

use ironwood_rest::http::Method;
use ironwood_rest::registry::Target;
use ironwood_rest::resource::{Condition, Resource};
use ironwood_rest::table::ColumnType;
use ironwood_rest::view::Type;
use ironwood_store::watch::{self, Ran};
use ironwood_store::{Backend, Connection, Fragment, fragment};
use serde_json::Value as Json;

use crate::installation::app::the_registry;
use crate::testing::{Server, on_each_server};

/// Rows from which on a table counts as large.
const LARGE: i64 = 2_000;
/// Rows of large tables that PostgreSQL may look at for a page of 25.
const LOOKED_AT: f64 = 1_500.0;

/// What may be asked of lists that looks at many rows, and why.
const EXCEPTIONS: &str = include_str!("plans_exceptions.txt");

/// What a list can be asked by one parameter: its filters and its orders.
fn questions(resource: &Resource) -> Vec<String> {
    let mut all = vec![String::new()];
    for filter in resource.filters {
        let values: &[&str] = match filter.condition {
            Condition::Noted(_) => continue,
            Condition::Flag(..) | Condition::Custom(Type::Of(ColumnType::Bool), _) => &["true", "false"],
            // a day at which nothing is, and texts that nothing has
            Condition::Where(Type::Of(ColumnType::Date | ColumnType::Time), _) => &["2031-01-01"],
            Condition::Link(..) | Condition::LinkOrNull(..) | Condition::Ints(_) => &["3"],
            Condition::Where(..) | Condition::Custom(..) => &["3"],
            Condition::AllOf(_) => &["zzqq"],
        };
        all.extend(values.iter().map(|value| format!("{}={value}", filter.name)));
    }
    for order in resource.sorts {
        all.extend([format!("ordering={}", order.name), format!("ordering=-{}", order.name)]);
    }
    all
}

fn sizes(conn: &mut Connection) -> ironwood_base::Result<BTreeMap<String, i64>> {
    let mut found = BTreeMap::new();
    for table in crate::schema::TABLES {
        let rows = conn.one(fragment!("SELECT COUNT(*) FROM {}", table.name), &[])?.map_or(0, |row| row.int(0));
        found.insert(table.name.to_owned(), rows);
    }
    Ok(found)
}

/// Whether a statement finds the rows of a page, or is one of those that read or count them.
fn finds_a_page(ran: &Ran) -> bool {
    ran.sql.contains(" LIMIT $") && ran.sql.contains(" OFFSET $")
}

/// Why the statement takes long, as far as the database says so.
fn trouble(conn: &mut Connection, ran: &Ran, large: &[String]) -> ironwood_base::Result<Option<String>> {
    match conn.backend() {
        Backend::Sqlite => {
            let rows = conn.rows(Fragment::generated(format!("EXPLAIN QUERY PLAN {}", ran.sql)), &ran.params)?;
            // the rows of the page itself, which are few, are not at the top
            let inner =
                |row: &&ironwood_store::OwnedRow| row.int(1) != 0 || !row.text(3).starts_with("USE TEMP B-TREE");
            let lines: Vec<String> = rows.iter().filter(inner).map(|row| row.text(3).to_owned()).collect();
            Ok(walk_and_sort(&lines, &ran.sql, large))
        }
        Backend::Postgres => {
            // a table of a few thousand rows is walked through for being small
            conn.batch("SET LOCAL enable_seqscan = off")?;
            let sql = Fragment::generated(format!("EXPLAIN (ANALYZE, FORMAT JSON) {}", ran.sql));
            let mut text = String::new();
            conn.query_planned(&sql, &ran.params, |row| {
                text.push_str(row.text(0));
                Ok(())
            })?;
            let plan: Json = serde_json::from_str(&text).unwrap_or(Json::Null);
            let looked = looked_at(&plan[0]["Plan"], large);
            Ok((looked > LOOKED_AT).then(|| format!("{looked} rows")))
        }
    }
}

/// SQLite: a large table is walked through and everything sorted, or one is walked through inside of another.
fn walk_and_sort(lines: &[String], sql: &str, large: &[String]) -> Option<String> {
    let table_of = |alias: &str| {
        let words: Vec<&str> = sql.split([' ', '(', ')', ',']).filter(|word| !word.is_empty()).collect();
        words.windows(2).find(|pair| pair[1] == alias && large.iter().any(|name| name == pair[0])).map(|pair| pair[0])
    };
    let scans: Vec<&String> = lines
        .iter()
        .filter(|line| line.strip_prefix("SCAN ").and_then(|rest| table_of(rest.split(' ').next()?)).is_some())
        .collect();
    let sorts = lines.iter().any(|line| line == "USE TEMP B-TREE FOR ORDER BY");
    let all = || scans.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("; ");
    match scans.len() {
        0 => None,
        1 if !sorts => None,
        _ => Some(all()),
    }
}

/// PostgreSQL: rows of large tables that the plan looked at.
fn looked_at(node: &Json, large: &[String]) -> f64 {
    let inner: f64 = node["Plans"].as_array().into_iter().flatten().map(|plan| looked_at(plan, large)).sum();
    let name = node["Relation Name"].as_str().unwrap_or_default();
    if !large.iter().any(|large| large == name) {
        return inner;
    }
    let number = |name: &str| node[name].as_f64().unwrap_or(0.0);
    let rows = number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Join Filter");
    inner + rows * number("Actual Loops")
}

fn walked(server: &Server, large: &[String]) -> Vec<String> {
    let admin = server.superuser();
    let mut found = Vec::new();
    for (path, operation) in the_registry().operations() {
        let Target::List(resource) = operation.target else { continue };
        if operation.method != Method::Get || !large.iter().any(|name| name == resource.view.table.name) {
            continue;
        }
        for question in questions(resource) {
            let address = format!("{path}?limit=25&{question}");
            let ((status, _), ran) = watch::statements(|| admin.get(&address));
            let Some(page) = ran.into_iter().find(finds_a_page).filter(|_| status == 200) else { continue };
            let large = large.to_vec();
            let why = server.try_write(move |conn| trouble(conn, &page, &large));
            match why {
                Ok(Some(why)) => found.push(format!("{path} {question}: {why}")),
                Ok(None) => {}
                Err(error) => found.push(format!("{path} {question}: {error}")),
            }
        }
    }
    found
}

#[test]
fn pages_are_found_along_indexes() {
    let excepted = |line: &String| {
        EXCEPTIONS.lines().filter(|known| !known.is_empty() && !known.starts_with('#')).any(|known| {
            let known = known.split(" -- ").next().unwrap_or_default();
            line.split(": ").next().is_some_and(|asked| asked == known)
        })
    };
    let mut report = String::new();
    on_each_server(|server| {
        server.fill_with_demo_of(4);
        let sizes = server.try_write(sizes).unwrap();
        let large: Vec<String> = sizes.into_iter().filter(|(_, rows)| *rows >= LARGE).map(|(name, _)| name).collect();
        assert!(large.len() > 5, "{large:?}");
        for line in walked(server, &large).iter().filter(|line| !excepted(line)) {
            writeln!(report, "{line}").unwrap();
        }
    });
    assert!(report.is_empty(), "these walk through large tables (see plans_exceptions.txt):\n{report}");
}
