//! What a caller needs for an operation.

use ironwood_base::{Error, Result};

use crate::context::{Act, Caller};
use crate::http::Method;
use crate::resource::Access;

/// The right on a table's rows that a method needs.
pub fn act_of(method: Method) -> Act {
    match method {
        Method::Get | Method::Head | Method::Options => Act::View,
        Method::Post => Act::Add,
        Method::Put | Method::Patch => Act::Change,
        Method::Delete => Act::Delete,
    }
}

/// A method that needs this right on a table's rows.
pub const fn method_of(act: Act) -> Method {
    match act {
        Act::View => Method::Get,
        Act::Add => Method::Post,
        Act::Change => Method::Patch,
        Act::Delete => Method::Delete,
    }
}

pub(crate) fn unauthenticated() -> Error {
    Error::Unauthenticated("Sign in to continue.".into())
}

/// Refuses callers without permission.
///
/// # Errors
/// [`Error::Unauthenticated`] where no one is signed in, [`Error::Denied`] otherwise.
pub fn check_access(caller: &dyn Caller, access: Access, method: Method) -> Result<()> {
    if matches!(access, Access::Public) {
        return Ok(());
    }
    if caller.id().is_none() {
        return Err(unauthenticated());
    }
    if is_allowed(caller, access, method) { Ok(()) } else { Err(Error::denied()) }
}

/// Whether a signed-in user has permission.
pub fn is_allowed(caller: &dyn Caller, access: Access, method: Method) -> bool {
    match access {
        Access::Public | Access::SignedIn => true,
        Access::StaffWrites => method.safe() || caller.is_staff(),
        Access::Staff => caller.is_staff(),
        Access::Superuser => caller.is_superuser(),
        Access::Table(table) => caller.may(table, act_of(method)),
        Access::Right(table, act) => caller.may(table, act),
        Access::OnRecord(subject) => subject.is_open_to(caller, method),
        Access::ReadOrAny(tables) => method.safe() || tables.iter().any(|table| caller.may(table.name, act_of(method))),
        Access::ReadOrTable(table) => method.safe() || caller.may(table, act_of(method)),
        Access::ReadOrStaffTable(table) => {
            method.safe() || caller.is_superuser() || (caller.is_staff() && caller.may(table, act_of(method)))
        }
    }
}
