//! Kept totals as statements that create them: tables, the triggers that keep them, made from the sums that
//! `schema::totals` describes, and their first values.
//!
//! A change of one row changes a sum by the difference of what all combinations with that row add to it before and
//! after, whatever the other tables hold at that moment. So each row is counted on its own, in whatever order rows come
//! and go: with a row that goes, its combinations are taken away before, while the rows that it links to, and those
//! that link to it, are still there; what goes with it finds nothing to take away any more.

use std::collections::BTreeSet;
use std::fmt::Write;

use ironwood_store::Backend;

use super::{Migration, ddl};
use crate::schema::totals::{CHANGES, COPIES, FAMILY, FAMILY_OF, From, KEPT, SUMS, Sum, TOTALS, renewal};

/// What a database that has had these steps needs: the tables are made anew, since all in them is derived, and
/// triggers that are other ones now.
pub(super) fn replace(earlier: &[Migration]) -> String {
    // a trigger of a table that is made anew goes with it
    let stays = |line: &str| !line.contains(&format!(" ON {} ", KEPT.name));
    let had = |line: &str| stays(line) && earlier.iter().any(|step| step.sql.lines().any(|had| had == line));
    let mut sql = String::from("-- Totals of parts as described in schema/totals.rs, instead of earlier ones.\n\n");
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
    let mut sql = ddl::create_only(&[&KEPT, &CHANGES]);
    view(&mut sql);
    for (mark, backend) in [("sqlite", Backend::Sqlite), ("pg", Backend::Postgres)] {
        for statement in &renewal(backend)[2..] {
            writeln!(sql, "--{mark}: {statement};").unwrap();
        }
    }
    of_parts_sqlite(&mut sql);
    of_parts_postgres(&mut sql);
    for sum in SUMS {
        for at in 0..sum.from.len() {
            sqlite(&mut sql, sum, at);
            postgres(&mut sql, sum, at);
        }
    }
    sql
}

/// Columns that change by amounts.
fn names() -> impl Iterator<Item = &'static str> {
    SUMS.iter().map(|sum| sum.name).chain([FAMILY])
}

fn joined(each: impl Fn(&str) -> String) -> String {
    names().map(each).collect::<Vec<_>>().join(", ")
}

fn view(sql: &mut String) {
    let (view, kept, changes) = (TOTALS.name, KEPT.name, CHANGES.name);
    let copies = COPIES.join(", ");
    writeln!(sql, "--sqlite: CREATE VIEW {view} AS SELECT id, {}, {copies} FROM {kept};", joined(str::to_owned))
        .unwrap();
    // joined, and not a subquery for each total: sorting by one looks at the changes once
    let (both, sums) = (
        joined(|name| format!("k.{name} + COALESCE(c.{name}, 0) AS {name}")),
        joined(|name| format!("CAST(SUM({name}) AS BIGINT) AS {name}")),
    );
    let copies = COPIES.map(|name| format!("k.{name}")).join(", ");
    writeln!(
        sql,
        "--pg: CREATE VIEW {view} AS SELECT k.id, {both}, {copies} FROM {kept} k \
         LEFT JOIN (SELECT part, {sums} FROM {changes} GROUP BY part) c ON c.part = k.id;"
    )
    .unwrap();
}

/// Names and values of the columns of a part that is new: rows that count for it may have been there before it.
fn first_values() -> (String, String) {
    let live = SUMS.iter().map(|sum| {
        let live = sum.live("{part} = NEW.id");
        format!("COALESCE((SELECT x.amount FROM ({live}) x), 0)")
    });
    let names: Vec<&str> = SUMS.iter().map(|sum| sum.name).chain(COPIES).collect();
    let values: Vec<String> = live.chain(COPIES.map(|name| format!("NEW.{name}"))).collect();
    (names.join(", "), values.join(", "))
}

fn copied() -> (String, String, String) {
    let each = |how: fn(&str) -> String, with: &str| COPIES.map(how).join(with);
    (
        each(|name| format!("\"{name}\""), ", "),
        each(|name| format!("{name} = NEW.\"{name}\""), ", "),
        each(|name| format!("OLD.\"{name}\" IS DISTINCT FROM NEW.\"{name}\""), " OR "),
    )
}

/// A part has its row of totals, and counts for those above it in its family as long as it is below them.
fn of_parts_sqlite(sql: &mut String) {
    let kept = KEPT.name;
    let mut line = |text: String| writeln!(sql, "--sqlite: CREATE TRIGGER part_part_totals_{text}").unwrap();
    let own = |row: &str| format!("(SELECT k.{FAMILY_OF} FROM {kept} k WHERE k.id = {row}.id)");
    let above = |path: &str| format!("id IN (SELECT a.value FROM {})", Backend::Sqlite.path_keys(path, "a"));
    let count = |sign: &str, amount: &str, path: &str| {
        format!("UPDATE {kept} SET {FAMILY} = {FAMILY} {sign} {amount} WHERE {};", above(path))
    };
    let (names, values) = first_values();
    line(format!(
        "added AFTER INSERT ON part_part BEGIN INSERT INTO {kept} (id, {names}) VALUES (NEW.id, {values}); {} END;",
        count("+", &own("NEW"), "NEW.tree_path")
    ));
    line(format!("leaving BEFORE DELETE ON part_part BEGIN {} END;", count("-", &own("OLD"), "OLD.tree_path")));
    line(format!("removed AFTER DELETE ON part_part BEGIN DELETE FROM {kept} WHERE id = OLD.id; END;"));
    line(format!(
        "moved AFTER UPDATE OF tree_path ON part_part WHEN OLD.tree_path <> NEW.tree_path BEGIN {} {} END;",
        count("-", &own("NEW"), "OLD.tree_path"),
        count("+", &own("NEW"), "NEW.tree_path")
    ));
    line(format!(
        "family AFTER UPDATE OF {FAMILY_OF} ON {kept} WHEN OLD.{FAMILY_OF} <> NEW.{FAMILY_OF} BEGIN {} END;",
        count(
            "+",
            &format!("NEW.{FAMILY_OF} - OLD.{FAMILY_OF}"),
            "(SELECT p.tree_path FROM part_part p WHERE p.id = NEW.id)"
        )
    ));
    let (columns, set, differ) = copied();
    line(format!(
        "copied AFTER UPDATE OF {columns} ON part_part WHEN {differ} BEGIN UPDATE {kept} SET {set} WHERE id = NEW.id; END;"
    ));
}

fn of_parts_postgres(sql: &mut String) {
    let (kept, changes) = (KEPT.name, CHANGES.name);
    let mut create = |name: &str, when: &str, body: String, row: &str| {
        writeln!(
            sql,
            "--pg: CREATE FUNCTION ironwood_part_totals_{name}() RETURNS trigger LANGUAGE plpgsql AS \
             $$ DECLARE own BIGINT; BEGIN {body} RETURN {row}; END $$;"
        )
        .unwrap();
        writeln!(
            sql,
            "--pg: CREATE TRIGGER part_part_totals_{name} {when} EXECUTE FUNCTION ironwood_part_totals_{name}();"
        )
        .unwrap();
    };
    let path_keys = |path: &str| Backend::Postgres.path_keys(path, "a");
    let note = |signed: &[(&str, &str)]| {
        let each = |(sign, path): &(&str, &str)| {
            format!("SELECT CAST(a.value AS BIGINT) AS part, {sign}own AS amount FROM {}", path_keys(path))
        };
        let all: Vec<String> = signed.iter().map(each).collect();
        format!(
            "IF own <> 0 THEN INSERT INTO {changes} (part, {FAMILY}) SELECT d.part, SUM(d.amount) FROM ({}) d \
             WHERE EXISTS (SELECT 1 FROM part_part p WHERE p.id = d.part) GROUP BY d.part HAVING SUM(d.amount) <> 0; END IF;",
            all.join(" UNION ALL ")
        )
    };
    let read = |row: &str| {
        format!("SELECT t.{FAMILY_OF} INTO own FROM {} t WHERE t.id = {row}.id; own := COALESCE(own, 0);", TOTALS.name)
    };
    let (names, values) = first_values();
    let mut named: Vec<String> = SUMS
        .iter()
        .filter_map(|sum| {
            let (alias, column) = sum.part.trim_matches(['{', '}']).split_once('.')?;
            let from = sum.from.iter().find(|from| from.alias == alias)?;
            Some(format!("EXISTS (SELECT 1 FROM {} x WHERE x.\"{column}\" = NEW.id)", from.table))
        })
        .collect();
    named.sort();
    named.dedup();
    let (copies, news) = (COPIES.join(", "), COPIES.map(|name| format!("NEW.{name}")).join(", "));
    let added = format!(
        // a part that nothing names counts nothing: sums would look for it in every table
        "IF {} THEN INSERT INTO {kept} (id, {names}) VALUES (NEW.id, {values}); {} {} \
         ELSE INSERT INTO {kept} (id, {copies}) VALUES (NEW.id, {news}); END IF;",
        named.join(" OR "),
        read("NEW"),
        note(&[("", "NEW.tree_path")])
    );
    create("added", "AFTER INSERT ON part_part FOR EACH ROW", added, "NEW");
    let leaving = format!("{} {}", read("OLD"), note(&[("-", "OLD.tree_path")]));
    create("leaving", "BEFORE DELETE ON part_part FOR EACH ROW", leaving, "OLD");
    let removed = format!("DELETE FROM {changes} WHERE part = OLD.id; DELETE FROM {kept} WHERE id = OLD.id;");
    create("removed", "AFTER DELETE ON part_part FOR EACH ROW", removed, "OLD");
    let moved = format!("{} {}", read("NEW"), note(&[("-", "OLD.tree_path"), ("", "NEW.tree_path")]));
    let when = "AFTER UPDATE OF tree_path ON part_part FOR EACH ROW WHEN (OLD.tree_path <> NEW.tree_path)";
    create("moved", when, moved, "NEW");
    let (columns, set, differ) = copied();
    let copy = format!("UPDATE {kept} SET {set} WHERE id = NEW.id;");
    let when = format!("AFTER UPDATE OF {columns} ON part_part FOR EACH ROW WHEN ({differ})");
    create("copied", &when, copy, "NEW");
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
        // a part that is yet to come sums what is there
        if name == FAMILY_OF {
            return format!(
                "INSERT INTO {changes} (part, {name}, {FAMILY}) WITH d AS (SELECT s.part, SUM(s.amount) AS amount \
                 FROM ({}) s WHERE EXISTS (SELECT 1 FROM part_part p WHERE p.id = s.part) GROUP BY s.part \
                 HAVING SUM(s.amount) <> 0) SELECT e.part, SUM(e.own), SUM(e.family) FROM (SELECT d.part, d.amount AS own, \
                 0 AS family FROM d UNION ALL SELECT CAST(a.value AS BIGINT), 0, d.amount FROM d JOIN part_part v \
                 ON v.id = d.part CROSS JOIN {}) e WHERE EXISTS (SELECT 1 FROM part_part p WHERE p.id = e.part) \
                 GROUP BY e.part;",
                sides.join(" UNION ALL "),
                Backend::Postgres.path_keys("v.tree_path", "a")
            );
        }
        format!(
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
