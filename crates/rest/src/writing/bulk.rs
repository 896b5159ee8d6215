//! Changes of many rows by few statements.

use ironwood_base::Result;
use ironwood_store::{Connection, Value};

/// Most rows in one statement.
const ROWS: usize = 128;

/// Sets columns of many rows, each row to values of its own: one statement for each 128 rows. `columns`
/// are names with the types that SQL has to be told (`BIGINT`, `TEXT`, `BOOLEAN`), `rows` are keys with
/// values in the same order. The new value of a column is `set` with `{}` for what was given and `{old}` for
/// what is there; empty: just what was given.
///
/// # Errors
/// What the database refuses.
pub fn update(
    conn: &mut Connection,
    table: &str,
    columns: &[(&str, &str, &str)],
    rows: &[(i64, Vec<Value>)],
) -> Result<()> {
    let sets: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(i, (name, _, set))| {
            let given = format!("v.column{}", i + 2);
            let old = format!("{table}.\"{name}\"");
            let value = if set.is_empty() { given } else { set.replace("{old}", &old).replace("{}", &given) };
            format!("\"{name}\" = {value}")
        })
        .collect();
    for lot in rows.chunks(ROWS) {
        // lots have few different lengths, so that statements are prepared once: the last row may repeat
        let room = [1, 8, ROWS].into_iter().find(|n| *n >= lot.len()).unwrap_or(ROWS);
        let mut params = Vec::with_capacity(room * (columns.len() + 1));
        let mut places = Vec::with_capacity(room);
        for i in 0..room {
            let (key, values) = &lot[i.min(lot.len() - 1)];
            params.push(Value::Int(*key));
            let mut place = format!("(CAST(${} AS BIGINT)", params.len());
            for ((_, kind, _), value) in columns.iter().zip(values) {
                params.push(value.clone());
                place.push_str(&format!(", CAST(${} AS {kind})", params.len()));
            }
            places.push(place + ")");
        }
        let sql = format!(
            "UPDATE {table} SET {} FROM (SELECT DISTINCT * FROM (VALUES {}) w) v WHERE {table}.id = v.column1",
            sets.join(", "),
            places.join(", ")
        );
        conn.execute(&sql, &params)?;
    }
    Ok(())
}
