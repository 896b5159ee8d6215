//! The index of searched texts as statements that create it: made from what tables say of their columns.
//!
//! In SQLite it is a virtual table of trigrams that triggers keep; in PostgreSQL an index over an expression, which
//! needs the extension pg_trgm.

use std::fmt::Write;

use ironwood_rest::search::{index_of, indexed_text};
use ironwood_rest::table::Table;

/// The statements that create the index of every table that has searched columns, and fill it.
pub(super) fn create(tables: &[&Table]) -> String {
    let mut sql = String::from("-- Searches find texts by an index. Made from the descriptions of the tables.\n\n");
    let searched: Vec<&Table> = tables.iter().copied().filter(|table| !table.searched.is_empty()).collect();
    searched.iter().for_each(|table| in_sqlite(&mut sql, table));
    in_postgres(&mut sql, &searched);
    sql
}

fn in_sqlite(sql: &mut String, table: &Table) {
    let (name, index) = (table.name, index_of(table));
    let index = index.text();
    let each = |how: &dyn Fn(&str) -> String, between: &str| {
        table.searched.iter().map(|column| how(column)).collect::<Vec<_>>().join(between)
    };
    let columns = each(&|c| format!("\"{c}\""), ", ");
    // most histories say nothing, most items have neither number nor batch
    let some = |row: &str| each(&|c| format!("COALESCE({row}\"{c}\", '') <> ''"), " OR ");
    let folded = |row: &str| each(&|c| format!("LOWER({row}\"{c}\")"), ", ");
    let changed = each(&|c| format!("OLD.\"{c}\" IS NOT NEW.\"{c}\""), " OR ");
    let insert = format!("INSERT INTO {index} (rowid, {columns})");
    let delete = format!("DELETE FROM {index} WHERE rowid = OLD.id;");
    let mut line = |text: String| writeln!(sql, "--sqlite: {text}").unwrap();
    line(format!(
        "CREATE VIRTUAL TABLE {index} USING fts5({columns}, content='', contentless_delete=1, \
         tokenize='trigram case_sensitive 1');"
    ));
    line(format!("{insert} SELECT id, {} FROM {name} WHERE {};", folded(""), some("")));
    line(format!(
        "CREATE TRIGGER {index}_added AFTER INSERT ON {name} WHEN {} BEGIN {insert} VALUES (NEW.id, {}); END;",
        some("NEW."),
        folded("NEW.")
    ));
    line(format!(
        "CREATE TRIGGER {index}_changed AFTER UPDATE OF {columns} ON {name} WHEN {changed} BEGIN {delete} \
         {insert} SELECT NEW.id, {} WHERE {}; END;",
        folded("NEW."),
        some("NEW.")
    ));
    line(format!("CREATE TRIGGER {index}_removed AFTER DELETE ON {name} WHEN {} BEGIN {delete} END;", some("OLD.")));
}

fn in_postgres(sql: &mut String, tables: &[&Table]) {
    let indexes: Vec<String> = tables
        .iter()
        .map(|table| {
            let text = indexed_text(table, "").text().replace('\'', "''");
            format!(
                "EXECUTE 'CREATE INDEX {} ON {} USING gin (({text}) ' || place || '.gin_trgm_ops)';",
                index_of(table).text(),
                table.name
            )
        })
        .collect();
    writeln!(
        sql,
        "--pg: DO $$ DECLARE place TEXT; BEGIN \
         BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm; EXCEPTION WHEN OTHERS THEN NULL; END; \
         SELECT quote_ident(n.nspname) INTO place FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace \
         WHERE e.extname = 'pg_trgm'; IF place IS NOT NULL THEN {} END IF; END $$;",
        indexes.join(" ")
    )
    .unwrap();
}
