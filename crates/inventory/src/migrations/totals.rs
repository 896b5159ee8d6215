//! Kept totals as statements that create them: tables, the triggers that keep them, made from the sums that
//! `part::kept` describes, and their first values.
//!
//! A change of one row changes a sum by the difference of what all combinations with that row add to it before and
//! after, whatever the other tables hold at that moment. So each row is counted on its own, in whatever order rows come
//! and go: with a row that goes, its combinations are taken away before, while the rows that it links to, and those
//! that link to it, are still there; what goes with it finds nothing to take away any more.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Migration, ddl};
use crate::part::kept::{CHANGES, From, KEPT, SUMS, Sum, TOTALS, renewal};

/// What a database that has had these steps needs: the tables are made anew, since all in them is derived, and
/// triggers that are other ones now.
pub(super) fn replace(earlier: &[Migration]) -> String {
    let had = |line: &str| earlier.iter().any(|step| step.sql.lines().any(|had| had == line));
    let mut sql = String::from("-- Totals of parts as described in part/kept.rs, instead of earlier ones.\n\n");
    writeln!(sql, "DROP VIEW {};\nDROP TABLE {};\nDROP TABLE {};", TOTALS.name, KEPT.name, CHANGES.name).unwrap();
    let known = |name: &str| earlier.iter().any(|step| step.sql.contains(&format!("CREATE TRIGGER {name} ")));
    let made = create();
    for line in made.lines().filter(|line| !line.starts_with("-- ")) {
        let mut words = line.split(' ').skip(3);
        let name = words.next().unwrap_or_default();
        if let Some(rest) = line.strip_prefix("--pg: CREATE FUNCTION ") {
            if !had(line) {
                writeln!(sql, "--pg: CREATE OR REPLACE FUNCTION {rest}").unwrap();
            }
        } else if line.starts_with("--sqlite: CREATE TRIGGER ") || line.starts_with("--pg: CREATE TRIGGER ") {
            if had(line) {
                continue;
            }
            if known(name) && line.starts_with("--sqlite: ") {
                writeln!(sql, "--sqlite: DROP TRIGGER {name};").unwrap();
            } else if known(name) {
                let table = words.skip_while(|word| *word != "ON").nth(1).unwrap_or_default();
                writeln!(sql, "--pg: DROP TRIGGER {name} ON {table};").unwrap();
            }
            writeln!(sql, "{line}").unwrap();
        } else {
            writeln!(sql, "{line}").unwrap();
        }
    }
    sql
}

pub(super) fn create() -> String {
    let mut sql = String::from("-- Totals of parts are kept. Made from their descriptions, in part/kept.rs.\n\n");
    sql.push_str(&ddl::create_only(&[&KEPT, &CHANGES]));
    view(&mut sql);
    for statement in &renewal()[2..] {
        writeln!(sql, "{statement};").unwrap();
    }
    of_parts(&mut sql);
    for sum in SUMS {
        for at in 0..sum.from.len() {
            sqlite(&mut sql, sum, at);
            postgres(&mut sql, sum, at);
        }
    }
    sql
}

fn names() -> impl Iterator<Item = &'static str> {
    SUMS.iter().map(|sum| sum.name)
}

fn joined(each: impl Fn(&str) -> String) -> String {
    names().map(each).collect::<Vec<_>>().join(", ")
}

fn view(sql: &mut String) {
    let (view, kept, changes) = (TOTALS.name, KEPT.name, CHANGES.name);
    writeln!(sql, "--sqlite: CREATE VIEW {view} AS SELECT id, {} FROM {kept};", joined(str::to_owned)).unwrap();
    // joined, and not a subquery for each total: sorting by one looks at the changes once
    let (both, sums) = (
        joined(|name| format!("k.{name} + COALESCE(c.{name}, 0) AS {name}")),
        joined(|name| format!("CAST(SUM({name}) AS BIGINT) AS {name}")),
    );
    writeln!(
        sql,
        "--pg: CREATE VIEW {view} AS SELECT k.id, {both} FROM {kept} k \
         LEFT JOIN (SELECT part, {sums} FROM {changes} GROUP BY part) c ON c.part = k.id;"
    )
    .unwrap();
}

/// A part has its row of totals: rows that count for it may have been there before it.
fn of_parts(sql: &mut String) {
    let (kept, changes) = (KEPT.name, CHANGES.name);
    let sums: Vec<String> = SUMS
        .iter()
        .map(|sum| {
            let live = sum.live("{part} = NEW.id");
            format!("COALESCE((SELECT x.amount FROM ({live}) x), 0)")
        })
        .collect();
    let add = format!("INSERT INTO {kept} (id, {}) VALUES (NEW.id, {});", joined(str::to_owned), sums.join(", "));
    let remove = format!("DELETE FROM {kept} WHERE id = OLD.id;");
    writeln!(sql, "--sqlite: CREATE TRIGGER part_part_totals_added AFTER INSERT ON part_part BEGIN {add} END;")
        .unwrap();
    writeln!(sql, "--sqlite: CREATE TRIGGER part_part_totals_removed AFTER DELETE ON part_part BEGIN {remove} END;")
        .unwrap();
    let forget = format!("DELETE FROM {changes} WHERE part = OLD.id; {remove}");
    for (name, when, body, row) in [("added", "AFTER INSERT", add, "NEW"), ("removed", "AFTER DELETE", forget, "OLD")] {
        writeln!(
            sql,
            "--pg: CREATE FUNCTION ironwood_part_totals_{name}() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN {body} RETURN {row}; END $$;"
        )
        .unwrap();
        writeln!(
            sql,
            "--pg: CREATE TRIGGER part_part_totals_{name} {when} ON part_part FOR EACH ROW \
             EXECUTE FUNCTION ironwood_part_totals_{name}();"
        )
        .unwrap();
    }
}

/// The columns of a table that a sum reads.
fn columns(sum: &Sum, alias: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let templates = sum.from.iter().map(|from| from.on).chain([sum.part, sum.amount, sum.when]);
    for template in templates {
        let names = template.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
        found.extend(names.filter_map(|n| n.split_once('.')).filter(|(a, _)| *a == alias).map(|(_, c)| c.to_owned()));
    }
    // the key of a row stays
    found.remove("id");
    found
}

/// What stands for the row that changed: `NEW`, `OLD` or an alias; and whether it is as if it were not there.
#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    absent: bool,
}

/// The parts, and by how much the combinations with a row of the table at `at` add to their sums. The row itself is
/// `row`, or comes from `table` (a set of changed rows) under its alias.
fn combinations(sum: &Sum, at: usize, row: Row, table: Option<&str>) -> String {
    let changed = sum.from[at];
    let column = |alias: &str, name: &str| {
        if alias != changed.alias || table.is_some() {
            format!("{alias}.\"{name}\"")
        } else if row.absent && name != "id" {
            String::from("NULL")
        } else {
            format!("{}.\"{name}\"", row.name)
        }
    };
    let resolve = |template: &str| Sum::resolve(template, &column);
    let mut conditions = vec![resolve(sum.when)];
    let mut from: Vec<String> = table.iter().map(|table| format!("{table} {}", changed.alias)).collect();
    let mut optional = String::new();
    for (i, step) in sum.from.iter().enumerate() {
        if i != at {
            if step.optional {
                optional.push_str(&format!(" LEFT JOIN {} {} ON {}", step.table, step.alias, resolve(step.on)));
                continue;
            }
            from.push(format!("{} {}", step.table, step.alias));
        }
        if !step.on.is_empty() {
            conditions.push(resolve(step.on));
        }
    }
    // a join that may find nothing comes last
    let from: String = from
        .iter()
        .enumerate()
        .map(|(i, table)| if i == 0 { format!(" FROM {table}") } else { format!(" JOIN {table} ON TRUE") })
        .collect();
    let from = from + &optional;
    let (part, amount) = (resolve(sum.part), resolve(sum.amount));
    format!("SELECT {part} AS part, {amount} AS amount{from} WHERE {} AND {part} IS NOT NULL", conditions.join(" AND "))
}

fn trigger(sum: &Sum, from: From, what: &str) -> String {
    format!("{}_{}_{}_{what}", from.table, sum.name, from.alias)
}

/// What a row adds, and, for one that need not be there, what its absence adds less.
fn sides(from: From, row: &'static str) -> Vec<(&'static str, Row)> {
    let there = Row { name: row, absent: false };
    let plus = if row == "NEW" { "+" } else { "-" };
    let minus = if row == "NEW" { "-" } else { "+" };
    let mut all = vec![(plus, there)];
    if from.optional {
        all.push((minus, Row { absent: true, ..there }));
    }
    all
}

fn differs(columns: &BTreeSet<String>) -> String {
    columns.iter().map(|c| format!("OLD.\"{c}\" IS DISTINCT FROM NEW.\"{c}\"")).collect::<Vec<_>>().join(" OR ")
}

fn quoted(columns: &BTreeSet<String>) -> String {
    columns.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(", ")
}

/// The condition under which a row of the table at `at` may count at all: most rows that come and go are spared the sum.
/// It is one on the columns of a row that is summed, and for a row that others link to that there is one.
fn counts(sum: &Sum, at: usize, row: &'static str) -> String {
    let from = sum.from[at];
    if !from.on.is_empty() {
        let linking = combinations(sum, at, Row { name: row, absent: false }, None);
        return if from.optional { String::new() } else { format!(" WHEN EXISTS ({linking})") };
    }
    let own = sum.when.split(" AND ").filter(|part| {
        let mut names = part.split('{').skip(1).peekable();
        names.peek().is_some() && names.all(|name| name.starts_with(&format!("{}.", from.alias)))
    });
    let own: Vec<String> = own.map(|part| Sum::resolve(part, &|_, column| format!("{row}.\"{column}\""))).collect();
    if own.is_empty() { String::new() } else { format!(" WHEN {}", own.join(" AND ")) }
}

fn sqlite(sql: &mut String, sum: &Sum, at: usize) {
    let (from, kept, name) = (sum.from[at], KEPT.name, sum.name);
    let change = |sign: &str, row: Row| {
        if sum.from.len() == 1 {
            let of_row = |template| Sum::resolve(template, &|_, column| format!("{}.\"{column}\"", row.name));
            let (part, amount, when) = (of_row(sum.part), of_row(sum.amount), of_row(sum.when));
            return format!("UPDATE {kept} SET {name} = {name} {sign} ({amount}) WHERE id = {part} AND {when};");
        }
        let found = combinations(sum, at, row, None);
        if at == 0 {
            // a row that is summed has one combination at most: looked up twice, which is faster than keeping it
            let own = sum.amount.split('{').skip(1).all(|name| name.starts_with(&format!("{}.", from.alias)));
            let amount = if own {
                Sum::resolve(sum.amount, &|_, column| format!("{}.\"{column}\"", row.name))
            } else {
                format!("SELECT d.amount FROM ({found}) d")
            };
            return format!(
                "UPDATE {kept} SET {name} = {name} {sign} ({amount}) WHERE id = (SELECT d.part FROM ({found}) d);"
            );
        }
        format!(
            "UPDATE {kept} SET {name} = {name} {sign} d.amount FROM (SELECT part, SUM(amount) AS amount FROM ({found}) \
             GROUP BY part) d WHERE {kept}.id = d.part;"
        )
    };
    let all = |row: &'static str| {
        sides(from, row).into_iter().map(|(sign, row)| change(sign, row)).collect::<Vec<_>>().join(" ")
    };
    let mut line = |text: String| writeln!(sql, "--sqlite: CREATE TRIGGER {text}").unwrap();
    let table = from.table;
    let (added, removed) = (counts(sum, at, "NEW"), counts(sum, at, "OLD"));
    line(format!("{} AFTER INSERT ON {table}{added} BEGIN {} END;", trigger(sum, from, "added"), all("NEW")));
    line(format!("{} BEFORE DELETE ON {table}{removed} BEGIN {} END;", trigger(sum, from, "removed"), all("OLD")));
    let columns = columns(sum, from.alias);
    if !columns.is_empty() {
        line(format!(
            "{} AFTER UPDATE OF {} ON {table} WHEN {} BEGIN {} {} END;",
            trigger(sum, from, "changed"),
            quoted(&columns),
            differs(&columns),
            all("OLD"),
            all("NEW")
        ));
    }
}

/// Sets of changed rows of the table that is summed are counted at once; rows that they link to one by one.
fn postgres(sql: &mut String, sum: &Sum, at: usize) {
    let (from, changes, name) = (sum.from[at], CHANGES.name, sum.name);
    let note = |sides: Vec<String>| {
        format!(
            // a part that is yet to come sums what is there
            "INSERT INTO {changes} (part, {name}) SELECT d.part, SUM(d.amount) FROM ({}) d \
             WHERE EXISTS (SELECT 1 FROM part_part p WHERE p.id = d.part) GROUP BY d.part HAVING SUM(d.amount) <> 0;",
            sides.join(" UNION ALL ")
        )
    };
    let signed = |sign: &str, found: String| {
        if sign == "-" { format!("SELECT part, -amount AS amount FROM ({found}) m") } else { found }
    };
    let mut create = |what: &str, begin: &str, each: &str, body: String, result: &str| {
        let (trigger, table) = (trigger(sum, from, what), from.table);
        writeln!(
            sql,
            "--pg: CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {result}; END $$;"
        )
        .unwrap();
        let (when, with) = begin.split_once('|').unwrap_or((begin, ""));
        writeln!(sql, "--pg: CREATE TRIGGER {trigger} {when} ON {table} {with} {each} EXECUTE FUNCTION {trigger}();")
            .unwrap();
    };
    if from.on.is_empty() {
        let set = |table: &'static str| combinations(sum, at, Row { name: "", absent: false }, Some(table));
        let minus = |table| signed("-", set(table));
        let each = "FOR EACH STATEMENT";
        create("added", "AFTER INSERT|REFERENCING NEW TABLE AS fresh", each, note(vec![set("fresh")]), "NULL");
        create("removed", "AFTER DELETE|REFERENCING OLD TABLE AS former", each, note(vec![minus("former")]), "NULL");
        let both = note(vec![set("fresh"), minus("former")]);
        let tables = "AFTER UPDATE|REFERENCING OLD TABLE AS former NEW TABLE AS fresh";
        create("changed", tables, each, both, "NULL");
        return;
    }
    let all = |rows: &[&'static str]| {
        let sides = rows.iter().flat_map(|row| sides(from, row));
        note(sides.map(|(sign, row)| signed(sign, combinations(sum, at, row, None))).collect())
    };
    create("added", "AFTER INSERT", "FOR EACH ROW", all(&["NEW"]), "NEW");
    create("removed", "BEFORE DELETE", "FOR EACH ROW", all(&["OLD"]), "OLD");
    let columns = columns(sum, from.alias);
    if !columns.is_empty() {
        let begin = format!("AFTER UPDATE OF {}", quoted(&columns));
        let each = format!("FOR EACH ROW WHEN ({})", differs(&columns));
        create("changed", &begin, &each, all(&["OLD", "NEW"]), "NEW");
    }
}
