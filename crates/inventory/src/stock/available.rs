//! What "in stock" means, everywhere the same.

use std::fmt::Write as _;

/// Conditions under which the stock item with the alias `s` is in stock: there is some of it, it is
/// not installed, sold, used up or being made, and its status says that it may be used.
pub const IN_STOCK: &str = "s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS NULL \
    AND s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, 50, 55, 85)";

/// The same for a row of the stock list itself.
pub const ROW_IN_STOCK: &str = "({quantity} > 0 AND {sales_order} IS NULL AND {belongs_to} IS NULL AND {customer} IS NULL \
    AND {consumed_by} IS NULL AND NOT {is_building} AND {status} IN (10, 50, 55, 85))";

/// [`IN_STOCK`] for another alias.
pub fn in_stock(alias: &str) -> String {
    let mut out = String::new();
    for (i, part) in IN_STOCK.split("s.").enumerate() {
        // the first piece stands before any alias
        let _ = if i == 0 { write!(out, "{part}") } else { write!(out, "{alias}.{part}") };
    }
    out
}
