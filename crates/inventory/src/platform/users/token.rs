//! API tokens.
//!
//! A token is found by a keyed hash of it (`key_hash`); the token itself stands in the row only sealed
//! (`key_sealed`), so that its owner can be shown it again and a stolen database gives none away. A
//! token belongs to one user, has a name, ends on a day and can be revoked before.

use ironwood_base::{Error, clock, error::Result};
use ironwood_rest::selected;
use ironwood_store::{AsSql, Connection, Value, fragment};
use serde_json::Value as Json;

use super::secret::{Secret, hex, random};
use crate::schema::keys::{TokenKey, UserKey};

/// Default validity of a new token, in days.
pub const DAYS: i64 = 365;
/// Most characters of a token's name.
pub const MAX_NAME: usize = 100;

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub id: TokenKey,
    pub user: UserKey,
    /// Its owner's user name.
    pub username: String,
    pub name: String,
    /// A moment, in the stored form.
    pub created: String,
    /// Last day on which it is good.
    pub expiry: String,
    /// Last day on which it was used.
    pub last_seen: Option<String>,
    pub revoked: bool,
    /// The token itself; `None` where it was sealed under another key than the server's.
    pub key: Option<String>,
}

impl Token {
    /// Whether it can be used on that day.
    pub fn active(&self, today: &str) -> bool {
        !self.revoked && self.expiry.as_str() >= today
    }

    /// The token with its middle hidden, as lists show it.
    pub fn redacted(&self) -> String {
        self.key.as_deref().map_or_else(|| "*".repeat(20), redact)
    }
}

/// Hides all but the first 8 and the last 12 characters.
pub fn redact(key: &str) -> String {
    let (front, back, count) = (8, 12, key.chars().count());
    let shown = |i: usize| count > front + back && (i < front || i >= count - back);
    key.chars().enumerate().map(|(i, c)| if shown(i) { c } else { '*' }).collect()
}

/// A new token: `inv-`, 40 random hexadecimal digits, `-` and the day.
fn new_key() -> Result<String> {
    Ok(format!("inv-{}-{}", hex(&random::<20>()?), clock::today().replace('-', "")))
}

/// Makes a name fit for a token: without mark-up and control characters, `-` for spaces, at most
/// [`MAX_NAME`] characters.
pub fn clean_name(name: &str) -> String {
    let mut inside = false;
    let plain = name.trim().chars().filter(|&c| {
        let keep = !inside && c != '<';
        inside = c == '<' || (inside && c != '>');
        keep && !c.is_control()
    });
    plain.map(|c| if c == ' ' { '-' } else { c }).take(MAX_NAME).collect()
}

selected! {
    /// A token as it is stored.
    struct Stored {
        id: TokenKey = "t.id",
        user: UserKey = "t.\"user\"",
        username: String = "u.username",
        name: String = "t.name",
        created: String = "t.created",
        expiry: String = "t.expiry",
        last_seen: Option<String> = "t.last_seen",
        revoked: bool = "t.revoked",
        key_hash: String = "t.key_hash",
        key_sealed: String = "t.key_sealed",
    }
}

impl Stored {
    fn open(self, secret: &Secret) -> Token {
        Token {
            id: self.id,
            user: self.user,
            username: self.username,
            name: self.name,
            created: self.created,
            expiry: self.expiry,
            last_seen: self.last_seen,
            revoked: self.revoked,
            key: secret.open_token(&self.key_sealed, &self.key_hash),
        }
    }
}

fn select(conn: &mut Connection, secret: &Secret, condition: impl AsSql, params: &[Value]) -> Result<Vec<Token>> {
    let from = fragment!("FROM users_apitoken t JOIN auth_user u ON u.id = t.\"user\" WHERE {condition} ORDER BY t.id");
    let found: Vec<Stored> = selected::all(conn, &from, params)?;
    Ok(found.into_iter().map(|token| token.open(secret)).collect())
}

/// Makes a token for a user, good for [`DAYS`] days or until the end of the day `expiry`.
///
/// # Errors
/// 400 on `expiry` where that is no date; 404 where there is no such user.
pub fn create(
    conn: &mut Connection,
    secret: &Secret,
    user: UserKey,
    name: &str,
    expiry: Option<&str>,
    metadata: Option<&Json>,
) -> Result<Token> {
    let expiry = match expiry {
        None => clock::days_from_today(DAYS),
        Some(text) => clock::parse_date(text).ok_or_else(|| Error::field("expiry", "Must be a date (YYYY-MM-DD)."))?,
    };
    if conn.one("SELECT id FROM auth_user WHERE id = $1", &[user.into()])?.is_none() {
        return Err(Error::NotFound);
    }
    let key = new_key()?;
    let row = conn.one(
        "INSERT INTO users_apitoken (key_hash, key_sealed, name, \"user\", created, expiry, revoked, metadata) \
         VALUES ($1, $2, $3, $4, $5, $6, FALSE, $7) RETURNING id",
        &[
            secret.token_hash(&key).into(),
            secret.seal_token(&key)?.into(),
            clean_name(name).into(),
            user.into(),
            clock::now().into(),
            expiry.into(),
            metadata.map(Json::to_string).into(),
        ],
    )?;
    let id = row.map(|r| r.cell(0)).unwrap_or_default();
    by_id(conn, secret, id)?.ok_or(Error::NotFound)
}

/// The user's token of that name: the existing one while it is valid, else a new one.
///
/// # Errors
/// As [`create`].
pub fn obtain(
    conn: &mut Connection,
    secret: &Secret,
    user: UserKey,
    name: &str,
    metadata: Option<&Json>,
) -> Result<Token> {
    let held = select(
        conn,
        secret,
        "t.\"user\" = $1 AND t.name = $2 AND NOT t.revoked AND t.expiry >= $3",
        &[user.into(), clean_name(name).into(), clock::today().into()],
    )?;
    match held.into_iter().find(|t| t.key.is_some()) {
        Some(token) => Ok(token),
        None => create(conn, secret, user, name, None, metadata),
    }
}

/// One token by its row's key.
///
/// # Errors
/// Those of the database.
pub fn by_id(conn: &mut Connection, secret: &Secret, id: TokenKey) -> Result<Option<Token>> {
    Ok(select(conn, secret, "t.id = $1", &[id.into()])?.pop())
}

/// The tokens of one user, or of all; revoked and expired ones, too.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Connection, secret: &Secret, user: Option<UserKey>) -> Result<Vec<Token>> {
    match user {
        Some(user) => select(conn, secret, "t.\"user\" = $1", &[user.into()]),
        None => select(conn, secret, "t.id > 0", &[]),
    }
}

/// Tokens that could be used, if the server had the key that they were sealed under.
///
/// # Errors
/// Those of the database.
pub fn lost(conn: &mut Connection, secret: &Secret) -> Result<u64> {
    let condition = "NOT t.revoked AND t.expiry >= $1";
    let valid = select(conn, secret, condition, &[clock::today().into()])?;
    Ok(valid.iter().filter(|token| token.key.is_none()).count() as u64)
}

/// Ends a token; answers whether there was one.
///
/// # Errors
/// Those of the database.
pub fn revoke(conn: &mut Connection, id: TokenKey) -> Result<bool> {
    Ok(conn.execute("UPDATE users_apitoken SET revoked = TRUE WHERE id = $1", &[id.into()])? > 0)
}

/// Ends all tokens of a user.
///
/// # Errors
/// Those of the database.
pub fn revoke_all(conn: &mut Connection, user: UserKey) -> Result<()> {
    conn.execute("UPDATE users_apitoken SET revoked = TRUE WHERE \"user\" = $1", &[user.into()]).map(drop)
}

/// Ends a token that is given in full; answers whether there was one.
///
/// # Errors
/// Those of the database.
pub fn revoke_key(conn: &mut Connection, secret: &Secret, key: &str) -> Result<bool> {
    let hash = secret.token_hash(key);
    Ok(conn.execute("UPDATE users_apitoken SET revoked = TRUE WHERE key_hash = $1", &[hash.into()])? > 0)
}

/// Notes that a token was used today.
///
/// # Errors
/// Those of the database.
pub fn seen(conn: &mut Connection, id: TokenKey) -> Result<()> {
    conn.execute("UPDATE users_apitoken SET last_seen = $1 WHERE id = $2", &[clock::today().into(), id.into()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{person, with_database};
    use super::*;

    #[test]
    fn keys_have_the_form_that_clients_know() {
        let key = new_key().unwrap();
        assert_eq!(key.len(), 53);
        assert!(key.starts_with("inv-") && key.ends_with(&clock::today().replace('-', "")));
        assert_ne!(key, new_key().unwrap());
        let hidden = redact("inv-6a7a4ce0f7824ec7f0926249a3e35ee23a3c93eb-20261123");
        assert_eq!(hidden, format!("inv-6a7a{}3eb-20261123", "*".repeat(33)));
        assert_eq!(redact("secret"), "******");
        assert_eq!(redact("ééééééééééééééééééééé").chars().filter(|c| *c == '*').count(), 1);
    }

    #[test]
    fn names_are_cleaned() {
        assert_eq!(clean_name("  my <b>own</b> token\n\u{7}x "), "my-own-tokenx");
        assert_eq!(clean_name("a<b"), "a");
        assert_eq!(clean_name(&"é".repeat(200)).chars().count(), MAX_NAME);
    }

    #[test]
    fn the_same_token_comes_again_until_it_ends() {
        with_database(|conn| {
            let secret = Secret::ephemeral()?;
            let ann = person(conn, "ann", "x");
            let first = obtain(conn, &secret, ann, "my client", None)?;
            assert_eq!((first.name.as_str(), first.expiry.as_str()), ("my-client", &*clock::days_from_today(365)));
            assert_eq!(obtain(conn, &secret, ann, "my client", None)?, first);
            assert_ne!(obtain(conn, &secret, ann, "", None)?.key, first.key);

            assert!(revoke(conn, first.id)?);
            let second = obtain(conn, &secret, ann, "my client", None)?;
            assert_ne!(second.key, first.key);

            conn.execute("UPDATE users_apitoken SET expiry = $1", &[clock::days_from_today(-1).into()])?;
            let third = obtain(conn, &secret, ann, "my client", None)?;
            assert_ne!(third.key, second.key);
            assert!(!by_id(conn, &secret, second.id)?.unwrap().active(&clock::today()));

            // Under another key of the server the old token cannot be shown, so there is a new one.
            let other = Secret::ephemeral()?;
            assert_eq!(by_id(conn, &other, third.id)?.unwrap().redacted(), "*".repeat(20));
            assert_ne!(obtain(conn, &other, ann, "my client", None)?.id, third.id);
            Ok(())
        });
    }

    #[test]
    fn tokens_are_listed_and_revoked() {
        with_database(|conn| {
            let secret = Secret::ephemeral()?;
            let (ann, bob) = (person(conn, "ann", "x"), person(conn, "bob", "x"));
            let one = create(conn, &secret, ann, "one", Some("2031-01-02"), Some(&serde_json::json!({"a": 1})))?;
            create(conn, &secret, bob, "two", None, None)?;
            assert_eq!((one.expiry.as_str(), one.username.as_str()), ("2031-01-02", "ann"));
            assert_eq!(list(conn, &secret, None)?.len(), 2);
            assert_eq!(list(conn, &secret, Some(ann))?, std::slice::from_ref(&one));
            assert!(revoke_key(conn, &secret, one.key.as_deref().unwrap())?);
            assert!(!revoke_key(conn, &secret, "inv-unknown")? && !revoke(conn, TokenKey::from_id(99))?);
            assert!(list(conn, &secret, Some(ann))?[0].revoked);
            assert!(matches!(create(conn, &secret, UserKey::from_id(99), "", None, None), Err(Error::NotFound)));
            assert!(matches!(create(conn, &secret, ann, "", Some("soon"), None), Err(Error::Invalid(_))));
            // Neither the token nor anything like it stands in the row.
            let row = conn.one("SELECT key_hash, key_sealed FROM users_apitoken WHERE name = 'one'", &[])?.unwrap();
            assert!(!row.text(0).contains("inv-") && !row.text(1).contains("inv-"));
            Ok(())
        });
    }
}
