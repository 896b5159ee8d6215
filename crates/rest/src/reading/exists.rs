//! Whether rows exist.

use ironwood_base::Result;
use ironwood_store::{Connection, Value};

use crate::table::Table;

/// Whether a table has a row of that key.
///
/// # Errors
/// Those of the database.
pub fn exists(conn: &mut Connection, table: &Table, key: i64) -> Result<bool> {
    Ok(conn.one(&format!("SELECT 1 FROM {} WHERE id = $1", table.name), &[Value::Int(key)])?.is_some())
}

/// Whether a table has a row of that key for which a condition over its columns holds (empty: any row).
///
/// # Errors
/// Those of the database.
pub fn may_choose(conn: &mut Connection, table: &Table, only: &str, key: i64) -> Result<bool> {
    if only.is_empty() {
        return exists(conn, table, key);
    }
    let sql = format!("SELECT 1 FROM {} WHERE id = $1 AND ({only})", table.name);
    Ok(conn.one(&sql, &[Value::Int(key)])?.is_some())
}
