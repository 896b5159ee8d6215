//! Passwords: hashes in the form that Django keeps them, and the rules for a new password.
//!
//! New hashes are argon2id. Hashes that came with a database (`pbkdf2_sha256`, `pbkdf2_sha1`, `bcrypt`,
//! `bcrypt_sha256`, other argon2 parameters) are verified as they are and replaced at the next sign-in
//! where [`needs_upgrade`] says so.

use std::sync::{Condvar, Mutex};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ironwood_base::{Error, error::Result};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::secret::{hex, random};

/// Longest password in bytes that is looked at; a longer one never matches.
pub const MAX_BYTES: usize = 4096;
/// Fewest characters of a new password.
pub const MIN_CHARS: usize = 8;

/// Memory (KiB), passes and lanes of a new hash.
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

// What a stored hash may ask for at most, so that a crafted record cannot stop the server.
const MAX_MEMORY: u32 = 262_144;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 16;
const MAX_ROUNDS: u32 = 5_000_000;
const MAX_COST: u32 = 14;
/// Most hashes that are computed at the same time: each takes a core and up to [`MAX_MEMORY`].
const AT_ONCE: u32 = 4;

/// Makes the hash of a new password: `argon2$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
///
/// # Errors
/// 400 on `password` where it is longer than [`MAX_BYTES`].
pub fn hash(password: &str) -> Result<String> {
    if password.len() > MAX_BYTES {
        return Err(Error::field("password", format!("Password must be at most {MAX_BYTES} bytes.")));
    }
    let salt: [u8; 16] = random()?;
    let out = argon2(password, &salt, Algorithm::Argon2id, Version::V0x13, MEMORY, PASSES, LANES, 32)
        .ok_or_else(|| Error::Internal("cannot hash the password".into()))?;
    let (salt, out) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(out));
    Ok(format!("argon2$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}${salt}${out}"))
}

/// Stored instead of a hash if signing in by password is not possible.
///
/// # Errors
/// [`Error::Internal`] where the system gives no random numbers.
pub fn unusable() -> Result<String> {
    Ok(format!("!{}", hex(&random::<20>()?)))
}

/// Whether any password can match.
pub fn is_usable(hash: &str) -> bool {
    Known::read(hash).is_some()
}

/// Whether the password is the one that was hashed. Takes the time that the hash asks for, also where
/// the password is wrong; where the hash is none that can be verified, the time of a new hash.
pub fn verify(password: &str, hash: &str) -> bool {
    if password.len() > MAX_BYTES {
        work();
        return false;
    }
    match Known::read(hash) {
        Some(known) => known.matches(password),
        None => {
            work();
            false
        }
    }
}

/// Spends the time of verifying one password: called where there is no user, so that a caller cannot
/// tell by the clock.
pub fn work() {
    argon2("", b"nobody's own salt", Algorithm::Argon2id, Version::V0x13, MEMORY, PASSES, LANES, 32);
}

/// Whether the hash is weaker than the one that [`hash`] would make now.
pub fn needs_upgrade(hash: &str) -> bool {
    match Known::read(hash) {
        Some(Known::Argon2 { algorithm: Algorithm::Argon2id, version: Version::V0x13, memory, passes, .. }) => {
            memory < MEMORY || passes < PASSES
        }
        Some(_) => true,
        None => false,
    }
}

/// What speaks against a new password, one message each; empty: nothing.
///
/// `about` holds what is known of the user (name, e-mail address, …): the password must not be it.
pub fn weaknesses(password: &str, about: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    if password.chars().count() < MIN_CHARS {
        found.push(format!("Password must be at least {MIN_CHARS} characters."));
    }
    if password.len() > MAX_BYTES {
        found.push(format!("Password must be at most {MAX_BYTES} bytes."));
    }
    if !password.is_empty() && password.chars().all(char::is_numeric) {
        found.push("Password must not consist of digits only.".into());
    }
    let lower = password.to_lowercase();
    if COMMON.contains(&lower.trim()) {
        found.push("This password is too common.".into());
    }
    let own = |text: &&str| {
        let text = text.to_lowercase();
        let local = text.split('@').next().unwrap_or_default();
        !text.is_empty() && (lower == text || lower == local)
    };
    if about.iter().any(own) {
        found.push("Password must not be your user name or e-mail address.".into());
    }
    found
}

/// A stored hash, read; every number in it is within the limits.
enum Known {
    Pbkdf2 {
        sha1: bool,
        rounds: u32,
        salt: String,
        hash: Vec<u8>,
    },
    Argon2 {
        algorithm: Algorithm,
        version: Version,
        memory: u32,
        passes: u32,
        lanes: u32,
        salt: Vec<u8>,
        hash: Vec<u8>,
    },
    Bcrypt {
        digest_first: bool,
        hash: String,
    },
}

impl Known {
    fn read(hash: &str) -> Option<Self> {
        let (method, rest) = hash.split_once('$')?;
        match method {
            "pbkdf2_sha256" | "pbkdf2_sha1" => {
                let mut parts = rest.split('$');
                let rounds = parts.next()?.parse().ok().filter(|n| (1..=MAX_ROUNDS).contains(n))?;
                let salt = parts.next()?.to_owned();
                let sha1 = method == "pbkdf2_sha1";
                let hash = STANDARD.decode(parts.next()?).ok().filter(|h| h.len() == if sha1 { 20 } else { 32 })?;
                Some(Known::Pbkdf2 { sha1, rounds, salt, hash })
            }
            "argon2" => {
                let mut parts = rest.split('$');
                let algorithm: Algorithm = parts.next()?.parse().ok()?;
                let mut costs = parts.next()?;
                let mut version = Version::V0x10;
                if let Some(number) = costs.strip_prefix("v=") {
                    version = number.parse::<u32>().ok()?.try_into().ok()?;
                    costs = parts.next()?;
                }
                let (mut memory, mut passes, mut lanes) = (0, 0, 0);
                for cost in costs.split(',') {
                    let (name, number) = cost.split_once('=')?;
                    let number = number.parse().ok()?;
                    match name {
                        "m" => memory = number,
                        "t" => passes = number,
                        "p" => lanes = number,
                        _ => return None,
                    }
                }
                let within = (8..=MAX_MEMORY).contains(&memory)
                    && (1..=MAX_PASSES).contains(&passes)
                    && (1..=MAX_LANES).contains(&lanes);
                let salt = STANDARD_NO_PAD.decode(parts.next()?).ok().filter(|s| (8..=64).contains(&s.len()))?;
                let hash = STANDARD_NO_PAD.decode(parts.next()?).ok().filter(|h| (16..=64).contains(&h.len()))?;
                within.then_some(Known::Argon2 { algorithm, version, memory, passes, lanes, salt, hash })
            }
            "bcrypt" | "bcrypt_sha256" => {
                // `bcrypt$$2b$12$…`: the hash itself starts with a `$`.
                let cost: u32 = rest.strip_prefix("$2")?.split('$').nth(1)?.parse().ok()?;
                (4..=MAX_COST)
                    .contains(&cost)
                    .then(|| Known::Bcrypt { digest_first: method == "bcrypt_sha256", hash: rest.to_owned() })
            }
            _ => None,
        }
    }

    fn matches(&self, password: &str) -> bool {
        match self {
            Known::Pbkdf2 { sha1, rounds, salt, hash } => {
                let _permit = HashingPermit::wait();
                let mut out = vec![0; hash.len()];
                let (password, salt) = (password.as_bytes(), salt.as_bytes());
                if *sha1 {
                    pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, *rounds, &mut out);
                } else {
                    pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, *rounds, &mut out);
                }
                out.ct_eq(hash).into()
            }
            Known::Argon2 { algorithm, version, memory, passes, lanes, salt, hash } => {
                argon2(password, salt, *algorithm, *version, *memory, *passes, *lanes, hash.len())
                    .is_some_and(|out| out.ct_eq(hash).into())
            }
            Known::Bcrypt { digest_first, hash } => {
                let _permit = HashingPermit::wait();
                let password = if *digest_first {
                    hex(&Sha256::digest(password)).into_bytes()
                } else {
                    password.as_bytes().into()
                };
                bcrypt::verify(password, hash).unwrap_or(false)
            }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the parameters of the function as its standard has them")]
fn argon2(
    password: &str,
    salt: &[u8],
    algorithm: Algorithm,
    version: Version,
    memory: u32,
    passes: u32,
    lanes: u32,
    length: usize,
) -> Option<Vec<u8>> {
    let _permit = HashingPermit::wait();
    let params = Params::new(memory, passes, lanes, Some(length)).ok()?;
    let mut out = vec![0; length];
    Argon2::new(algorithm, version, params).hash_password_into(password.as_bytes(), salt, &mut out).ok()?;
    Some(out)
}

/// The right to compute a hash now; given back when dropped.
struct HashingPermit;

static RUNNING: Mutex<u32> = Mutex::new(0);
static FREE: Condvar = Condvar::new();

impl HashingPermit {
    fn wait() -> Self {
        let mut running = RUNNING.lock().unwrap_or_else(|e| e.into_inner());
        while *running >= AT_ONCE {
            running = FREE.wait(running).unwrap_or_else(|e| e.into_inner());
        }
        *running += 1;
        HashingPermit
    }
}

impl Drop for HashingPermit {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(|e| e.into_inner()) -= 1;
        FREE.notify_one();
    }
}

/// Passwords that are guessed first, in lower case. Those that are too short or all digits are refused
/// anyway.
#[rustfmt::skip]
static COMMON: &[&str] = &[
    "password", "password1", "password12", "password123", "password1234", "password!", "passw0rd", "p@ssword",
    "p@ssw0rd", "passwort", "passwort1", "motdepasse", "contraseña", "qwertyui", "qwertyuiop", "qwerty123",
    "qwerty1234", "qwertz123", "qwertzui", "qwertzuiop", "azertyui", "azertyuiop", "1q2w3e4r", "1q2w3e4r5t",
    "1qaz2wsx", "1qaz2wsx3edc", "zaq12wsx", "q1w2e3r4", "asdfasdf", "asdfghjk", "asdfghjkl", "zxcvbnm1", "abcd1234",
    "abc12345", "abcdefgh", "a1b2c3d4", "aa123456", "aaaaaaaa", "iloveyou", "iloveyou1", "sunshine", "princess",
    "football", "baseball", "superman", "starwars", "whatever", "trustno1", "jennifer", "michelle", "computer",
    "internet", "samsung1", "welcome1", "welcome123", "letmein1", "letmein123", "changeme", "changeme1",
    "changeme123", "change-me", "administrator", "admin123", "admin1234", "admin12345", "adminadmin", "rootroot",
    "root1234", "toor1234", "user1234", "guest123", "testtest", "test1234", "test12345", "testing123", "demo1234",
    "default1", "secret123", "master123", "monkey123", "dragon123", "inventree1", "inventree123",
    "ironwood", "ironwood1", "ironwood123", "inventory", "inventory1", "warehouse", "passpass", "pass1234",
    "p4ssw0rd", "michael1", "charlie1", "mustang1", "shadow12", "liverpool", "chocolate", "butterfly", "password0",
    "1234567a", "12345678a", "123456789a", "a12345678", "a123456789", "123qweasd", "qweasdzxc", "qwer1234",
];

#[cfg(test)]
mod tests {
    use super::*;

    // Made with Python 3: hashlib.pbkdf2_hmac("sha256", b"correct horse", b"salt-of-1", 1000) and so on.
    const SHA256: &str = "pbkdf2_sha256$1000$salt-of-1$d9MncPiINwnh0KuIzKFOYFtVKi3uRnglNqjJZP131t0=";
    const SHA1: &str = "pbkdf2_sha1$1000$salt-of-2$T0oRsg1HT0aShJ6xEjNkV2+wXRM=";
    // bcrypt.hashpw(b"correct horse", bcrypt.gensalt(4)), and the same of sha256(b"correct horse").hexdigest().
    const BCRYPT: &str = "bcrypt$$2b$04$4/HgOFksNtEgHbqrrTP3JOaxUuomuJ2Ty1McFO/DzDUuHrPxYkg8W";
    const BCRYPT_SHA256: &str = "bcrypt_sha256$$2b$04$zj66uYwm6Pb5ObAIsi3lx.9tpI2A1Ho9HqVk5QB7E3grrEoEmmFYS";
    // argon2-cffi: PasswordHasher(time_cost=1, memory_cost=64, parallelism=2).hash("correct horse").
    const ARGON2: &str =
        "argon2$argon2id$v=19$m=64,t=1,p=2$RBRKDmn2noWJLy0kYvEN1A$wJDCjkSMBulmFVfY9v9bkyPPYEnWKYEM73ulOkVXYuo";

    #[test]
    fn hashes_of_other_makers_are_verified() {
        for hash in [SHA256, SHA1, BCRYPT, BCRYPT_SHA256, ARGON2] {
            assert!(verify("correct horse", hash), "{hash}");
            assert!(!verify("correct horsf", hash), "{hash}");
            assert!(!verify("", hash), "{hash}");
            assert!(needs_upgrade(hash), "{hash}");
            assert!(is_usable(hash), "{hash}");
        }
    }

    #[test]
    fn a_new_hash_verifies_and_differs_each_time() {
        let (one, two) = (hash("pa:ss wörd").unwrap(), hash("pa:ss wörd").unwrap());
        assert_ne!(one, two);
        assert!(one.starts_with("argon2$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(one.len() <= 128, "the column holds 128 characters");
        assert!(verify("pa:ss wörd", &one) && !verify("pa:ss word", &one));
        assert!(!needs_upgrade(&one));
        assert!(needs_upgrade(&one.replace("m=19456", "m=1024")));
        assert!(needs_upgrade(&one.replace("argon2id", "argon2i")));
    }

    #[test]
    fn what_is_no_hash_matches_nothing() {
        let unusable = unusable().unwrap();
        assert!(unusable.starts_with('!') && unusable.len() == 41);
        for hash in [
            unusable.as_str(),
            "",
            "!",
            "correct horse",
            "plain$correct horse",
            "md5$salt$8a101c656f217eb1af7a7b438557f337",
            "pbkdf2_sha256$0$salt$",
            "pbkdf2_sha256$1000$salt$AAAA",
            "pbkdf2_sha256$1000",
            "pbkdf2_sha256$99999999$salt$QmumT3s/ZVW9BymVGP+obI9e5Y9ZEBHwX7DWm/KLJUs=",
            "argon2$argon2id$v=19$m=4000000000,t=2,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "argon2$argon2id$v=19$m=64,t=99999,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "bcrypt$$2b$31$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
            "bcrypt$$2b$é",
        ] {
            assert!(!verify("correct horse", hash) && !verify("", hash), "{hash}");
            assert!(!needs_upgrade(hash) && !is_usable(hash), "{hash}");
        }
    }

    #[test]
    fn an_endless_password_is_refused() {
        let long = "x".repeat(MAX_BYTES + 1);
        assert!(hash(&long).is_err());
        assert!(!verify(&long, SHA256));
        assert_eq!(weaknesses(&long, &[]).len(), 1);
    }

    #[test]
    fn weak_passwords_are_named() {
        assert!(weaknesses("Tall-tree-7", &["alice", "alice@example.com"]).is_empty());
        for weak in ["short-1", "9182736450", "Password1", "alice.smith", "Alice.Smith@Example.com"] {
            assert_eq!(weaknesses(weak, &["alice.smith", "alice.smith@example.com", ""]).len(), 1, "{weak}");
        }
        assert_eq!(weaknesses("", &[""]).len(), 1);
        assert_eq!(weaknesses("1234567", &[]).len(), 2);
    }
}
