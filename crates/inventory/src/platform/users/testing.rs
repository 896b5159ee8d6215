//! A small database for the tests of this folder.

use std::path::PathBuf;

use ironwood_base::error::Result;
use ironwood_store::{Connection, Database, Options, fragment, migrate};

use super::accounts::{NewUser, create_user};
use super::permission::{Permission, Ruleset};
use super::secret::{hex, random};
use crate::schema::keys::{GroupKey, UserKey};

/// The tables that users, groups and sign-in need.
const TABLES: &str = r#"
CREATE TABLE auth_user (id {{id}}, password {{text}} NOT NULL, last_login {{text}}, is_superuser BOOLEAN NOT NULL,
    username {{text}} NOT NULL UNIQUE, first_name {{text}} NOT NULL, last_name {{text}} NOT NULL, email {{text}} NOT NULL,
    is_staff BOOLEAN NOT NULL, is_active BOOLEAN NOT NULL, date_joined {{text}} NOT NULL);
CREATE TABLE auth_group (id {{id}}, name {{text}} NOT NULL UNIQUE);
CREATE TABLE auth_user_groups ("user" BIGINT NOT NULL REFERENCES auth_user, "group" BIGINT NOT NULL REFERENCES auth_group,
    PRIMARY KEY ("user", "group"));
CREATE TABLE users_ruleset (id {{id}}, name {{text}} NOT NULL, "group" BIGINT NOT NULL REFERENCES auth_group,
    can_view BOOLEAN NOT NULL, can_add BOOLEAN NOT NULL, can_change BOOLEAN NOT NULL, can_delete BOOLEAN NOT NULL,
    UNIQUE (name, "group"));
CREATE TABLE users_owner (id {{id}}, owner_type {{text}}, owner_id BIGINT, UNIQUE (owner_type, owner_id));
CREATE TABLE users_userprofile (id {{id}}, "user" BIGINT NOT NULL UNIQUE REFERENCES auth_user, active BOOLEAN NOT NULL,
    type {{text}} NOT NULL, primary_group BIGINT REFERENCES auth_group);
CREATE TABLE users_apitoken (id {{id}}, key_hash {{text}} NOT NULL UNIQUE, key_sealed {{text}} NOT NULL,
    name {{text}} NOT NULL, "user" BIGINT NOT NULL REFERENCES auth_user, created {{text}} NOT NULL,
    expiry {{text}} NOT NULL, revoked BOOLEAN NOT NULL, last_seen {{text}}, metadata {{text}});
CREATE TABLE ironwood_session (id {{id}}, key_hash {{text}} NOT NULL UNIQUE, "user" BIGINT NOT NULL REFERENCES auth_user,
    created {{text}} NOT NULL, expires {{text}} NOT NULL, csrf {{text}} NOT NULL, user_agent {{text}} NOT NULL,
    address {{text}} NOT NULL, last_seen {{text}});
CREATE TABLE common_inventreesetting (id {{id}}, "key" {{text}} NOT NULL UNIQUE, "value" {{text}} NOT NULL);
CREATE TABLE ironwood_meta (id {{id}}, name {{text}} NOT NULL UNIQUE, value {{text}} NOT NULL);
"#;

/// A database that goes when it is dropped.
pub(super) struct Temporary {
    pub(super) db: Database,
    folder: PathBuf,
}

impl Temporary {
    pub(super) fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("ironwood-users-{}", hex(&random::<8>().unwrap())));
        std::fs::create_dir(&folder).unwrap();
        let url = format!("sqlite:{}", folder.join("test.db").display());
        let db = Database::open(&url, &Options::default()).unwrap();
        let sql = migrate::dialect(db.backend(), TABLES);
        db.write(&crate::testing::origin(), move |conn| conn.batch(&sql)).unwrap();
        Temporary { db, folder }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        self.db.close();
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// Runs a test in one transaction on an empty database.
pub(super) fn with_database(mut test: impl FnMut(&mut Connection) -> Result<()> + Send + 'static) {
    Temporary::new().db.write(&crate::testing::origin(), move |conn| test(conn)).unwrap();
}

/// Makes a user with this password hash.
pub(super) fn person(conn: &mut Connection, name: &str, hash: &str) -> UserKey {
    create_user(conn, &NewUser { username: name.into(), hash: hash.into(), ..NewUser::default() }).unwrap()
}

/// Gives a group one right.
pub(super) fn grant(conn: &mut Connection, group: GroupKey, ruleset: Ruleset, permission: Permission) {
    let sql = fragment!("UPDATE users_ruleset SET can_{} = TRUE WHERE \"group\" = $1 AND name = $2", permission.name());
    assert_eq!(conn.execute(&sql, &[group.into(), ruleset.name().into()]).unwrap(), 1);
}
