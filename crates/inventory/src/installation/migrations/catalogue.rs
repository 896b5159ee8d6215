//! For tests: everything that a database says of its tables, as one set of lines.

use std::collections::BTreeSet;

use ironwood_base::Result;
use ironwood_rest::selected;
use ironwood_store::{Backend, Connection, fragment};

/// Tables with the types, defaults and checks of their columns, indexes, foreign keys, triggers and functions.
pub(super) fn catalogue(connection: &mut Connection) -> Result<BTreeSet<String>> {
    match connection.backend() {
        Backend::Sqlite => sqlite(connection),
        Backend::Postgres => postgres(connection),
    }
}

selected! {
    /// What SQLite keeps of a table, an index or a trigger.
    struct Definition {
        kind: String = "type",
        name: String = "name",
        table: String = "tbl_name",
        sql: String = "sql",
    }
}

/// SQLite keeps the statements: those of tables are divided into their definitions, because columns that are added
/// later stand behind constraints.
fn sqlite(connection: &mut Connection) -> Result<BTreeSet<String>> {
    let from = "FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'";
    let mut lines = BTreeSet::new();
    for Definition { kind, name, table, sql } in selected::all(connection, from, &[])? {
        let text = plain(&sql);
        if kind == "table" {
            let inner = text.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')).map_or("", |(inner, _)| inner);
            lines.extend(definitions(inner).iter().map(|definition| format!("{table}: {definition}")));
        } else {
            lines.insert(format!("{kind} {name}: {text}"));
        }
    }
    Ok(lines)
}

/// The statement without line breaks, comments, and quotes around names that need none.
fn plain(sql: &str) -> String {
    let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ").replace('"', "")
}

/// What stands between the commas that are in no brackets.
fn definitions(text: &str) -> Vec<String> {
    let (mut depth, mut all, mut quoted) = (0, vec![String::new()], false);
    for sign in text.chars() {
        quoted ^= sign == '\'';
        match sign {
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                all.push(String::new());
                continue;
            }
            _ => {}
        }
        all.last_mut().unwrap().push(sign);
    }
    all.iter().map(|definition| definition.trim().replace("( ", "(")).collect()
}

fn postgres(connection: &mut Connection) -> Result<BTreeSet<String>> {
    const HERE: &str = "CAST(current_schema() AS regnamespace)";
    let columns = fragment!(
        "SELECT c.relname || '.' || a.attname || ': ' || format_type(a.atttypid, a.atttypmod) || ' ' \
         || COALESCE((SELECT l.collname FROM pg_collation l WHERE l.oid = a.attcollation), '') \
         || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || ' ' || a.attidentity::text || a.attgenerated::text || ' ' \
         || COALESCE(pg_get_expr(d.adbin, d.adrelid), '') \
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
         WHERE c.relnamespace = {HERE} AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
    );
    let constraints = fragment!(
        "SELECT conrelid::regclass::text || ' ' || contype::text || CASE contype WHEN 'c' THEN ' ' || conname ELSE '' END \
         || ': ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = {HERE}"
    );
    let indexes = "SELECT indexdef::text FROM pg_indexes WHERE schemaname = current_schema()".into();
    let triggers = fragment!(
        "SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
         WHERE NOT t.tgisinternal AND c.relnamespace = {HERE}"
    );
    let functions =
        fragment!("SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = {HERE} AND p.prokind = 'f'");
    let mut lines = BTreeSet::new();
    for sql in [columns, constraints, indexes, triggers, functions] {
        lines.extend(connection.rows(&sql, &[])?.iter().map(|row| row.text(0).to_owned()));
    }
    Ok(lines)
}
