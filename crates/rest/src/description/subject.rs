//! Rows that hang on records of several kinds, such as attachments: each has the rights of its record.
//!
//! A table says so by [`Table::on`], and the rows of a user by [`Table::of_user`]. Everything that reads rows of a
//! resource begins with [`Query::of`], everything that writes them goes through [`crate::write`]: both ask here.

use ironwood_base::{Error, Result};
use ironwood_store::Value;

use crate::change::Change;
use crate::context::{Act, Caller, Context};
use crate::http::Method;
use crate::query::Query;
use crate::resource::Resource;
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
    pub change: Option<Act>,
    pub delete: Option<Act>,
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
    fn act(&self, method: Method) -> Option<Act> {
        match method {
            Method::Delete => self.delete,
            _ if method.safe() => Some(Act::View),
            _ => self.change,
        }
    }

    /// Whether there is a kind of record on whose rows the caller may do this at all.
    pub fn is_open_to(&self, caller: &dyn Caller, method: Method) -> bool {
        let act = self.act(method);
        method.safe() || act.is_none_or(|act| self.kinds.iter().any(|table| caller.may(table.name, act)))
    }

    /// A condition that holds for the rows, by this alias, that the caller may see; `None` for all of them.
    fn seen(&self, alias: &str, caller: &dyn Caller) -> Option<String> {
        let may_view = |table: &&&'static Table| caller.may(table.name, Act::View);
        let seen: Vec<&str> = self.kinds.iter().filter(may_view).map(|table| self.name(table)).collect();
        if seen.len() == self.kinds.len() {
            return None;
        }
        let column = format!("{alias}.\"{}\"", self.model);
        let listed = |names: &[&str]| names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        let mut any = Vec::new();
        if !seen.is_empty() {
            any.push(format!("{column} IN ({})", listed(&seen)));
        }
        if !self.author.is_empty() {
            let all: Vec<&str> = self.kinds.iter().map(|table| self.name(table)).collect();
            let none = format!("{column} IS NULL OR {column} NOT IN ({})", listed(&all));
            any.push(format!("({}) = {{user}} AND ({none})", self.author));
        }
        Some(if any.is_empty() { "1 = 0".to_owned() } else { any.join(" OR ") })
    }

    /// Refuses a change of rows that hang on records of a model, where the caller has not that right on them.
    fn permit(&self, caller: &dyn Caller, model: &str, act: Option<Act>) -> Result<()> {
        let Some(act) = act else { return Ok(()) };
        let may = match self.kind(model) {
            Some(table) => caller.may(table.name, act),
            // changing a row without a record requires the permission for all types
            None => self.kinds.iter().all(|table| caller.may(table.name, act)),
        };
        if may { Ok(()) } else { Err(Error::denied()) }
    }
}

/// Keeps the rows that the caller may see: a user's own, and those of records that they may view.
pub fn restrict(query: &mut Query<'_>, caller: &dyn Caller) {
    if caller.is_superuser() {
        return;
    }
    let table = query.table;
    if !table.user.is_empty() {
        query.always(&format!("({}) = {{user}}", table.user));
    }
    if let Some(seen) = table.subject.and_then(|subject| subject.seen("{t}", caller)) {
        query.always(&seen);
    }
    if let Some((links, column)) = table.seen_by
        && let Some(seen) = links.subject.and_then(|subject| subject.seen("seen", caller))
    {
        let rows = format!("SELECT 1 FROM {} seen WHERE seen.\"{column}\" = {{id}}", links.name);
        let unused = if caller.may(table.name, Act::View) { format!(" OR NOT EXISTS ({rows})") } else { String::new() };
        query.always(&format!("EXISTS ({rows} AND ({seen})){unused}"));
    }
}

/// What to answer where a resource shows no row of that key: as the record would, on which the row hangs.
///
/// # Errors
/// Those of the database.
pub fn missing(ctx: &mut Context<'_>, resource: &'static Resource, id: i64) -> Result<Error> {
    let table = resource.view.table;
    if table.subject.is_none() && table.seen_by.is_none() {
        return Ok(Error::NotFound);
    }
    let mut query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, resource.view.table);
    query.confine(resource);
    query.and_value("{id} = {value}", id);
    Ok(if query.count(ctx.conn)? == 0 { Error::NotFound } else { Error::denied() })
}

/// Refuses to do what the request's method says to rows that hang on records with which the caller may not do it.
///
/// # Errors
/// [`Error::Denied`].
pub fn check_rows(ctx: &mut Context<'_>, table: &'static Table, method: Method, ids: &[i64]) -> Result<()> {
    let Some(subject) = table.subject else { return Ok(()) };
    let mut models = Vec::new();
    let sql = format!("SELECT DISTINCT t.\"{}\" FROM {} t WHERE t.id IN ({{keys}})", subject.model, table.name);
    ctx.conn.of_keys(&sql, ids, |row| models.push(row.text(0).to_owned()))?;
    models.iter().try_for_each(|model| subject.permit(ctx.caller, model, subject.act(method)))
}

/// Refuses a new or changed row whose record is not there, is of another kind, or may not be changed by the
/// caller; so for the record that it hung on before.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Invalid`] naming the column.
pub fn check_change(ctx: &mut Context<'_>, change: &Change) -> Result<()> {
    let Some(subject) = change.table.subject else { return Ok(()) };
    if let Value::Text(old) = change.old(subject.model) {
        subject.permit(ctx.caller, old, subject.change)?;
    }
    let model = change.text(subject.model).to_owned();
    let is_optional = change.table.column(subject.model).is_some_and(|column| column.null);
    let Some(kind) = subject.kind(&model) else {
        return if model.is_empty() && is_optional {
            Ok(())
        } else {
            Err(Error::field(subject.model, format!("Records of this type have no {}.", subject.rows)))
        };
    };
    subject.permit(ctx.caller, &model, subject.change)?;
    let is_moved = change.is_changed(subject.model) || change.is_changed(subject.id);
    let Some(id) = change.int(subject.id).filter(|_| is_moved) else { return Ok(()) };
    let there = ctx.conn.one(&format!("SELECT 1 FROM {} WHERE id = $1", kind.name), &[Value::Int(id)])?;
    if there.is_none() { Err(Error::field(subject.id, "This record does not exist.")) } else { Ok(()) }
}
