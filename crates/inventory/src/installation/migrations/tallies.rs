//! Kept numbers of rows as statements that create them: tables, views, the triggers that keep them, and their first
//! values, made from `schema::tallies`.

use std::collections::BTreeSet;
use std::fmt::Write;

use ironwood_store::{Fragment, fragment};

use super::{Migration, ddl};
use crate::schema::tallies::{TALLIES, Tally};

/// The key of a cell follows from its node and state: nothing counts it up.
const OWN_KEY: &str = "id\n        --sqlite: INTEGER PRIMARY KEY\n        --pg: {{id}}\n       ";

/// What a database that has had these steps needs: all is made anew, since it is derived.
pub(super) fn replace(earlier: &[Migration]) -> String {
    let mut sql =
        String::from("-- Kept numbers of rows as described in schema/tallies.rs, instead of earlier ones.\n\n");
    let lines = || earlier.iter().flat_map(|step| step.sql.lines());
    // one trigger may keep several tallies
    let mut dropped: Vec<String> = Vec::new();
    for tally in TALLIES {
        let (kept, changes, view) = (tally.kept.name, tally.changes.name, tally.counted.numbers);
        let ours =
            |name: &str| name.starts_with(&format!("{kept}_")) || name.starts_with(&format!("{}_tallied_", tally.rows));
        if !lines().any(|line| line.starts_with(&format!("CREATE TABLE {kept} "))) {
            continue;
        }
        let mut drops = Vec::new();
        for line in lines() {
            let mut words = line.split(' ').skip(3);
            let name = words.next().unwrap_or_default();
            let table = || words.clone().skip_while(|word| *word != "ON").nth(1).unwrap_or_default();
            let drop = if line.starts_with("--sqlite: CREATE TRIGGER ") && ours(name) {
                format!("--sqlite: DROP TRIGGER {name};")
            } else if line.starts_with("--pg: CREATE TRIGGER ") && ours(name) {
                format!("--pg: DROP TRIGGER {name} ON {};", table())
            } else if line.starts_with("--pg: CREATE FUNCTION ") && ours(name) {
                format!("--pg: DROP FUNCTION {name};")
            } else {
                continue;
            };
            if !dropped.contains(&drop) {
                dropped.push(drop.clone());
                drops.push(drop);
            }
        }
        // a function goes after the trigger that calls it
        drops.sort_by_key(|drop| drop.contains(" FUNCTION "));
        writeln!(sql, "{}\nDROP VIEW {view};\nDROP TABLE {kept};\nDROP TABLE {changes};", drops.join("\n")).unwrap();
    }
    sql + &create()
}

/// All of it.
pub(super) fn create() -> String {
    let mut sql = String::new();
    for tally in TALLIES {
        sql.push_str(&ddl::create_only(&[tally.kept]).replacen("id {{id}}", OWN_KEY, 1));
        sql.push_str(&ddl::create_only(&[tally.changes]));
        view(&mut sql, tally);
        let of = tally.nodes.map_or(String::new(), |(nodes, _)| format!(" in {nodes}"));
        writeln!(sql, "--progress: counting rows of {}{of}", tally.rows).unwrap();
        // the new tables are empty
        writeln!(sql, "{};", tally.renewal()[2].text()).unwrap();
        if let Some((nodes, column)) = tally.nodes {
            of_nodes(&mut sql, tally, nodes, column);
        }
    }
    let mut rows: Vec<&str> = Vec::new();
    for tally in TALLIES {
        if !rows.contains(&tally.rows) {
            rows.push(tally.rows);
            let group: Vec<&Tally> = TALLIES.iter().filter(|other| other.rows == tally.rows).collect();
            sqlite(&mut sql, &group);
            postgres(&mut sql, &group);
        }
    }
    sql
}

fn view(sql: &mut String, tally: &Tally) {
    let (view, kept, changes) = (tally.counted.numbers, tally.kept.name, tally.changes.name);
    let (names, noted) = match tally.nodes {
        Some((nodes, _)) => (
            "path, state, number",
            format!("SELECT n.tree_path, c.state, c.number FROM {changes} c JOIN {nodes} n ON n.id = c.node"),
        ),
        None => ("id AS state, number", format!("SELECT state, number FROM {changes}")),
    };
    writeln!(sql, "--sqlite: CREATE VIEW {view} AS SELECT {names} FROM {kept};").unwrap();
    writeln!(sql, "--pg: CREATE VIEW {view} AS SELECT {names} FROM {kept} UNION ALL {noted};").unwrap();
}

fn postgres_trigger(sql: &mut String, name: &str, when: &str, body: &str) {
    writeln!(
        sql,
        "--pg: CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$;\n\
         --pg: CREATE TRIGGER {name} AFTER {when} EXECUTE FUNCTION {name}();"
    )
    .unwrap();
}

/// The triggers of the nodes.
fn of_nodes(sql: &mut String, tally: &Tally, nodes: &str, column: &str) {
    let (kept, states) = (tally.kept.name, tally.states());
    let cells = |node: &str| format!("id >= {node}.id * {states} AND id < ({node}.id + 1) * {states}");
    // rows that name a node may have been there before it
    let first = format!(
        "INSERT INTO {kept} (id, path, state, number) SELECT {}, NEW.tree_path, r.state, r.number FROM \
         (SELECT {} AS state, COUNT(*) AS number FROM {} r WHERE r.\"{column}\" = NEW.id GROUP BY 1) r;",
        tally.cell("NEW.id", "r.state").text(),
        tally.state("r").text(),
        tally.rows
    );
    let moved = format!("UPDATE {kept} SET path = NEW.tree_path WHERE {};", cells("NEW"));
    let removed = format!("DELETE FROM {kept} WHERE {};", cells("OLD"));
    let changes = format!("DELETE FROM {} WHERE node = OLD.id; ", tally.changes.name);
    let each = [
        ("node_added", format!("INSERT ON {nodes}"), "", first, ""),
        ("node_moved", format!("UPDATE OF tree_path ON {nodes}"), "OLD.tree_path <> NEW.tree_path", moved, ""),
        ("node_removed", format!("DELETE ON {nodes}"), "", removed, &changes),
    ];
    for (name, event, when, body, before) in each {
        let name = format!("{kept}_{name}");
        let (sqlite, postgres) = match when {
            "" => (String::new(), String::new()),
            when => (format!(" WHEN {when}"), format!(" WHEN ({when})")),
        };
        writeln!(sql, "--sqlite: CREATE TRIGGER {name} AFTER {event}{sqlite} BEGIN {body} END;").unwrap();
        postgres_trigger(sql, &name, &format!("{event} FOR EACH ROW{postgres}"), &format!("{before}{body}"));
    }
}

/// The condition that a row has come into another cell.
fn differs(tally: &Tally) -> String {
    let mut all = Vec::new();
    if !tally.columns().is_empty() {
        all.push(format!("({}) <> ({})", tally.state("OLD").text(), tally.state("NEW").text()));
    }
    if let Some((_, column)) = tally.nodes {
        all.push(format!("OLD.\"{column}\" IS DISTINCT FROM NEW.\"{column}\""));
    }
    all.join(" OR ")
}

/// The columns on which the cells of a row depend, quoted, and the condition that it has come into others.
fn dependence(group: &[&Tally]) -> Option<(String, String)> {
    let columns: BTreeSet<&str> = group
        .iter()
        .flat_map(|tally| tally.columns().into_iter().chain(tally.nodes.map(|(_, column)| column)))
        .collect();
    let columns: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    let differs: Vec<String> = group.iter().map(|tally| differs(tally)).filter(|sql| !sql.is_empty()).collect();
    (!columns.is_empty()).then(|| (columns.join(", "), differs.join(" OR ")))
}

/// The name of a trigger of rows that keeps all numbers of them.
fn trigger(group: &[&Tally], what: &str) -> String {
    format!("{}_tallied_{what}", group[0].rows)
}

fn sqlite(sql: &mut String, group: &[&Tally]) {
    let rows = group[0].rows;
    let count = |tally: &Tally| {
        let state = tally.state("NEW");
        let (kept, state) = (tally.kept.name, state.text());
        let more = "ON CONFLICT (id) DO UPDATE SET number = number + 1;";
        match tally.nodes {
            Some((nodes, column)) => format!(
                "INSERT INTO {kept} (id, path, state, number) SELECT {}, n.tree_path, d.state, 1 FROM \
                 (SELECT {state} AS state) d CROSS JOIN {nodes} n WHERE n.id = NEW.\"{column}\" {more}",
                tally.cell("n.id", "d.state").text()
            ),
            None => format!("INSERT INTO {kept} (id, number) VALUES ({state}, 1) {more}"),
        }
    };
    let uncount = |tally: &Tally| {
        let node = tally.nodes.map_or(Fragment::new(), |(_, column)| fragment!("OLD.\"{column}\""));
        let cell = tally.cell(node, tally.state("OLD"));
        format!("UPDATE {} SET number = number - 1 WHERE id = {};", tally.kept.name, cell.text())
    };
    let all = |each: &dyn Fn(&Tally) -> String| group.iter().map(|tally| each(tally)).collect::<Vec<_>>().join(" ");
    let mut line = |what: &str, event: &str, body: &str| {
        let name = trigger(group, what);
        writeln!(sql, "--sqlite: CREATE TRIGGER {name} AFTER {event} BEGIN {body} END;").unwrap();
    };
    line("added", &format!("INSERT ON {rows}"), &all(&count));
    line("removed", &format!("DELETE ON {rows}"), &all(&uncount));
    // most changes are about one of them
    for tally in group {
        if let Some((columns, differs)) = dependence(&[tally]) {
            writeln!(
                sql,
                "--sqlite: CREATE TRIGGER {}_changed AFTER UPDATE OF {columns} ON {rows} WHEN {differs} BEGIN {} {} END;",
                tally.kept.name,
                uncount(tally),
                count(tally)
            )
            .unwrap();
        }
    }
}

fn postgres(sql: &mut String, group: &[&Tally]) {
    let rows = group[0].rows;
    let names = |tally: &Tally| if tally.nodes.is_some() { "node, state, number" } else { "state, number" };
    let set = |sign: &str, from: &str| {
        let each = group.iter().map(|tally| {
            // a node that is not there yet counts its rows when it comes
            let (node, there, group) = match tally.nodes {
                Some((nodes, column)) => (
                    format!("r.\"{column}\", "),
                    format!(" WHERE EXISTS (SELECT 1 FROM {nodes} n WHERE n.id = r.\"{column}\")"),
                    "1, 2",
                ),
                None => (String::new(), String::new(), "1"),
            };
            format!(
                "INSERT INTO {} ({}) SELECT {node}{}, {sign}COUNT(*) FROM {from} r{there} GROUP BY {group};",
                tally.changes.name,
                names(tally),
                tally.state("r").text()
            )
        });
        each.collect::<Vec<_>>().join(" ")
    };
    let changed = |tally: &Tally| {
        let side = |row: &'static str, number: &str| match tally.nodes {
            Some((nodes, column)) => {
                format!(
                    "SELECT n.id, {}, {number} FROM {nodes} n WHERE n.id = {row}.\"{column}\"",
                    tally.state(row).text()
                )
            }
            None => format!("SELECT {}, {number}", tally.state(row).text()),
        };
        let (changes, names) = (tally.changes.name, names(tally));
        let note = format!("INSERT INTO {changes} ({names}) {} UNION ALL {};", side("OLD", "-1"), side("NEW", "1"));
        if group.len() == 1 { note } else { format!("IF {} THEN {note} END IF;", differs(tally)) }
    };
    let mut create = |what: &str, when: &str, body: &str| postgres_trigger(sql, &trigger(group, what), when, body);
    let added = format!("INSERT ON {rows} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT");
    create("added", &added, &set("", "new_rows"));
    let removed = format!("DELETE ON {rows} REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT");
    create("removed", &removed, &set("-", "old_rows"));
    if let Some((columns, differs)) = dependence(group) {
        let body = group.iter().map(|tally| changed(tally)).collect::<Vec<_>>().join(" ");
        create("changed", &format!("UPDATE OF {columns} ON {rows} FOR EACH ROW WHEN ({differs})"), &body);
    }
}
