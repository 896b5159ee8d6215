//! Counters of changes. What was read of some tables is still right for as long as the counters of these tables stand
//! as they stood then, on every server of the database.
//!
//! Triggers count changes in `ironwood_version`, a row for each counter and slot, in the transaction that changes
//! something. On PostgreSQL each server process counts in a slot, so that writers rarely wait for each other. A sum over
//! all slots that is the same in two snapshots tells that both see the same changes: what one snapshot sees, each later
//! one sees, too, and each change adds to the sum. Steps are random, so that a database that was restored from a copy
//! does not come to sums that stood for something else.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use ironwood_base::Error;

use crate::connection::{RawConnection, Stop};
use crate::postgres::Plan;
use crate::value::Row;
use crate::{Backend, Connection};

const READ_SQLITE: &str = "SELECT counter, SUM(number), CAST((SELECT \"transaction\" FROM ironwood_log_state) AS TEXT) \
    FROM ironwood_version GROUP BY counter";
const READ_POSTGRES: &str = "SELECT counter, CAST(SUM(number) AS BIGINT), CAST(pg_current_snapshot() AS TEXT) \
    FROM ironwood_version GROUP BY counter";

/// What some counters said at one moment, of one database.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stamp {
    source: u64,
    numbers: Box<[i64]>,
}

/// All counters in one transaction; none where the database does not count.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    numbers: Vec<(i64, i64)>,
    /// What the transaction sees of everything: on SQLite, the number of the last one that wrote, in the order in which
    /// they wrote; on PostgreSQL, which ones had ended when it began.
    moment: String,
}

impl Versions {
    fn stamp(&self, source: u64, counters: &[i64]) -> Option<Stamp> {
        let number = |counter: &i64| self.numbers.iter().find(|(known, _)| known == counter).map(|(_, number)| *number);
        let numbers = counters.iter().map(number).collect::<Option<_>>()?;
        Some(Stamp { source, numbers })
    }
}

/// A number for a database as it was opened, or reached again: what another one said is never taken for the same.
pub(crate) fn new_source() -> u64 {
    RandomState::new().build_hasher().finish()
}

impl Connection {
    /// What these counters say. `None` in a transaction that writes, whose own changes they may not count yet, and in a
    /// database that does not have them.
    ///
    /// # Errors
    /// A fault of the database.
    pub fn stamp(&mut self, counters: &[i64]) -> Result<Option<Stamp>, Error> {
        let source = self.source();
        Ok(self.versions()?.and_then(|versions| versions.stamp(source, counters)))
    }

    /// A text for all that this transaction sees: where another one, on any connection of this program, gets the same,
    /// no transaction that wrote ended in between. `None` as for [`Connection::stamp`].
    ///
    /// # Errors
    /// A fault of the database.
    pub fn whole(&mut self) -> Result<Option<String>, Error> {
        let source = self.source();
        let known = self.versions()?.filter(|versions| !versions.moment.is_empty());
        Ok(known.map(|versions| format!("{source:x} {}", versions.moment)))
    }

    fn versions(&mut self) -> Result<Option<&Versions>, Error> {
        if !self.may_be_stamped() {
            return Ok(None);
        }
        if self.versions.is_none() {
            let read = self.read_versions();
            let read = read.map_err(|stop| match stop {
                Stop::Database(fault) => self.note(fault),
                Stop::Caller(error) => error,
            })?;
            self.versions = Some(read);
        }
        Ok(self.versions.as_ref())
    }

    fn read_versions(&mut self) -> Result<Versions, Stop> {
        if !self.counts {
            let there = match self.backend() {
                Backend::Sqlite => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'ironwood_version'",
                Backend::Postgres => "SELECT 1 WHERE to_regclass('ironwood_version') IS NOT NULL",
            };
            self.counts = self.look(there, &mut |_| {})?;
        }
        let read = match self.backend() {
            Backend::Sqlite => READ_SQLITE,
            Backend::Postgres => READ_POSTGRES,
        };
        let mut found = Versions::default();
        if self.counts {
            self.look(read, &mut |row| {
                found.numbers.push((row.int(0), row.int(1)));
                found.moment = row.opt_text(2).unwrap_or_default().to_owned();
            })?;
        }
        Ok(found)
    }

    /// Reads by a statement that is none of the caller's; tells whether there was a row.
    fn look(&mut self, sql: &str, each: &mut dyn FnMut(&Row<'_>)) -> Result<bool, Stop> {
        let mut each = |row: &Row<'_>| {
            each(row);
            Ok(())
        };
        let found = match self.raw() {
            RawConnection::Sqlite(raw) => raw.query(sql, &[], &mut each)?,
            RawConnection::Postgres(raw) => raw.query(sql, &[], Plan::Kept, &mut each)?,
        };
        Ok(found > 0)
    }
}

/// Values, each with the stamp for which it is right. All are dropped when there are more than some number.
#[derive(Debug)]
pub struct Kept<K, V> {
    values: Mutex<HashMap<K, (Stamp, Arc<V>)>>,
    most: usize,
}

impl<K: Eq + Hash, V> Kept<K, V> {
    /// Room for `most` values.
    pub fn new(most: usize) -> Self {
        Kept { values: Mutex::default(), most }
    }

    /// The value under a key, if it is still right.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q, stamp: &Stamp) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        values.get(key).filter(|(known, _)| known == stamp).map(|(_, value)| value.clone())
    }

    /// The value under a key, and the stamp for which it was right.
    pub fn last<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<(Stamp, Arc<V>)>
    where
        K: Borrow<Q>,
    {
        self.values.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Keeps a value.
    pub fn put(&self, key: K, stamp: Stamp, value: Arc<V>) {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        if values.len() >= self.most && !values.contains_key(&key) {
            values.clear();
        }
        values.insert(key, (stamp, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(source: u64, numbers: &[i64]) -> Stamp {
        Stamp { source, numbers: numbers.into() }
    }

    #[test]
    fn values_are_kept_for_their_stamp_alone() {
        let kept: Kept<String, i64> = Kept::new(2);
        kept.put("a".into(), stamp(1, &[5]), Arc::new(7));
        assert_eq!(kept.get("a", &stamp(1, &[5])).as_deref(), Some(&7));
        assert_eq!(kept.get("a", &stamp(1, &[6])), None, "something changed");
        assert_eq!(kept.get("a", &stamp(2, &[5])), None, "another database");
        kept.put("a".into(), stamp(1, &[6]), Arc::new(8));
        kept.put("b".into(), stamp(1, &[6]), Arc::new(9));
        assert_eq!(kept.get("a", &stamp(1, &[6])).as_deref(), Some(&8));
        kept.put("c".into(), stamp(1, &[6]), Arc::new(10));
        assert_eq!((kept.last("a"), kept.last("c").map(|(_, value)| *value)), (None, Some(10)), "no room for three");
    }

    #[test]
    fn a_stamp_needs_all_its_counters() {
        let versions = Versions { numbers: vec![(2, 20), (1, 10)], moment: String::new() };
        assert_eq!(versions.stamp(1, &[1, 2]), Some(stamp(1, &[10, 20])));
        assert_eq!(versions.stamp(1, &[1, 3]), None);
    }
}
