//! The server's own key and what is derived from it.
//!
//! The key never stands in the database: who has a copy of the database alone can neither use nor read
//! the API tokens in it. It is a text of at least 32 characters, kept in the environment or in a file.
//! Several servers on one database need the same key. With another key the stored tokens and sessions
//! are worth nothing any more; everything else stays as it is.

use std::fmt::{self, Write as _};
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, Nonce};
use hmac::{Hmac, Mac};
use ironwood_base::{Error, error::Result};
use ironwood_store::file::{make_private_folder, private};
use sha2::{Digest, Sha256};

/// Environment variable that holds the key itself.
pub const VARIABLE: &str = "IRONWOOD_SECRET_KEY";
/// Fewest characters of a key.
const MIN_CHARS: usize = 32;
/// Largest key file, in bytes.
const MAX_FILE: u64 = 4096;

/// Keys for each use, derived from the server's one key.
#[derive(Clone)]
pub struct Secret {
    lookup: [u8; 32],
    seal: [u8; 32],
    session: [u8; 32],
    csrf: [u8; 32],
    credential: [u8; 32],
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// Derives the keys from the text of the server's key; white space around it does not count.
    ///
    /// # Errors
    /// Where it has fewer than 32 characters.
    pub fn from_text(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.chars().count() < MIN_CHARS {
            return Err(Error::Internal(format!("the secret key must have at least {MIN_CHARS} characters")));
        }
        let main: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let derive = |use_: &str| mac(&main, &[b"ironwood/1/", use_.as_bytes()]);
        Ok(Secret {
            lookup: derive("token lookup"),
            seal: derive("token seal"),
            session: derive("session"),
            csrf: derive("csrf"),
            credential: derive("credential"),
        })
    }

    /// A key of which nothing is kept: for a database in memory, and for tests.
    ///
    /// # Errors
    /// [`Error::Internal`] where the system gives no random numbers.
    pub fn ephemeral() -> Result<Self> {
        Self::from_text(&hex(&random::<32>()?))
    }

    /// Finds the key of the server for a database address: `given` (from the environment), else the
    /// file named by the configuration, else the file that belongs to the database ([`default_file`]).
    /// `None` where that one is missing.
    ///
    /// # Errors
    /// Where a file cannot be read or may be read by others, or the key is too short.
    pub fn find(database: &str, given: Option<&str>, file: Option<&Path>) -> Result<Option<Self>> {
        if let Some(text) = given.filter(|t| !t.trim().is_empty()) {
            return Self::from_text(text).map(Some);
        }
        if let Some(file) = file {
            return Self::from_text(&read(file)?).map(Some);
        }
        match default_file(database)? {
            Some(file) if file.exists() => Self::from_text(&read(&file)?).map(Some),
            _ => Ok(None),
        }
    }

    /// [`Secret::find`]; the file that belongs to the database is made where it is missing.
    ///
    /// # Errors
    /// As there, and where a new file cannot be written.
    pub fn load(database: &str, given: Option<&str>, file: Option<&Path>) -> Result<Self> {
        if let Some(found) = Self::find(database, given, file)? {
            return Ok(found);
        }
        match default_file(database)? {
            None => Self::ephemeral(),
            Some(file) => Self::from_text(&make(&file)?),
        }
    }

    /// The keyed hash by which a token is found.
    pub fn token_hash(&self, token: &str) -> String {
        hex(&mac(&self.lookup, &[token.as_bytes()]))
    }

    /// A token, sealed; can be opened only together with the hash it belongs to.
    ///
    /// # Errors
    /// [`Error::Internal`] where the system gives no random numbers, or the token is too long for the cipher.
    pub fn seal_token(&self, token: &str) -> Result<String> {
        let nonce: [u8; 12] = random()?;
        let hash = self.token_hash(token);
        let sealed = self
            .cipher()
            .encrypt(&Nonce::from(nonce), Payload { msg: token.as_bytes(), aad: hash.as_bytes() })
            .map_err(|_| Error::Internal("cannot seal the token".into()))?;
        Ok(STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens what [`Secret::seal_token`] made; `None` where it was made under another key, belongs to
    /// another hash or was changed.
    pub fn open_token(&self, sealed: &str, hash: &str) -> Option<String> {
        let bytes = STANDARD_NO_PAD.decode(sealed).ok()?;
        let (nonce, text) = bytes.split_at_checked(12)?;
        let nonce: [u8; 12] = nonce.try_into().ok()?;
        let open = self.cipher().decrypt(&Nonce::from(nonce), Payload { msg: text, aad: hash.as_bytes() }).ok()?;
        String::from_utf8(open).ok()
    }

    /// The keyed hash by which a session is found.
    pub fn session_hash(&self, id: &str) -> String {
        hex(&mac(&self.session, &[id.as_bytes()]))
    }

    /// Proof that this server made a CSRF token, for the session whose own secret is given.
    pub(super) fn csrf_proof(&self, nonce: &str, session: &str) -> String {
        hex(&mac(&self.csrf, &[nonce.as_bytes(), b"/", session.as_bytes()])[..16])
    }

    /// A fingerprint of a password together with the hash that it was found to match.
    pub(super) fn credential(&self, hash: &str, password: &str) -> [u8; 32] {
        mac(&self.credential, &[&(hash.len() as u64).to_le_bytes(), hash.as_bytes(), password.as_bytes()])
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&self.seal.into())
    }
}

/// Default location of the secret key of a database: `PATH.key` for `sqlite:PATH`,
/// `ironwood/secret.key` in the user's data folder for PostgreSQL, nowhere for a database in memory.
///
/// # Errors
/// Where no data folder is known.
pub fn default_file(database: &str) -> Result<Option<PathBuf>> {
    if let Some(path) = database.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return Ok((!path.is_empty() && !path.starts_with(':')).then(|| PathBuf::from(format!("{path}.key"))));
    }
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let data = set("XDG_DATA_HOME")
        .or_else(|| set("HOME").map(|h| h.join(".local/share")))
        .or_else(|| set("LOCALAPPDATA"))
        .ok_or_else(|| Error::Internal(format!("no location for the secret key: set {VARIABLE}")))?;
    Ok(Some(data.join("ironwood").join("secret.key")))
}

fn failed(file: &Path, what: &str, error: &std::io::Error) -> Error {
    Error::Internal(format!("cannot {what} the secret key file {}: {error}", file.display()))
}

fn read(file: &Path) -> Result<String> {
    let about = fs::metadata(file).map_err(|e| failed(file, "read", &e))?;
    if about.len() > MAX_FILE {
        return Err(Error::Internal(format!("the secret key file {} is too large", file.display())));
    }
    #[cfg(unix)]
    if is_open_to_others(&about) {
        return Err(Error::Internal(format!(
            "other users of this machine can read the secret key file {0}: run `chmod 600 {0}`, and replace the key \
            if you do not trust them",
            file.display()
        )));
    }
    fs::read_to_string(file).map_err(|e| failed(file, "read", &e))
}

/// Whether others than the owner of a key file may read or change it. Service managers and containers
/// hand out files of root that a group may read: these are fine, as PostgreSQL has it for its keys.
#[cfg(unix)]
fn is_open_to_others(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let shared_by_root = about.uid() == 0 && rustix::process::geteuid().as_raw() != 0;
    about.mode() & if shared_by_root { 0o037 } else { 0o077 } != 0
}

/// Makes a new key file that only its owner may read. Where another process was faster, its key is the
/// one that counts.
fn make(file: &Path) -> Result<String> {
    let fail = |e: std::io::Error| failed(file, "write", &e);
    if let Some(folder) = file.parent().filter(|f| !f.as_os_str().is_empty()) {
        make_private_folder(folder).map_err(fail)?;
    }
    // Written beside its place and linked into it, so that no one ever reads half a key.
    let mut draft = file.as_os_str().to_owned();
    draft.push(format!(".{}", hex(&random::<8>()?)));
    let draft = PathBuf::from(draft);
    let text = hex(&random::<32>()?);
    let written = private().write(true).create_new(true).open(&draft).and_then(|mut out| {
        out.write_all(text.as_bytes())?;
        out.write_all(b"\n")?;
        out.sync_all()
    });
    let linked = written.and_then(|()| fs::hard_link(&draft, file));
    let result = match linked {
        Ok(()) => Ok(text),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => read(file),
        // Some file systems know no links.
        Err(e) if matches!(e.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) && draft.exists() => {
            fs::rename(&draft, file).map(|()| text).map_err(fail)
        }
        Err(e) => Err(fail(e)),
    };
    // Already gone where it was renamed.
    fs::remove_file(&draft).ok();
    result
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| Error::Internal(format!("no random numbers available: {e}")))?;
    Ok(bytes)
}

/// Lower-case hexadecimal digits of bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // A key that is shorter than the hash's block is padded with zeros, says the standard.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new(&block.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("ironwood-{name}-{}", hex(&random::<8>().unwrap())));
        fs::create_dir(&folder).unwrap();
        folder
    }

    #[test]
    fn a_sealed_token_opens_only_with_its_own_key_and_hash() {
        let secret = Secret::from_text(KEY).unwrap();
        let (hash, sealed) = (secret.token_hash("inv-1"), secret.seal_token("inv-1").unwrap());
        assert_eq!(secret.open_token(&sealed, &hash).as_deref(), Some("inv-1"));
        assert_eq!(secret.open_token(&sealed, &secret.token_hash("inv-2")), None);
        let other = Secret::from_text(&KEY.replace('0', "x")).unwrap();
        assert_eq!(other.open_token(&sealed, &hash), None);
        assert_ne!(other.token_hash("inv-1"), hash);
        for broken in ["", "AAAA", "no base64!", &sealed[..sealed.len() - 2]] {
            assert_eq!(secret.open_token(broken, &hash), None);
        }
        assert_ne!(sealed, secret.seal_token("inv-1").unwrap());
        assert!(!sealed.contains("inv"));
        assert_ne!(secret.session_hash("inv-1"), hash, "each use has a key of its own");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    #[test]
    fn the_same_text_gives_the_same_keys() {
        let hash = |text: &str| Secret::from_text(text).unwrap().token_hash("t");
        assert_eq!(hash(KEY), hash(&format!(" {KEY}\n")));
        assert!(Secret::from_text("too short").is_err());
    }

    #[test]
    fn a_database_file_gets_its_key_file_once() {
        let folder = folder("key");
        let url = format!("sqlite:{}", folder.join("shop.db").display());
        let first = Secret::load(&url, None, None).unwrap().token_hash("t");
        assert_eq!(Secret::load(&url, None, None).unwrap().token_hash("t"), first);
        assert_eq!(Secret::load(&url, Some(" "), None).unwrap().token_hash("t"), first);
        assert_ne!(Secret::load(&url, Some(KEY), None).unwrap().token_hash("t"), first);
        let file = folder.join("shop.db.key");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing else is left behind");
        assert_eq!(Secret::load("postgres://h/d", None, Some(&file)).unwrap().token_hash("t"), first);
        #[cfg(unix)]
        for mode in [0o644, 0o640, 0o660, 0o606] {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            let refused = Secret::load(&url, None, None).unwrap_err().to_string();
            assert!(refused.contains("chmod 600"), "{mode:o}: {refused}");
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        }
        fs::write(&file, "short").unwrap();
        assert!(Secret::load(&url, None, None).is_err(), "a damaged key is never replaced");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_named_file_that_is_missing_is_an_error() {
        assert!(Secret::load("sqlite:x.db", None, Some(Path::new("/nowhere/at all"))).is_err());
    }

    #[test]
    fn a_lost_race_takes_the_winners_key() {
        let folder = folder("race");
        let file = folder.join("k");
        let winner = make(&file).unwrap();
        assert_eq!(make(&file).unwrap().trim(), winner);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn places_of_key_files() {
        assert_eq!(default_file("sqlite:/a/b.db").unwrap(), Some(PathBuf::from("/a/b.db.key")));
        assert_eq!(default_file("sqlite:///a/b.db").unwrap(), Some(PathBuf::from("/a/b.db.key")));
        assert_eq!(default_file("sqlite::memory:").unwrap(), None);
        assert!(default_file("postgres://h/d").unwrap().unwrap().ends_with("ironwood/secret.key"));
    }
}
