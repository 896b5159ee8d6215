//! Duplicates orders.

use ironwood_base::Result;
use ironwood_rest::table::Table;
use ironwood_store::{Connection, Value};

use super::kind::Kind;
pub(crate) use crate::platform::common::duplicate::{
    EXTRA_LINES, LINES, Options, PARAMETERS, copy_parameters, options, original,
};

/// Copies what the options say into the order, each by one statement. Copied lines have nothing done yet,
/// and no target date of their own.
pub(crate) fn copy(conn: &mut Connection, kind: &Kind, options: &Options, order: i64) -> Result<()> {
    if options.lines {
        let mut fresh = vec![("target_date", "NULL")];
        fresh.extend(kind.fresh);
        copy_rows(conn, kind.lines, &fresh, options.original, order)?;
    }
    if let Some(extra) = kind.extra_lines.filter(|_| options.extra_lines) {
        copy_rows(conn, extra, &[], options.original, order)?;
    }
    if options.parameters {
        copy_parameters(conn, kind.table, options.original, order)?;
    }
    Ok(())
}

fn copy_rows(conn: &mut Connection, table: &Table, fresh: &[(&str, &str)], original: i64, order: i64) -> Result<()> {
    let names: Vec<&str> = table.columns.iter().filter(|c| c.stored()).map(|c| c.name).collect();
    let values: Vec<String> = names
        .iter()
        .map(|name| match fresh.iter().find(|(column, _)| column == name) {
            _ if *name == "order" => "CAST($1 AS BIGINT)".to_owned(),
            Some((_, value)) => (*value).to_owned(),
            None => format!("o.\"{name}\""),
        })
        .collect();
    let sql = format!(
        "INSERT INTO {0} (\"{1}\") SELECT {2} FROM {0} o WHERE o.\"order\" = $2 ORDER BY o.id",
        table.name,
        names.join("\", \""),
        values.join(", ")
    );
    conn.execute(&sql, &[Value::Int(order), Value::Int(original)])?;
    Ok(())
}
