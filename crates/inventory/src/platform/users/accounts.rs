//! Users and groups: making them, with what belongs to them, and changing their passwords.
//!
//! Every user and every group has a row in `users_owner`, so that things can belong to either. Every
//! user has a profile, every group a row of rights for each ruleset.

use ironwood_base::error::{Fields, Result};
use ironwood_base::{Error, clock};
use ironwood_rest::selected;
use ironwood_store::Connection;

use super::permission::Ruleset;
use super::secret::{hex, random};
use super::{password, session, token};
use crate::schema::keys::{AnyKey, GroupKey, SessionKey, UserKey};

/// A user to be made. `hash` is what [`password::hash`] or [`password::unusable`] gave: hashing takes
/// its time, and is done before the transaction.
#[derive(Clone, Default)]
pub struct NewUser {
    pub username: String,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub hash: String,
    pub is_staff: bool,
    pub is_superuser: bool,
}

/// A user as the command line lists them.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    pub id: UserKey,
    pub username: String,
    pub email: String,
    pub is_active: bool,
    pub is_staff: bool,
    pub is_superuser: bool,
    /// Moment of the last sign-in with a session, in the stored form.
    pub last_login: Option<String>,
    /// Names of the user's groups.
    pub groups: Vec<String>,
}

/// What speaks against a user name, where something does.
pub fn bad_username(name: &str) -> Option<&'static str> {
    let fits = |c: char| c.is_alphanumeric() || "@.+-_".contains(c);
    match name.chars().count() {
        0 => Some("User name is required."),
        151.. => Some("User name must be at most 150 characters."),
        _ if !name.chars().all(fits) => {
            Some("User name can only contain letters, digits, and the characters @ . + - _")
        }
        _ => None,
    }
}

/// Creates a user with an owner row and a profile. Returns the key of the user.
///
/// # Errors
/// 400 on `username` where it cannot be one, or is taken.
pub fn create_user(conn: &mut Connection, new: &NewUser) -> Result<UserKey> {
    if let Some(message) = bad_username(&new.username) {
        return Err(Error::field("username", message));
    }
    if find_user(conn, &new.username)?.is_some() {
        return Err(Error::field("username", "A user with this name already exists."));
    }
    let row = conn.one(
        "INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, \
         date_joined) VALUES ($1, $2, $3, $4, $5, $6, $7, TRUE, $8) RETURNING id",
        &[
            new.hash.as_str().into(),
            new.is_superuser.into(),
            new.username.as_str().into(),
            new.first_name.as_str().into(),
            new.last_name.as_str().into(),
            new.email.as_str().into(),
            new.is_staff.into(),
            clock::now().into(),
        ],
    )?;
    let user = row.map(|row| row.cell(0)).unwrap_or_default();
    complete_user(conn, user)?;
    Ok(user)
}

/// Creates the owner row and the profile of a user if they are missing.
///
/// # Errors
/// 400 where there is no such user; those of the database.
pub fn complete_user(conn: &mut Connection, user: UserKey) -> Result<()> {
    add_owner(conn, "auth.user", user.general())?;
    conn.execute(
        "INSERT INTO users_userprofile (\"user\", active, type) VALUES ($1, TRUE, 'internal') \
         ON CONFLICT (\"user\") DO NOTHING",
        &[user.into()],
    )?;
    Ok(())
}

/// Makes a group, with owner row and without any right; answers its key.
///
/// # Errors
/// 400 on `name` where it is empty, too long or taken.
pub fn create_group(conn: &mut Connection, name: &str) -> Result<GroupKey> {
    let bad = match name.chars().count() {
        0 => Some("Group name is required."),
        151.. => Some("Group name must be at most 150 characters."),
        _ => None,
    };
    let mut errors = Fields::new();
    if let Some(message) = bad {
        errors.add("name", message);
    } else if conn.one("SELECT id FROM auth_group WHERE name = $1", &[name.into()])?.is_some() {
        errors.add("name", "A group with this name already exists.");
    }
    errors.check()?;
    let row = conn.one("INSERT INTO auth_group (name) VALUES ($1) RETURNING id", &[name.into()])?;
    let group = row.map(|row| row.cell(0)).unwrap_or_default();
    complete_group(conn, group)?;
    Ok(group)
}

selected! {
    /// The rights of a group by one ruleset.
    struct RulesetRow {
        id: i64 = "id",
        name: String = "name",
    }
}

/// Gives a group the owner row and the rows of rights that it lacks, and takes those away that no
/// ruleset belongs to any more.
///
/// # Errors
/// 400 where there is no such group; those of the database.
pub fn complete_group(conn: &mut Connection, group: GroupKey) -> Result<()> {
    add_owner(conn, "auth.group", group.general())?;
    let rows: Vec<RulesetRow> = selected::all(conn, "FROM users_ruleset WHERE \"group\" = $1", &[group.into()])?;
    for row in rows.iter().filter(|row| Ruleset::parse(&row.name).is_none()) {
        conn.execute("DELETE FROM users_ruleset WHERE id = $1", &[row.id.into()])?;
    }
    for ruleset in Ruleset::ALL.into_iter().filter(|r| rows.iter().all(|row| row.name != r.name())) {
        conn.execute(
            "INSERT INTO users_ruleset (name, \"group\", can_view, can_add, can_change, can_delete) \
             VALUES ($1, $2, FALSE, FALSE, FALSE, FALSE)",
            &[ruleset.name().into(), group.into()],
        )?;
    }
    Ok(())
}

/// Gives every group the rows of rights that it lacks: those of rulesets that are newer than the group, or that the
/// server where it was made does not know.
///
/// # Errors
/// Those of the database.
pub fn complete_groups(conn: &mut Connection) -> Result<()> {
    for ruleset in Ruleset::ALL {
        conn.execute(
            "INSERT INTO users_ruleset (name, \"group\", can_view, can_add, can_change, can_delete) \
             SELECT CAST($1 AS TEXT), g.id, FALSE, FALSE, FALSE, FALSE FROM auth_group g WHERE NOT EXISTS \
             (SELECT 1 FROM users_ruleset r WHERE r.\"group\" = g.id AND r.name = $1) ORDER BY g.id",
            &[ruleset.name().into()],
        )?;
    }
    Ok(())
}

fn add_owner(conn: &mut Connection, kind: &str, key: AnyKey) -> Result<()> {
    conn.execute(
        "INSERT INTO users_owner (owner_type, owner_id) VALUES ($1, $2) ON CONFLICT (owner_type, owner_id) DO NOTHING",
        &[kind.into(), key.into()],
    )?;
    Ok(())
}

/// Takes away the owner row of a user or a group (`auth.user`, `auth.group`) that is being deleted.
///
/// # Errors
/// 400 where records name the owner and must keep it; those of the database.
pub fn remove_owner(conn: &mut Connection, kind: &str, key: AnyKey) -> Result<()> {
    conn.execute("DELETE FROM users_owner WHERE owner_type = $1 AND owner_id = $2", &[kind.into(), key.into()])?;
    Ok(())
}

/// Takes back the main group of users who are not (or no longer) members of it.
///
/// # Errors
/// Those of the database.
pub fn drop_foreign_groups(conn: &mut Connection) -> Result<()> {
    conn.execute(
        "UPDATE users_userprofile SET primary_group = NULL WHERE primary_group IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM auth_user_groups g WHERE g.\"user\" = users_userprofile.\"user\" \
         AND g.\"group\" = users_userprofile.primary_group)",
        &[],
    )?;
    Ok(())
}

/// Puts a user into exactly these groups.
///
/// # Errors
/// 400 where the user or one of the groups does not exist; those of the database.
pub fn set_groups(conn: &mut Connection, user: UserKey, groups: &[GroupKey]) -> Result<()> {
    let held: Vec<GroupKey> = conn
        .rows("SELECT \"group\" FROM auth_user_groups WHERE \"user\" = $1", &[user.into()])?
        .iter()
        .map(|row| row.cell(0))
        .collect();
    for &group in held.iter().filter(|g| !groups.contains(g)) {
        conn.execute(
            "DELETE FROM auth_user_groups WHERE \"user\" = $1 AND \"group\" = $2",
            &[user.into(), group.into()],
        )?;
    }
    for (i, &group) in groups.iter().enumerate() {
        if !held.contains(&group) && !groups[..i].contains(&group) {
            conn.execute(
                "INSERT INTO auth_user_groups (\"user\", \"group\") VALUES ($1, $2)",
                &[user.into(), group.into()],
            )?;
        }
    }
    drop_foreign_groups(conn)
}

/// Gives a user another password (its hash) and ends the user's sessions, but for the one through which it is
/// done. Tokens go on unless they are to end, too: [`token::revoke_all`].
///
/// # Errors
/// 404 where there is no such user.
pub fn set_password(conn: &mut Connection, user: UserKey, hash: &str, session: Option<SessionKey>) -> Result<()> {
    let sql = "UPDATE auth_user SET password = $1 WHERE id = $2";
    if conn.execute(sql, &[hash.into(), user.into()])? == 0 {
        return Err(Error::NotFound);
    }
    session::end_all(conn, user, session)?;
    Ok(())
}

/// Sets a password (its hash) chosen by an administrator. An attacker with access to the account loses it,
/// sessions and tokens included.
///
/// # Errors
/// As [`set_password`].
pub fn reset_password(conn: &mut Connection, user: UserKey, hash: &str) -> Result<()> {
    set_password(conn, user, hash, None)?;
    token::revoke_all(conn, user)
}

/// Refuses what has left the server without an active superuser: no one could administer it any more. To be
/// called after any change that takes that from a user.
///
/// # Errors
/// 400.
pub fn check_administered(conn: &mut Connection) -> Result<()> {
    let sql = "SELECT 1 FROM auth_user WHERE is_superuser AND is_active LIMIT 1";
    match conn.one(sql, &[])? {
        Some(_) => Ok(()),
        None => Err(Error::non_field("At least one active superuser is required.")),
    }
}

/// Deletes a user.
///
/// # Errors
/// 400 for the last active superuser.
pub fn delete_user(conn: &mut Connection, user: UserKey) -> Result<()> {
    remove_owner(conn, "auth.user", user.general())?;
    let sql = "DELETE FROM auth_user WHERE id = $1 RETURNING is_superuser AND is_active";
    match conn.one(sql, &[user.into()])? {
        Some(row) if row.bool(0) => check_administered(conn),
        _ => Ok(()),
    }
}

/// The key of the user of that name.
///
/// # Errors
/// Those of the database.
pub fn find_user(conn: &mut Connection, name: &str) -> Result<Option<UserKey>> {
    Ok(conn.one("SELECT id FROM auth_user WHERE username = $1", &[name.into()])?.map(|row| row.cell(0)))
}

selected! {
    /// A user with one of their groups.
    struct InGroup {
        id: UserKey = "u.id",
        username: String = "u.username",
        email: String = "u.email",
        is_active: bool = "u.is_active",
        is_staff: bool = "u.is_staff",
        is_superuser: bool = "u.is_superuser",
        last_login: Option<String> = "u.last_login",
        group: Option<String> = "g.name",
    }
}

/// All users, by name.
///
/// # Errors
/// Those of the database.
pub fn list_users(conn: &mut Connection) -> Result<Vec<Listed>> {
    let mut found: Vec<Listed> = Vec::new();
    let from = "FROM auth_user u LEFT JOIN auth_user_groups m ON m.\"user\" = u.id \
                LEFT JOIN auth_group g ON g.id = m.\"group\" ORDER BY u.username, u.id, g.name";
    for row in selected::all::<InGroup>(conn, from, &[])? {
        if found.last().is_none_or(|last| last.id != row.id) {
            found.push(Listed {
                id: row.id,
                username: row.username,
                email: row.email,
                is_active: row.is_active,
                is_staff: row.is_staff,
                is_superuser: row.is_superuser,
                last_login: row.last_login,
                groups: Vec::new(),
            });
        }
        if let Some(last) = found.last_mut() {
            last.groups.extend(row.group);
        }
    }
    Ok(found)
}

/// The administrator that was made for an empty database.
#[derive(Clone, PartialEq)]
pub struct FirstAdmin {
    pub username: String,
    /// Set where the password was made up here: it has to be shown, once.
    pub password: Option<String>,
}

/// Makes an administrator (a superuser) where there are no users at all; `None` where there are.
///
/// The name is `admin` and the password random, unless given. Hashes within the transaction: this
/// happens once in a database's life.
///
/// # Errors
/// 400 where the name or password given cannot be used.
pub fn first_admin(conn: &mut Connection, name: Option<&str>, password: Option<&str>) -> Result<Option<FirstAdmin>> {
    if conn.one("SELECT id FROM auth_user LIMIT 1", &[])?.is_some() {
        return Ok(None);
    }
    let username = name.filter(|n| !n.is_empty()).unwrap_or("admin").to_owned();
    let made_up = match password.filter(|p| !p.is_empty()) {
        Some(_) => None,
        None => Some(hex(&random::<10>()?)),
    };
    let hash = password::hash(made_up.as_deref().or(password).unwrap_or_default())?;
    let new = NewUser { username: username.clone(), hash, is_staff: true, is_superuser: true, ..NewUser::default() };
    create_user(conn, &new)?;
    Ok(Some(FirstAdmin { username, password: made_up }))
}

#[cfg(test)]
mod tests {
    use super::super::permission::{Permission, User};
    use super::super::testing::{grant, person, with_database};
    use super::*;

    fn count(conn: &mut Connection, sql: &'static str) -> i64 {
        conn.one(sql, &[]).unwrap().unwrap().int(0)
    }

    #[test]
    fn a_user_comes_with_owner_and_profile() {
        with_database(|conn| {
            let ann = person(conn, "ann", "x");
            complete_user(conn, ann)?;
            assert_eq!(count(conn, "SELECT COUNT(*) FROM users_owner WHERE owner_type = 'auth.user'"), 1);
            assert_eq!(count(conn, "SELECT COUNT(*) FROM users_userprofile WHERE type = 'internal' AND active"), 1);
            remove_owner(conn, "auth.user", ann.general())?;
            assert_eq!(count(conn, "SELECT COUNT(*) FROM users_owner"), 0);
            for taken in ["ann", "", "an n", "a/b", &"x".repeat(151)] {
                let new = NewUser { username: taken.into(), ..NewUser::default() };
                assert!(matches!(create_user(conn, &new), Err(Error::Invalid(f)) if f.has("username")), "{taken}");
            }
            Ok(())
        });
    }

    #[test]
    fn a_group_comes_with_owner_and_rulesets() {
        with_database(|conn| {
            let sales = create_group(conn, "Sales")?;
            assert_eq!(count(conn, "SELECT COUNT(*) FROM users_ruleset WHERE NOT can_view"), 12);
            assert_eq!(count(conn, "SELECT COUNT(*) FROM users_owner WHERE owner_type = 'auth.group'"), 1);
            conn.batch("DELETE FROM users_ruleset WHERE name = 'part'; UPDATE users_ruleset SET name = 'old' WHERE name = 'bom'")?;
            complete_group(conn, sales)?;
            assert_eq!(count(conn, "SELECT COUNT(*) FROM users_ruleset WHERE name <> 'old'"), 12);
            for bad in ["Sales", ""] {
                assert!(matches!(create_group(conn, bad), Err(Error::Invalid(f)) if f.has("name")));
            }
            Ok(())
        });
    }

    #[test]
    fn rights_add_up_over_groups_in_one_statement() {
        with_database(|conn| {
            let ann = person(conn, "ann", "x");
            let (stock, parts) = (create_group(conn, "stock")?, create_group(conn, "parts")?);
            grant(conn, stock, Ruleset::Stock, Permission::Add);
            grant(conn, parts, Ruleset::Part, Permission::View);
            set_groups(conn, ann, &[parts, stock, parts])?;
            let before = conn.statements();
            let user = User::by_id(conn, ann)?.unwrap();
            assert_eq!(conn.statements() - before, 1);
            assert_eq!(user.groups, [stock, parts]);
            assert!(user.may(Ruleset::Stock, Permission::Add) && user.may(Ruleset::Part, Permission::View));
            assert!(!user.may(Ruleset::Stock, Permission::View) && !user.may(Ruleset::Part, Permission::Add));
            assert_eq!(User::by_name(conn, "ann")?, Some(user));
            assert_eq!((User::by_id(conn, UserKey::from_id(99))?, User::by_name(conn, "Ann")?), (None, None));
            assert_eq!(list_users(conn)?[0].groups, ["parts", "stock"]);

            conn.execute("UPDATE users_userprofile SET primary_group = $1", &[stock.into()])?;
            set_groups(conn, ann, &[parts])?;
            assert!(!User::by_id(conn, ann)?.unwrap().may(Ruleset::Stock, Permission::Add));
            assert_eq!(count(conn, "SELECT COUNT(primary_group) FROM users_userprofile"), 0);
            Ok(())
        });
    }

    #[test]
    fn an_empty_database_gets_an_administrator_once() {
        with_database(|conn| {
            let first = first_admin(conn, None, None)?.unwrap();
            let row = conn.one("SELECT password, is_superuser FROM auth_user WHERE username = 'admin'", &[])?.unwrap();
            assert!(password::verify(first.password.as_deref().unwrap(), row.text(0)) && row.bool(1));
            assert!(first_admin(conn, Some("root"), Some("pw"))?.is_none());
            Ok(())
        });
        with_database(|conn| {
            let first = first_admin(conn, Some("root"), Some("given one"))?.unwrap();
            assert_eq!((first.username.as_str(), first.password), ("root", None));
            assert!(list_users(conn)?[0].is_superuser);
            Ok(())
        });
    }

    #[test]
    fn a_new_password_ends_the_other_sessions() {
        with_database(|conn| {
            let secret = super::super::secret::Secret::ephemeral()?;
            let ann = person(conn, "ann", "x");
            let kept = session::create(conn, &secret, ann, "", None)?;
            session::create(conn, &secret, ann, "", None)?;
            set_password(conn, ann, "new", Some(kept.id))?;
            assert_eq!(count(conn, "SELECT id FROM ironwood_session"), kept.id.id());
            assert_eq!(count(conn, "SELECT COUNT(*) FROM auth_user WHERE password = 'new'"), 1);
            assert_eq!(set_password(conn, UserKey::from_id(99), "new", None), Err(Error::NotFound));
            Ok(())
        });
    }
}
