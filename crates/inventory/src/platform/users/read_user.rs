//! Reads a user with their groups and permissions.

use ironwood_base::error::Result;
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_store::{Connection, Value};

use super::permission::{Permission, Rights, Ruleset, User};
use crate::schema::keys::{GroupKey, UserKey};

impl User {
    /// Reads one user by key.
    ///
    /// # Errors
    /// Those of the database.
    pub fn by_id(conn: &mut Connection, id: UserKey) -> Result<Option<Self>> {
        Ok(read_user!(conn, NoMore, "auth_user u", "u.id = $1", &[id.into()])?.map(|(user, _)| user))
    }

    /// Reads one user by name, exactly as written.
    ///
    /// # Errors
    /// Those of the database.
    pub fn by_name(conn: &mut Connection, name: &str) -> Result<Option<Self>> {
        Ok(read_user!(conn, NoMore, "auth_user u", "u.username = $1", &[name.into()])?.map(|(user, _)| user))
    }
}

selected! {
    /// A user with one of their groups and one of its rights.
    pub(super) struct UserRow<'r> {
        id: UserKey = "u.id",
        username: &'r str = "u.username",
        email: &'r str = "u.email",
        first_name: &'r str = "u.first_name",
        last_name: &'r str = "u.last_name",
        is_active: bool = "u.is_active",
        is_staff: bool = "u.is_staff",
        is_superuser: bool = "u.is_superuser",
        group: Option<GroupKey> = "g.\"group\"",
        ruleset: Option<&'r str> = "r.name",
        can_view: bool = "r.can_view",
        can_add: bool = "r.can_add",
        can_change: bool = "r.can_change",
        can_delete: bool = "r.can_delete",
    }
}

selected! {
    /// For callers that need only the user.
    struct NoMore {
        _id: UserKey = "u.id",
    }
}

/// Reads one user with their groups and permissions by one statement, which gives a row for each permission, and what
/// `$more` (made by [`selected!`]) selects. `$from` gives `auth_user` the name `u`.
macro_rules! read_user {
    ($conn:expr, $more:ty, $from:literal, $condition:literal, $params:expr) => {
        $crate::platform::users::read_user::read::<$more>(
            $conn,
            ironwood_store::sql!(
                "SELECT ",
                $crate::platform::users::read_user::UserRow::COLUMNS,
                ", ",
                <$more as ironwood_rest::selected::Selected>::COLUMNS,
                " FROM ",
                $from,
                " LEFT JOIN auth_user_groups g ON g.\"user\" = u.id \
                 LEFT JOIN users_ruleset r ON r.\"group\" = g.\"group\" WHERE ",
                $condition
            ),
            $params,
        )
    };
}
pub(super) use read_user;

/// Runs a statement of [`read_user!`].
pub(super) fn read<T: Selected>(
    conn: &mut Connection,
    sql: &'static str,
    params: &[Value],
) -> Result<Option<(User, T)>> {
    let mut found: Option<(User, T)> = None;
    conn.query(sql, params, |row| {
        let read = UserRow::read(row);
        let (user, _) = found.get_or_insert_with(|| {
            let user = User {
                id: read.id,
                username: read.username.to_owned(),
                email: read.email.to_owned(),
                first_name: read.first_name.to_owned(),
                last_name: read.last_name.to_owned(),
                is_active: read.is_active,
                is_staff: read.is_staff,
                is_superuser: read.is_superuser,
                groups: Vec::new(),
                rights: Rights::default(),
            };
            (user, T::read_from(row, UserRow::WIDTH))
        });
        if let Some(group) = read.group
            && let Err(place) = user.groups.binary_search(&group)
        {
            user.groups.insert(place, group);
        }
        if let Some(ruleset) = read.ruleset.and_then(Ruleset::parse) {
            let allowed = [read.can_view, read.can_add, read.can_change, read.can_delete];
            for (permission, _) in Permission::ALL.into_iter().zip(allowed).filter(|(_, allowed)| *allowed) {
                user.rights.allow(ruleset, permission);
            }
        }
        Ok(())
    })?;
    Ok(found)
}
