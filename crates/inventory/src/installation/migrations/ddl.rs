//! Generates DDL from table descriptions.

use std::fmt::Write;

use ironwood_base::decimal;
use ironwood_rest::table::{Column, ColumnType, Default, OnDelete, PATH, PATH_END, Table};

use crate::schema::record_type::{Has, with};

/// Longest name that PostgreSQL keeps whole.
const LONGEST_NAME: usize = 63;

/// The statements that create the tables, which are to come in such an order that most links lead
/// backwards.
pub(super) fn create(tables: &[&Table]) -> String {
    let mut sql = String::new();
    let mut later = String::new();
    for (i, table) in tables.iter().enumerate() {
        let known: Vec<&str> = tables[..=i].iter().map(|table| table.name).collect();
        create_table(&mut sql, &mut later, table, &known);
        create_indexes(&mut sql, table);
        sql.push('\n');
    }
    create_triggers(&mut later);
    note_files(&mut later, tables);
    end_histories(&mut later);
    sql + &later
}

/// The statements that create further tables, without links among each other.
pub(super) fn create_only(tables: &[&Table]) -> String {
    let (mut sql, mut later) = (String::new(), String::new());
    for table in tables {
        create_table(&mut sql, &mut later, table, &[]);
        create_indexes(&mut sql, table);
        sql.push('\n');
    }
    sql + &later
}

/// What hangs on a record by its model's name goes with the record, also where that goes because
/// another one went.
fn create_triggers(sql: &mut String) {
    let condition = |table: &str, model: &str, key: &str, name: &str| {
        format!("DELETE FROM {table} WHERE {model} = {name} AND {key} = OLD.id;")
    };
    let all = |short: &str, whole: &str| {
        [
            condition("common_attachment", "model_type", "model_id", short),
            condition("common_notesimage", "model_type", "model_id", short),
            condition("common_parameter", "model_type", "model_id", whole),
            condition("taggit_taggeditem", "content_type", "object_id", whole),
        ]
        .join(" ")
    };
    writeln!(
        sql,
        "--pg: CREATE FUNCTION ironwood_drop_belongings() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN {} RETURN OLD; END $$;",
        all("TG_ARGV[0]", "TG_ARGV[1]")
    )
    .unwrap();
    for one in with(Has::Tags) {
        let (table, short, whole) = (one.table.name, one.table.model(), one.table.record);
        writeln!(
            sql,
            "--pg: CREATE TRIGGER {table}_belongings AFTER DELETE ON {table} FOR EACH ROW \
             EXECUTE FUNCTION ironwood_drop_belongings('{short}', '{whole}');"
        )
        .unwrap();
        writeln!(
            sql,
            "--sqlite: CREATE TRIGGER {table}_belongings AFTER DELETE ON {table} BEGIN {} END;",
            all(&format!("'{short}'"), &format!("'{whole}'"))
        )
        .unwrap();
    }
}

/// Files of a row that is deleted, be it because another row went, are noted: a job removes what nothing names.
fn note_files(sql: &mut String, tables: &[&Table]) {
    const NOTE: &str = "INSERT INTO ironwood_leftover (path, since) SELECT DISTINCT";
    writeln!(
        sql,
        "--pg: CREATE FUNCTION ironwood_note_files() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {NOTE} \
         to_jsonb(OLD) ->> n, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') \
         FROM unnest(TG_ARGV) n WHERE COALESCE(to_jsonb(OLD) ->> n, '') <> ''; RETURN OLD; END $$;"
    )
    .unwrap();
    for table in tables {
        let files: Vec<&str> = table.columns.iter().filter(|c| c.is_file()).map(|c| c.name).collect();
        if files.is_empty() {
            continue;
        }
        let begin = format!("TRIGGER {0}_files AFTER DELETE ON {0}", table.name);
        let names = files.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        let paths: Vec<String> = files.iter().map(|name| format!("SELECT OLD.\"{name}\" AS path")).collect();
        writeln!(sql, "--pg: CREATE {begin} FOR EACH ROW EXECUTE FUNCTION ironwood_note_files({names});").unwrap();
        writeln!(
            sql,
            "--sqlite: CREATE {begin} BEGIN {NOTE} path, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM ({}) \
             WHERE COALESCE(path, '') <> ''; END;",
            paths.join(" UNION ALL ")
        )
        .unwrap();
    }
}

/// The history of a stock item that is deleted, be it because another row went, keeps whose it was and
/// until when: the stock of past days counts it.
fn end_histories(sql: &mut String) {
    const BEGIN: &str = "TRIGGER stock_stockitem_history BEFORE DELETE ON stock_stockitem";
    let end =
        |now: &str| format!("UPDATE stock_stockitemtracking SET item_key = item, ended = {now} WHERE item = OLD.id;");
    let now = "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')";
    writeln!(
        sql,
        "--pg: CREATE FUNCTION ironwood_end_history() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN {} RETURN OLD; END $$;",
        end(now)
    )
    .unwrap();
    writeln!(sql, "--pg: CREATE {BEGIN} FOR EACH ROW EXECUTE FUNCTION ironwood_end_history();").unwrap();
    writeln!(sql, "--sqlite: CREATE {BEGIN} BEGIN {} END;", end("strftime('%Y-%m-%dT%H:%M:%fZ', 'now')")).unwrap();
}

fn definition(column: &Column) -> String {
    let mut line = format!("\"{}\" {}{}", column.name, sql_type(column), default(column));
    line.push_str(if column.null { "" } else { " NOT NULL" });
    line.push_str(if column.unique { " UNIQUE" } else { "" });
    line
}

/// The statement that adds a column to a table that is there.
pub(super) fn add_column(table: &Table, column: &Column) -> String {
    let mut line = format!("ALTER TABLE {} ADD COLUMN {}", table.name, definition(column));
    if let ColumnType::Link(target, on_delete) = column.kind {
        line.push_str(&format!(" {}", references(target, on_delete)));
    }
    if let Some(condition) = column.condition() {
        line.push_str(&format!(" CONSTRAINT \"{}\" CHECK ({})", column.name, condition.text()));
    }
    line + ";"
}

fn create_table(sql: &mut String, later: &mut String, table: &Table, known: &[&str]) {
    let mut lines = vec![String::from("    id {{id}}")];
    let mut constraints = Vec::new();
    for column in table.columns.iter().filter(|column| column.stored()) {
        let mut line = format!("    {}", definition(column));
        if let ColumnType::Link(target, on_delete) = column.kind {
            let references = references(target, on_delete);
            if known.contains(&target.name) {
                write!(line, " {references}").unwrap();
            } else {
                // SQLite takes a link to a table that is yet to come, but cannot add one; PostgreSQL
                // the other way round
                write!(line, "\n        --sqlite: {references}\n       ").unwrap();
                writeln!(later, "--pg: ALTER TABLE {} ADD FOREIGN KEY (\"{}\") {references};", table.name, column.name)
                    .unwrap();
            }
        }
        lines.push(line);
        if column.name == PATH {
            // '0' follows '/' in byte order
            let end = format!("RTRIM(\"{PATH}\", '/') || '0'");
            lines.push(format!("    \"{PATH_END}\" {{{{text}}}} GENERATED ALWAYS AS ({end}) STORED"));
        }
        if let Some(condition) = column.condition() {
            constraints.push(format!("    CONSTRAINT \"{}\" CHECK ({})", column.name, condition.text()));
        }
    }
    lines.extend(table.unique.iter().map(|columns| format!("    UNIQUE ({})", list(columns))));
    lines.extend(constraints);
    writeln!(sql, "CREATE TABLE {} (\n{}\n);", table.name, lines.join(",\n")).unwrap();
}

fn create_indexes(sql: &mut String, table: &Table) {
    // lists have rows without a value first, which is the order of SQLite
    let sorted = |name: &str| {
        let last = table.column(name).is_some_and(|column| column.null && !matches!(column.kind, ColumnType::Link(..)));
        format!("\"{name}\"{}", if last { " NULLS FIRST" } else { "" })
    };
    let mut index = |kind: &str, columns: &[&str], condition: &str| {
        let name = format!("{}_{}", table.name, columns.join("_"));
        assert!(name.len() <= LONGEST_NAME, "{name} is too long for the name of an index");
        let table = table.name;
        let (plain, sorted) = (list(columns), columns.iter().map(|name| sorted(name)).collect::<Vec<_>>().join(", "));
        if kind.starts_with("UNIQUE") || plain == sorted {
            writeln!(sql, "CREATE {kind} {name} ON {table} ({plain}){condition};").unwrap();
        } else {
            writeln!(sql, "--sqlite: CREATE {kind} {name} ON {table} ({plain}){condition};").unwrap();
            writeln!(sql, "--pg: CREATE {kind} {name} ON {table} ({sorted}){condition};").unwrap();
        }
    };
    for (columns, condition) in table.unique_where {
        index("UNIQUE INDEX", columns, &format!(" WHERE {condition}"));
    }
    for columns in table.indexes {
        index("INDEX", columns, "");
    }
    for (columns, condition) in table.index_where {
        index("INDEX", columns, &format!(" WHERE {condition}"));
    }
    for column in table.columns.iter().filter(|column| column.stored()) {
        let first = |columns: &&[&str]| columns[0] == column.name;
        let there = column.unique || table.unique.iter().any(first) || table.indexes.iter().any(first);
        let link = matches!(column.kind, ColumnType::Link(..));
        if (link || column.index || column.name == PATH) && !there {
            // most links that may be null are: those rows need no place in the index
            let some = link && column.null;
            let condition = if some { format!(" WHERE \"{}\" IS NOT NULL", column.name) } else { String::new() };
            index("INDEX", &[column.name], &condition);
        }
    }
}

fn list(columns: &[&str]) -> String {
    columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
}

fn sql_type(column: &Column) -> &'static str {
    match column.kind {
        ColumnType::Int { .. } | ColumnType::Decimal { .. } | ColumnType::Link(..) => "BIGINT",
        ColumnType::Bool => "BOOLEAN",
        ColumnType::Real => "{{real}}",
        ColumnType::Text
        | ColumnType::Url
        | ColumnType::Email
        | ColumnType::File
        | ColumnType::Image
        | ColumnType::Date
        | ColumnType::Time
        | ColumnType::Json
        | ColumnType::Model => "{{text}}",
        ColumnType::Many { .. } => unreachable!("not a column"),
    }
}

fn default(column: &Column) -> String {
    match column.default {
        Default::None | Default::Now | Default::Changed => String::new(),
        Default::Bool(value) => format!(" DEFAULT {}", if value { "TRUE" } else { "FALSE" }),
        Default::Text(value) => format!(" DEFAULT '{}'", value.replace('\'', "''")),
        Default::Int(value) => match column.kind {
            ColumnType::Decimal { places, .. } => format!(" DEFAULT {}", value * decimal::scale(places)),
            _ => format!(" DEFAULT {value}"),
        },
    }
}

fn references(target: &Table, on_delete: OnDelete) -> String {
    let action = match on_delete {
        OnDelete::Cascade => "CASCADE",
        OnDelete::SetNull => "SET NULL",
        OnDelete::Protect => "NO ACTION",
    };
    format!("REFERENCES {} (id) ON DELETE {action} DEFERRABLE INITIALLY DEFERRED", target.name)
}
