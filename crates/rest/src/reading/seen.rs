//! Which rows a caller may see, where that depends on a record or a user behind them.

use ironwood_base::{Error, Result};
use ironwood_store::{Fragment, fragment};

use crate::context::{Caller, Context, Permission};
use crate::resource::Resource;
use crate::statement::Query;

/// Keeps the rows that the caller may see: a user's own, and those of records that they may view.
pub fn restrict(query: &mut Query<'_>, caller: &dyn Caller) {
    if caller.is_superuser() {
        return;
    }
    let table = query.table;
    if !table.user.is_empty() {
        query.always(fragment!("({}) = {{user}}", table.user));
    }
    if let Some(seen) = table.subject.and_then(|subject| subject.seen("{t}", caller)) {
        query.always(&seen);
    }
    if let Some((links, column)) = table.seen_by
        && let Some(seen) = links.subject.and_then(|subject| subject.seen("seen", caller))
    {
        let rows = fragment!("SELECT 1 FROM {} seen WHERE seen.\"{column}\" = {{id}}", links.name);
        let unused = if caller.may(table.name, Permission::View) {
            fragment!(" OR NOT EXISTS ({rows})")
        } else {
            Fragment::new()
        };
        query.always(fragment!("EXISTS ({rows} AND ({seen})){unused}"));
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
