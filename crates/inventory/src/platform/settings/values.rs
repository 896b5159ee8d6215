//! Values of settings for the rest of the server.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use ironwood_base::{Error, Result};
use ironwood_store::{Connection, Kept, Value};

use super::catalog::{Kind, Scope, Setting, find};
use crate::schema::versions::{OWN_SETTINGS, SETTINGS};

/// Users whose settings are remembered. A process has one database, tests have several.
const REMEMBERED: usize = 200;

/// Settings as they were read last, of all (0) or of a user.
static KEPT: LazyLock<Kept<i64, HashMap<String, String>>> = LazyLock::new(|| Kept::new(REMEMBERED));

/// Global settings, or those of one user, as they are within one request.
#[derive(Debug, Clone)]
pub struct Settings {
    scope: Scope,
    stored: Arc<HashMap<String, String>>,
}

impl Settings {
    /// Global settings of which none was changed: where there is no database.
    pub fn unchanged() -> Self {
        Settings::defaults(Scope::Global)
    }

    /// The global settings: those that were read last where none was changed since, otherwise read by one statement.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(conn: &mut Connection) -> Result<Self> {
        let sql = "SELECT \"key\", \"value\" FROM common_inventreesetting";
        Ok(Settings { scope: Scope::Global, stored: kept(conn, SETTINGS, 0, sql, &[])? })
    }

    /// The settings of a user, as [`Settings::load`].
    ///
    /// # Errors
    /// Those of the database.
    pub fn load_user(conn: &mut Connection, user: i64) -> Result<Self> {
        let sql = "SELECT \"key\", \"value\" FROM common_inventreeusersetting WHERE \"user\" = $1";
        Ok(Settings { scope: Scope::User, stored: kept(conn, OWN_SETTINGS, user, sql, &[user.into()])? })
    }

    /// Every setting at its default.
    pub fn defaults(scope: Scope) -> Self {
        Settings { scope, stored: Arc::default() }
    }

    fn setting(&self, key: &str, kind: Kind) -> Option<&'static Setting> {
        let setting = find(self.scope, key);
        debug_assert!(setting.is_some_and(|s| s.kind == kind), "{key} is not a {} setting", kind.name());
        setting
    }

    /// A value in its stored form.
    fn raw(&self, setting: &'static Setting) -> &str {
        self.stored.get(&setting.key).unwrap_or(&setting.default)
    }

    /// A boolean setting.
    pub fn bool(&self, key: &str) -> bool {
        self.setting(key, Kind::Bool).is_some_and(|s| truth(self.raw(s)))
    }

    /// An integer setting; its default where something else is stored.
    pub fn int(&self, key: &str) -> i64 {
        self.setting(key, Kind::Int).map_or(0, |s| integer(s, self.raw(s)))
    }

    /// A text setting.
    pub fn text(&self, key: &str) -> &str {
        self.setting(key, Kind::Text).map_or("", |s| self.raw(s))
    }
}

/// Values by key: remembered ones, or those that a statement reads.
fn kept(
    conn: &mut Connection,
    counter: i64,
    user: i64,
    sql: &str,
    params: &[Value],
) -> Result<Arc<HashMap<String, String>>> {
    let stamp = conn.stamp(&[counter])?;
    if let Some(known) = stamp.as_ref().and_then(|stamp| KEPT.get(&user, stamp)) {
        return Ok(known);
    }
    let mut stored = HashMap::new();
    conn.query(sql, params, |row| {
        stored.insert(row.text(0).to_owned(), row.opt_text(1).unwrap_or_default().to_owned());
        Ok(())
    })?;
    let stored = Arc::new(stored);
    if let Some(stamp) = stamp {
        KEPT.put(user, stamp, stored.clone());
    }
    Ok(stored)
}

/// One global setting in its stored form, by one statement. Who needs several loads [`Settings`].
fn stored(conn: &mut Connection, key: &str, kind: Kind) -> Result<(&'static Setting, String)> {
    let setting = find(Scope::Global, key)
        .filter(|s| s.kind == kind)
        .ok_or_else(|| Error::Internal(format!("{key} is not a {} setting", kind.name())))?;
    let sql = "SELECT \"value\" FROM common_inventreesetting WHERE \"key\" = $1";
    let row = conn.one(sql, &[Value::from(setting.key.as_str())])?;
    let value = row.and_then(|r| r.opt_text(0).map(str::to_owned)).unwrap_or_else(|| setting.default.clone());
    Ok((setting, value))
}

/// A boolean global setting.
///
/// # Errors
/// [`Error::Internal`] where there is no such setting of that type; those of the database.
pub fn get_bool(conn: &mut Connection, key: &str) -> Result<bool> {
    stored(conn, key, Kind::Bool).map(|(_, value)| truth(&value))
}

/// An integer global setting; its default where something else is stored.
///
/// # Errors
/// As [`get_bool`].
pub fn get_int(conn: &mut Connection, key: &str) -> Result<i64> {
    stored(conn, key, Kind::Int).map(|(setting, value)| integer(setting, &value))
}

/// A text global setting.
///
/// # Errors
/// As [`get_bool`].
pub fn get_text(conn: &mut Connection, key: &str) -> Result<String> {
    stored(conn, key, Kind::Text).map(|(_, value)| value)
}

/// Reads a truth value as leniently as clients write it: what is not clearly true is false.
pub fn truth(text: &str) -> bool {
    ["1", "y", "yes", "t", "true", "ok", "on"].iter().any(|yes| yes.eq_ignore_ascii_case(text))
}

/// An integer setting's value as a number.
pub(super) fn integer(setting: &Setting, stored: &str) -> i64 {
    stored.trim().parse().or_else(|_| setting.default.parse()).unwrap_or(0)
}
