//! Sessions of the web interface, and the proof against forged requests.
//!
//! A session's id is known to the browser alone (cookie [`COOKIE`], not readable by scripts); the
//! database keeps a keyed hash. Requests that change something must carry a CSRF token twice: in the
//! cookie [`CSRF_COOKIE`] and in the header `X-CSRFToken`. The token
//! is bound to the session, so that one of another session, or a made-up one, does not count.

use std::net::IpAddr;

use ironwood_base::{clock, error::Result};
use ironwood_rest::selected;
use ironwood_store::Connection;
use serde_json::{Value as Json, json};
use subtle::ConstantTimeEq;

use super::secret::{Secret, hex, random};
use crate::schema::keys::{SessionKey, UserKey};

/// Cookie with the session's id.
pub(crate) const COOKIE: &str = "sessionid";
/// Cookie with the CSRF token.
pub(crate) const CSRF_COOKIE: &str = "csrftoken";
/// Days after which a session ends.
pub(crate) const DAYS: i64 = 14;
/// Most sessions of one user; the oldest end when there are more.
const MOST: i64 = 50;
/// Characters that are kept of a browser's name.
const MAX_AGENT: usize = 250;

/// A session that has just been made.
#[derive(Clone, PartialEq)]
pub struct Session {
    pub id: SessionKey,
    /// What the cookie holds. Not kept anywhere.
    pub key: String,
    /// Secret of this session for its CSRF tokens.
    pub csrf: String,
    /// The moment it ends, in the stored form.
    pub expires: String,
}

/// Begins a session.
pub(crate) fn create(
    conn: &mut Connection,
    secret: &Secret,
    user: UserKey,
    agent: &str,
    address: Option<IpAddr>,
) -> Result<Session> {
    let (key, csrf) = (hex(&random::<32>()?), hex(&random::<16>()?));
    let (now, day) = (clock::now(), clock::days_from_today(DAYS));
    // The same time of day, DAYS later.
    let expires = format!("{day}{}", &now[10..]);
    conn.execute("DELETE FROM ironwood_session WHERE expires < $1", &[now.as_str().into()])?;
    let row = conn.one(
        "INSERT INTO ironwood_session (key_hash, \"user\", created, expires, csrf, user_agent, address) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        &[
            secret.session_hash(&key).into(),
            user.into(),
            now.into(),
            expires.as_str().into(),
            csrf.as_str().into(),
            agent.chars().filter(|c| !c.is_control()).take(MAX_AGENT).collect::<String>().into(),
            address.map(|a| a.to_string()).unwrap_or_default().into(),
        ],
    )?;
    conn.execute(
        "DELETE FROM ironwood_session WHERE \"user\" = $1 AND id <= \
         (SELECT id FROM ironwood_session WHERE \"user\" = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
        &[user.into(), MOST.into()],
    )?;
    Ok(Session { id: row.map(|r| r.cell(0)).unwrap_or_default(), key, csrf, expires })
}

/// Notes that a session was used today.
pub(crate) fn seen(conn: &mut Connection, id: SessionKey) -> Result<()> {
    let sql = "UPDATE ironwood_session SET last_seen = $1 WHERE id = $2";
    conn.execute(sql, &[clock::today().into(), id.into()]).map(drop)
}

/// Ends one session; answers whether there was one.
pub(crate) fn end(conn: &mut Connection, id: SessionKey) -> Result<bool> {
    Ok(conn.execute("DELETE FROM ironwood_session WHERE id = $1", &[id.into()])? > 0)
}

/// Ends the session whose id has this keyed hash, if there is one.
pub(crate) fn end_known(conn: &mut Connection, key_hash: &str) -> Result<()> {
    conn.execute("DELETE FROM ironwood_session WHERE key_hash = $1", &[key_hash.into()]).map(drop)
}

selected! {
    /// A session as its user sees it.
    struct Open {
        id: SessionKey = "id",
        created: String = "created",
        user_agent: String = "user_agent",
        address: String = "address",
    }
}

/// The sessions of a user that have not ended, for the user to see.
pub(crate) fn of_user(conn: &mut Connection, user: UserKey) -> Result<Vec<Json>> {
    let from = "FROM ironwood_session WHERE \"user\" = $1 AND expires >= $2 ORDER BY id";
    let open: Vec<Open> = selected::all(conn, from, &[user.into(), clock::now().into()])?;
    let shown = |session: Open| {
        json!({
            "id": session.id, "created_at": session.created, "user_agent": session.user_agent, "ip": session.address,
            "is_current": false,
        })
    };
    Ok(open.into_iter().map(shown).collect())
}

/// Ends all sessions of a user, but for one; answers how many.
pub(crate) fn end_all(conn: &mut Connection, user: UserKey, except: Option<SessionKey>) -> Result<u64> {
    conn.execute(
        "DELETE FROM ironwood_session WHERE \"user\" = $1 AND id <> $2",
        &[user.into(), except.unwrap_or_default().into()],
    )
}

/// Makes a CSRF token for a session's secret ([`Session::csrf`]); for who is not signed in yet, the
/// secret is empty.
pub(crate) fn csrf_token(secret: &Secret, session: &str) -> Result<String> {
    let nonce = hex(&random::<16>()?);
    let proof = secret.csrf_proof(&nonce, session);
    Ok(nonce + &proof)
}

/// Whether a token was made by this server for this session.
pub(crate) fn csrf_made_here(secret: &Secret, session: &str, token: &str) -> bool {
    match token.split_at_checked(32) {
        Some((nonce, proof)) => secret.csrf_proof(nonce, session).as_bytes().ct_eq(proof.as_bytes()).into(),
        None => false,
    }
}

/// Whether a request that changes something may be believed: the token of the cookie and the repeated
/// one are the same, and made here for this session.
pub(crate) fn csrf_holds(secret: &Secret, session: &str, cookie: Option<&str>, repeated: Option<&str>) -> bool {
    match (cookie, repeated) {
        (Some(cookie), Some(repeated)) => {
            bool::from(cookie.as_bytes().ct_eq(repeated.as_bytes())) && csrf_made_here(secret, session, cookie)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{person, with_database};
    use super::*;

    #[test]
    fn a_csrf_token_belongs_to_its_session() {
        let secret = Secret::ephemeral().unwrap();
        let token = csrf_token(&secret, "s1").unwrap();
        let holds = |session, cookie, repeated| csrf_holds(&secret, session, cookie, repeated);
        assert!(holds("s1", Some(&token), Some(&token)));
        assert!(!holds("s2", Some(&token), Some(&token)));
        assert!(!holds("", Some(&token), Some(&token)));
        assert!(!holds("s1", Some(&token), None) && !holds("s1", None, Some(&token)));
        let another = csrf_token(&secret, "s1").unwrap();
        assert!(!holds("s1", Some(&token), Some(&another)));
        assert!(!holds("s1", Some("x"), Some("x")) && !holds("s1", Some(""), Some("")));
        let made_up = "é".repeat(40);
        assert!(!holds("s1", Some(&made_up), Some(&made_up)));
    }

    #[test]
    fn sessions_begin_and_end() {
        with_database(|conn| {
            let secret = Secret::ephemeral()?;
            let (ann, bob) = (person(conn, "ann", "x"), person(conn, "bob", "x"));
            let one = create(conn, &secret, ann, "Browser\n1", "::1".parse().ok())?;
            let two = create(conn, &secret, ann, "", None)?;
            let other = create(conn, &secret, bob, "", None)?;
            assert_ne!(one.key, two.key);
            assert!(one.expires.starts_with(&clock::days_from_today(DAYS)));
            let row = conn.one("SELECT key_hash, user_agent, address FROM ironwood_session ORDER BY id", &[])?.unwrap();
            assert_eq!((row.text(1), row.text(2)), ("Browser1", "::1"));
            assert_ne!(row.text(0), one.key, "the id itself is not kept");
            assert_eq!(end_all(conn, ann, Some(two.id))?, 1);
            assert!(!end(conn, one.id)? && end(conn, two.id)? && end(conn, other.id)?);
            Ok(())
        });
    }

    #[test]
    fn sessions_do_not_pile_up() {
        with_database(|conn| {
            let secret = Secret::ephemeral()?;
            let (ann, bob) = (person(conn, "ann", "x"), person(conn, "bob", "x"));
            create(conn, &secret, bob, "", None)?;
            conn.execute("UPDATE ironwood_session SET expires = '2020-01-01T00:00:00.000Z'", &[])?;
            let first = create(conn, &secret, ann, "", None)?;
            for _ in 0..MOST {
                create(conn, &secret, ann, "", None)?;
            }
            let row = conn.one("SELECT COUNT(*), MIN(id) FROM ironwood_session", &[])?.unwrap();
            assert_eq!(row.int(0), MOST);
            assert!(row.int(1) > first.id.id());
            Ok(())
        });
    }
}
