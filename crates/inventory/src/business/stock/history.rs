//! The history of stock items.

use ironwood_base::status::HistoryCode;
use ironwood_base::{Quantity, Result, clock};
use ironwood_rest::row::Template;
use ironwood_store::{Connection, SqlType, Value, fragment, sql};
use serde_json::{Map, Value as Json};

use super::available::IN_STOCK;
use crate::schema::keys::{ItemKey, UserKey};
use crate::schema::stock as schema;

/// A quantity as histories keep it: a JSON number.
pub(crate) fn quantity(quantity: Quantity) -> Json {
    let mut out = Vec::new();
    quantity.write_short(&mut out);
    serde_json::from_slice(&out).unwrap_or(Json::Null)
}

/// An entry to be written: the item, what happened, what it says.
pub(crate) type Entry = (ItemKey, HistoryCode, Map<String, Json>);

/// An entry about the item `s` as it is now: `v` is its key, the code and the deltas.
const WRITTEN: Template<10> = Template::of::<schema::Entry>([
    (schema::Entry::tracking_type, "v.column2"),
    (schema::Entry::item, "s.id"),
    (schema::Entry::part, "s.part"),
    ("date", "$1"),
    (schema::Entry::notes, "$2"),
    (schema::Entry::user, "$3"),
    (schema::Entry::deltas, "v.column3"),
    (schema::Entry::after_part, "s.part"),
    (schema::Entry::after_location, "s.location"),
    (schema::Entry::after_stock, sql!("CASE WHEN ", IN_STOCK, " THEN s.quantity ELSE 0 END")),
]);

/// Writes entries into the histories of items, in their order: one statement for many.
pub(crate) fn add_many(conn: &mut Connection, entries: &[Entry], user: UserKey, notes: &str) -> Result<()> {
    let [names, values] = WRITTEN.lists();
    let sql = fragment!(
        "INSERT INTO stock_stockitemtracking ({names}) SELECT {values} FROM {{rows}} v \
         JOIN stock_stockitem s ON s.id = v.column1"
    );
    let params: [Value; 3] = [clock::now().into(), notes.into(), user.known().into()];
    let row =
        |(item, code, deltas): &Entry| (*item, vec![(*code).into(), Json::Object(deltas.clone()).to_string().into()]);
    let rows: Vec<(ItemKey, Vec<Value>)> = entries.iter().map(row).collect();
    conn.execute_rows(&sql, &params, &[SqlType::Code, SqlType::Text], &rows)
}
