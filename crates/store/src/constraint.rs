//! What the client is told when a constraint of the database refuses a change.
//!
//! A check constraint is named after the field that it guards (`CONSTRAINT quantity CHECK …`), and a
//! unique index over an expression ends in two underscores and the field
//! (`part_part__IPN`); a name without such an ending blames no field.

use ironwood_base::Error;

/// Unique constraint or index over these columns. One that ends in `_space` says within what the others
/// are unique, and is nothing that a client knows.
pub(crate) fn unique(columns: &[&str]) -> Error {
    let known: Vec<&str> = columns.iter().copied().filter(|column| !column.ends_with("_space")).collect();
    match known.as_slice() {
        [] => Error::non_field("This record already exists."),
        [column] => Error::field(column, "This value is already in use."),
        several => Error::non_field(format!("A record with the same {} already exists.", several.join(", "))),
    }
}

/// Unique index over an expression, known only by its name.
pub(crate) fn unique_index(name: &str) -> Error {
    match name.rsplit_once("__") {
        Some((_, field)) => unique(&[field]),
        None => unique(&[]),
    }
}

/// A column that must not be NULL.
pub(crate) fn not_null(column: &str) -> Error {
    Error::field(column, "This field is required.")
}

/// A check constraint, by its name (SQLite gives the expression of a constraint without a name).
pub(crate) fn check(name: &str, table: Option<&str>) -> Error {
    const MESSAGE: &str = "This value is not allowed.";
    let name = name.rsplit_once("__").map_or(name, |(_, field)| field);
    let field = match table.and_then(|table| name.strip_prefix(table)?.strip_prefix('_')?.strip_suffix("_check")) {
        Some(column) => column, // PostgreSQL's name for a constraint without one
        None => {
            let name = name.trim_start_matches('"');
            &name[..name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len())]
        }
    };
    if field.is_empty() { Error::non_field(MESSAGE) } else { Error::field(field, MESSAGE) }
}

/// A foreign key, in a statement that begins with this word.
pub(crate) fn foreign_key(sql: &str) -> Error {
    if sql.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("DELETE")) {
        Error::Status(409, "This record cannot be deleted, because other records refer to it.".into())
    } else {
        Error::non_field("A record that this one refers to does not exist.")
    }
}

/// The first words of a statement, for the log.
pub(crate) fn head(sql: &str) -> &str {
    let sql = sql.trim();
    sql.char_indices().nth(160).map_or(sql, |(end, _)| &sql[..end])
}
