//! The recipients of a notification: users, owners (users or groups), and followers of parts.

use std::collections::BTreeSet;

use ironwood_base::Result;
use ironwood_store::Connection;

use super::followers;
use crate::schema::keys::{OwnerKey, PartKey, UserKey};

/// Those whom something concerns, by the keys of their rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Audience {
    pub users: Vec<UserKey>,
    /// Rows of `users_owner`: a group stands for all its users.
    pub owners: Vec<OwnerKey>,
    /// Followers of one of these parts.
    pub parts: Vec<PartKey>,
    /// A user who knows already.
    pub except: Option<UserKey>,
}

impl Audience {
    /// The users that these are, each once.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn resolve(&self, conn: &mut Connection) -> Result<Vec<UserKey>> {
        let mut users: BTreeSet<UserKey> = self.users.iter().copied().collect();
        let sql = "SELECT u.id FROM users_owner o JOIN auth_user u ON (o.owner_type = 'auth.user' AND u.id = o.owner_id) \
                   OR (o.owner_type = 'auth.group' AND u.id IN (SELECT m.\"user\" FROM auth_user_groups m \
                   WHERE m.\"group\" = o.owner_id)) WHERE o.id IN ({keys})";
        conn.of_keys(sql, &self.owners, |row| {
            users.insert(row.cell(0));
        })?;
        users.extend(followers::of(conn, &self.parts)?);
        users.retain(|user| self.except != Some(*user));
        Ok(users.into_iter().collect())
    }
}
