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
use crate::schema::tallies::of_row;
use crate::schema::totals::{
    CHANGES, COPIED, COPIES, FAMILY, FAMILY_OF, From, KEPT, SUMS, Sum, TOTALS, copied_from, renewal,
};

/// The step that brings a database with these earlier steps up to date: replaces the triggers that have changed. With
/// `tables`, also makes the tables anew, since everything in them is derived.
pub(super) fn replace(earlier: &[Migration], tables: bool) -> String {
    // a trigger of a table that is made anew goes with it
    let stays = |line: &str| !tables || !line.contains(&format!(" ON {} ", KEPT.name));
    let had = |line: &str| stays(line) && earlier.iter().any(|step| step.sql.lines().any(|had| had == line));
    let mut sql = String::from("-- Totals of parts as described in schema/totals.rs, instead of earlier ones.\n\n");
    if tables {
        writeln!(sql, "DROP VIEW {};\nDROP TABLE {};\nDROP TABLE {};", TOTALS.name, KEPT.name, CHANGES.name).unwrap();
    }
    let known = |name: &str| earlier.iter().any(|step| step.sql.contains(&format!("CREATE TRIGGER {name} ")));
    let made = if tables { create() } else { triggers() };
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
                writeln!(sql, "--sqlite: DROP TRIGGER IF EXISTS {name};").unwrap();
            } else if known(name) {
                let table = words.skip_while(|word| *word != "ON").nth(1).unwrap_or_default();
                writeln!(sql, "--pg: DROP TRIGGER {name} ON {table};").unwrap();
            }
            writeln!(sql, "{line}").unwrap();
        } else {
            writeln!(sql, "{line}").unwrap();
        }
    }
    for line in earlier.iter().flat_map(|step| step.sql.lines()) {
        let mut words = line.split(' ').skip(3);
        let name = words.next().unwrap_or_default();
        if !stays(line)
            || !name.contains("_totals_") && !SUMS.iter().any(|sum| name.contains(&format!("_{}_", sum.name)))
        {
            continue;
        }
        let drop = if line.starts_with("--sqlite: CREATE TRIGGER ") {
            format!("--sqlite: DROP TRIGGER IF EXISTS {name};\n")
        } else if line.starts_with("--pg: CREATE TRIGGER ") {
            let table = words.skip_while(|word| *word != "ON").nth(1).unwrap_or_default();
            format!(
                "--pg: DROP TRIGGER IF EXISTS {name} ON {table};\n--pg: DROP FUNCTION IF EXISTS {}();\n",
                line.split("EXECUTE FUNCTION ").nth(1).and_then(|rest| rest.split('(').next()).unwrap_or_default()
            )
        } else {
            continue;
        };
        if !made.contains(&format!("CREATE TRIGGER {name} ")) && !sql.contains(&drop) {
            sql.push_str(&drop);
        }
    }
    sql
}

pub(super) fn create() -> String {
    let mut sql = ddl::create_only(&[&KEPT, &CHANGES]);
    view(&mut sql);
    sql.push_str("--progress: summing totals of parts\n");
    for (mark, backend) in [("sqlite", Backend::Sqlite), ("pg", Backend::Postgres)] {
        for statement in &renewal(backend)[2..] {
            writeln!(sql, "--{mark}: {statement};").unwrap();
        }
    }
    sql + &triggers()
}

/// The triggers that keep the totals.
fn triggers() -> String {
    let mut sql = String::new();
    of_parts_sqlite(&mut sql);
    of_parts_postgres(&mut sql);
    for group in groups() {
        rows_sqlite(&mut sql, &group);
        rows_postgres(&mut sql, &group);
    }
    for sum in SUMS {
        for at in 1..sum.from.len() {
            sqlite(&mut sql, sum, at);
            postgres(&mut sql, sum, at);
        }
    }
    sql
}

/// Sums that are changed by one trigger: those of the same rows, where these name the part themselves.
fn groups() -> Vec<Vec<&'static Sum>> {
    let mut all: Vec<Vec<&'static Sum>> = Vec::new();
    for sum in SUMS {
        let same = |other: &Sum| {
            (other.from[0].table, other.from[0].alias, other.part) == (sum.from[0].table, sum.from[0].alias, sum.part)
        };
        match all.iter_mut().find(|group| names_part(sum) && same(group[0])) {
            Some(group) => group.push(sum),
            None => all.push(vec![sum]),
        }
    }
    all
}

/// Whether the rows that are summed name the part, and not a row that they link to.
fn names_part(sum: &Sum) -> bool {
    is_own(sum, sum.part)
}

/// Whether a template reads nothing but the row that is summed.
fn is_own(sum: &Sum, template: &str) -> bool {
    template.split('{').skip(1).all(|name| name.starts_with(&format!("{}.", sum.from[0].alias)))
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
    let copies = COPIED.join(", ");
    writeln!(sql, "--sqlite: CREATE VIEW {view} AS SELECT id, {}, {copies} FROM {kept};", joined(str::to_owned))
        .unwrap();
    // joined, and not a subquery for each total: sorting by one looks at the changes once
    let (both, sums) = (
        joined(|name| format!("k.{name} + COALESCE(c.{name}, 0) AS {name}")),
        joined(|name| format!("CAST(SUM({name}) AS BIGINT) AS {name}")),
    );
    let copies = COPIED.map(|name| format!("k.{name}")).join(", ");
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
    let names: Vec<&str> = SUMS.iter().map(|sum| sum.name).chain(COPIED).collect();
    let values: Vec<String> = live.chain(copied_from("NEW")).collect();
    (names.join(", "), values.join(", "))
}

/// Whether a row names a part that is new. One that nothing names counts nothing: its sums would look for it in every
/// table.
fn already_named() -> String {
    let named: BTreeSet<String> = SUMS
        .iter()
        .filter_map(|sum| {
            let (alias, column) = sum.part.trim_matches(['{', '}']).split_once('.')?;
            let from = sum.from.iter().find(|from| from.alias == alias)?;
            Some(format!("EXISTS (SELECT 1 FROM {} x WHERE x.\"{column}\" = NEW.id)", from.table))
        })
        .collect();
    named.into_iter().collect::<Vec<_>>().join(" OR ")
}

fn copied() -> (String, String, String) {
    let read: BTreeSet<&str> = COPIES
        .iter()
        .flat_map(|(_, template)| template.split('{').skip(1))
        .filter_map(|rest| rest.split('}').next())
        .collect();
    let read: Vec<String> = read.iter().map(|column| format!("\"{column}\"")).collect();
    let set: Vec<String> =
        COPIES.iter().map(|(name, template)| format!("{name} = {}", of_row(template, "NEW").text())).collect();
    let differ: Vec<String> = read.iter().map(|column| format!("OLD.{column} IS DISTINCT FROM NEW.{column}")).collect();
    (read.join(", "), set.join(", "), differ.join(" OR "))
}

/// A part has its row of totals, and counts for those above it in its family as long as it is below them.
fn of_parts_sqlite(sql: &mut String) {
    let kept = KEPT.name;
    let mut line = |text: String| writeln!(sql, "--sqlite: CREATE TRIGGER part_part_totals_{text}").unwrap();
    let own = |row: &str| format!("(SELECT k.{FAMILY_OF} FROM {kept} k WHERE k.id = {row}.id)");
    let above =
        |path: &'static str| format!("id IN (SELECT a.value FROM {})", Backend::Sqlite.path_keys(path, "a").text());
    // a part always counts for itself, for the others of its path while it is below them
    let count = |sign: &str, row: &str, path: &'static str| {
        format!("UPDATE {kept} SET {FAMILY} = {FAMILY} {sign} {} WHERE {} AND id <> {row}.id;", own(row), above(path))
    };
    let (names, values) = first_values();
    let named = already_named();
    line(format!(
        "added AFTER INSERT ON part_part WHEN {named} BEGIN \
         INSERT INTO {kept} (id, {names}) VALUES (NEW.id, {values}); \
         UPDATE {kept} SET {FAMILY} = {FAMILY_OF} WHERE id = NEW.id; {} END;",
        count("+", "NEW", "NEW.tree_path")
    ));
    let (copies, news) = (COPIED.join(", "), copied_from("NEW").join(", "));
    line(format!(
        "made AFTER INSERT ON part_part WHEN NOT ({named}) BEGIN \
         INSERT INTO {kept} (id, {copies}) VALUES (NEW.id, {news}); END;"
    ));
    line(format!("leaving BEFORE DELETE ON part_part BEGIN {} END;", count("-", "OLD", "OLD.tree_path")));
    line(format!("removed AFTER DELETE ON part_part BEGIN DELETE FROM {kept} WHERE id = OLD.id; END;"));
    line(format!(
        "moved AFTER UPDATE OF tree_path ON part_part WHEN OLD.tree_path <> NEW.tree_path BEGIN {} {} END;",
        count("-", "NEW", "OLD.tree_path"),
        count("+", "NEW", "NEW.tree_path")
    ));
    line(format!(
        "family AFTER UPDATE OF {FAMILY_OF} ON {kept} WHEN OLD.{FAMILY_OF} <> NEW.{FAMILY_OF} \
         AND EXISTS (SELECT 1 FROM part_part p WHERE p.id = NEW.id AND INSTR(TRIM(p.tree_path, '/'), '/') > 0) BEGIN \
         UPDATE {kept} SET {FAMILY} = {FAMILY} + NEW.{FAMILY_OF} - OLD.{FAMILY_OF} WHERE {} AND id <> NEW.id; END;",
        above("(SELECT p.tree_path FROM part_part p WHERE p.id = NEW.id)")
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
    let path_keys = |path: &'static str| Backend::Postgres.path_keys(path, "a");
    let note = |signed: &[(&str, &'static str)]| {
        let each = |(sign, path): &(&str, &'static str)| {
            format!("SELECT CAST(a.value AS BIGINT) AS part, {sign}own AS amount FROM {}", path_keys(path).text())
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
    let (copies, news) = (COPIED.join(", "), copied_from("NEW").join(", "));
    let added = format!(
        "IF {} THEN INSERT INTO {kept} (id, {names}) VALUES (NEW.id, {values}); {} {} \
         ELSE INSERT INTO {kept} (id, {copies}) VALUES (NEW.id, {news}); END IF;",
        already_named(),
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

/// The tables of a sum, each after one that it is linked with, beginning with the one at `at`.
fn outward(sum: &Sum, at: usize) -> Vec<usize> {
    let links = |i: usize, j: usize| {
        let names = |a: usize, b: usize| sum.from[a].on.contains(&format!("{{{}.", sum.from[b].alias));
        names(i, j) || names(j, i)
    };
    let mut order = vec![at];
    while let Some(next) = (0..sum.from.len()).find(|i| !order.contains(i) && order.iter().any(|j| links(*i, *j))) {
        order.push(next);
    }
    order
}

/// The parts, and by how much the combinations with a row of the table at `at` add to their sums. The row itself is
/// `row`, or comes from `table` (a set of changed rows) under its alias.
///
/// SQLite looks the tables up in this order, outward from the row: statistics that are out of date could make it
/// walk through one of them.
fn combinations(backend: Backend, sum: &Sum, at: usize, row: Row, table: Option<&str>) -> String {
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
    for i in outward(sum, at) {
        let step = sum.from[i];
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
    let join = if backend == Backend::Sqlite { " CROSS JOIN " } else { " JOIN " };
    let on = if backend == Backend::Sqlite { "" } else { " ON TRUE" };
    let from: String = from
        .iter()
        .enumerate()
        .map(|(i, table)| if i == 0 { format!(" FROM {table}") } else { format!("{join}{table}{on}") })
        .collect();
    let from = from + &optional;
    let (part, amount) = (resolve(sum.part), resolve(sum.amount));
    format!("SELECT {part} AS part, {amount} AS amount{from} WHERE {} AND {part} IS NOT NULL", conditions.join(" AND "))
}

/// A query for the rows next to a row of the table at `at`. If there is none, the row takes part in no sum.
fn first_link(sum: &Sum, at: usize, row: &str) -> String {
    let (changed, next) = (sum.from[at], sum.from[outward(sum, at)[1]]);
    let on = Sum::resolve(changed.on, &|alias, column| {
        let of = if alias == changed.alias { row } else { alias };
        format!("{of}.\"{column}\"")
    });
    format!("SELECT 1 FROM {} {} WHERE {on}", next.table, next.alias)
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

/// The parts of the condition that only read the row that is summed; empty where there are none.
fn own_conditions(sum: &Sum, row: &str) -> String {
    let own = sum.when.split(" AND ").filter(|part| part.contains('{') && is_own(sum, part));
    let own: Vec<String> = own.map(|part| Sum::resolve(part, &|_, column| format!("{row}.\"{column}\""))).collect();
    own.join(" AND ")
}

/// What a row adds to a sum, 0 where it does not count; `row` is `NEW`, `OLD` or an alias.
fn amount(backend: Backend, sum: &Sum, row: &'static str) -> String {
    let of_row = |template| Sum::resolve(template, &|_, column| format!("{row}.\"{column}\""));
    if sum.from.len() == 1 {
        return format!("CASE WHEN {} THEN {} ELSE 0 END", of_row(sum.when), of_row(sum.amount));
    }
    let found = combinations(backend, sum, 0, Row { name: row, absent: false }, None);
    let found = format!("COALESCE((SELECT d.amount FROM ({found}) d), 0)");
    match own_conditions(sum, row) {
        own if own.is_empty() => found,
        own => format!("CASE WHEN {own} THEN {found} ELSE 0 END"),
    }
}

/// Columns of the rows that are summed which say for which part they count, or lead to rows that say whether they do;
/// and the others that are read.
fn links_and_others(group: &[&Sum]) -> (BTreeSet<String>, BTreeSet<String>) {
    let alias = group[0].from[0].alias;
    let all: BTreeSet<String> = group.iter().flat_map(|sum| columns(sum, alias)).collect();
    let says_part = |column: &String| {
        let name = format!("{{{alias}.{column}}}");
        group.iter().any(|sum| {
            sum.part.contains(&name) || !names_part(sum) && sum.from.iter().any(|step| step.on.contains(&name))
        })
    };
    all.into_iter().partition(says_part)
}

/// The triggers of the rows that are summed. As long as a change leaves the part, it is one change of its totals.
fn rows_sqlite(sql: &mut String, group: &[&Sum]) {
    let (kept, first, from) = (KEPT.name, group[0], group[0].from[0]);
    let own_part = names_part(first);
    let kind = Backend::Sqlite;
    // name = name + amount, and for the family what counts for the part itself
    let set = |change: &dyn Fn(&Sum) -> String| {
        let each = group.iter().flat_map(|sum| {
            let change = change(sum);
            let family = (sum.name == FAMILY_OF).then(|| format!("{FAMILY} = {FAMILY} {change}"));
            std::iter::once(format!("{0} = {0} {change}", sum.name)).chain(family)
        });
        each.collect::<Vec<_>>().join(", ")
    };
    let whole = |sign: &str, row: &'static str| {
        let found = combinations(kind, first, 0, Row { name: row, absent: false }, None);
        let part = if own_part {
            Sum::resolve(first.part, &|_, column| format!("{row}.\"{column}\""))
        } else {
            // a row has one combination at most: looked up twice, which is faster than keeping it
            format!("(SELECT d.part FROM ({found}) d)")
        };
        let change = |sum: &Sum| match own_part {
            true => format!("{sign} {}", amount(kind, sum, row)),
            false if is_own(sum, sum.amount) => {
                format!("{sign} ({})", Sum::resolve(sum.amount, &|_, column| format!("{row}.\"{column}\"")))
            }
            false => format!("{sign} (SELECT d.amount FROM ({found}) d)"),
        };
        format!("UPDATE {kept} SET {} WHERE id = {part};", set(&change))
    };
    let difference = || {
        if own_part {
            let part = Sum::resolve(first.part, &|_, column| format!("NEW.\"{column}\""));
            let change = |sum: &Sum| format!("+ {} - {}", amount(kind, sum, "NEW"), amount(kind, sum, "OLD"));
            return format!("UPDATE {kept} SET {} WHERE id = {part};", set(&change));
        }
        let found = change_in_place(first);
        let change = |_: &Sum| format!("+ (SELECT d.amount FROM ({found}) d)");
        format!("UPDATE {kept} SET {} WHERE id = (SELECT d.part FROM ({found}) d);", set(&change))
    };
    let mut line = |text: String| writeln!(sql, "--sqlite: CREATE TRIGGER {text}").unwrap();
    let table = from.table;
    let may_count = |row: &'static str| {
        let mut each: Vec<String> = group.iter().map(|sum| own_conditions(sum, row)).collect();
        each.dedup();
        if each.iter().any(String::is_empty) { String::new() } else { format!(" WHEN ({})", each.join(") OR (")) }
    };
    let name = |what: &str| trigger(first, from, what);
    line(format!("{} AFTER INSERT ON {table}{} BEGIN {} END;", name("added"), may_count("NEW"), whole("+", "NEW")));
    line(format!("{} BEFORE DELETE ON {table}{} BEGIN {} END;", name("removed"), may_count("OLD"), whole("-", "OLD")));
    let (links, others) = links_and_others(group);
    if !others.is_empty() {
        line(format!(
            "{} AFTER UPDATE OF {} ON {table} WHEN ({}) AND NOT ({}) BEGIN {} END;",
            name("changed"),
            quoted(&others),
            differs(&others),
            differs(&links),
            difference()
        ));
    }
    line(format!(
        "{} AFTER UPDATE OF {} ON {table} WHEN {} BEGIN {} {} END;",
        name("moved"),
        quoted(&links),
        differs(&links),
        whole("-", "OLD"),
        whole("+", "NEW")
    ));
}

/// The part, and by how much its sum changes, where a row that is summed keeps what it is linked with.
fn change_in_place(sum: &Sum) -> String {
    let alias = sum.from[0].alias;
    let resolve = |template: &str, row: &str| {
        Sum::resolve(template, &|of, column| {
            if of == alias { format!("{row}.\"{column}\"") } else { format!("{of}.\"{column}\"") }
        })
    };
    let mut from = String::new();
    let mut conditions = vec![format!("(({}) OR ({}))", resolve(sum.when, "NEW"), resolve(sum.when, "OLD"))];
    let mut optional = String::new();
    for i in outward(sum, 0).into_iter().skip(1) {
        let step = sum.from[i];
        let on = resolve(step.on, "NEW");
        if step.optional {
            optional.push_str(&format!(" LEFT JOIN {} {} ON {on}", step.table, step.alias));
        } else {
            let join = if from.is_empty() { " FROM" } else { " CROSS JOIN" };
            from.push_str(&format!("{join} {} {}", step.table, step.alias));
            conditions.push(on);
        }
    }
    let side = |row| format!("CASE WHEN {} THEN {} ELSE 0 END", resolve(sum.when, row), resolve(sum.amount, row));
    format!(
        "SELECT {} AS part, {} - {} AS amount{from}{optional} WHERE {}",
        resolve(sum.part, "NEW"),
        side("NEW"),
        side("OLD"),
        conditions.join(" AND ")
    )
}

/// The triggers of a table at `at` that the rows are linked with.
fn sqlite(sql: &mut String, sum: &Sum, at: usize) {
    let (from, kept, name) = (sum.from[at], KEPT.name, sum.name);
    let change = |sign: &str, row: Row| {
        let found = combinations(Backend::Sqlite, sum, at, row, None);
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
    // most rows that come and go are linked with nothing that counts
    let counts = |row: &'static str| {
        let linking = combinations(Backend::Sqlite, sum, at, Row { name: row, absent: false }, None);
        if from.optional { String::new() } else { format!(" WHEN EXISTS ({linking})") }
    };
    let (added, removed) = (counts("NEW"), counts("OLD"));
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

/// The triggers of the rows that are summed: all that a statement changed are counted at once.
fn rows_postgres(sql: &mut String, group: &[&Sum]) {
    let (first, from, kind) = (group[0], group[0].from[0], Backend::Postgres);
    let names: Vec<&str> = group.iter().map(|sum| sum.name).collect();
    let each =
        |how: &dyn Fn(&str) -> String, with: &str| names.iter().map(|name| how(name)).collect::<Vec<_>>().join(with);
    let set = |sign: &str, table: &'static str| {
        if !names_part(first) {
            let found = combinations(kind, first, 0, Row { name: "", absent: false }, Some(table));
            return format!("SELECT part, {sign}amount AS {} FROM ({found}) m", first.name);
        }
        let amounts: Vec<String> =
            group.iter().map(|sum| format!("{sign}({}) AS {}", amount(kind, sum, from.alias), sum.name)).collect();
        let part = Sum::resolve(first.part, &|alias, column| format!("{alias}.\"{column}\""));
        format!("SELECT {part} AS part, {} FROM {table} {}", amounts.join(", "), from.alias)
    };
    let family = names.contains(&FAMILY_OF);
    let note = |sides: &[String]| {
        let rows = sides.join(" UNION ALL ");
        let changed = format!(
            "SELECT r.part, {} FROM ({rows}) r WHERE r.part IS NOT NULL GROUP BY r.part HAVING {}",
            each(&|name| format!("SUM(r.{name}) AS {name}"), ", "),
            each(&|name| format!("SUM(r.{name}) <> 0"), " OR ")
        );
        let columns = names.join(", ");
        // a part that is yet to come sums what is there
        let many = if family {
            format!(
                "INSERT INTO {} (part, {columns}, {FAMILY}) WITH d AS ({changed}) SELECT e.part, {}, SUM(e.{FAMILY}) FROM \
                 (SELECT d.*, 0 AS {FAMILY} FROM d UNION ALL SELECT CAST(a.value AS BIGINT), {}, d.{FAMILY_OF} FROM d \
                 JOIN part_part v ON v.id = d.part CROSS JOIN {} WHERE d.{FAMILY_OF} <> 0) e \
                 WHERE EXISTS (SELECT 1 FROM part_part p WHERE p.id = e.part) GROUP BY e.part;",
                CHANGES.name,
                each(&|name| format!("SUM(e.{name})"), ", "),
                each(&|_| "0".to_owned(), ", "),
                kind.path_keys("v.tree_path", "a").text()
            )
        } else {
            format!(
                "INSERT INTO {} (part, {columns}) SELECT d.* FROM ({changed}) d \
                 WHERE EXISTS (SELECT 1 FROM part_part p WHERE p.id = d.part);",
                CHANGES.name,
            )
        };
        // most statements change rows of one part: reading its sums and noting them takes a third of the time
        let own = each(&|name| format!("own.{name}"), ", ");
        let (own_names, own) =
            if family { (format!("{columns}, {FAMILY}"), format!("{own}, own.{FAMILY_OF}")) } else { (columns, own) };
        let one = format!("INSERT INTO {} (part, {own_names}) VALUES (own.part, {own});", CHANGES.name);
        let above = if family {
            format!(
                " IF own.{FAMILY_OF} <> 0 AND node <> '/' || own.part || '/' THEN INSERT INTO {} (part, {FAMILY}) \
                 SELECT p.id, own.{FAMILY_OF} FROM {} JOIN part_part p ON p.id = CAST(a.value AS BIGINT) \
                 WHERE p.id <> own.part; END IF;",
                CHANGES.name,
                kind.path_keys("node", "a").text()
            )
        } else {
            String::new()
        };
        format!(
            "SELECT MIN(r.part) AS part, MAX(r.part) AS last, {} INTO own FROM ({rows}) r WHERE r.part IS NOT NULL; \
             IF own.part < own.last THEN {many} ELSIF {} THEN SELECT p.tree_path INTO node FROM part_part p \
             WHERE p.id = own.part; IF FOUND THEN {one}{above} END IF; END IF;",
            each(&|name| format!("SUM(r.{name}) AS {name}"), ", "),
            each(&|name| format!("own.{name} <> 0"), " OR ")
        )
    };
    let mut create = |what: &str, on: &str, body: String| {
        let (trigger, table) = (trigger(first, from, what), from.table);
        let (event, rows) = on.split_once('|').unwrap_or((on, ""));
        writeln!(
            sql,
            "--pg: CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS \
             $$ DECLARE own RECORD; node TEXT; BEGIN {body} RETURN NULL; END $$;"
        )
        .unwrap();
        writeln!(
            sql,
            "--pg: CREATE TRIGGER {trigger} {event} ON {table} REFERENCING {rows} FOR EACH STATEMENT \
             EXECUTE FUNCTION {trigger}();"
        )
        .unwrap();
    };
    create("added", "AFTER INSERT|NEW TABLE AS fresh", note(&[set("", "fresh")]));
    create("removed", "AFTER DELETE|OLD TABLE AS former", note(&[set("-", "former")]));
    let both = note(&[set("", "fresh"), set("-", "former")]);
    create("changed", "AFTER UPDATE|OLD TABLE AS former NEW TABLE AS fresh", both);
}

/// The triggers of a table at `at` that the rows are linked with: its rows are counted one by one.
fn postgres(sql: &mut String, sum: &Sum, at: usize) {
    let (from, changes, name) = (sum.from[at], CHANGES.name, sum.name);
    // a part that is yet to come sums what is there
    let note = |sides: Vec<String>| {
        format!(
            "INSERT INTO {changes} (part, {name}) SELECT d.part, SUM(d.amount) FROM ({}) d \
             WHERE EXISTS (SELECT 1 FROM part_part p WHERE p.id = d.part) GROUP BY d.part HAVING SUM(d.amount) <> 0;",
            sides.join(" UNION ALL ")
        )
    };
    let signed = |sign: &str, found: String| {
        if sign == "-" { format!("SELECT part, -amount AS amount FROM ({found}) m") } else { found }
    };
    let mut create = |what: &str, event: &str, when: &str, body: String, result: &str| {
        let (trigger, table) = (trigger(sum, from, what), from.table);
        writeln!(
            sql,
            "--pg: CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {result}; END $$;"
        )
        .unwrap();
        writeln!(
            sql,
            "--pg: CREATE TRIGGER {trigger} {event} ON {table} FOR EACH ROW{when} EXECUTE FUNCTION {trigger}();"
        )
        .unwrap();
    };
    let all = |rows: &[&'static str]| {
        let sides = rows.iter().flat_map(|row| sides(from, row));
        note(sides.map(|(sign, row)| signed(sign, combinations(Backend::Postgres, sum, at, row, None))).collect())
    };
    // most rows that are inserted or deleted are linked with nothing that counts
    let linked = |row: &str, body: String| format!("IF EXISTS ({}) THEN {body} END IF;", first_link(sum, at, row));
    create("added", "AFTER INSERT", "", linked("NEW", all(&["NEW"])), "NEW");
    create("removed", "BEFORE DELETE", "", linked("OLD", all(&["OLD"])), "OLD");
    let columns = columns(sum, from.alias);
    if !columns.is_empty() {
        let event = format!("AFTER UPDATE OF {}", quoted(&columns));
        create("changed", &event, &format!(" WHEN ({})", differs(&columns)), all(&["OLD", "NEW"]), "NEW");
    }
}
