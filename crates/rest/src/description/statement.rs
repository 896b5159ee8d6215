//! A statement in the making: what its conditions, joins and values are kept in.

use std::any::Any;
use std::sync::Arc;

use ironwood_store::{Backend, Fragment, Patterns, Value};

use crate::context::Caller;
use crate::http::Request;
use crate::operations::Registry;
use crate::resource::Resource;
use crate::table::{Noted, Table};

pub(crate) struct Join {
    pub(crate) base: Fragment,
    pub(crate) path: String,
    pub(crate) alias: Fragment,
    /// `part_part j1 ON …`, to follow a kind of join.
    pub(crate) sql: Fragment,
    pub(crate) table: &'static Table,
    /// Whether there is a row for every row of the statement.
    pub(crate) certain: bool,
    /// For a view of rows and notes: these, and the join with the rows alone.
    pub(crate) noted: Option<(Noted, Fragment)>,
}

/// One way to sort.
pub(crate) struct Sorting {
    pub(crate) sql: Fragment,
    pub(crate) down: bool,
    /// Whether it may be null.
    pub(crate) null: bool,
}

/// A statement over one table in the making: joins, conditions and their values.
pub struct Query<'a> {
    /// The database the statement is for.
    pub backend: Backend,
    pub request: &'a Request,
    pub caller: &'a dyn Caller,
    /// Key of the caller, 0 for no one.
    pub user: i64,
    pub table: &'static Table,
    /// The domain's snapshot, for resources whose filters depend on settings.
    pub snapshot: Option<Arc<dyn Any + Send + Sync>>,
    /// The resource whose list it is, if it is one.
    pub resource: Option<&'static Resource>,
    /// All operations of the server, if there is a current request.
    pub registry: Option<&'a Registry>,
    pub(crate) joins: Vec<Join>,
    pub(crate) conditions: Vec<Fragment>,
    /// Conditions that hold whatever else is said of the rows.
    pub(crate) fixed: Vec<Fragment>,
    pub(crate) params: Vec<Value>,
    pub(crate) order: Vec<Sorting>,
    pub(crate) must_exist: Vec<(&'static Table, &'static str, i64, String)>,
    pub(crate) trees: Vec<Tree>,
    /// Conditions on rows from one node of a tree downwards, once it is known where the tree begins and ends.
    pub(crate) below: Vec<Below>,
    pub(crate) failed: Option<String>,
    /// Whether the conditions cannot be answered by an index.
    pub(crate) scans: bool,
    /// A condition on keys that were found before, and how many rows it leaves.
    pub(crate) found: Option<(Fragment, usize)>,
    /// Conditions that statements which only count rows replace: the condition, its placeholder, and a statement that
    /// gives the keys of the same rows.
    pub(crate) counted: Vec<(Fragment, Fragment, Keys)>,
    /// How the aliases of joined rows begin.
    pub(crate) joined: &'static str,
    /// Set while the request's own parameters are read: what they ask must be for the caller to see.
    pub(crate) asking: Option<Disclosure>,
    /// Whether they asked for more.
    pub(crate) hidden: bool,
    /// The regular expressions so far.
    pub(crate) patterns: Patterns,
}

/// A tree that a condition names: rows from one row on downwards. Where it begins and ends is read before the
/// statement is run ([`crate::query`]), and stands in it as values: a database that finds it out on the way plans
/// for trees of an average size.
pub(crate) struct Tree {
    /// The condition, as a template.
    pub(crate) template: Fragment,
    pub(crate) table: &'static Table,
    pub(crate) key: i64,
    /// Whether a row that is not there leaves the condition out.
    pub(crate) optional: bool,
}

/// A condition on rows from one node of a tree downwards.
pub(crate) struct Below {
    pub(crate) template: Fragment,
    /// As it stands in the statement.
    pub(crate) condition: Fragment,
    /// The numbers of the parameters with the paths at which the tree begins and ends.
    pub(crate) bounds: (usize, usize),
}

/// A statement that gives keys of rows, with placeholders `$1`, `$2`, … for its values.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// Its parts, each a `SELECT` of keys.
    pub(crate) parts: Vec<Fragment>,
    pub(crate) values: Vec<Value>,
}

/// How the parameter that is being read asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Disclosure {
    /// The resource whose totals may be asked for; `None` where none may.
    pub(crate) totals_of: Option<&'static Resource>,
    /// Whether it asks what a field of the same name shows.
    pub(crate) shown: bool,
}
