//! Values of settings for the rest of the server.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use ironwood_base::Result;
use ironwood_rest::selected;
use ironwood_store::{Connection, Kept, Value, sql};

use super::catalog::{Scope, Setting, SettingType, find};
use super::keys::{Key, User};
use crate::schema::keys::UserKey;
use crate::schema::versions::{OWN_SETTINGS, SETTINGS};

/// Users whose settings are remembered. A process has one database, tests have several.
const REMEMBERED: usize = 200;

/// Settings as they were read last, of all (nobody) or of a user.
static KEPT: LazyLock<Kept<UserKey, HashMap<String, String>>> = LazyLock::new(|| Kept::new(REMEMBERED));

/// Values in their stored form, as they are within one request.
#[derive(Debug, Clone, Default)]
pub struct Values(Arc<HashMap<String, String>>);

/// The value of a setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Found<'s> {
    Bool(bool),
    Int(i64),
    Text(&'s str),
}

impl Values {
    /// A setting by its definition, for code that works with all of them.
    pub fn of(&self, setting: &'static Setting) -> Found<'_> {
        let stored = self.0.get(&setting.key).unwrap_or(&setting.default);
        match setting.kind {
            SettingType::Bool => Found::Bool(truth(stored)),
            SettingType::Int => Found::Int(integer(setting, stored)),
            SettingType::Text => Found::Text(stored),
        }
    }

    fn get(&self, scope: Scope, key: &str) -> Option<Found<'_>> {
        find(scope, key).map(|setting| self.of(setting))
    }
}

/// The settings of the server, as they are within one transaction until it changes something.
#[derive(Debug, Clone, Default)]
pub struct Settings(Values);

/// The settings of one user.
#[derive(Debug, Clone, Default)]
pub struct OwnSettings(Values);

impl Settings {
    /// Every setting at its default: where there is no database.
    pub fn unchanged() -> Self {
        Settings::default()
    }

    /// The settings that were read last where none was changed since, otherwise read by one statement.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(conn: &mut Connection) -> Result<Self> {
        if let Some(seen) = conn.seen::<Settings>() {
            return Ok(seen);
        }
        let sql = sql!("SELECT ", Stored::COLUMNS, " FROM common_inventreesetting");
        let settings = Settings(Values(kept(conn, SETTINGS, UserKey::default(), sql, &[])?));
        conn.saw(settings.clone());
        Ok(settings)
    }

    /// All of them, by definition.
    pub const fn values(&self) -> &Values {
        &self.0
    }

    /// A boolean setting.
    pub fn bool(&self, key: Key<bool>) -> bool {
        matches!(self.0.get(Scope::Global, key.name()), Some(Found::Bool(true)))
    }

    /// An integer setting; its default where something else is stored.
    pub fn int(&self, key: Key<i64>) -> i64 {
        if let Some(Found::Int(value)) = self.0.get(Scope::Global, key.name()) { value } else { 0 }
    }

    /// A text setting.
    pub fn text(&self, key: Key<str>) -> &str {
        if let Some(Found::Text(value)) = self.0.get(Scope::Global, key.name()) { value } else { "" }
    }
}

impl OwnSettings {
    /// The settings of a user, as [`Settings::load`].
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(conn: &mut Connection, user: UserKey) -> Result<Self> {
        let sql = sql!("SELECT ", Stored::COLUMNS, " FROM common_inventreeusersetting WHERE \"user\" = $1");
        Ok(OwnSettings(Values(kept(conn, OWN_SETTINGS, user, sql, &[user.into()])?)))
    }

    /// All of them, by definition.
    pub const fn values(&self) -> &Values {
        &self.0
    }

    /// A text setting.
    pub fn text(&self, key: Key<str, User>) -> &str {
        if let Some(Found::Text(value)) = self.0.get(Scope::User, key.name()) { value } else { "" }
    }
}

selected! {
    /// A setting that is stored.
    struct Stored<'r> {
        key: &'r str = "\"key\"",
        value: &'r str = "\"value\"",
    }
}

/// Values by key: remembered ones, or those that a statement reads.
fn kept(
    conn: &mut Connection,
    counter: i64,
    user: UserKey,
    sql: &'static str,
    params: &[Value],
) -> Result<Arc<HashMap<String, String>>> {
    let stamp = conn.stamp(&[counter])?;
    if let Some(known) = stamp.as_ref().and_then(|stamp| KEPT.get(&user, stamp)) {
        return Ok(known);
    }
    let mut stored = HashMap::new();
    conn.query(sql, params, |row| {
        let Stored { key, value } = Stored::read(row);
        stored.insert(key.to_owned(), value.to_owned());
        Ok(())
    })?;
    let stored = Arc::new(stored);
    if let Some(stamp) = stamp {
        KEPT.put(user, stamp, stored.clone());
    }
    Ok(stored)
}

/// A stored value of the server. Who needs several loads [`Settings`].
fn stored(conn: &mut Connection, key: &'static str) -> Result<Settings> {
    if let Some(seen) = conn.seen::<Settings>() {
        return Ok(seen);
    }
    let sql = "SELECT \"value\" FROM common_inventreesetting WHERE \"key\" = $1";
    let row = conn.one(sql, &[key.into()])?;
    let value = row.and_then(|row| row.opt_text(0).map(|value| (key.to_owned(), value.to_owned())));
    Ok(Settings(Values(Arc::new(value.into_iter().collect()))))
}

/// A boolean setting of the server, by one statement.
///
/// # Errors
/// Those of the database.
pub fn get_bool(conn: &mut Connection, key: Key<bool>) -> Result<bool> {
    Ok(stored(conn, key.name())?.bool(key))
}

/// An integer setting of the server, by one statement; its default where something else is stored.
///
/// # Errors
/// Those of the database.
pub fn get_int(conn: &mut Connection, key: Key<i64>) -> Result<i64> {
    Ok(stored(conn, key.name())?.int(key))
}

/// A text setting of the server, by one statement.
///
/// # Errors
/// Those of the database.
pub fn get_text(conn: &mut Connection, key: Key<str>) -> Result<String> {
    Ok(stored(conn, key.name())?.text(key).to_owned())
}

/// Reads a truth value as leniently as clients write it: what is not clearly true is false.
pub fn truth(text: &str) -> bool {
    ["1", "y", "yes", "t", "true", "ok", "on"].iter().any(|yes| yes.eq_ignore_ascii_case(text))
}

/// An integer setting's value as a number.
pub(super) fn integer(setting: &Setting, stored: &str) -> i64 {
    stored.trim().parse().or_else(|_| setting.default.parse()).unwrap_or(0)
}
