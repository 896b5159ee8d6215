//! Values on their way to the database and rows on their way back.

use ironwood_base::amount::{Amount, Unit};
use ironwood_base::key::{Key, Record};
use ironwood_base::status::{Code, Stateful};
use ironwood_base::{Money, Quantity};

/// A parameter of a statement, or a value read and kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A truth value; SQLite keeps it as 0 or 1.
    Bool(bool),
    /// Every whole number, and every exact decimal in its scaled form.
    Int(i64),
    /// A floating point number; never a quantity or a price.
    Real(f64),
    /// Text without NUL characters.
    Text(String),
    /// Raw bytes.
    Bytes(Vec<u8>),
}

/// A value in a row, borrowed from the database's own buffer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// SQL NULL.
    Null,
    /// A truth value. SQLite gives [`ValueRef::Int`] instead: read it with [`Row::bool`].
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating point number.
    Real(f64),
    /// Text.
    Text(&'a str),
    /// Raw bytes.
    Bytes(&'a [u8]),
}

impl<'a> ValueRef<'a> {
    /// The number; a truth value counts as 0 or 1, anything else is `None`.
    pub fn as_int(self) -> Option<i64> {
        match self {
            ValueRef::Int(value) => Some(value),
            ValueRef::Bool(value) => Some(i64::from(value)),
            _ => None,
        }
    }

    /// The text; anything else is `None`.
    pub fn as_text(self) -> Option<&'a str> {
        match self {
            ValueRef::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value; a number is true unless it is 0, anything else is `None`.
    pub fn as_bool(self) -> Option<bool> {
        match self {
            ValueRef::Bool(value) => Some(value),
            ValueRef::Int(value) => Some(value != 0),
            _ => None,
        }
    }

    /// Whether it is NULL.
    pub fn is_null(self) -> bool {
        matches!(self, ValueRef::Null)
    }

    /// A copy that can be kept.
    pub fn to_owned(self) -> Value {
        match self {
            ValueRef::Null => Value::Null,
            ValueRef::Bool(value) => Value::Bool(value),
            ValueRef::Int(value) => Value::Int(value),
            ValueRef::Real(value) => Value::Real(value),
            ValueRef::Text(text) => Value::Text(text.to_owned()),
            ValueRef::Bytes(bytes) => Value::Bytes(bytes.to_owned()),
        }
    }
}

impl Value {
    /// Keys as one parameter, for [`Backend::keys`](crate::Backend::keys).
    pub fn keys<K: Copy + Into<i64>>(keys: &[K]) -> Self {
        let ids = keys.iter().map(|key| Into::<i64>::into(*key).to_string());
        Value::Text(ids.collect::<Vec<String>>().join(","))
    }

    /// Texts as one parameter, for [`Backend::texts`](crate::Backend::texts).
    pub fn texts<T: AsRef<str>>(texts: &[T]) -> Self {
        // a NUL, which JSON would hide, is refused by the statement as in any other text
        if texts.iter().any(|text| text.as_ref().contains('\0')) {
            return Value::Text("\0".to_owned());
        }
        let list: Vec<serde_json::Value> = texts.iter().map(|text| text.as_ref().into()).collect();
        Value::Text(serde_json::Value::Array(list).to_string())
    }

    /// The value, borrowed.
    pub fn borrow(&self) -> ValueRef<'_> {
        match self {
            Value::Null => ValueRef::Null,
            Value::Bool(value) => ValueRef::Bool(*value),
            Value::Int(value) => ValueRef::Int(*value),
            Value::Real(value) => ValueRef::Real(*value),
            Value::Text(text) => ValueRef::Text(text),
            Value::Bytes(bytes) => ValueRef::Bytes(bytes),
        }
    }

    /// Whether it is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
}

macro_rules! from {
    ($($type:ty => |$value:ident| $make:expr;)*) => {
        $(impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $make
            }
        })*
    };
}

from! {
    bool => |value| Value::Bool(value);
    i64 => |value| Value::Int(value);
    i32 => |value| Value::Int(i64::from(value));
    u32 => |value| Value::Int(i64::from(value));
    u8 => |value| Value::Int(i64::from(value));
    f64 => |value| Value::Real(value);
    &str => |value| Value::Text(value.to_owned());
    String => |value| Value::Text(value);
    &String => |value| Value::Text(value.clone());
    Vec<u8> => |value| Value::Bytes(value);
    &[u8] => |value| Value::Bytes(value.to_owned());
    ValueRef<'_> => |value| value.to_owned();
}

impl<U: Unit> From<Amount<U>> for Value {
    fn from(value: Amount<U>) -> Self {
        Value::Int(value.scaled())
    }
}

impl<T: Stateful> From<Code<T>> for Value {
    fn from(value: Code<T>) -> Self {
        Value::Int(value.key())
    }
}

impl<T> From<Key<T>> for Value {
    fn from(value: Key<T>) -> Self {
        Value::Int(value.id())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// The kind of column that a type is read from and written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlType {
    Bool,
    /// A whole number, the key of a row, or a code.
    Int,
    /// A whole number that stands for a state.
    Code,
    /// The key of a row of that table.
    Key(&'static str),
    /// An exact decimal of so many places.
    Decimal(u8),
    Real,
    /// Text, dates, times, and JSON.
    Text,
}

impl SqlType {
    /// The type that SQL has to be told where it cannot infer it.
    pub const fn sql(self) -> &'static str {
        match self {
            SqlType::Bool => "BOOLEAN",
            SqlType::Int | SqlType::Code | SqlType::Key(_) | SqlType::Decimal(_) => "BIGINT",
            SqlType::Real => "DOUBLE PRECISION",
            SqlType::Text => "TEXT",
        }
    }
}

/// A type that a column of a row is read into and written from.
pub trait Cell: Sized {
    /// The kind of column that it is for.
    const SQL_TYPE: SqlType;
    /// Whether the column may be null.
    const NULL: bool = false;

    /// The value of a column; null and what is of another type give the type's default.
    fn read(value: ValueRef<'_>) -> Self;

    /// The value for a statement.
    fn write(&self) -> Value;
}

impl Cell for bool {
    const SQL_TYPE: SqlType = SqlType::Bool;
    fn read(value: ValueRef<'_>) -> Self {
        value.as_bool().unwrap_or(false)
    }
    fn write(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Cell for i64 {
    const SQL_TYPE: SqlType = SqlType::Int;
    fn read(value: ValueRef<'_>) -> Self {
        value.as_int().unwrap_or(0)
    }
    fn write(&self) -> Value {
        Value::Int(*self)
    }
}

impl Cell for f64 {
    const SQL_TYPE: SqlType = SqlType::Real;
    fn read(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Real(number) => number,
            _ => 0.0,
        }
    }
    fn write(&self) -> Value {
        Value::Real(*self)
    }
}

impl Cell for String {
    const SQL_TYPE: SqlType = SqlType::Text;
    fn read(value: ValueRef<'_>) -> Self {
        value.as_text().unwrap_or_default().to_owned()
    }
    fn write(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl<U: Unit> Cell for Amount<U> {
    const SQL_TYPE: SqlType = SqlType::Decimal(U::PLACES);
    fn read(value: ValueRef<'_>) -> Self {
        Amount::from_scaled(value.as_int().unwrap_or(0))
    }
    fn write(&self) -> Value {
        Value::Int(self.scaled())
    }
}

impl<T: Stateful> Cell for Code<T> {
    const SQL_TYPE: SqlType = SqlType::Code;
    fn read(value: ValueRef<'_>) -> Self {
        Code::from_key(value.as_int().unwrap_or(0))
    }
    fn write(&self) -> Value {
        Value::Int(self.key())
    }
}

impl<T: Record> Cell for Key<T> {
    const SQL_TYPE: SqlType = SqlType::Key(T::TABLE);
    fn read(value: ValueRef<'_>) -> Self {
        Key::from_id(value.as_int().unwrap_or(0))
    }
    fn write(&self) -> Value {
        Value::Int(self.id())
    }
}

impl<T: Cell> Cell for Option<T> {
    const SQL_TYPE: SqlType = T::SQL_TYPE;
    const NULL: bool = true;
    fn read(value: ValueRef<'_>) -> Self {
        (!value.is_null()).then(|| T::read(value))
    }
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }
}

/// A type that a column is read into: a [`Cell`], or a text that is borrowed from the row.
pub trait FromValue<'v>: Sized {
    /// The value of a column, read as [`Cell::read`] does.
    fn from_value(value: ValueRef<'v>) -> Self;
}

impl<T: Cell> FromValue<'_> for T {
    fn from_value(value: ValueRef<'_>) -> Self {
        T::read(value)
    }
}

impl<'v> FromValue<'v> for &'v str {
    fn from_value(value: ValueRef<'v>) -> Self {
        value.as_text().unwrap_or_default()
    }
}

impl<'v> FromValue<'v> for Option<&'v str> {
    fn from_value(value: ValueRef<'v>) -> Self {
        value.as_text()
    }
}

/// A row while the statement runs. Its texts are borrowed: copy what must outlive the row.
pub struct Row<'r>(pub(crate) Source<'r>);

pub(crate) enum Source<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r ::postgres::Row),
}

/// A row that has been copied out of the database.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedRow(pub Vec<Value>);

impl Row<'_> {
    /// The value in column `i`, counted from 0; NULL beyond the last column.
    pub fn get(&self, i: usize) -> ValueRef<'_> {
        match self.0 {
            Source::Sqlite(row) => crate::sqlite::read(row, i),
            Source::Postgres(row) => crate::postgres::read(row, i),
        }
    }

    /// The value in column `i`, borrowed where its type is.
    pub fn read<'v, T: FromValue<'v>>(&'v self, i: usize) -> T {
        T::from_value(self.get(i))
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        match self.0 {
            Source::Sqlite(row) => row.as_ref().column_count(),
            Source::Postgres(row) => row.len(),
        }
    }

    /// A copy that can be kept.
    pub fn to_owned(&self) -> OwnedRow {
        OwnedRow((0..self.len()).map(|i| self.get(i).to_owned()).collect())
    }
}

impl OwnedRow {
    /// The value in column `i`, counted from 0; NULL beyond the last column.
    pub fn get(&self, i: usize) -> ValueRef<'_> {
        self.0.get(i).map_or(ValueRef::Null, Value::borrow)
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes the value out of column `i` and leaves NULL there.
    pub fn take(&mut self, i: usize) -> Value {
        self.0.get_mut(i).map_or(Value::Null, |value| std::mem::replace(value, Value::Null))
    }
}

macro_rules! accessors {
    ($type:ty) => {
        impl $type {
            /// The number in column `i`; 0 where it is NULL or no number.
            pub fn int(&self, i: usize) -> i64 {
                self.opt_int(i).unwrap_or(0)
            }

            /// The number in column `i`; `None` where it is NULL or no number.
            pub fn opt_int(&self, i: usize) -> Option<i64> {
                self.get(i).as_int()
            }

            /// The text in column `i`; empty where it is NULL or no text.
            pub fn text(&self, i: usize) -> &str {
                self.opt_text(i).unwrap_or("")
            }

            /// The text in column `i`; `None` where it is NULL or no text.
            pub fn opt_text(&self, i: usize) -> Option<&str> {
                self.get(i).as_text()
            }

            /// The truth value in column `i`; false where it is NULL.
            pub fn bool(&self, i: usize) -> bool {
                self.get(i).as_bool().unwrap_or(false)
            }

            /// The value in column `i`, as its type is read.
            pub fn cell<T: Cell>(&self, i: usize) -> T {
                T::read(self.get(i))
            }

            /// The quantity in column `i`; 0 where it is NULL.
            pub fn quantity(&self, i: usize) -> Quantity {
                self.cell(i)
            }

            /// The quantity in column `i`; `None` where it is NULL.
            pub fn opt_quantity(&self, i: usize) -> Option<Quantity> {
                self.cell(i)
            }

            /// The amount of money in column `i`; 0 where it is NULL.
            pub fn money(&self, i: usize) -> Money {
                self.cell(i)
            }

            /// The amount of money in column `i`; `None` where it is NULL.
            pub fn opt_money(&self, i: usize) -> Option<Money> {
                self.cell(i)
            }

            /// Whether column `i` is NULL.
            pub fn is_null(&self, i: usize) -> bool {
                self.get(i).is_null()
            }

            /// Whether there are no columns.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }
        }
    };
}

accessors!(Row<'_>);
accessors!(OwnedRow);
