//! Changes of many rows by few statements.

use ironwood_base::Result;
use ironwood_store::{Connection, Value};

use crate::row::find;
use crate::table::Table;

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

/// A value that copies of rows get instead of that of their original.
#[derive(Debug, Clone, Copy)]
pub struct Instead {
    column: &'static str,
    sql: &'static str,
}

/// The SQL of a value that copies of rows of a table get instead of that of their original.
///
/// # Panics
/// While the program is built, where the table has no such column.
pub const fn instead(table: &'static Table, column: &'static str, sql: &'static str) -> Instead {
    assert!(find(table, column).is_some(), "the table has no such column");
    Instead { column, sql }
}

/// Copies rows with all their columns: those that name the first key of a pair in the column `link` for the second one,
/// in the order of their keys. `condition` is SQL over the original `o`; empty: all of them. One statement for each 128
/// pairs.
///
/// # Errors
/// What the database refuses.
pub fn copy(
    conn: &mut Connection,
    table: &Table,
    link: &'static str,
    pairs: &[(i64, i64)],
    values: &[Instead],
    condition: &'static str,
) -> Result<()> {
    let columns = || table.columns.iter().filter(|column| column.stored()).map(|column| column.name);
    let names: Vec<String> = columns().map(|name| format!("\"{name}\"")).collect();
    let selected: Vec<String> = columns()
        .map(|name| match values.iter().find(|value| value.column == name) {
            _ if name == link => "v.column2".to_owned(),
            Some(value) => value.sql.to_owned(),
            None => format!("o.\"{name}\""),
        })
        .collect();
    let (names, selected) = (names.join(", "), selected.join(", "));
    let condition = if condition.is_empty() { String::new() } else { format!(" WHERE {condition}") };
    for lot in pairs.chunks(ROWS) {
        let places: Vec<String> = (0..lot.len())
            .map(|i| format!("(CAST(${} AS BIGINT), CAST(${} AS BIGINT))", 2 * i + 1, 2 * i + 2))
            .collect();
        let sql = format!(
            "INSERT INTO {table} ({names}) SELECT {selected} FROM (VALUES {}) v \
             JOIN {table} o ON o.\"{link}\" = v.column1{condition} ORDER BY v.column2, o.id",
            places.join(", "),
            table = table.name,
        );
        let params: Vec<Value> = lot.iter().flat_map(|(from, to)| [Value::Int(*from), Value::Int(*to)]).collect();
        conn.execute(&sql, &params)?;
    }
    Ok(())
}
