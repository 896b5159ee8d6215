//! The history of stock items.

use ironwood_base::status::HistoryCode;
use ironwood_base::{Quantity, Result, clock};
use ironwood_store::{Connection, Value};
use serde_json::{Map, Value as Json};

use super::available::IN_STOCK;

/// A quantity as histories keep it: a JSON number.
pub(crate) fn quantity(quantity: Quantity) -> Json {
    let mut out = Vec::new();
    quantity.write_short(&mut out);
    serde_json::from_slice(&out).unwrap_or(Json::Null)
}

/// An entry to be written: the item, what happened, what it says.
pub(crate) type Entry = (i64, HistoryCode, Map<String, Json>);

/// Writes entries into the histories of items, in their order: one statement for many.
pub(crate) fn add_many(conn: &mut Connection, entries: &[Entry], user: i64, notes: &str) -> Result<()> {
    const ROWS: usize = 128;
    for lot in entries.chunks(ROWS) {
        let mut params: Vec<Value> =
            vec![clock::now().into(), notes.into(), if user > 0 { Value::Int(user) } else { Value::Null }];
        let mut places = Vec::with_capacity(lot.len());
        for (item, code, deltas) in lot {
            let n = params.len();
            places.push(format!("(CAST(${} AS BIGINT), CAST(${} AS BIGINT), CAST(${} AS TEXT))", n + 1, n + 2, n + 3));
            params.extend([Value::Int(*item), (*code).into(), Json::Object(deltas.clone()).to_string().into()]);
        }
        let sql = format!(
            "INSERT INTO stock_stockitemtracking (tracking_type, item, part, date, notes, \"user\", deltas, after_part, \
             after_location, after_stock) SELECT v.column2, s.id, s.part, $1, $2, $3, v.column3, s.part, s.location, \
             CASE WHEN {IN_STOCK} THEN s.quantity ELSE 0 END FROM (VALUES {}) v \
             JOIN stock_stockitem s ON s.id = v.column1",
            places.join(", ")
        );
        conn.execute(&sql, &params)?;
    }
    Ok(())
}
