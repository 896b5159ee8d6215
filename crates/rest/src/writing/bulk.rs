//! Changes of many rows by few statements.

use ironwood_base::Result;
use ironwood_store::{Connection, Fragment, SqlType, Value, fragment};

use crate::row::find;
use crate::table::Table;

/// A column of many rows that is written, each row with a value of its own.
#[derive(Debug, Clone, Copy)]
pub struct Assignment {
    table: &'static Table,
    column: &'static str,
    sql_type: SqlType,
    /// Whether the value is added to the one that is there.
    adds: bool,
}

/// The column gets the value.
///
/// # Panics
/// While the program is built, where the table has no such column.
pub const fn set(table: &'static Table, column: &'static str) -> Assignment {
    match find(table, column) {
        Some(found) => Assignment { table, column, sql_type: found.kind.sql_type(), adds: false },
        None => panic!("the table has no such column"),
    }
}

/// The value is added to the one that is in the column.
///
/// # Panics
/// While the program is built, where the table has no such column.
pub const fn add(table: &'static Table, column: &'static str) -> Assignment {
    let mut assignment = set(table, column);
    assignment.adds = true;
    assignment
}

/// Writes columns of many rows of one table: keys with values in the order of the assignments, by few statements.
///
/// # Errors
/// What the database refuses.
pub fn update<K: Copy + Into<i64>>(
    conn: &mut Connection,
    columns: &[Assignment],
    rows: &[(K, Vec<Value>)],
) -> Result<()> {
    let Some(table) = columns.first().map(|first| first.table.name) else { return Ok(()) };
    debug_assert!(columns.iter().all(|column| column.table.name == table), "the columns are of one table");
    let set = |(i, column): (usize, &Assignment)| {
        let name = column.column;
        let old = if column.adds { fragment!("{table}.\"{name}\" + ") } else { Fragment::new() };
        fragment!("\"{name}\" = {old}v.column{}", i + 2)
    };
    let sets: Vec<Fragment> = columns.iter().enumerate().map(set).collect();
    let sql =
        fragment!("UPDATE {table} SET {} FROM {{rows}} v WHERE {table}.id = v.column1", Fragment::join(&sets, ", "));
    let types: Vec<SqlType> = columns.iter().map(|column| column.sql_type).collect();
    conn.execute_rows(&sql, &[], &types, rows)
}

/// Writes one column of many rows, as [`update`] writes several.
///
/// # Errors
/// What the database refuses.
pub fn update_one(
    conn: &mut Connection,
    column: Assignment,
    rows: impl IntoIterator<Item = (impl Into<i64>, impl Into<Value>)>,
) -> Result<()> {
    let rows: Vec<(i64, Vec<Value>)> = rows.into_iter().map(|(key, value)| (key.into(), vec![value.into()])).collect();
    update(conn, &[column], &rows)
}

/// A value that copies of rows get instead of that of their original.
#[derive(Debug, Clone, Copy)]
pub struct Replacement {
    column: &'static str,
    sql: &'static str,
}

/// The SQL of a value that copies of rows of a table get instead of that of their original.
///
/// # Panics
/// While the program is built, where the table has no such column.
pub const fn instead(table: &'static Table, column: &'static str, sql: &'static str) -> Replacement {
    assert!(find(table, column).is_some(), "the table has no such column");
    Replacement { column, sql }
}

/// Copies rows with all their columns: those that name the first key of a pair in the column `link` for the second one,
/// in the order of their keys. `condition` is SQL over the original `o`; empty: all of them. One statement for each 128
/// pairs.
///
/// # Errors
/// What the database refuses.
pub fn copy<K: Copy + Into<i64>>(
    conn: &mut Connection,
    table: &Table,
    link: &'static str,
    pairs: &[(K, K)],
    values: &[Replacement],
    condition: &'static str,
) -> Result<()> {
    let columns = || table.columns.iter().filter(|column| column.stored()).map(|column| column.name);
    let names = columns().map(|name| fragment!("\"{name}\""));
    let selected: Vec<Fragment> = columns()
        .map(|name| match values.iter().find(|value| value.column == name) {
            _ if name == link => "v.column2".into(),
            Some(value) => value.sql.into(),
            None => fragment!("o.\"{name}\""),
        })
        .collect();
    let (names, selected) = (Fragment::join(names, ", "), Fragment::join(selected, ", "));
    let condition = if condition.is_empty() { Fragment::new() } else { fragment!(" WHERE {condition}") };
    let sql = fragment!(
        "INSERT INTO {table} ({names}) SELECT {selected} FROM {{rows}} v \
         JOIN {table} o ON o.\"{link}\" = v.column1{condition} ORDER BY v.column2, o.id",
        table = table.name,
    );
    let rows: Vec<(K, Vec<Value>)> = pairs.iter().map(|(from, to)| (*from, vec![Value::Int((*to).into())])).collect();
    conn.execute_rows(&sql, &[], &[SqlType::Int], &rows)
}
