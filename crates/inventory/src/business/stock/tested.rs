//! Whether stock items have passed their required tests.

use std::collections::HashSet;

use crate::schema::keys::*;
use ironwood_base::Result;
use ironwood_rest::at_or_below;
use ironwood_store::{Connection, sql};

/// Which of these items have not passed a test that their part, or a template above it, requires: the
/// newest result counts, and a test without a result is not passed.
///
/// # Errors
/// Those of the database.
pub(crate) fn failing(conn: &mut Connection, items: &[ItemKey]) -> Result<HashSet<ItemKey>> {
    let sql = sql!(
        "SELECT DISTINCT s.id FROM stock_stockitem s JOIN part_part p ON p.id = s.part \
               JOIN part_parttesttemplate t ON t.required AND t.enabled JOIN part_part o ON o.id = t.part \
               AND ",
        at_or_below!("p", "o"),
        " \
               WHERE s.id IN ({keys}) AND NOT COALESCE((SELECT r.result FROM stock_stockitemtestresult r \
               JOIN part_parttesttemplate k ON k.id = r.template WHERE r.stock_item = s.id AND k.key = t.key \
               ORDER BY r.date DESC, r.id DESC LIMIT 1), FALSE)"
    );
    let mut found = HashSet::new();
    conn.of_keys(sql, items, |row| {
        found.insert(row.cell(0));
    })?;
    Ok(found)
}
