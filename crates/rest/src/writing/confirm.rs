//! Deletions that take more along than the row itself: they are refused until the request asks for them.
//!
//! A resource says what uses its rows ([`crate::resource::Resource::in_use`]). Where something does, DELETE names it
//! and the field [`CONFIRM`], by which a client that has asked its user sends the request again.

use ironwood_base::{Error, Result, key};
use serde_json::Value as Json;

use crate::context::Context;
use crate::input::RawObject;
use crate::resource::Resource;
pub use crate::resource::{InUse, Usage};
use crate::select::truth;

/// Query parameter, or field of the body, with which a request asks for a deletion in spite of what it takes along.
pub const CONFIRM: &str = "confirm";

/// Whether the request asks for a deletion in spite of what it takes along.
///
/// # Errors
/// [`Error::Invalid`] for a body that is no object.
pub fn is_confirmed(ctx: &Context<'_>) -> Result<bool> {
    if let Some(text) = ctx.request.param(CONFIRM) {
        return Ok(truth(text).unwrap_or(false));
    }
    Ok(match RawObject::read(&ctx.request.body)?.values.get(CONFIRM) {
        Some(Json::Bool(yes)) => *yes,
        Some(Json::String(text)) => truth(text).unwrap_or(false),
        _ => false,
    })
}

/// Refuses to delete rows that are in use, unless the request confirms it.
///
/// # Errors
/// [`Error::Invalid`] naming [`CONFIRM`] and everything that would go or change.
pub fn check(ctx: &mut Context<'_>, resource: &'static Resource, ids: &[i64]) -> Result<()> {
    let Some(in_use) = resource.in_use else { return Ok(()) };
    if is_confirmed(ctx)? {
        return Ok(());
    }
    let used: Vec<String> = in_use(ctx, &key::of_ids(ids))?
        .iter()
        .filter(|usage| usage.count > 0)
        .map(|usage| format!("{} {} would {}", usage.count, usage.names[usize::from(usage.count != 1)], usage.effect))
        .collect();
    if used.is_empty() {
        return Ok(());
    }
    let message = format!("This is in use: {}. Send {CONFIRM}=true to delete it anyway.", used.join(", "));
    Err(Error::field(CONFIRM, message))
}
