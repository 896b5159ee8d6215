//! Statements over many rows of given values.

use std::fmt::Write;

use ironwood_base::Error;

use crate::Connection;
use crate::fragment::{AsSql, Fragment};
use crate::value::{SqlType, Value};

/// Numbers of rows of one statement. There are few, so that statements are prepared once.
const LOTS: [usize; 4] = [1, 8, 32, 128];

impl Connection {
    /// Executes a statement for any number of rows: keys with values of these types. They stand in it as `{rows}`, a
    /// table with the columns `column1` (the key), `column2` and so on. `params` come before them. One statement has up
    /// to 128 rows, filled up with rows of nulls: the statement joins by the key, so that these match nothing
    /// (`UPDATE box SET size = v.column2 FROM {rows} v WHERE box.id = v.column1`).
    ///
    /// # Errors
    /// As [`Connection::execute`].
    pub fn execute_rows<K: Copy + Into<i64>>(
        &mut self,
        sql: impl AsSql,
        params: &[Value],
        types: &[SqlType],
        rows: &[(K, Vec<Value>)],
    ) -> Result<(), Error> {
        let most = LOTS[LOTS.len() - 1];
        for lot in rows.chunks(most) {
            let size = LOTS.into_iter().find(|size| *size >= lot.len()).unwrap_or(most);
            let mut all = Vec::with_capacity(params.len() + size * (types.len() + 1));
            all.extend_from_slice(params);
            let mut places = String::from("(VALUES ");
            for i in 0..size {
                let row = lot.get(i);
                all.push(row.map_or(Value::Null, |(key, _)| Value::Int((*key).into())));
                let comma = if i == 0 { "" } else { ", " };
                let _ = write!(places, "{comma}(CAST(${} AS BIGINT)", all.len());
                for (n, sql_type) in types.iter().enumerate() {
                    all.push(row.and_then(|(_, values)| values.get(n)).cloned().unwrap_or(Value::Null));
                    let _ = write!(places, ", CAST(${} AS {})", all.len(), sql_type.sql());
                }
                places.push(')');
            }
            places.push(')');
            let sql = sql.to_fragment().replace("{rows}", Fragment::generated(places));
            self.execute(sql, &all)?;
        }
        Ok(())
    }
}
