//! Looking for damage in a database: what no request can make, but records from elsewhere, or a hand in the
//! database, may have brought.

mod circle;
mod rules;

use ironwood_base::Result;
use ironwood_rest::table::{ColumnType, PATH, TREE_ID, Table};
use ironwood_store::{AsSql, Connection, Value, fragment};

use crate::schema::record_type::RECORD_TYPES;
use crate::schema::totals;

/// Rows that are named for each kind of fault; that there are more is said.
const SHOWN: usize = 10;

/// What is wrong, a line each.
struct Report<'a> {
    conn: &'a mut Connection,
    lines: Vec<String>,
}

impl Report<'_> {
    /// Notes a fault of rows of a table, by their keys.
    fn note(&mut self, table: &str, keys: &[i64], fault: &str) {
        self.lines.extend(keys.iter().take(SHOWN).map(|key| format!("{table} {key}: {fault}")));
        if keys.len() > SHOWN {
            self.lines.push(format!("{table}: more rows with the same problem"));
        }
    }

    /// Notes a fault of the rows whose keys a statement gives.
    fn look(&mut self, table: &str, sql: impl AsSql, params: &[Value], fault: &str) -> Result<()> {
        let sql = fragment!("{sql} ORDER BY 1 LIMIT {}", SHOWN + 1);
        let keys: Vec<i64> = self.conn.rows(&sql, params)?.iter().map(|row| row.int(0)).collect();
        self.note(table, &keys, fault);
        Ok(())
    }
}

/// What is wrong in these tables, a line each: links to nothing, values that their column does not allow,
/// trees whose paths do not agree with their parents, rows that lead back to themselves; what hangs on
/// records that are not there; and what must not be among parts, stock and orders.
///
/// # Errors
/// Those of the database.
pub fn check(conn: &mut Connection, tables: &[&'static Table]) -> Result<Vec<String>> {
    let mut report = Report { conn, lines: Vec::new() };
    for table in tables {
        links(&mut report, table)?;
        values(&mut report, table)?;
        tree(&mut report, table)?;
        circle::of_links(&mut report, table)?;
    }
    orphans(&mut report)?;
    circle::of_assemblies(&mut report)?;
    for rule in rules::RULES {
        report.look(rule.table, rule.rows, &[], rule.fault)?;
    }
    report.lines.extend(totals::check(report.conn)?);
    Ok(report.lines)
}

fn links(report: &mut Report<'_>, table: &Table) -> Result<()> {
    for column in table.columns {
        let ColumnType::Link(target, _) = column.kind else { continue };
        let sql = fragment!(
            "SELECT r.id FROM {} r WHERE r.\"{}\" IS NOT NULL AND NOT EXISTS \
             (SELECT 1 FROM {} o WHERE o.id = r.\"{}\")",
            table.name,
            column.name,
            target.name,
            column.name
        );
        report.look(table.name, &sql, &[], &format!("{} refers to a missing record", column.name))?;
    }
    Ok(())
}

fn values(report: &mut Report<'_>, table: &Table) -> Result<()> {
    for column in table.columns {
        let Some(condition) = column.condition() else { continue };
        let sql = fragment!("SELECT id FROM {} WHERE NOT ({condition})", table.name);
        report.look(table.name, &sql, &[], &format!("{} has an invalid value", column.name))?;
    }
    Ok(())
}

fn tree(report: &mut Report<'_>, table: &Table) -> Result<()> {
    let Some(tree) = table.tree else { return Ok(()) };
    let above = fragment!("{0} r LEFT JOIN {0} p ON p.id = r.\"{1}\"", table.name, tree.parent);
    let sql =
        fragment!("SELECT r.id FROM {above} WHERE r.{PATH} <> COALESCE(p.{PATH}, '/') || CAST(r.id AS TEXT) || '/'");
    report.look(table.name, &sql, &[], "its path does not match its parent")?;
    let sql = fragment!("SELECT r.id FROM {above} WHERE r.{TREE_ID} <> p.{TREE_ID}");
    report.look(table.name, &sql, &[], "its tree ID differs from that of its parent")?;
    let sql = fragment!(
        "SELECT r.id FROM {0} r WHERE r.\"{1}\" IS NULL AND EXISTS (SELECT 1 FROM {0} o WHERE o.\"{1}\" IS NULL \
         AND o.{TREE_ID} = r.{TREE_ID} AND o.id < r.id)",
        table.name,
        tree.parent
    );
    report.look(table.name, &sql, &[], "its tree ID is used by another tree")
}

/// What hangs on records of many kinds, without the record: table, columns with kind and key, and whether the
/// kind is named without its application.
const HANGING: &[(&str, &str, &str, bool)] = &[
    ("common_parameter", "model_type", "model_id", false),
    ("common_attachment", "model_type", "model_id", true),
    ("taggit_taggeditem", "content_type", "object_id", false),
];

fn orphans(report: &mut Report<'_>) -> Result<()> {
    for (table, kind, key, short) in HANGING {
        for one in RECORD_TYPES {
            let named = if *short { one.table.model() } else { one.table.record };
            let sql = fragment!(
                "SELECT h.id FROM {table} h WHERE h.{kind} = $1 AND NOT EXISTS (SELECT 1 FROM {} r WHERE r.id = h.{key})",
                one.table.name
            );
            report.look(table, &sql, &[named.into()], "the record that it belongs to does not exist")?;
        }
    }
    Ok(())
}

/// What SQLite itself finds wrong.
///
/// # Errors
/// Those of the database.
pub fn check_sqlite(conn: &mut Connection) -> Result<Vec<String>> {
    let rows = conn.rows("PRAGMA integrity_check", &[])?;
    Ok(rows.iter().map(|row| row.text(0).to_owned()).filter(|line| line != "ok").collect())
}

#[cfg(test)]
mod tests;
