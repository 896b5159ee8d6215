//! The administrator's own states of orders and builds.

use ironwood_base::status::StatusClass;
use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_store::{Connection, Value};

use crate::platform::common::custom_state;

/// Checks `status_custom_key` in a change: one of the administrator's states that counts as the state that
/// the row is in; and drops it where the state moved on.
///
/// # Errors
/// 400 on `status_custom_key`.
pub(crate) fn check_custom(conn: &mut Connection, change: &mut Change, class: &StatusClass) -> Result<()> {
    let Some(key) = change.int("status_custom_key") else { return Ok(()) };
    let added = custom_state::added_to(conn, class)?;
    if added.iter().find(|state| state.key == key).map(|state| state.logical_key) == change.int("status") {
        return Ok(());
    }
    if change.is_changed("status_custom_key") {
        return Err(Error::field("status_custom_key", "No custom state with this key refines the current status."));
    }
    change.set("status_custom_key", Value::Null);
    Ok(())
}
