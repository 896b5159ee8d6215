//! All changes of stock, as functions over a transaction. Used by the actions of this area and by orders, transfers,
//! and builds.
//!
//! [`Ledger::open`] reads and locks the stock items in one statement. Functions such as `split` and
//! `assign` change them in memory. [`Ledger::close`] writes the items and their history in a few statements,
//! regardless of the number of items.
//!
//! A function that returns an error has not changed the item. The error
//! names the field (`quantity`, `location`, `status`, or `item`), so that an action can report it for the right line.
//! Items and history are only in the database after [`Ledger::close`], so rows that refer to new items must be
//! written after it.

mod assembly;
mod customer;
mod item;
mod ledger;
mod merge;
mod quantity;
mod serials;
pub(crate) mod spaces;
#[cfg(test)]
mod tests;

use ironwood_base::Quantity;
use ironwood_base::key::{Key, Record};
use serde_json::Value as Json;

use crate::schema::keys::{AnyKey, UserKey};

pub(crate) use super::available::unallocated;
pub(crate) use customer::release;
pub(crate) use ironwood_base::status::HistoryCode;
pub(crate) use item::{Item, is_in_range};

pub(crate) use ledger::{Deltas, Ledger, delete};
pub(crate) use merge::{Allowances, unfit_for_merge};
pub(crate) use quantity::Count;
pub(crate) use serials::{TAKEN, conflicts, read_serials};

/// What else an action changes, and what its history entries name.
#[derive(Debug, Clone, Default)]
pub(crate) struct With {
    pub notes: String,
    /// A status, built-in or an administrator's own.
    pub status: Option<i64>,
    pub batch: Option<String>,
    pub packaging: Option<String>,
    /// Keys of records for the history: `("salesorder", 5)`.
    pub refs: Vec<(&'static str, AnyKey)>,
    /// The user for whom it is done, where that is someone else than the one who is signed in. Every entry names them.
    pub person: Option<UserKey>,
}

impl With {
    /// Only notes.
    pub(crate) fn notes(notes: &str) -> Self {
        With { notes: notes.to_owned(), ..With::default() }
    }

    /// Names one more record in the history (`salesorder`, `returnorder`, `transferorder`,
    /// `purchaseorder`, `buildorder`, `stockitem`).
    pub(crate) fn and<T: Record>(mut self, name: &'static str, key: Key<T>) -> Self {
        self.refs.push((name, key.general()));
        self
    }

    fn put_refs(&self, deltas: &mut Deltas) {
        for (name, key) in &self.refs {
            deltas.insert((*name).into(), (*key).into());
        }
        self.put_person(deltas);
    }

    fn put_person(&self, deltas: &mut Deltas) {
        if let Some(person) = self.person {
            deltas.insert("person".into(), person.into());
        }
    }
}

/// A quantity as histories keep it: a JSON number.
fn number(quantity: Quantity) -> Json {
    super::history::quantity(quantity)
}
