//! Rows as structs: what functions over a transaction read, change, and write.
//!
//! [`row!`](crate::row!) makes a struct from one list of columns, with its reading and its writing. The compiler compares
//! the list with the [`Table`]: a column that the table lacks, a type that is not the column's, and a column of the table
//! that is neither in the list nor left out by name are errors. Where a struct is copied, no column can be forgotten.

mod check;

use std::collections::BTreeMap;

#[doc(hidden)]
pub use ironwood_base::key::{Key, Record};
use ironwood_base::{Result, clock};
use ironwood_store::{AsSql, Connection, Fragment, Row, SqlType, fragment};
#[doc(hidden)]
pub use ironwood_store::{Row as StoredRow, Value, ValueRef};

pub use check::check;
pub(crate) use check::find;

use crate::table::{Column, ColumnType, Default, Table};
use crate::values::{Change, default_value};

/// A column of a row.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    pub name: &'static str,
    pub sql_type: SqlType,
    pub null: bool,
}

/// A type of keys.
pub trait Id: Copy + PartialEq + std::default::Default + Into<i64> {
    /// The table whose rows have these keys.
    const TABLE: &'static str;

    fn of(id: i64) -> Self;
}

impl<T: Record> Id for Key<T> {
    const TABLE: &'static str = T::TABLE;

    fn of(id: i64) -> Self {
        Key::from_id(id)
    }
}

/// Columns that a struct does not have.
#[derive(Debug, Clone, Copy)]
pub enum LeftOut {
    /// These; a new row gets their defaults.
    These(&'static [&'static str]),
    /// Whatever it does not name.
    Any,
}

/// A row of a table as a struct. Made by [`row!`](crate::row!).
pub trait TableRow: Sized + 'static {
    const TABLE: &'static Table;
    /// The columns after the key.
    const CELLS: &'static [Cell];
    /// Whether it has all columns that a new row needs.
    const WHOLE: bool;
    /// The type of its key.
    type Id: Id;

    /// Makes a row of values by their place and name; the key comes first.
    fn fill<'v>(get: impl FnMut(usize, &'static str) -> ValueRef<'v>) -> Self;

    /// The key; 0 of a row that has none yet.
    fn key(&self) -> Self::Id;

    /// The values of [`TableRow::CELLS`].
    fn values(&self) -> Vec<Value>;

    /// The values that differ from those of another row, with a bit for each of [`TableRow::CELLS`].
    fn differences(&self, before: &Self) -> (u64, Vec<Value>);

    /// Reads a row from a statement that selects [`columns`], from this place on.
    fn read(row: &Row<'_>, at: usize) -> Self {
        Self::fill(|i, _| row.get(at + i))
    }

    /// A new row with the defaults of its table. It has no key yet.
    fn fresh() -> Self {
        let default = |name: &str| Self::TABLE.column(name).and_then(default_value).unwrap_or(Value::Null);
        let defaults: Vec<Value> = Self::CELLS.iter().map(|cell| default(cell.name)).collect();
        Self::fill(|i, _| i.checked_sub(1).and_then(|i| defaults.get(i)).map_or(ValueRef::Null, Value::borrow))
    }

    /// The row that a change describes.
    fn of_change(change: &Change) -> Self {
        Self::fill(|_, name| match name {
            "id" => change.id.map_or(ValueRef::Null, ValueRef::Int),
            name => change.get(name).borrow(),
        })
    }
}

/// A struct for rows of a table. The columns that it leaves out stand behind `without`.
///
/// ```
/// use ironwood_base::Quantity;
/// use ironwood_rest::row;
/// use ironwood_rest::table::{Table, quantity, text, time};
///
/// static BOX: Table = Table::new("box", "").columns(&[text("name", 50), quantity("content").null(), time("made").null()]);
///
/// row! {
///     /// A box.
///     pub struct Box in BOX {
///         pub name: String,
///         pub content: Option<Quantity>,
///     } without [made]
/// }
/// ```
///
/// What does not fit the table does not compile: here, a quantity that may be null is read as one that is always there.
///
/// ```compile_fail
/// # use ironwood_base::Quantity;
/// # use ironwood_rest::row;
/// # use ironwood_rest::table::{Table, quantity};
/// static BOX: Table = Table::new("box", "").columns(&[quantity("content").null()]);
/// row! {
///     pub struct Box in BOX {
///         pub content: Quantity,
///     } without []
/// }
/// ```
///
/// The keys of the rows are `Key<Box>`.
///
/// A struct for some columns alone is `without [..]`: it is read, and changed, but no new row is made of it. It names the
/// type of its key.
///
/// ```
/// # use ironwood_base::Key;
/// # use ironwood_rest::row;
/// # use ironwood_rest::table::{Table, text};
/// # static BOX: Table = Table::new("box", "").columns(&[text("name", 50), text("color", 50)]);
/// # row! {
/// #     pub struct Box in BOX {
/// #         pub name: String,
/// #         pub color: String,
/// #     } without []
/// # }
/// row! {
///     /// What a box looks like.
///     pub struct Look in BOX as Key<Box> {
///         pub color: String,
///     } without [..]
/// }
/// ```
///
/// A row does not compile that leaves a column out silently.
///
/// ```compile_fail
/// # use ironwood_rest::row;
/// # use ironwood_rest::table::{Table, text};
/// static BOX: Table = Table::new("box", "").columns(&[text("name", 50), text("color", 50)]);
/// row! {
///     pub struct Box in BOX {
///         pub name: String,
///     } without []
/// }
/// ```
#[macro_export]
macro_rules! row {
    (
        $(#[$doc:meta])*
        $vis:vis struct $name:ident in $table:path as $id:ty {
            $($(#[$field_doc:meta])* $field_vis:vis $field:ident: $type:ty,)*
        } without [..]
    ) => {
        $crate::row! {
            @struct $crate::row::LeftOut::Any, $id;
            $(#[$doc])*
            $vis struct $name in $table {
                $($(#[$field_doc])* $field_vis $field: $type,)*
            }
        }
    };
    (
        $(#[$doc:meta])*
        $vis:vis struct $name:ident in $table:path {
            $($(#[$field_doc:meta])* $field_vis:vis $field:ident: $type:ty,)*
        } without [$($left_out:ident),* $(,)?]
    ) => {
        $crate::row! {
            @struct $crate::row::LeftOut::These(&[$($crate::row::plain(stringify!($left_out))),*]), $crate::row::Key<$name>;
            $(#[$doc])*
            $vis struct $name in $table {
                $($(#[$field_doc])* $field_vis $field: $type,)*
            }
        }
        impl $crate::row::Record for $name {
            const TABLE: &'static str = $table.name;
        }
    };
    (
        @struct $left:expr, $id:ty;
        $(#[$doc:meta])*
        $vis:vis struct $name:ident in $table:path {
            $($(#[$field_doc:meta])* $field_vis:vis $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$doc])*
        #[allow(non_snake_case)]
        #[derive(Debug, Clone, PartialEq, Default)]
        $vis struct $name {
            $vis id: $id,
            $($(#[$field_doc])* $field_vis $field: $type,)*
        }

        /// The names of its columns.
        #[allow(non_upper_case_globals, dead_code)]
        impl $name {
            $($vis const $field: &'static str = $crate::row::plain(stringify!($field));)*
        }

        impl $crate::row::TableRow for $name {
            const TABLE: &'static $crate::table::Table = &$table;
            const CELLS: &'static [$crate::row::Cell] = &[
                $($crate::row::cell::<$type>(stringify!($field))),*
            ];
            type Id = $id;
            const WHOLE: bool = matches!($left, $crate::row::LeftOut::These(_));

            fn fill<'v>(
                mut get: impl FnMut(usize, &'static str) -> $crate::row::ValueRef<'v>,
            ) -> Self {
                let mut at = 0;
                let id = $crate::row::Id::of(get(at, "id").as_int().unwrap_or(0));
                // the fields of a struct are made in the order in which they stand here
                Self {
                    id,
                    $($field: {
                        at += 1;
                        $crate::row::read(get(at, $crate::row::plain(stringify!($field))))
                    },)*
                }
            }

            fn key(&self) -> $id {
                self.id
            }

            fn values(&self) -> Vec<$crate::row::Value> {
                vec![$($crate::row::write(&self.$field)),*]
            }

            fn differences(&self, before: &Self) -> (u64, Vec<$crate::row::Value>) {
                let mut mask = 0_u64;
                let mut values = Vec::new();
                let mut bit = 0_u32;
                $(
                    if self.$field != before.$field {
                        mask |= 1 << bit;
                        values.push($crate::row::write(&self.$field));
                    }
                    bit += 1;
                )*
                let _ = bit;
                (mask, values)
            }
        }

        const _: () = $crate::row::check(
            <$name as $crate::row::TableRow>::TABLE,
            <$name as $crate::row::TableRow>::CELLS,
            $left,
            <$id as $crate::row::Id>::TABLE,
        );
    };
}

/// A column of a type.
pub const fn cell<T: ironwood_store::Cell>(name: &'static str) -> Cell {
    Cell { name: plain(name), sql_type: T::SQL_TYPE, null: T::NULL }
}

/// A name without the mark of names that are words of the language, too (`r#virtual`).
pub const fn plain(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', rest @ ..] => match std::str::from_utf8(rest) {
            Ok(rest) => rest,
            Err(_) => name,
        },
        _ => name,
    }
}

/// [`ironwood_store::Cell::read`].
pub fn read<T: ironwood_store::Cell>(value: ValueRef<'_>) -> T {
    T::read(value)
}

/// [`ironwood_store::Cell::write`].
pub fn write<T: ironwood_store::Cell>(value: &T) -> Value {
    value.write()
}

/// The columns of a row for a SELECT from its table under an alias, the key first.
pub fn columns<T: TableRow>(alias: impl AsSql) -> Fragment {
    let mut list = fragment!("{alias}.id");
    for cell in T::CELLS {
        list.push(fragment!(", {alias}.\"{}\"", cell.name));
    }
    list
}

/// How many columns [`columns`] selects.
pub const fn width<T: TableRow>() -> usize {
    T::CELLS.len() + 1
}

/// The row with that key.
///
/// # Errors
/// Those of the database.
pub fn one<T: TableRow>(conn: &mut Connection, key: T::Id) -> Result<Option<T>> {
    with_key(conn, key, Fragment::new())
}

/// As [`one`], for a row that will be changed: locked where the database locks rows.
///
/// # Errors
/// Those of the database.
pub fn lock_one<T: TableRow>(conn: &mut Connection, key: T::Id) -> Result<Option<T>> {
    let end = conn.backend().for_update("t");
    with_key(conn, key, end)
}

fn with_key<T: TableRow>(conn: &mut Connection, key: T::Id, end: Fragment) -> Result<Option<T>> {
    let sql = fragment!("SELECT {} FROM {} t WHERE t.id = $1{end}", columns::<T>("t"), T::TABLE.name);
    let mut found = None;
    conn.query(&sql, &[Value::Int(key.into())], |row| {
        found = Some(T::read(row, 0));
        Ok(())
    })?;
    Ok(found)
}

/// The rows of a table, as `t`, for which a condition holds.
///
/// # Errors
/// Those of the database.
pub fn matching<T: TableRow>(conn: &mut Connection, condition: &'static str, params: &[Value]) -> Result<Vec<T>> {
    let sql = fragment!("SELECT {} FROM {} t WHERE {condition}", columns::<T>("t"), T::TABLE.name);
    let mut rows = Vec::new();
    conn.query(&sql, params, |row| {
        rows.push(T::read(row, 0));
        Ok(())
    })?;
    Ok(rows)
}

/// Rows by their keys, in the order of these. Keys that lead to nothing are left out.
///
/// # Errors
/// Those of the database.
pub fn many<T: TableRow>(conn: &mut Connection, keys: &[T::Id]) -> Result<Vec<T>> {
    of_keys(conn, keys, Fragment::new())
}

/// As [`many`], for rows that will be changed: locked where the database locks rows.
///
/// # Errors
/// Those of the database.
pub fn lock<T: TableRow>(conn: &mut Connection, keys: &[T::Id]) -> Result<Vec<T>> {
    let end = conn.backend().for_update("t");
    of_keys(conn, keys, end)
}

fn of_keys<T: TableRow>(conn: &mut Connection, keys: &[T::Id], end: Fragment) -> Result<Vec<T>> {
    let mut keys: Vec<i64> = keys.iter().map(|key| (*key).into()).collect();
    keys.sort_unstable();
    keys.dedup();
    let sql =
        fragment!("SELECT {} FROM {} t WHERE t.id IN ({{keys}}) ORDER BY t.id{end}", columns::<T>("t"), T::TABLE.name);
    let mut rows = Vec::with_capacity(keys.len());
    conn.of_keys(&sql, &keys, |row| rows.push(T::read(row, 0)))?;
    Ok(rows)
}

/// Columns that get the moment of writing, because the row leaves them out.
fn stamped<T: TableRow>(wanted: impl Fn(Default) -> bool) -> Vec<(&'static str, Value)> {
    let left_out = |column: &&Column| !T::CELLS.iter().any(|cell| cell.name == column.name);
    let now = |column: &Column| if matches!(column.kind, ColumnType::Date) { clock::today() } else { clock::now() };
    T::TABLE
        .columns
        .iter()
        .filter(|column| wanted(column.default))
        .filter(left_out)
        .map(|column| (column.name, Value::Text(now(column))))
        .collect()
}

/// Keys for so many rows that this transaction will insert with them, see [`Connection::reserve_keys`].
///
/// # Errors
/// Those of the database.
pub fn reserve<T: TableRow>(conn: &mut Connection, count: usize) -> Result<Vec<T::Id>> {
    Ok(conn.reserve_keys(T::TABLE.name, count)?.into_iter().map(T::Id::of).collect())
}

/// Rows of one INSERT: few different numbers, so that statements are prepared once.
const LOTS: [usize; 3] = [128, 16, 1];

/// Writes new rows: with their keys, or with new ones where they have none.
///
/// # Errors
/// What the database refuses.
pub fn insert<'r, T: TableRow>(conn: &mut Connection, rows: impl IntoIterator<Item = &'r T>) -> Result<()> {
    const { assert!(T::WHOLE, "a new row is made of all its columns") };
    let rows: Vec<&T> = rows.into_iter().collect();
    let with_keys = rows.iter().all(|row| Into::<i64>::into(row.key()) != 0);
    let stamps = stamped::<T>(|default| matches!(default, Default::Now | Default::Changed));
    let mut names: Vec<Fragment> = Vec::with_capacity(T::CELLS.len() + 1 + stamps.len());
    if with_keys {
        names.push("id".into());
    }
    let written = T::CELLS.iter().map(|cell| cell.name).chain(stamps.iter().map(|(name, _)| *name));
    names.extend(written.map(|name| fragment!("\"{name}\"")));
    let head = fragment!("INSERT INTO {} ({}) VALUES ", T::TABLE.name, Fragment::join(&names, ", "));
    let width = names.len();
    let mut rest = rows.as_slice();
    while !rest.is_empty() {
        let lot = LOTS.into_iter().find(|n| *n <= rest.len()).unwrap_or(1);
        let (now, later) = rest.split_at(lot);
        let mut sql = head.clone();
        let mut params = Vec::with_capacity(lot * width);
        for (i, row) in now.iter().enumerate() {
            let places = Fragment::parameters(i * width + 1..=(i + 1) * width);
            sql.push(fragment!("{}({places})", if i > 0 { ", " } else { "" }));
            params.extend(with_keys.then(|| Value::Int(row.key().into())));
            params.extend(row.values());
            params.extend(stamps.iter().map(|(_, value)| value.clone()));
        }
        conn.execute(&sql, &params)?;
        rest = later;
    }
    Ok(())
}

/// What new rows are made of by an `INSERT … SELECT`: the SQL of each column.
#[derive(Debug, Clone, Copy)]
pub struct Template<const N: usize>([(&'static str, &'static str); N]);

impl<const N: usize> Template<N> {
    /// The SQL of every column of `T`, and of others of its table.
    ///
    /// # Panics
    /// While the program is built, where a column of `T` is missing, or the table has none of that name.
    pub const fn of<T: TableRow>(values: [(&'static str, &'static str); N]) -> Self {
        let mut i = 0;
        while i < N {
            if find(T::TABLE, values[i].0).is_none() {
                check::the_table_has_no_column(values[i].0);
            }
            i += 1;
        }
        i = 0;
        while i < T::CELLS.len() {
            let mut n = 0;
            while n < N && !check::same(values[n].0, T::CELLS[i].name) {
                n += 1;
            }
            if n == N {
                check::the_row_lacks_the_column(T::CELLS[i].name);
            }
            i += 1;
        }
        Template(values)
    }

    /// The columns in quotes, and their SQL.
    pub fn lists(&self) -> [Fragment; 2] {
        let names = self.0.iter().map(|(name, _)| fragment!("\"{name}\""));
        [Fragment::join(names, ", "), Fragment::join(self.0.iter().map(|(_, sql)| *sql), ", ")]
    }
}

/// Writes what differs between rows and what they were: one statement for all in which the same columns change. Rows
/// that are as they were are left alone.
///
/// # Errors
/// What the database refuses.
pub fn update<'r, T: TableRow>(conn: &mut Connection, rows: impl IntoIterator<Item = (&'r T, &'r T)>) -> Result<()> {
    let mut kinds: BTreeMap<u64, Vec<(i64, Vec<Value>)>> = BTreeMap::new();
    for (before, after) in rows {
        let (mask, values) = after.differences(before);
        if mask != 0 {
            kinds.entry(mask).or_default().push((before.key().into(), values));
        }
    }
    for (mask, rows) in kinds {
        let columns: Vec<&Cell> =
            T::CELLS.iter().enumerate().filter(|(i, _)| mask & (1 << i) != 0).map(|(_, cell)| cell).collect();
        update_columns::<T>(conn, &columns, &rows)?;
    }
    Ok(())
}

fn update_columns<T: TableRow>(conn: &mut Connection, columns: &[&Cell], rows: &[(i64, Vec<Value>)]) -> Result<()> {
    let stamps = stamped::<T>(|default| matches!(default, Default::Changed));
    let stamped = stamps.iter().enumerate().map(|(i, (name, _))| fragment!("\"{name}\" = ${}", i + 1));
    let changed = columns.iter().enumerate().map(|(i, cell)| fragment!("\"{}\" = v.column{}", cell.name, i + 2));
    let sets: Vec<Fragment> = stamped.chain(changed).collect();
    let (table, sets) = (T::TABLE.name, Fragment::join(&sets, ", "));
    let sql = fragment!("UPDATE {table} SET {sets} FROM {{rows}} v WHERE {table}.id = v.column1");
    let params: Vec<Value> = stamps.into_iter().map(|(_, value)| value).collect();
    let types: Vec<SqlType> = columns.iter().map(|cell| cell.sql_type).collect();
    conn.execute_rows(&sql, &params, &types, rows)
}
