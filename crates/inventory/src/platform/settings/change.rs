//! Changing settings.

use ironwood_base::{Error, Result};
use ironwood_store::{Connection, Value, fragment};

use super::catalog::{Scope, Setting, find};
use super::{check, keys};
use crate::lists;
use crate::platform::users::secret;
use crate::schema::keys::UserKey;

/// A setting that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Key of the row that keeps it.
    pub id: i64,
    pub key: &'static str,
    /// Value before and after, in the stored form.
    pub old: String,
    pub new: String,
}

impl Change {
    /// Whether the value is another one now.
    pub fn is_real(&self) -> bool {
        self.old != self.new
    }
}

/// Sets a global setting. The caller must have checked the permission.
///
/// # Errors
/// [`Error::NotFound`] for an unknown key, [`Error::Invalid`] on no field for a value that is
/// refused.
pub fn set_global(conn: &mut Connection, key: &str, value: &str) -> Result<Change> {
    let setting = find(Scope::Global, key).ok_or(Error::NotFound)?;
    let change = write(conn, setting, None, value)?;
    if change.is_real() {
        lists::setting_changed(conn, &setting.key)?;
    }
    Ok(change)
}

/// Sets a setting of a user.
///
/// # Errors
/// As [`set_global`].
pub fn set_user(conn: &mut Connection, user: UserKey, key: &str, value: &str) -> Result<Change> {
    write(conn, find(Scope::User, key).ok_or(Error::NotFound)?, Some(user), value)
}

fn write(conn: &mut Connection, setting: &'static Setting, user: Option<UserKey>, value: &str) -> Result<Change> {
    let new = check::accept(conn, setting, value)?.map_err(Error::non_field)?;
    let table = setting.scope.table();
    let (and_user, columns, values, unique) = match user {
        Some(_) => (" AND \"user\" = $2", "\"key\", \"user\", \"value\"", "$1, $2, $3", "\"key\", \"user\""),
        None => ("", "\"key\", \"value\"", "$1, $2", "\"key\""),
    };
    let mut params: Vec<Value> = vec![setting.key.as_str().into()];
    params.extend(user.map(Value::from));
    let row = conn.one(&fragment!("SELECT \"value\" FROM {table} WHERE \"key\" = $1{and_user}"), &params)?;
    let old = row.and_then(|r| r.opt_text(0).map(str::to_owned)).unwrap_or_else(|| setting.default.clone());
    params.push(new.as_str().into());
    let sql = fragment!(
        "INSERT INTO {table} ({columns}) VALUES ({values}) \
         ON CONFLICT ({unique}) DO UPDATE SET \"value\" = EXCLUDED.\"value\" RETURNING id"
    );
    let row = conn.one(&sql, &params)?.ok_or_else(|| Error::Internal("a written setting has no key".into()))?;
    Ok(Change { id: row.int(0), key: &setting.key, old, new })
}

/// Gives the server an identifier of its own (a random UUID) if it has none. To be called at start,
/// and after an import.
///
/// # Errors
/// Those of the database.
pub fn ensure_instance_id(conn: &mut Connection) -> Result<()> {
    let sql = "SELECT 1 FROM common_inventreesetting WHERE \"key\" = $1 AND \"value\" <> $2";
    if conn.one(sql, &[keys::INVENTREE_INSTANCE_ID.name().into(), "".into()])?.is_some() {
        return Ok(());
    }
    let mut bytes = secret::random::<16>()?;
    // version 4 (random), variant 1
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = secret::hex(&bytes);
    let id = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
    set_global(conn, keys::INVENTREE_INSTANCE_ID.name(), &id).map(drop)
}
