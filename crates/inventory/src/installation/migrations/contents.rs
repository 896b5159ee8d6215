//! Kept numbers of what lies in the nodes of trees, as statements that create them: tables, views, the triggers that
//! keep them, and their first values, made from `schema::contents`.

use std::fmt::Write;

use super::ddl;
use crate::schema::contents::{CONTENTS, Contents};

/// The step that creates all of it.
pub(super) fn create() -> String {
    let mut sql =
        String::from("-- Numbers of what lies in locations and categories, as described in schema/contents.rs.\n\n");
    for contents in CONTENTS {
        sql.push_str(&ddl::create_only(&[contents.kept, contents.changes]));
        view(&mut sql, contents);
        // the new tables are empty
        writeln!(sql, "{};", contents.renewal()[2].text()).unwrap();
        sqlite(&mut sql, contents);
        postgres(&mut sql, contents);
    }
    sql
}

fn view(sql: &mut String, contents: &Contents) {
    let (view, kept, changes) = (contents.view, contents.kept.name, contents.changes.name);
    writeln!(sql, "--sqlite: CREATE VIEW {view} AS SELECT id, path, number FROM {kept};").unwrap();
    writeln!(
        sql,
        "--pg: CREATE VIEW {view} AS SELECT id, path, number FROM {kept} UNION ALL \
         SELECT k.id, k.path, c.number FROM {changes} c JOIN {kept} k ON k.id = c.node;"
    )
    .unwrap();
}

/// What a node begins with: rows that name it may have been there before it.
fn first(contents: &Contents) -> String {
    let Contents { kept, rows, column, .. } = contents;
    format!(
        "INSERT INTO {} (id, path, number) VALUES (NEW.id, NEW.tree_path, \
         (SELECT COUNT(*) FROM {rows} r WHERE r.\"{column}\" = NEW.id));",
        kept.name
    )
}

fn sqlite(sql: &mut String, contents: &Contents) {
    let Contents { kept, nodes, rows, column, .. } = contents;
    let kept = kept.name;
    let mut line = |table: &str, event: &str, body: &str| {
        let name = format!("{table}_{}", event.split(' ').next().unwrap_or_default());
        let when = event.split_once(' ').map_or("", |(_, when)| when);
        writeln!(sql, "--sqlite: CREATE TRIGGER {name} AFTER {when} BEGIN {body} END;").unwrap();
    };
    let count =
        |row: &str, sign: &str| format!("UPDATE {kept} SET number = number {sign} 1 WHERE id = {row}.\"{column}\";");
    line(kept, &format!("added INSERT ON {rows} WHEN NEW.\"{column}\" IS NOT NULL"), &count("NEW", "+"));
    line(kept, &format!("removed DELETE ON {rows} WHEN OLD.\"{column}\" IS NOT NULL"), &count("OLD", "-"));
    line(
        kept,
        &format!("moved UPDATE OF \"{column}\" ON {rows} WHEN OLD.\"{column}\" IS NOT NEW.\"{column}\""),
        &format!("{} {}", count("OLD", "-"), count("NEW", "+")),
    );
    line(kept, &format!("node_added INSERT ON {nodes}"), &first(contents));
    line(
        kept,
        &format!("node_moved UPDATE OF tree_path ON {nodes} WHEN OLD.tree_path <> NEW.tree_path"),
        &format!("UPDATE {kept} SET path = NEW.tree_path WHERE id = NEW.id;"),
    );
    line(kept, &format!("node_removed DELETE ON {nodes}"), &format!("DELETE FROM {kept} WHERE id = OLD.id;"));
}

fn postgres(sql: &mut String, contents: &Contents) {
    let Contents { kept, changes, nodes, rows, column, .. } = contents;
    let (kept, changes) = (kept.name, changes.name);
    let mut create = |name: &str, when: &str, body: &str| {
        let name = format!("{kept}_{name}");
        writeln!(
            sql,
            "--pg: CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$;"
        )
        .unwrap();
        writeln!(sql, "--pg: CREATE TRIGGER {name} AFTER {when} EXECUTE FUNCTION {name}();").unwrap();
    };
    // a node that is not there yet counts its rows when it comes
    let note = |node: &str, number: &str, from: &str, group: &str| {
        format!(
            "INSERT INTO {changes} (node, number) SELECT {node}, {number} FROM {from} \
             WHERE EXISTS (SELECT 1 FROM {nodes} n WHERE n.id = {node}){group};"
        )
    };
    let all = |sign: &str, from: &str| {
        note(&format!("r.\"{column}\""), &format!("{sign}COUNT(*)"), from, &format!(" GROUP BY r.\"{column}\""))
    };
    let added = format!("INSERT ON {rows} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT");
    create("added", &added, &all("", "new_rows r"));
    let removed = format!("DELETE ON {rows} REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT");
    create("removed", &removed, &all("-", "old_rows r"));
    let moved = format!(
        "UPDATE OF \"{column}\" ON {rows} FOR EACH ROW WHEN (OLD.\"{column}\" IS DISTINCT FROM NEW.\"{column}\")"
    );
    let each = note(
        "d.node",
        "d.number",
        &format!("(VALUES (OLD.\"{column}\", -1), (NEW.\"{column}\", 1)) d (node, number)"),
        "",
    );
    create("moved", &moved, &each);
    create("node_added", &format!("INSERT ON {nodes} FOR EACH ROW"), &first(contents));
    create(
        "node_moved",
        &format!("UPDATE OF tree_path ON {nodes} FOR EACH ROW WHEN (OLD.tree_path <> NEW.tree_path)"),
        &format!("UPDATE {kept} SET path = NEW.tree_path WHERE id = NEW.id;"),
    );
    create(
        "node_removed",
        &format!("DELETE ON {nodes} FOR EACH ROW"),
        &format!("DELETE FROM {changes} WHERE node = OLD.id; DELETE FROM {kept} WHERE id = OLD.id;"),
    );
}
