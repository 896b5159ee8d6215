//! Tags of answers (`ETag`): equal where the database says that nothing was changed that an answer could show, so that
//! it need not be made again.
//!
//! Lists and rows have one for all that their transaction sees: any change of anything in the database ends it. Answers
//! that are made from counted tables alone have one for their counters ([`ironwood_store::Connection::stamp`]). Tags differ for each
//! caller, query, and day, and for each start of the program, whose version and configuration go into answers, too.

use std::hash::{DefaultHasher, Hash, Hasher};

use ironwood_base::{Result, clock};

use crate::context::Context;
use crate::http::{Answer, Method, Request};
use crate::list;
use crate::matched::Matched;
use crate::operations::{Operation, Target};

/// The tag of an answer that a request gets of what was not changed.
pub(crate) fn of(request: &Request, caller: Option<i64>, unchanged: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    unchanged.hash(&mut hasher);
    (request.method, &request.path, &request.raw_query, &request.base_url, &request.accept).hash(&mut hasher);
    // rows may be overdue or expired from one day to the next
    (caller, clock::today()).hash(&mut hasher);
    format!("W/\"{:016x}\"", hasher.finish())
}

/// The tag of the answer to a request that reads, if it can have one.
///
/// # Errors
/// Those of the database.
pub(crate) fn find(ctx: &mut Context<'_>, matched: &Matched<'_>) -> Result<Option<String>> {
    let Some(Operation { method: Method::Get, target }) = matched.operation else { return Ok(None) };
    let caller = ctx.caller.id();
    match target {
        // what is not logged may be changed by other programs without a number
        Target::List(resource) | Target::Row(resource) if resource.view.table.unlogged.is_empty() => {
            if list::wants_file(ctx.request) {
                return Ok(None);
            }
            let whole = ctx.conn.whole()?;
            Ok(whole.map(|whole| of(ctx.request, caller, &whole)))
        }
        Target::Action(action) if !action.counters.is_empty() => {
            let stamp = ctx.conn.stamp(action.counters)?;
            Ok(stamp.map(|stamp| of(ctx.request, caller, &stamp)))
        }
        _ => Ok(None),
    }
}

/// Puts a tag on an answer that succeeded; one that the client has already is left out.
pub(crate) fn put(request: &Request, tag: Option<String>, answer: Answer) -> Answer {
    match tag.filter(|_| answer.status == 200) {
        Some(tag) if request.presented.has(&tag) => Answer::unchanged(tag),
        Some(tag) => answer.header("ETag", tag),
        None => answer,
    }
}
