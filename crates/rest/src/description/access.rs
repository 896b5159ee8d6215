//! What a caller needs for an operation.

use ironwood_base::{Error, Result};

use crate::context::{Caller, Permission};
use crate::http::Method;
use crate::resource::Access;

/// The right on a table's rows that a method needs.
pub fn permission_of(method: Method) -> Permission {
    match method {
        Method::Get | Method::Head | Method::Options => Permission::View,
        Method::Post => Permission::Add,
        Method::Put | Method::Patch => Permission::Change,
        Method::Delete => Permission::Delete,
    }
}

/// A method that needs this right on a table's rows.
pub const fn method_of(permission: Permission) -> Method {
    match permission {
        Permission::View => Method::Get,
        Permission::Add => Method::Post,
        Permission::Change => Method::Patch,
        Permission::Delete => Method::Delete,
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
        Access::Table(table) => caller.may(table, permission_of(method)),
        Access::Right(table, permission) => caller.may(table, permission),
        Access::OnRecord(subject) => subject.is_open_to(caller, method),
        Access::ReadOrAny(tables) => {
            method.safe() || tables.iter().any(|table| caller.may(table.name, permission_of(method)))
        }
        Access::ReadOrTable(table) => method.safe() || caller.may(table, permission_of(method)),
        Access::ReadOrStaffTable(table) => {
            method.safe() || caller.is_superuser() || (caller.is_staff() && caller.may(table, permission_of(method)))
        }
    }
}
