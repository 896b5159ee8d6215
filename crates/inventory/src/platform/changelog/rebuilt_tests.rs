//! The log is complete: tables that are rebuilt from it alone have the rows that the tables have.

use std::collections::BTreeMap;

use ironwood_base::{Error, Result};
use ironwood_rest::table::{Column, ColumnType, Table};
use ironwood_store::{Connection, Fragment, Value};
use serde_json::Value as Json;

use super::values::{ColumnLists, columns, is_logged};
use crate::schema::TABLES;
use crate::testing::Server;

type Rows = BTreeMap<i64, BTreeMap<&'static str, Value>>;

fn kept(table: &'static Table) -> impl Iterator<Item = &'static Column> {
    columns(table).filter(|column| !column.secret)
}

/// SQLite has no truth values of its own.
fn plain(value: Value) -> Value {
    match value {
        Value::Bool(value) => Value::Int(i64::from(value)),
        value => value,
    }
}

/// The value of a column as it stands in the log, as the database holds it.
fn stored(column: &Column, logged: &Json) -> Result<Value> {
    let odd = || Error::Internal(format!("the change log has {logged} for {}", column.name));
    Ok(match (column.kind, logged) {
        (_, Json::Null) => Value::Null,
        (ColumnType::Bool, Json::Bool(value)) => Value::Bool(*value),
        (ColumnType::Int { .. } | ColumnType::Link(..), value) => Value::Int(value.as_i64().ok_or_else(odd)?),
        (ColumnType::Decimal { places, .. }, Json::String(text)) => {
            use ironwood_base::decimal;
            Value::Int(decimal::parse(text, places, decimal::Excess::Refuse).map_err(|_| odd())?)
        }
        (ColumnType::Real, Json::String(text)) => Value::Real(text.parse().map_err(|_| odd())?),
        (ColumnType::Real, value) => Value::Real(value.to_string().parse().map_err(|_| odd())?),
        (_, Json::String(text)) => Value::Text(text.clone()),
        _ => return Err(odd()),
    })
}

/// The rows of a table, made from its entries in the log from the first to the last.
fn rebuilt(conn: &mut Connection, table: &'static Table) -> Result<Rows> {
    let sql = "SELECT \"key\", \"action\", changes FROM ironwood_change WHERE \"table\" = $1 ORDER BY id";
    let mut rows = Rows::new();
    let entries = conn.rows(sql, &[table.name.into()])?;
    let lists = ColumnLists::of(conn, entries.iter().map(|entry| entry.text(2)))?;
    for entry in entries {
        let (key, action) = (entry.int(0), entry.text(1));
        let changes = lists.members(Some(table), entry.text(2))?;
        match action {
            "add" => {
                let value = |column: &Column| stored(column, changes.get(column.name).unwrap_or(&Json::Null));
                let row = kept(table).map(|column| Ok((column.name, plain(value(column)?))));
                let before = rows.insert(key, row.collect::<Result<_>>()?);
                assert_eq!(before, None, "{} {key} is made twice", table.name);
            }
            "change" => {
                let row =
                    rows.get_mut(&key).unwrap_or_else(|| panic!("{} {key} is changed before it is made", table.name));
                assert!(!changes.is_empty(), "{} {key}: nothing changed", table.name);
                for column in kept(table) {
                    let Some(change) = changes.get(column.name) else { continue };
                    let [before, after] = [&change[0], &change[1]].map(|value| plain(stored(column, value).unwrap()));
                    assert_ne!(before, after, "{} {key} {}", table.name, column.name);
                    let was = row.insert(column.name, after);
                    assert_eq!(was, Some(before), "{} {key} {}: before {change}", table.name, column.name);
                }
            }
            "delete" => {
                let row = rows.remove(&key).unwrap_or_else(|| panic!("{} {key} goes before it is made", table.name));
                for column in kept(table) {
                    let logged = stored(column, changes.get(column.name).unwrap_or(&Json::Null))?;
                    assert_eq!(row[column.name], plain(logged), "{} {key} {} at its end", table.name, column.name);
                }
            }
            other => panic!("{} {key}: {other}", table.name),
        }
    }
    Ok(rows)
}

/// The rows of a table as they are.
fn there(conn: &mut Connection, table: &'static Table) -> Result<Rows> {
    let names: Vec<String> = kept(table).map(|column| format!(", \"{}\"", column.name)).collect();
    let sql = format!("SELECT id{} FROM {}", names.concat(), table.name);
    let rows = conn.rows(Fragment::generated(&sql), &[])?;
    let row = |row: &ironwood_store::OwnedRow| {
        let values = kept(table).enumerate().map(|(i, column)| (column.name, plain(row.get(i + 1).to_owned())));
        (row.int(0), values.collect())
    };
    Ok(rows.iter().map(row).collect())
}

/// Compares every table with what the log makes of it. Gives the number of entries.
pub(crate) fn check(server: &Server) -> i64 {
    server.write(|conn| {
        for table in TABLES.iter().copied().filter(|table| is_logged(table)) {
            let (made, rows) = (rebuilt(conn, table)?, there(conn, table)?);
            let keys = |rows: &Rows| rows.keys().copied().collect::<Vec<_>>();
            assert_eq!(keys(&made), keys(&rows), "rows of {}", table.name);
            for (key, row) in &rows {
                assert_eq!(&made[key], row, "{} {key}", table.name);
            }
        }
        Ok(())
    });
    let nameless = "SELECT COUNT(*) FROM ironwood_change c WHERE NOT EXISTS \
                    (SELECT 1 FROM ironwood_transaction x WHERE x.id = c.\"transaction\")";
    assert_eq!(server.int(nameless, &[]), 0, "entries without their transaction");
    server.int("SELECT COUNT(*) FROM ironwood_change", &[])
}
