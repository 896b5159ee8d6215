//! Who is asking: from a credential to a [`User`].
//!
//! A change of password, group, right, token or session counts with the next request, on every server of a database:
//! what is remembered of a user holds only as long as the database has counted no such change
//! ([`ironwood_store::Stamp`]), which each request asks. Besides, it is remembered that a password was seen to match a
//! hash: a keyed fingerprint of both, for a few minutes. With another hash in the user's row the fingerprint is another
//! one.
//!
//! A sign-in by password has two steps, because a password hash takes tens of milliseconds and must not
//! hold a database connection meanwhile: [`Authenticator::identify`] reads and, where there is a hash to compute,
//! hands back a [`Check`]; [`Authenticator::verify`] computes it outside of any transaction; then `identify`
//! succeeds. [`Authenticator::authenticate`] does both.

mod credential;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ironwood_base::{Error, clock, error::Result};
use ironwood_rest::selected;
use ironwood_store::{Connection, Database, Details, Kept, Origin, Stamp};
use moka::sync::Cache;

use super::limit::{Failures, Limits};
use super::permission::User;
use super::read_user::read_user;
use super::secret::Secret;
use super::session::{self, Session};
use super::{password, token};
use crate::platform::settings;
use crate::schema::keys::{SessionKey, TokenKey, UserKey};
use crate::schema::versions::{CALLERS, SETTINGS};

pub use credential::Credential;

/// How long a verified password need not be hashed again.
const PROVEN_FOR: Duration = Duration::from_secs(600);
/// Verified passwords that are remembered.
const PROVEN: u64 = 10_000;
/// Credentials whose users are remembered.
const KNOWN: usize = 2_000;
/// What says who may sign in.
const COUNTERS: &[i64] = &[CALLERS, SETTINGS];
/// Longest user name, in characters.
const MAX_NAME: usize = 150;

const WRONG: &str = "User name or password is wrong.";
const NO_TOKEN: &str = "Invalid token.";
const LOST_TOKEN: &str = "Invalid token. The secret key of the server was replaced, so tokens made with the previous \
    key no longer work. Create a new token, or ask the administrator to restore the key.";

/// Why a user is kept out whom a password alone does not let in: the settings say so, and there is no second factor
/// yet. Superusers get in, so that someone can switch the setting off.
fn second_factor(enforced: bool, user: &User) -> Option<Error> {
    (enforced && !user.is_superuser).then(|| {
        Error::Unauthenticated(
            "Only superusers can sign in with only a password (LOGIN_ENFORCE_MFA), and this server does not support a \
            second factor yet. Use an API token, such as one made with `ironwood token create`, or ask a superuser to \
            turn off the setting."
                .into(),
        )
    })
}

/// How a user authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInMethod {
    Password,
    /// By the token with this key and name.
    Token {
        id: TokenKey,
        name: String,
    },
    /// By the session with this key; its requests need a CSRF token made for `csrf`.
    Session {
        id: SessionKey,
        csrf: String,
    },
}

/// What somebody signs in with again and again, by its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Used {
    Token(TokenKey),
    Session(SessionKey),
}

/// A signed-in user.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedIn {
    pub user: User,
    pub way: SignInMethod,
    /// Set where the day of its last use is to be noted ([`Authenticator::note_seen`]).
    pub unseen: Option<Used>,
}

/// A credential that was accepted, for as long as nothing that says so was changed.
#[derive(Debug)]
struct Accepted {
    signed_in: SignedIn,
    /// The day, on which a token may end.
    day: String,
    /// The moment at which its session ends.
    until: Option<String>,
    /// The fingerprint of its password and the hash.
    proof: Option<[u8; 32]>,
}

/// What a browser reports about itself at sign-in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Browser<'a> {
    pub agent: &'a str,
    /// Id of the session that it has so far.
    pub session: Option<&'a str>,
}

/// What [`Authenticator::identify`] came to.
#[derive(Debug)]
pub enum Step {
    Done(Box<SignedIn>),
    /// A password hash has to be computed first ([`Authenticator::verify`]).
    Check(Check),
}

/// A password to be verified.
pub struct Check {
    name: String,
    password: String,
    address: IpAddr,
    /// The user's key and hash; `None` where there is no such user.
    stored: Option<(UserKey, String)>,
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
    user: UserKey,
    old: String,
    new: String,
}

impl Upgrade {
    /// Writes it, unless the password was changed meanwhile.
    ///
    /// # Errors
    /// Those of the database.
    pub fn write(&self, conn: &mut Connection) -> Result<()> {
        conn.execute(
            "UPDATE auth_user SET password = $1 WHERE id = $2 AND password = $3",
            &[self.new.as_str().into(), self.user.into(), self.old.as_str().into()],
        )?;
        Ok(())
    }
}

/// Decides who is signed in. One for the whole server.
pub struct Authenticator {
    secret: Arc<Secret>,
    proven: Cache<[u8; 32], ()>,
    /// Tokens whose use was noted lately, with the day.
    seen: Cache<Used, String>,
    /// Credentials that were accepted lately, by keyed fingerprints.
    known: Kept<[u8; 32], Accepted>,
    failures: Failures,
    /// Whether the database holds tokens that were sealed under another key.
    lost_tokens: AtomicBool,
}

/// Whether everybody needs a second factor.
const ENFORCED: &str = "(SELECT e.\"value\" FROM common_inventreesetting e WHERE e.\"key\" = 'LOGIN_ENFORCE_MFA')";

selected! {
    /// The columns read from a user who signs in with a password.
    struct ByPassword {
        hash: String = "u.password",
        enforced: Option<String> = ENFORCED,
    }
}

selected! {
    /// The columns read from a token.
    struct ByToken {
        id: TokenKey = "t.id",
        revoked: bool = "t.revoked",
        expiry: String = "t.expiry",
        last_seen: Option<String> = "t.last_seen",
        name: String = "t.name",
    }
}

selected! {
    /// The columns read from a session.
    struct BySession {
        id: SessionKey = "s.id",
        csrf: String = "s.csrf",
        enforced: Option<String> = ENFORCED,
        expires: String = "s.expires",
        last_seen: Option<String> = "s.last_seen",
    }
}

impl Authenticator {
    pub fn new(secret: Arc<Secret>, limits: Limits) -> Self {
        Authenticator {
            secret,
            proven: Cache::builder().max_capacity(PROVEN).time_to_live(PROVEN_FOR).build(),
            seen: Cache::builder().max_capacity(PROVEN).time_to_live(Duration::from_secs(86_400)).build(),
            known: Kept::new(KNOWN),
            failures: Failures::new(limits),
            lost_tokens: AtomicBool::new(false),
        }
    }

    /// Looks for tokens that the server's key does not open, which the answers to unknown tokens then
    /// mention; gives their number.
    ///
    /// # Errors
    /// Those of the database.
    pub fn count_lost_tokens(&self, conn: &mut Connection) -> Result<u64> {
        let lost = token::lost(conn, &self.secret)?;
        self.lost_tokens.store(lost > 0, Ordering::Relaxed);
        Ok(lost)
    }

    fn unknown_token(&self) -> Error {
        let lost = self.lost_tokens.load(Ordering::Relaxed);
        Error::Unauthenticated(if lost { LOST_TOKEN } else { NO_TOKEN }.into())
    }

    /// The keys that tokens and sessions are kept under.
    pub fn secret(&self) -> &Arc<Secret> {
        &self.secret
    }

    fn fingerprint(&self, credential: &Credential) -> [u8; 32] {
        match credential {
            Credential::Basic { name, password } => self.secret.credential(&format!("user {name}"), password),
            Credential::Token(key) => self.secret.credential("token", key),
            Credential::Session(key) => self.secret.credential("session", key),
        }
    }

    /// Whether a credential that was accepted would be again, as far as the time tells.
    fn still_holds(&self, known: &Accepted) -> bool {
        known.day == clock::today()
            && known.until.as_ref().is_none_or(|until| *until > clock::now())
            && known.proof.as_ref().is_none_or(|proof| self.proven.contains_key(proof))
    }

    /// Who the credential belonged to when it was used last, without a look at the database, and the stamp for which
    /// that holds ([`Authenticator::is_current`]).
    pub fn remembered(&self, credential: &Credential) -> Option<(SignedIn, Stamp)> {
        let (stamp, known) = self.known.last(&self.fingerprint(credential))?;
        self.still_holds(&known).then(|| (known.signed_in.clone(), stamp))
    }

    /// Whether what was remembered is what the database says.
    ///
    /// # Errors
    /// Those of the database.
    pub fn is_current(conn: &mut Connection, stamp: &Stamp) -> Result<bool> {
        Ok(conn.stamp(COUNTERS)?.as_ref() == Some(stamp))
    }

    /// Finds who the credential belongs to: by one statement, but for an unknown user name (two) and for one that is
    /// remembered (none).
    ///
    /// # Errors
    /// 401 where it belongs to no one, or to someone who may not sign in.
    pub fn identify(&self, conn: &mut Connection, credential: &Credential, address: IpAddr) -> Result<Step> {
        let fingerprint = self.fingerprint(credential);
        let stamp = conn.stamp(COUNTERS)?;
        if let Some(known) = stamp.as_ref().and_then(|stamp| self.known.get(&fingerprint, stamp))
            && self.still_holds(&known)
        {
            return Ok(Step::Done(Box::new(known.signed_in.clone())));
        }
        let (mut until, mut proof) = (None, None);
        let step = self.find(conn, credential, address, &mut until, &mut proof)?;
        if let (Some(stamp), Step::Done(done)) = (stamp, &step) {
            // the use of a token is noted once
            let signed_in = SignedIn { unseen: None, ..(**done).clone() };
            let accepted = Accepted { signed_in, day: clock::today(), until, proof };
            self.known.put(fingerprint, stamp, Arc::new(accepted));
        }
        Ok(step)
    }

    fn find(
        &self,
        conn: &mut Connection,
        credential: &Credential,
        address: IpAddr,
        until: &mut Option<String>,
        proof: &mut Option<[u8; 32]>,
    ) -> Result<Step> {
        let done = |user: User, way, unseen| match user.is_active {
            true => Ok(Step::Done(Box::new(SignedIn { user, way, unseen }))),
            false => Err(Error::Unauthenticated("This account is not active.".into())),
        };
        match credential {
            Credential::Basic { name, password } => {
                // A name that no user can have is not looked for.
                let can_be = name.chars().count() <= MAX_NAME && !name.contains('\0') && !name.is_empty();
                let found = match can_be {
                    true => read_user!(conn, ByPassword, "auth_user u", "u.username = $1", &[name.as_str().into()])?,
                    false => None,
                };
                let enforced = found.as_ref().and_then(|(_, by)| by.enforced.as_deref()).is_some_and(settings::truth);
                let found = found.map(|(user, by)| (user, by.hash));
                // told of after the password, because it is no one else's business
                let done = |user, way, unseen| match second_factor(enforced, &user) {
                    Some(refused) => Err(refused),
                    None => done(user, way, unseen),
                };
                let mut proven = |hash: &String| {
                    let fingerprint = self.secret.credential(hash, password);
                    *proof = Some(fingerprint);
                    self.proven.contains_key(&fingerprint)
                };
                match found {
                    Some((user, hash)) if user.is_active && proven(&hash) => done(user, SignInMethod::Password, None),
                    found => {
                        let stored = found.filter(|(user, _)| user.is_active).map(|(user, hash)| (user.id, hash));
                        let stand_in = if stored.is_none() { self.stand_in(conn, name)? } else { String::new() };
                        let name = name.chars().take(MAX_NAME).collect();
                        Ok(Step::Check(Check { name, password: password.clone(), address, stored, stand_in }))
                    }
                }
            }
            Credential::Token(key) => {
                let today = clock::today();
                let found = read_user!(
                    conn,
                    ByToken,
                    "users_apitoken t JOIN auth_user u ON u.id = t.\"user\"",
                    "t.key_hash = $1",
                    &[self.secret.token_hash(key).into()]
                )?;
                match found {
                    None => Err(self.unknown_token()),
                    Some((_, by)) if by.revoked || by.expiry < today => {
                        Err(Error::Unauthenticated("This token has expired or was revoked.".into()))
                    }
                    Some((user, by)) => {
                        let unseen = by.last_seen.as_deref() != Some(&today);
                        let used = if unseen { self.unseen(Used::Token(by.id), &today) } else { None };
                        done(user, SignInMethod::Token { id: by.id, name: by.name }, used)
                    }
                }
            }
            Credential::Session(key) => {
                let today = clock::today();
                let found = read_user!(
                    conn,
                    BySession,
                    "ironwood_session s JOIN auth_user u ON u.id = s.\"user\"",
                    "s.key_hash = $1 AND s.expires > $2",
                    &[self.secret.session_hash(key).into(), clock::now().into()]
                )?;
                let Some((user, by)) = found else {
                    return Err(Error::Unauthenticated("This session has ended.".into()));
                };
                *until = Some(by.expires);
                // every session began with a password alone
                match second_factor(by.enforced.as_deref().is_some_and(settings::truth), &user) {
                    Some(refused) => Err(refused),
                    None => {
                        let unseen = by.last_seen.as_deref() != Some(&today);
                        let used = if unseen { self.unseen(Used::Session(by.id), &today) } else { None };
                        done(user, SignInMethod::Session { id: by.id, csrf: by.csrf }, used)
                    }
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
            if !password::verify(&password, &hash) {
                return Err(wrong());
            }
            self.failures.succeeded(&name, address);
            Ok(())
        });
        result.map_err(|e| Error::clone(&e))?;
        if !password::needs_upgrade(&hash) {
            return Ok(None);
        }
        let new = password::hash(&password)?;
        self.proven.insert(self.secret.credential(&new, &password), ());
        Ok(Some(Upgrade { user, old: hash, new }))
    }

    /// [`Authenticator::verify`], with failures that are counted for all servers of the database.
    ///
    /// # Errors
    /// As there.
    pub fn verify_counted(&self, db: &Database, check: Check) -> Result<Option<Upgrade>> {
        let shared = self.failures.shared(&self.secret, &check.name, check.address);
        let origin = sign_in(check.address);
        let counts = shared.clone();
        let had_failed = db.read(move |conn| counts.check(conn))?;
        let verified = self.verify(check);
        let noted = match &verified {
            Err(Error::Unauthenticated(_)) => db.write(&origin, move |conn| shared.failed(conn)),
            Ok(_) if had_failed => db.write(&origin, move |conn| shared.succeeded(conn)),
            _ => Ok(()),
        };
        // a failed write (a full disk, say) must not keep anybody out
        noted.unwrap_or_else(|error| tracing::warn!(%error, "cannot count failed sign-ins"));
        verified
    }

    /// The whole sign-in, blocking: reads, computes, and notes what is to be noted.
    ///
    /// # Errors
    /// As [`Authenticator::identify`] and [`Authenticator::verify`].
    pub fn authenticate(self: &Arc<Self>, db: &Database, credential: &Credential, address: IpAddr) -> Result<SignedIn> {
        let done = self.try_authenticate(db, credential, address);
        done.inspect_err(|error| log_failure(Some(credential), address, error))
    }

    fn try_authenticate(self: &Arc<Self>, db: &Database, credential: &Credential, address: IpAddr) -> Result<SignedIn> {
        let read = || {
            let (authenticator, credential) = (self.clone(), credential.clone());
            db.read(move |conn| authenticator.identify(conn, &credential, address))
        };
        let mut step = read()?;
        if let Step::Check(check) = step {
            if let Some(upgrade) = self.verify_counted(db, check)? {
                // A failed write (a full disk, say) must not keep anybody out: the old hash is still good.
                db.write(&sign_in(address), move |conn| upgrade.write(conn))
                    .unwrap_or_else(|error| tracing::warn!(%error, "cannot update a password hash"));
            }
            step = read()?;
        }
        match step {
            Step::Done(done) => {
                self.note_seen(db, &done);
                Ok(*done)
            }
            // The password was changed in between.
            Step::Check(_) => Err(Error::Unauthenticated(WRONG.into())),
        }
    }

    /// What is to be noted of a use today, unless this server did so already.
    fn unseen(&self, used: Used, today: &str) -> Option<Used> {
        self.seen.get(&used).is_none_or(|day| day != today).then_some(used)
    }

    /// Notes that a token or a session was used today, where that is not noted yet. A failure goes to the log only.
    pub fn note_seen(&self, db: &Database, done: &SignedIn) {
        let Some(used) = done.unseen else { return };
        // Claimed before it is written, so that of many requests at once few write.
        self.seen.insert(used, clock::today());
        let note = move |conn: &mut Connection| match used {
            Used::Token(id) => token::seen(conn, id),
            Used::Session(id) => session::seen(conn, id),
        };
        db.write(&Origin::server("sign in"), note)
            .unwrap_or_else(|error| tracing::warn!(%error, "cannot record the use of a token or session"));
    }

    /// Checks the password of a signed-in user. Failures count like failed sign-ins.
    ///
    /// # Errors
    /// As [`Authenticator::verify`].
    pub fn check_password(&self, user: &User, password: &str, hash: String, address: IpAddr) -> Result<()> {
        self.verify(Check {
            name: user.username.clone(),
            password: password.to_owned(),
            address,
            stored: Some((user.id, hash)),
            stand_in: String::new(),
        })
        .map(drop)
    }

    /// Signs in by user name and password, and begins a session. The one that the browser had ends.
    ///
    /// # Errors
    /// As [`Authenticator::authenticate`].
    pub fn log_in(
        self: &Arc<Self>,
        db: &Database,
        name: &str,
        password: &str,
        browser: Browser<'_>,
        from: Details,
        address: IpAddr,
    ) -> Result<(User, Session)> {
        let credential = Credential::Basic { name: name.to_owned(), password: password.to_owned() };
        let user = self.authenticate(db, &credential, address)?.user;
        let (authenticator, agent, id) = (self.clone(), browser.agent.to_owned(), user.id);
        let before = browser.session.map(|key| self.secret.session_hash(key));
        let username = user.username.clone();
        let origin = Origin::new(Details { user: Some(id.id()), username, sign_in: "password".into(), ..from });
        let session = db.write(&origin, move |conn| {
            note_login(conn, id)?;
            if let Some(before) = &before {
                session::end_known(conn, before)?;
            }
            session::create(conn, &authenticator.secret, id, &agent, Some(address))
        })?;
        Ok((user, session))
    }
}

/// Where changes come from that a sign-in makes by the way.
fn sign_in(address: IpAddr) -> Origin {
    Origin::new(Details { task: "sign in".into(), ..Origin::request(address) })
}

/// Logs a sign-in that was refused: one line, the address last, so that programs which watch the log can
/// read it (`sign-in failed .* address=<HOST>$`). A session that has ended is no attempt to sign in.
pub fn log_failure(credential: Option<&Credential>, address: IpAddr, error: &Error) {
    let reason = match error {
        Error::Unauthenticated(reason) => reason.as_str(),
        Error::TooMany(_) => "Too many attempts.",
        _ => return,
    };
    let user = match credential {
        Some(Credential::Session(_)) => return,
        Some(Credential::Basic { name, .. }) => name.chars().take(MAX_NAME).collect(),
        Some(Credential::Token(_)) => "(token)".to_owned(),
        None => "(unreadable)".to_owned(),
    };
    tracing::warn!(target: "ironwood::signin", reason, user, %address, "sign-in failed");
}

/// Notes that a user signed in now.
///
/// # Errors
/// Those of the database.
pub fn note_login(conn: &mut Connection, user: UserKey) -> Result<()> {
    conn.execute("UPDATE auth_user SET last_login = $1 WHERE id = $2", &[clock::now().into(), user.into()])?;
    Ok(())
}
