//! Looking for damage in a database.

use ironwood_base::Result;
use ironwood_rest::table::{Kind, PATH, Table};
use ironwood_store::Connection;

/// What is wrong in these tables, a line each: links to nothing, and trees whose paths do not agree
/// with their parents.
pub fn check(conn: &mut Connection, tables: &[&'static Table]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for table in tables {
        for column in table.columns {
            let Kind::Link(target, _) = column.kind else { continue };
            let sql = format!(
                "SELECT r.id FROM {} r WHERE r.\"{}\" IS NOT NULL AND NOT EXISTS \
                 (SELECT 1 FROM {} o WHERE o.id = r.\"{}\") ORDER BY r.id LIMIT 10",
                table.name, column.name, target.name, column.name
            );
            for row in conn.rows(&sql, &[])? {
                found.push(format!("{} {}: {} leads to nothing", table.name, row.int(0), column.name));
            }
        }
        let Some(tree) = table.tree else { continue };
        let sql = format!(
            "SELECT r.id FROM {0} r LEFT JOIN {0} p ON p.id = r.\"{1}\" \
             WHERE r.{PATH} <> COALESCE(p.{PATH}, '/') || CAST(r.id AS TEXT) || '/' ORDER BY r.id LIMIT 10",
            table.name, tree.parent
        );
        for row in conn.rows(&sql, &[])? {
            found.push(format!("{} {}: its path does not agree with its parent", table.name, row.int(0)));
        }
    }
    Ok(found)
}

/// What SQLite itself finds wrong.
pub fn check_sqlite(conn: &mut Connection) -> Result<Vec<String>> {
    let rows = conn.rows("PRAGMA integrity_check", &[])?;
    Ok(rows.iter().map(|row| row.text(0).to_owned()).filter(|line| line != "ok").collect())
}
