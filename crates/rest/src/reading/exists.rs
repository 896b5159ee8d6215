//! Whether rows exist.

use ironwood_base::Result;
use ironwood_store::{Connection, Value, fragment};

use crate::table::Table;

/// Whether a table has a row of that key.
///
/// # Errors
/// Those of the database.
pub fn exists(conn: &mut Connection, table: &Table, key: impl Into<i64>) -> Result<bool> {
    Ok(conn.one(&fragment!("SELECT 1 FROM {} WHERE id = $1", table.name), &[Value::Int(key.into())])?.is_some())
}

/// Whether a table has a row of that key for which a condition over its columns holds (empty: any row).
///
/// # Errors
/// Those of the database.
pub fn may_choose(conn: &mut Connection, table: &Table, only: &'static str, key: i64) -> Result<bool> {
    if only.is_empty() {
        return exists(conn, table, key);
    }
    let sql = fragment!("SELECT 1 FROM {} WHERE id = $1 AND ({only})", table.name);
    Ok(conn.one(&sql, &[Value::Int(key)])?.is_some())
}
