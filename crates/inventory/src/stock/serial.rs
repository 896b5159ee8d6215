//! Serial numbers of a part's family.

use ironwood_base::{Result, serial};
use ironwood_store::{Connection, Value};

/// The highest serial number in the family of a part.
pub fn latest(conn: &mut Connection, part: i64) -> Result<Option<String>> {
    let sql = "SELECT s.serial FROM stock_stockitem s JOIN part_part p ON p.id = s.part JOIN part_part q ON q.id = $1 \
               WHERE p.tree_id = q.tree_id AND COALESCE(s.serial, '') <> '' \
               ORDER BY s.serial_int DESC, s.serial DESC, s.id DESC LIMIT 1";
    Ok(conn.one(sql, &[Value::Int(part)])?.map(|row| row.text(0).to_owned()))
}

/// The serial number after the latest one; the first is `1`.
pub fn next_after(latest: Option<&str>) -> String {
    latest.map_or_else(|| "1".to_owned(), serial::increment)
}
