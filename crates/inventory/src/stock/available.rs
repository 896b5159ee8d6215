//! What "in stock" and "available" mean, everywhere the same.

use std::collections::HashMap;
use std::fmt::Write as _;

use ironwood_base::Result;
use ironwood_store::Connection;

/// Conditions under which the stock item with the alias `s` is in stock: there is some of it, it is
/// not installed, sold, used up or being made, and its status says that it may be used.
pub const IN_STOCK: &str = "s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS NULL \
    AND s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, 50, 55, 85)";

/// The same for a row of the stock list itself.
pub const ROW_IN_STOCK: &str = "({quantity} > 0 AND {sales_order} IS NULL AND {belongs_to} IS NULL AND {customer} IS NULL \
    AND {consumed_by} IS NULL AND NOT {is_building} AND {status} IN (10, 50, 55, 85))";

/// What is set aside of the item with the alias `s`: for builds, for open sales orders as far as it is
/// not shipped, for open transfer orders.
pub const SET_ASIDE: &str = "((SELECT COALESCE(CAST(SUM(b.quantity) AS BIGINT), 0) FROM build_builditem b \
    WHERE b.stock_item = s.id) \
    + (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_salesorderallocation a \
    JOIN order_salesorderlineitem l ON l.id = a.line JOIN order_salesorder o ON o.id = l.\"order\" \
    LEFT JOIN order_salesordershipment h ON h.id = a.shipment \
    WHERE a.item = s.id AND o.status IN (10, 15, 20, 25) AND h.shipment_date IS NULL) \
    + (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_transferorderallocation a \
    JOIN order_transferorderlineitem l ON l.id = a.line JOIN order_transferorder o ON o.id = l.\"order\" \
    WHERE a.item = s.id AND o.status IN (10, 20, 25)))";

/// [`IN_STOCK`] for another alias.
pub fn in_stock(alias: &str) -> String {
    let mut out = String::new();
    for (i, part) in IN_STOCK.split("s.").enumerate() {
        // the first piece stands before any alias
        let _ = if i == 0 { write!(out, "{part}") } else { write!(out, "{alias}.{part}") };
    }
    out
}

/// How much of each item is neither set aside nor gone: its quantity less [`SET_ASIDE`], never below
/// zero. Scaled by 10^5; one statement for up to 512 items. Unknown keys are left out.
///
/// # Errors
/// Those of the database.
pub fn unallocated(conn: &mut Connection, keys: &[i64]) -> Result<HashMap<i64, i64>> {
    let sql = format!("SELECT s.id, s.quantity - {SET_ASIDE} FROM stock_stockitem s WHERE s.id IN ({{keys}})");
    let mut found = HashMap::with_capacity(keys.len());
    super::kernel::each_lot(conn, &sql, keys, |row| {
        found.insert(row.int(0), row.int(1).max(0));
    })?;
    Ok(found)
}

/// [`unallocated`] for one item; 0 for one that is not there.
///
/// # Errors
/// Those of the database.
pub fn unallocated_of(conn: &mut Connection, key: i64) -> Result<i64> {
    Ok(unallocated(conn, &[key])?.get(&key).copied().unwrap_or(0))
}
