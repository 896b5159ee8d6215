//! What entries of the log say of columns, whichever database wrote them.
//!
//! PostgreSQL writes an object by column, with values as JSON has them and exact decimals as texts. So did SQLite in
//! earlier releases. It now writes values as it holds them, and those of a row that was added or deleted as an array:
//! first the number of a list of columns, then a value for each of them. The lists are rows of
//! `ironwood_log_columns`, which are never changed, so an entry can be read whatever the
//! tables look like by then (booleans of columns that are gone as 0 and 1, real numbers as texts).

use std::collections::HashMap;

use ironwood_base::{Error, Result, decimal};
use ironwood_rest::selected;
use ironwood_rest::table::{Column, ColumnType, Table};
use ironwood_store::Connection;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

/// Whether rows of the table are logged.
pub(super) fn is_logged(table: &Table) -> bool {
    table.unlogged.is_empty()
}

/// The columns that are logged.
pub(super) fn columns(table: &Table) -> impl Iterator<Item = &Column> {
    table.columns.iter().filter(|column| column.stored() && column.unlogged.is_empty())
}

/// The columns of a table that are logged, in the order of their values.
pub(super) struct ColumnList {
    table: &'static str,
    /// For each column an array with its name and, of a decimal, its places.
    columns: String,
}

impl ColumnList {
    pub(super) fn of(table: &Table) -> Self {
        let columns = columns(table).map(|column| match column.kind {
            ColumnType::Decimal { places, .. } if !column.secret => json!([column.name, places]),
            _ => json!([column.name]),
        });
        ColumnList { table: table.name, columns: Json::Array(columns.collect()).to_string() }
    }

    /// A number made from its text, so that a list keeps its number.
    pub(super) fn number(&self) -> u32 {
        let digest = Sha256::digest(format!("{} {}", self.table, self.columns));
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
    }

    /// The statement that keeps it.
    pub(super) fn insert(&self) -> String {
        format!(
            "INSERT INTO ironwood_log_columns (id, \"table\", \"columns\") VALUES ({}, '{}', '{}') \
             ON CONFLICT (id) DO NOTHING",
            self.number(),
            self.table,
            self.columns
        )
    }
}

selected! {
    /// A list of columns.
    struct Numbered {
        number: i64 = "id",
        columns: String = "\"columns\"",
    }
}

/// Lists of columns by their numbers.
#[derive(Debug, Default)]
pub(super) struct ColumnLists(HashMap<i64, Vec<(String, Option<u8>)>>);

impl ColumnLists {
    /// Those that these entries refer to.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn of<'e>(conn: &mut Connection, entries: impl Iterator<Item = &'e str>) -> Result<Self> {
        let mut numbers: Vec<i64> = entries.filter_map(list_number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let from = "FROM ironwood_log_columns WHERE id IN ({keys})";
        let mut lists = HashMap::new();
        for Numbered { number, columns: text } in selected::among(conn, from, &numbers)? {
            let columns: Vec<Vec<Json>> = serde_json::from_str(&text).map_err(|error| odd(&text, &error))?;
            let column = |column: &Vec<Json>| {
                let name = column.first().and_then(Json::as_str).unwrap_or_default();
                let places = column.get(1).and_then(Json::as_u64).and_then(|places| u8::try_from(places).ok());
                (name.to_owned(), places)
            };
            lists.insert(number, columns.iter().map(column).collect());
        }
        Ok(ColumnLists(lists))
    }

    /// What an entry says, by column: the value of a row that was added or deleted, without those that are null, and
    /// otherwise an array of the value before and after.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(super) fn members(&self, table: Option<&'static Table>, changes: &str) -> Result<Map<String, Json>> {
        let kind = |name: &str| table.and_then(|table| table.column(name)).map(|column| column.kind);
        match serde_json::from_str(changes).map_err(|error| odd(changes, &error))? {
            Json::Array(values) => {
                let columns = list_number(changes).and_then(|number| self.0.get(&number));
                let columns = columns.ok_or_else(|| odd(changes, &"its list of columns is missing"))?;
                if values.len() != columns.len() + 1 {
                    return Err(odd(changes, &"it does not fit its list of columns"));
                }
                let values = columns.iter().zip(values.into_iter().skip(1)).filter(|(_, value)| !value.is_null());
                Ok(values.map(|((name, places), value)| (name.clone(), plain(kind(name), *places, value))).collect())
            }
            Json::Object(members) => Ok(members
                .into_iter()
                .map(|(name, member)| {
                    let member = match member {
                        Json::Array(pair) => pair_of(kind(&name), pair),
                        member => member,
                    };
                    (name, member)
                })
                .collect()),
            _ => Err(odd(changes, &"it has no columns")),
        }
    }
}

/// The number of the list that an entry refers to.
fn list_number(changes: &str) -> Option<i64> {
    changes.strip_prefix('[')?.split([',', ']']).next()?.parse().ok()
}

/// A value before and after; a third one says how many digits of both are decimal places.
fn pair_of(kind: Option<ColumnType>, mut pair: Vec<Json>) -> Json {
    let places = if pair.len() == 3 { pair.pop().and_then(|places| places.as_u64()) } else { None };
    let places = places.and_then(|places| u8::try_from(places).ok());
    Json::Array(pair.into_iter().map(|value| plain(kind, places, value)).collect())
}

/// A value as JSON has it, made from one as SQLite holds it.
fn plain(kind: Option<ColumnType>, places: Option<u8>, value: Json) -> Json {
    match (kind, places, value.as_i64()) {
        (_, Some(places), Some(scaled)) => decimal::to_string(scaled, places).into(),
        (Some(ColumnType::Bool), _, Some(truth)) => (truth != 0).into(),
        (Some(ColumnType::Real), _, None) => {
            let number = value.as_str().and_then(|text| text.parse().ok()).and_then(serde_json::Number::from_f64);
            number.map_or(value, Json::Number)
        }
        _ => value,
    }
}

fn odd(changes: &str, why: &dyn std::fmt::Display) -> Error {
    let start: String = changes.chars().take(100).collect();
    Error::Internal(format!("the change log has {start}: {why}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::schema::{TABLES, table_by_name};

    fn lists() -> ColumnLists {
        let columns = vec![("name".into(), None), ("gone".into(), None), ("minimum_stock".into(), Some(6))];
        ColumnLists(HashMap::from([(7, columns)]))
    }

    fn shown(changes: &str) -> String {
        let members = lists().members(table_by_name("part_part"), changes);
        members.map_or_else(|error| error.to_string(), |members| Json::Object(members).to_string())
    }

    #[test]
    fn entries_say_the_same_however_they_were_written() {
        // as PostgreSQL writes them, and SQLite did
        assert_eq!(
            shown(r#"{"name":"Nut","minimum_stock":"2.500000"}"#),
            r#"{"name":"Nut","minimum_stock":"2.500000"}"#
        );
        assert_eq!(shown(r#"{"active":[true,false]}"#), r#"{"active":[true,false]}"#);
        assert_eq!(shown(r#"{"minimum_stock":["1.000000",null]}"#), r#"{"minimum_stock":["1.000000",null]}"#);
        // as SQLite writes them
        assert_eq!(shown(r#"[7,"Nut",null,2500000]"#), r#"{"name":"Nut","minimum_stock":"2.500000"}"#);
        assert_eq!(shown(r#"{"active":[1,0]}"#), r#"{"active":[true,false]}"#);
        assert_eq!(shown(r#"{"minimum_stock":[1000000,null,6]}"#), r#"{"minimum_stock":["1.000000",null]}"#);
        // a column and a table that are there no more
        assert_eq!(shown(r#"[7,null,"x",-1]"#), r#"{"gone":"x","minimum_stock":"-0.000001"}"#);
        assert_eq!(
            Json::Object(lists().members(None, "[7,\"Nut\",1,5]").unwrap()).to_string(),
            r#"{"name":"Nut","gone":1,"minimum_stock":"0.000005"}"#
        );
        assert!(shown("[8,1]").contains("its list of columns is missing"), "{}", shown("[8,1]"));
        assert!(shown("nothing").contains("the change log has nothing"));
    }

    #[test]
    fn no_two_lists_have_one_number() {
        let logged: Vec<_> = TABLES.iter().filter(|table| is_logged(table)).collect();
        let numbers: BTreeSet<u32> = logged.iter().map(|table| ColumnList::of(table).number()).collect();
        assert_eq!(numbers.len(), logged.len());
    }
}
