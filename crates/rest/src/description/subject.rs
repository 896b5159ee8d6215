//! Rows that hang on records of several kinds, such as attachments: each has the rights of its record.
//!
//! A table says so by [`Table::on`], and the rows of a user by [`Table::of_user`]. Everything that reads rows of a
//! resource begins with [`Query::of`], everything that writes them goes through [`crate::write`]: both ask here.

use ironwood_base::{Error, Result};
use ironwood_store::{Fragment, fragment};

use crate::context::{Caller, Permission};
use crate::http::Method;
use crate::table::Table;
use crate::view::Sql;

/// The record that each row of a table hangs on, as two of its columns name it.
#[derive(Debug)]
pub struct Subject {
    /// Column with the record's model.
    pub model: &'static str,
    /// Column with the record's key.
    pub id: &'static str,
    /// Whether models stand there without their application (`part`, not `part.part`).
    pub short: bool,
    /// Tables of the records that have such rows.
    pub kinds: &'static [&'static Table],
    /// Rights on the record that making or changing a row needs, and deleting it; `None`: none.
    pub change: Option<Permission>,
    pub delete: Option<Permission>,
    /// Template of the key of the user who may see a row that names no record of these kinds, besides those who
    /// may view all kinds; empty: no one.
    pub author: Sql,
    /// What the rows are called (`attachments`).
    pub rows: &'static str,
}

impl Subject {
    fn name(&self, table: &Table) -> &'static str {
        if self.short { table.model() } else { table.record }
    }

    /// The table of the records of a model.
    pub fn kind(&self, model: &str) -> Option<&'static Table> {
        self.kinds.iter().copied().find(|table| self.name(table) == model)
    }

    /// The right on a record that a method on its row needs.
    pub(crate) fn act(&self, method: Method) -> Option<Permission> {
        match method {
            Method::Delete => self.delete,
            _ if method.safe() => Some(Permission::View),
            _ => self.change,
        }
    }

    /// Whether there is a kind of record on whose rows the caller may do this at all.
    pub fn is_open_to(&self, caller: &dyn Caller, method: Method) -> bool {
        let permission = self.act(method);
        method.safe()
            || permission.is_none_or(|permission| self.kinds.iter().any(|table| caller.may(table.name, permission)))
    }

    /// A condition that holds for the rows, by this alias, that the caller may see; `None` for all of them.
    pub(crate) fn seen(&self, alias: &'static str, caller: &dyn Caller) -> Option<Fragment> {
        let may_view = |table: &&&'static Table| caller.may(table.name, Permission::View);
        let seen: Vec<&'static str> = self.kinds.iter().filter(may_view).map(|table| self.name(table)).collect();
        if seen.len() == self.kinds.len() {
            return None;
        }
        let column = fragment!("{alias}.\"{}\"", self.model);
        let listed = |names: &[&'static str]| Fragment::join(names.iter().map(|name| Fragment::literal(name)), ", ");
        let mut any = Vec::new();
        if !seen.is_empty() {
            any.push(fragment!("{column} IN ({})", listed(&seen)));
        }
        if !self.author.is_empty() {
            let all: Vec<&'static str> = self.kinds.iter().map(|table| self.name(table)).collect();
            let none = fragment!("{column} IS NULL OR {column} NOT IN ({})", listed(&all));
            any.push(fragment!("({}) = {{user}} AND ({none})", self.author));
        }
        Some(if any.is_empty() { "1 = 0".into() } else { Fragment::join(&any, " OR ") })
    }

    /// Refuses a change of rows that hang on records of a model, where the caller has not that right on them.
    pub(crate) fn permit(&self, caller: &dyn Caller, model: &str, permission: Option<Permission>) -> Result<()> {
        let Some(permission) = permission else { return Ok(()) };
        let may = match self.kind(model) {
            Some(table) => caller.may(table.name, permission),
            // changing a row without a record requires the permission for all types
            None => self.kinds.iter().all(|table| caller.may(table.name, permission)),
        };
        if may { Ok(()) } else { Err(Error::denied()) }
    }
}
