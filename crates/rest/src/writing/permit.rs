//! Refuses changes of rows that hang on records which the caller may not change.

use ironwood_base::{Error, Result};
use ironwood_store::{Value, fragment};

use crate::context::Context;
use crate::http::Method;
use crate::table::Table;
use crate::values::Change;

/// Refuses to do what the request's method says to rows that hang on records with which the caller may not do it.
///
/// # Errors
/// [`Error::Denied`].
pub(crate) fn check_rows(ctx: &mut Context<'_>, table: &'static Table, method: Method, ids: &[i64]) -> Result<()> {
    let Some(subject) = table.subject else { return Ok(()) };
    let mut models = Vec::new();
    let sql = fragment!("SELECT DISTINCT t.\"{}\" FROM {} t WHERE t.id IN ({{keys}})", subject.model, table.name);
    ctx.conn.of_keys(&sql, ids, |row| models.push(row.text(0).to_owned()))?;
    models.iter().try_for_each(|model| subject.permit(ctx.caller, model, subject.act(method)))
}

/// Refuses a new or changed row whose record is not there, is of another kind, or may not be changed by the
/// caller; so for the record that it hung on before.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Invalid`] naming the column.
pub(crate) fn check_change(ctx: &mut Context<'_>, change: &Change) -> Result<()> {
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
    let there = ctx.conn.one(&fragment!("SELECT 1 FROM {} WHERE id = $1", kind.name), &[Value::Int(id)])?;
    if there.is_none() { Err(Error::field(subject.id, "This record does not exist.")) } else { Ok(()) }
}
