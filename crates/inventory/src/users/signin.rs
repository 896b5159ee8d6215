//! Who is asking: from a credential to a [`User`].
//!
//! Every request reads its user anew, in one statement, so that a change of password, group, right,
//! token or session counts at once, on every server of a database. What is kept between requests is
//! only that a password was seen to match a hash: a keyed fingerprint of both, for a few minutes. With
//! another hash in the user's row the fingerprint is another one.
//!
//! A sign-in by password has two steps, because a password hash takes tens of milliseconds and must not
//! hold a database connection meanwhile: [`Gate::identify`] reads and, where there is a hash to compute,
//! hands back a [`Check`]; [`Gate::verify`] computes it outside of any transaction; then `identify`
//! succeeds. [`Gate::authenticate`] does both.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ironwood_base::{Error, clock, error::Result};
use ironwood_store::{Connection, Database};
use moka::sync::Cache;

use super::limit::{Failures, Limits};
use super::permission::{EXTRA, User, read, user_sql};
use super::secret::Secret;
use super::session::{self, Session};
use super::{password, token};

/// How long a verified password need not be hashed again.
const PROVEN_FOR: Duration = Duration::from_secs(600);
/// Verified passwords that are remembered.
const PROVEN: u64 = 10_000;
/// Longest user name, in characters.
const MAX_NAME: usize = 150;

const WRONG: &str = "User name or password is wrong.";
const NO_TOKEN: &str = "This token is not known.";

/// What somebody shows to say who he is.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// User name and password.
    Basic { name: String, password: String },
    /// An API token.
    Token(String),
    /// The id of a session, from its cookie.
    Session(String),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credential::Basic { name, .. } => write!(f, "Basic({name:?}, …)"),
            Credential::Token(_) => f.write_str("Token(…)"),
            Credential::Session(_) => f.write_str("Session(…)"),
        }
    }
}

impl Credential {
    /// Reads an `Authorization` header: `Basic`, `Token` or `Bearer`, in any case. `None` for another
    /// scheme.
    ///
    /// # Errors
    /// 401 where the scheme is known and the rest cannot be read.
    pub fn from_header(header: &str) -> Result<Option<Self>> {
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        let rest = rest.trim();
        let bad = || Error::Unauthenticated("The Authorization header cannot be read.".into());
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => {
                let bytes = STANDARD.decode(rest).map_err(|_| bad())?;
                // Some clients still send Latin-1.
                let text = String::from_utf8(bytes)
                    .unwrap_or_else(|e| e.into_bytes().into_iter().map(char::from).collect());
                let (name, password) = text.split_once(':').ok_or_else(bad)?;
                Ok(Some(Credential::Basic { name: name.to_owned(), password: password.to_owned() }))
            }
            "token" | "bearer" if rest.is_empty() || rest.contains(' ') => Err(bad()),
            "token" | "bearer" => Ok(Some(Credential::Token(rest.to_owned()))),
            _ => Ok(None),
        }
    }
}

/// How somebody showed who he is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    Password,
    /// By the token with this key.
    Token { id: i64 },
    /// By the session with this key; its requests need a CSRF token made for `csrf`.
    Session { id: i64, csrf: String },
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedIn {
    pub user: User,
    pub way: Way,
    /// Set where the token's day of last use is to be noted ([`token::seen`]).
    pub unseen: Option<i64>,
}

/// What [`Gate::identify`] came to.
#[derive(Debug)]
pub enum Step {
    Done(Box<SignedIn>),
    /// A password hash has to be computed first ([`Gate::verify`]).
    Check(Check),
}

/// A password to be verified.
pub struct Check {
    name: String,
    password: String,
    address: IpAddr,
    /// The user's key and hash; `None` where there is no such user.
    stored: Option<(i64, String)>,
    /// The hash whose work is done where there is no such user.
    stand_in: String,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Check({:?}, …)", self.name)
    }
}

/// A stronger hash of a password that was right, to be written in place of the one it matched.
pub struct Upgrade {
    user: i64,
    old: String,
    new: String,
}

impl Upgrade {
    /// Writes it, unless the password was changed meanwhile.
    pub fn write(&self, conn: &mut Connection) -> Result<()> {
        conn.execute(
            "UPDATE auth_user SET password = $1 WHERE id = $2 AND password = $3",
            &[self.new.as_str().into(), self.user.into(), self.old.as_str().into()],
        )?;
        Ok(())
    }
}

/// Decides who is signed in. One for the whole server.
pub struct Gate {
    secret: Arc<Secret>,
    proven: Cache<[u8; 32], ()>,
    /// Tokens whose use was noted lately, with the day.
    seen: Cache<i64, String>,
    failures: Failures,
}

impl Gate {
    pub fn new(secret: Arc<Secret>, limits: Limits) -> Self {
        Gate {
            secret,
            proven: Cache::builder().max_capacity(PROVEN).time_to_live(PROVEN_FOR).build(),
            seen: Cache::builder().max_capacity(PROVEN).time_to_live(Duration::from_secs(86_400)).build(),
            failures: Failures::new(limits),
        }
    }

    /// The keys that tokens and sessions are kept under.
    pub fn secret(&self) -> &Arc<Secret> {
        &self.secret
    }

    /// Reads who the credential belongs to: one statement, but for an unknown user name (two).
    ///
    /// # Errors
    /// 401 where it belongs to nobody, or to somebody who may not sign in.
    pub fn identify(&self, conn: &mut Connection, credential: &Credential, address: IpAddr) -> Result<Step> {
        let done = |user: User, way, unseen| match user.is_active {
            true => Ok(Step::Done(Box::new(SignedIn { user, way, unseen }))),
            false => Err(Error::Unauthenticated("This account is not active.".into())),
        };
        match credential {
            Credential::Basic { name, password } => {
                // A name that no user can have is not looked for.
                let can_be = name.chars().count() <= MAX_NAME && !name.contains('\0') && !name.is_empty();
                let sql = user_sql!("u.password", "auth_user u", "u.username = $1");
                let found = match can_be {
                    true => read(conn, sql, &[name.as_str().into()], |row| Ok(row.text(EXTRA).to_owned()))?,
                    false => None,
                };
                let proven = |hash: &String| self.proven.contains_key(&self.secret.credential(hash, password));
                match found {
                    Some((user, hash)) if user.is_active && proven(&hash) => done(user, Way::Password, None),
                    found => {
                        let stored = found.filter(|(user, _)| user.is_active).map(|(user, hash)| (user.id, hash));
                        let stand_in = if stored.is_none() { self.stand_in(conn, name)? } else { String::new() };
                        let name = name.chars().take(MAX_NAME).collect();
                        Ok(Step::Check(Check { name, password: password.clone(), address, stored, stand_in }))
                    }
                }
            }
            Credential::Token(key) => {
                let sql = user_sql!(
                    "t.id, t.revoked, t.expiry, t.last_seen",
                    "users_apitoken t JOIN auth_user u ON u.id = t.\"user\"",
                    "t.key_hash = $1"
                );
                let today = clock::today();
                let found = read(conn, sql, &[self.secret.token_hash(key).into()], |row| {
                    let ended = row.bool(EXTRA + 1) || row.text(EXTRA + 2) < today.as_str();
                    Ok((row.int(EXTRA), ended, row.opt_text(EXTRA + 3) != Some(&today)))
                })?;
                match found {
                    None => Err(Error::Unauthenticated(NO_TOKEN.into())),
                    Some((_, (_, true, _))) => {
                        Err(Error::Unauthenticated("This token was revoked or has expired.".into()))
                    }
                    Some((user, (id, false, unseen))) => {
                        let unseen = unseen && self.seen.get(&id).is_none_or(|day| day != today);
                        if unseen {
                            self.seen.insert(id, today);
                        }
                        done(user, Way::Token { id }, unseen.then_some(id))
                    }
                }
            }
            Credential::Session(key) => {
                let sql = user_sql!(
                    "s.id, s.csrf",
                    "ironwood_session s JOIN auth_user u ON u.id = s.\"user\"",
                    "s.key_hash = $1 AND s.expires > $2"
                );
                let params = [self.secret.session_hash(key).into(), clock::now().into()];
                let found = read(conn, sql, &params, |row| Ok((row.int(EXTRA), row.text(EXTRA + 1).to_owned())))?;
                match found {
                    Some((user, (id, csrf))) => done(user, Way::Session { id, csrf }, None),
                    None => Err(Error::Unauthenticated("This session has ended.".into())),
                }
            }
        }
    }

    /// The hash whose work stands in for that of an unknown user: that of some user, always the same for
    /// the same name, so that the time an answer takes does not tell which names there are.
    fn stand_in(&self, conn: &mut Connection, name: &str) -> Result<String> {
        let sql = "SELECT password FROM auth_user WHERE is_active AND password LIKE '%$%$%' ORDER BY id LIMIT 32";
        let mut hashes = conn.rows(sql, &[])?;
        if hashes.is_empty() {
            return Ok(String::new());
        }
        let [a, b, ..] = self.secret.credential("nobody", name);
        let chosen = hashes.swap_remove(usize::from(u16::from_le_bytes([a, b])) % hashes.len());
        Ok(chosen.text(0).to_owned())
    }

    /// Computes the hash of a password; call it outside of any transaction, on a thread that may block.
    /// Answers with the stronger hash to be written, where there should be one.
    ///
    /// # Errors
    /// 401 where the password is wrong or there is no such user; 429 where there were too many wrong ones.
    pub fn verify(&self, check: Check) -> Result<Option<Upgrade>> {
        let Check { name, password, address, stored, stand_in } = check;
        let wrong = || Error::Unauthenticated(WRONG.into());
        let Some((user, hash)) = stored else {
            self.failures.count(&name, address)?;
            password::verify(&password, &stand_in);
            return Err(wrong());
        };
        let proof = self.secret.credential(&hash, &password);
        // Of many requests at once with the same password one computes, the others wait for it.
        let result = self.proven.try_get_with(proof, || {
            self.failures.count(&name, address)?;
            match password::verify(&password, &hash) {
                true => Ok(self.failures.succeeded(&name, address)),
                false => Err(wrong()),
            }
        });
        result.map_err(|e| Error::clone(&e))?;
        if !password::needs_upgrade(&hash) {
            return Ok(None);
        }
        let new = password::hash(&password)?;
        self.proven.insert(self.secret.credential(&new, &password), ());
        Ok(Some(Upgrade { user, old: hash, new }))
    }

    /// The whole sign-in, blocking: reads, computes, and notes what is to be noted.
    ///
    /// # Errors
    /// As [`Gate::identify`] and [`Gate::verify`].
    pub fn authenticate(
        self: &Arc<Self>,
        db: &Database,
        credential: &Credential,
        address: IpAddr,
    ) -> Result<SignedIn> {
        let read = || {
            let (gate, credential) = (self.clone(), credential.clone());
            db.read(move |conn| gate.identify(conn, &credential, address))
        };
        let mut step = read()?;
        if let Step::Check(check) = step {
            if let Some(upgrade) = self.verify(check)? {
                // A failed write (a full disk, say) must not keep anybody out: the old hash is still good.
                db.write(move |conn| upgrade.write(conn))
                    .unwrap_or_else(|error| tracing::warn!(%error, "a password hash could not be renewed"));
            }
            step = read()?;
        }
        match step {
            Step::Done(done) => {
                if let Some(id) = done.unseen {
                    db.write(move |conn| token::seen(conn, id))
                        .unwrap_or_else(|error| tracing::warn!(%error, "the use of a token could not be noted"));
                }
                Ok(*done)
            }
            // The password was changed in between.
            Step::Check(_) => Err(Error::Unauthenticated(WRONG.into())),
        }
    }

    /// Signs in by user name and password, and begins a session.
    ///
    /// # Errors
    /// As [`Gate::authenticate`].
    pub fn log_in(
        self: &Arc<Self>,
        db: &Database,
        name: &str,
        password: &str,
        agent: &str,
        address: IpAddr,
    ) -> Result<(User, Session)> {
        let credential = Credential::Basic { name: name.to_owned(), password: password.to_owned() };
        let user = self.authenticate(db, &credential, address)?.user;
        let (gate, agent, id) = (self.clone(), agent.to_owned(), user.id);
        let session = db.write(move |conn| {
            note_login(conn, id)?;
            session::create(conn, &gate.secret, id, &agent, Some(address))
        })?;
        Ok((user, session))
    }
}

/// Notes that a user signed in now.
pub fn note_login(conn: &mut Connection, user: i64) -> Result<()> {
    conn.execute("UPDATE auth_user SET last_login = $1 WHERE id = $2", &[clock::now().into(), user.into()])?;
    Ok(())
}
