//! Keys of rows, as types: the key of a part cannot be given where that of a stock item is expected.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::ParseIntError;
use std::str::FromStr;

/// What has rows in a table.
pub trait Record: 'static {
    /// The table, as the database names it.
    const TABLE: &'static str;
}

/// A record that is one of several kinds: a sales order is an order.
pub trait KindOf<G>: Record {}

/// A record of whatever table, which is named beside its key.
#[derive(Debug)]
pub enum Any {}

/// No table has this name: columns of numbers hold such keys.
impl Record for Any {
    const TABLE: &'static str = "";
}

impl<T: Record> KindOf<Any> for T {}

/// The primary key of a row that stands for a `T`.
///
/// ```compile_fail
/// use ironwood_base::key::{Key, Record};
///
/// enum Part {}
/// impl Record for Part {
///     const TABLE: &'static str = "part";
/// }
/// enum Item {}
/// impl Record for Item {
///     const TABLE: &'static str = "item";
/// }
///
/// fn take(item: Key<Item>) {}
/// take(Key::<Part>::from_id(5));
/// ```
pub struct Key<T>(i64, PhantomData<fn() -> T>);

impl<T> Key<T> {
    /// The key that is stored as this number.
    pub const fn from_id(id: i64) -> Self {
        Key(id, PhantomData)
    }

    /// The number that is stored.
    pub const fn id(self) -> i64 {
        self.0
    }

    /// The key, where it is that of a row: 0 is that of none.
    pub fn known(self) -> Option<Self> {
        (self.0 > 0).then_some(self)
    }

    /// The key as that of a record of whatever kind.
    pub const fn general<G>(self) -> Key<G>
    where
        T: KindOf<G>,
    {
        Key::from_id(self.0)
    }

    /// The key as that of a record of this kind, which it is known to be.
    pub const fn of_kind<K: KindOf<T>>(self) -> Key<K> {
        Key::from_id(self.0)
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Key<T> {}
impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Key<T> {}
impl<T> PartialOrd for Key<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Key<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> Hash for Key<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> Default for Key<T> {
    /// No row, until it has one.
    fn default() -> Self {
        Self::from_id(0)
    }
}
impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> fmt::Display for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> FromStr for Key<T> {
    type Err = ParseIntError;
    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self::from_id)
    }
}
impl<T> From<Key<T>> for i64 {
    fn from(key: Key<T>) -> Self {
        key.0
    }
}
impl<T> From<Key<T>> for serde_json::Value {
    fn from(key: Key<T>) -> Self {
        key.0.into()
    }
}
impl<T> serde::Serialize for Key<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

/// The numbers of keys.
pub fn ids<T>(keys: &[Key<T>]) -> Vec<i64> {
    keys.iter().map(|key| key.0).collect()
}

/// Keys as those of records of this kind, which they are known to be.
pub fn of_kind<G, T: KindOf<G>>(keys: &[Key<G>]) -> Vec<Key<T>> {
    keys.iter().map(|key| key.of_kind()).collect()
}

/// Keys of numbers.
pub fn of_ids<T>(ids: &[i64]) -> Vec<Key<T>> {
    ids.iter().map(|id| Key::from_id(*id)).collect()
}
