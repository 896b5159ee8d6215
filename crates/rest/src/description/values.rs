//! The new values of a row over its old ones.

use std::collections::HashMap;

use ironwood_base::{Key, Money, Quantity, clock, decimal};
use ironwood_store::Value;
use serde_json::{Map, Value as Json};

use crate::http::Upload;
use crate::table::{Column, ColumnType, Default, Table};

/// The new values of a row, with the old ones behind them.
#[derive(Debug)]
pub struct Change {
    pub table: &'static Table,
    /// Key of the row; `None` while it is being made.
    pub id: Option<i64>,
    pub(crate) old: HashMap<&'static str, Value>,
    pub(crate) new: HashMap<&'static str, Value>,
    /// Columns that the request named.
    pub(crate) named: Vec<&'static str>,
    /// Values of fields that are no columns.
    pub extra: Map<String, Json>,
    pub files: HashMap<String, Upload>,
}

static NULL: Value = Value::Null;

impl Change {
    /// Whether the row is being made.
    pub fn is_new(&self) -> bool {
        self.id.is_none()
    }

    /// The value that the column will have.
    pub fn get(&self, column: &str) -> &Value {
        self.new.get(column).or_else(|| self.old.get(column)).unwrap_or(&NULL)
    }

    /// The value that the column had.
    pub fn old(&self, column: &str) -> &Value {
        self.old.get(column).unwrap_or(&NULL)
    }

    /// Whether the request itself named the column.
    pub fn is_named(&self, column: &str) -> bool {
        self.named.contains(&column)
    }

    /// Whether the client, a rule or (of a new row) the column's default gave the column a value.
    pub fn is_given(&self, column: &str) -> bool {
        self.new.contains_key(column)
    }

    /// Whether the column will have another value than before.
    pub fn is_changed(&self, column: &str) -> bool {
        self.new.get(column).is_some_and(|new| self.is_new() || self.old.get(column) != Some(new))
    }

    /// An integer or link that the column will have.
    pub fn int(&self, column: &str) -> Option<i64> {
        match self.get(column) {
            Value::Int(i) => Some(*i),
            _ => None,
        }
    }

    /// A link that the column will have.
    pub fn key<T>(&self, column: &str) -> Option<Key<T>> {
        self.int(column).map(Key::from_id)
    }

    /// A link that the column had.
    pub fn old_key<T>(&self, column: &str) -> Option<Key<T>> {
        match self.old(column) {
            Value::Int(id) => Some(Key::from_id(*id)),
            _ => None,
        }
    }

    /// A quantity that the column will have.
    pub fn quantity(&self, column: &str) -> Option<Quantity> {
        self.int(column).map(Quantity::from_scaled)
    }

    /// An amount of money that the column will have.
    pub fn money(&self, column: &str) -> Option<Money> {
        self.int(column).map(Money::from_scaled)
    }

    /// A text that the column will have; empty for null.
    pub fn text(&self, column: &str) -> &str {
        match self.get(column) {
            Value::Text(t) => t,
            _ => "",
        }
    }

    /// A truth value that the column will have.
    pub fn flag(&self, column: &str) -> bool {
        matches!(self.get(column), Value::Bool(true))
    }

    /// Gives the column a value.
    pub fn set(&mut self, column: &'static str, value: impl Into<Value>) {
        self.new.insert(column, value.into());
    }

    /// Leaves the column as it is (or at its default).
    pub fn unset(&mut self, column: &str) {
        self.new.remove(column);
    }
}

pub(crate) fn now_as(kind: ColumnType) -> Value {
    Value::Text(if matches!(kind, ColumnType::Date) { clock::today() } else { clock::now() })
}

/// The value of a column that a new row does not name; `None` where the database decides (null) or
/// the value has to be given.
pub fn default_value(column: &Column) -> Option<Value> {
    match column.default {
        Default::None => None,
        Default::Int(i) => Some(match column.kind {
            ColumnType::Decimal { places, .. } => Value::Int(i.saturating_mul(decimal::scale(places))),
            ColumnType::Real => Value::Real(i as f64),
            _ => Value::Int(i),
        }),
        Default::Bool(b) => Some(Value::Bool(b)),
        Default::Text(t) => Some(Value::Text(t.to_owned())),
        Default::Now | Default::Changed => Some(now_as(column.kind)),
    }
}
