//! What statements select, as structs: of rows of several tables, or what is calculated from them.

use ironwood_base::Result;
#[doc(hidden)]
pub use ironwood_store::sql;
use ironwood_store::{AsSql, Connection, Row, Value, fragment};

/// A struct for what a statement selects: its columns and its reading come from one list, so that each value is read from
/// the place where it is selected.
///
/// ```
/// use ironwood_rest::selected::Selected;
/// use ironwood_rest::selected;
///
/// selected! {
///     /// A line with its part.
///     struct Line {
///         id: i64 = "l.id",
///         part: Option<String> = "p.name",
///     }
/// }
///
/// assert_eq!(Line::COLUMNS, "l.id, p.name");
/// ```
///
/// A struct with a lifetime borrows its texts from the row, for statements whose rows are looked at once.
///
/// ```
/// use ironwood_rest::selected;
///
/// selected! {
///     /// A part by its name.
///     struct Named<'r> {
///         id: i64 = "p.id",
///         name: &'r str = "p.name",
///     }
/// }
///
/// assert_eq!(Named::COLUMNS, "p.id, p.name");
/// ```
#[macro_export]
macro_rules! selected {
    (
        $(#[$doc:meta])*
        $vis:vis struct $name:ident {
            $(#[$first_doc:meta])* $first_vis:vis $first:ident: $first_type:ty = $first_sql:expr,
            $($(#[$field_doc:meta])* $field_vis:vis $field:ident: $type:ty = $sql:expr,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        $vis struct $name {
            $(#[$first_doc])* $first_vis $first: $first_type,
            $($(#[$field_doc])* $field_vis $field: $type,)*
        }

        impl $crate::selected::Selected for $name {
            const COLUMNS: &'static str = $crate::selected::sql!($first_sql $(, ", ", $sql)*);
            const WIDTH: usize = <[&str]>::len(&[$first_sql $(, $sql)*]);

            fn read_from(row: &$crate::row::StoredRow<'_>, first: usize) -> Self {
                let mut at = first;
                // the fields of a struct are made in the order in which they stand here
                let read = Self {
                    $first: row.cell(at),
                    $($field: {
                        at += 1;
                        row.cell(at)
                    },)*
                };
                let _ = at;
                read
            }
        }
    };
    (
        $(#[$doc:meta])*
        $vis:vis struct $name:ident<$row:lifetime> {
            $(#[$first_doc:meta])* $first_vis:vis $first:ident: $first_type:ty = $first_sql:expr,
            $($(#[$field_doc:meta])* $field_vis:vis $field:ident: $type:ty = $sql:expr,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        $vis struct $name<$row> {
            $(#[$first_doc])* $first_vis $first: $first_type,
            $($(#[$field_doc])* $field_vis $field: $type,)*
        }

        impl<$row> $name<$row> {
            /// What a statement selects, in the order in which it is read.
            $vis const COLUMNS: &'static str = $crate::selected::sql!($first_sql $(, ", ", $sql)*);
            /// How many columns these are.
            #[allow(dead_code)]
            $vis const WIDTH: usize = <[&str]>::len(&[$first_sql $(, $sql)*]);

            /// Reads what a statement has selected.
            $vis fn read(row: &$row $crate::row::StoredRow<'_>) -> Self {
                let mut at = 0;
                let read = Self {
                    $first: row.read(at),
                    $($field: {
                        at += 1;
                        row.read(at)
                    },)*
                };
                let _ = at;
                read
            }
        }
    };
}

/// What a statement selects, as a struct. Made by [`selected!`](crate::selected!).
pub trait Selected: Sized {
    /// What a statement selects, in the order in which it is read.
    const COLUMNS: &'static str;
    /// How many columns these are.
    const WIDTH: usize;

    /// Reads what a statement has selected, from this column on.
    fn read_from(row: &Row<'_>, first: usize) -> Self;

    /// Reads what a statement has selected.
    fn read(row: &Row<'_>) -> Self {
        Self::read_from(row, 0)
    }
}

/// All rows of a statement whose columns are [`Selected::COLUMNS`].
///
/// # Errors
/// Those of the database.
pub fn read_all<T: Selected>(conn: &mut Connection, statement: impl AsSql, params: &[Value]) -> Result<Vec<T>> {
    let mut rows = Vec::new();
    conn.query(statement, params, |row| {
        rows.push(T::read(row));
        Ok(())
    })?;
    Ok(rows)
}

/// The first row of a statement whose columns are [`Selected::COLUMNS`].
///
/// # Errors
/// Those of the database.
pub fn read_first<T: Selected>(conn: &mut Connection, statement: impl AsSql, params: &[Value]) -> Result<Option<T>> {
    let mut first = None;
    conn.query(statement, params, |row| {
        first.get_or_insert_with(|| T::read(row));
        Ok(())
    })?;
    Ok(first)
}

/// All rows of a statement, from its FROM on.
///
/// # Errors
/// Those of the database.
pub fn all<T: Selected>(conn: &mut Connection, from: impl AsSql, params: &[Value]) -> Result<Vec<T>> {
    read_all(conn, fragment!("SELECT {} {from}", T::COLUMNS), params)
}

/// The first row of a statement, from its FROM on.
///
/// # Errors
/// Those of the database.
pub fn first<T: Selected>(conn: &mut Connection, from: impl AsSql, params: &[Value]) -> Result<Option<T>> {
    read_first(conn, fragment!("SELECT {} {from}", T::COLUMNS), params)
}

/// All rows of a statement, from its FROM on, about any number of keys, which stand in it as `{keys}`.
///
/// # Errors
/// Those of the database.
pub fn among<T: Selected>(conn: &mut Connection, from: impl AsSql, keys: &[impl Copy + Into<i64>]) -> Result<Vec<T>> {
    let mut rows = Vec::new();
    conn.of_keys(&fragment!("SELECT {} {from}", T::COLUMNS), keys, |row| rows.push(T::read(row)))?;
    Ok(rows)
}
