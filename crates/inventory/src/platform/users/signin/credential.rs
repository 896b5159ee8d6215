//! What a request says of who sends it, before anybody has looked whether it is true.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ironwood_base::{Error, error::Result};

/// The credentials in a request.
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
        let bad = || Error::Unauthenticated("The Authorization header is not valid.".into());
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => {
                let bytes = STANDARD.decode(rest).map_err(|_| bad())?;
                // Some clients still send Latin-1.
                let text =
                    String::from_utf8(bytes).unwrap_or_else(|e| e.into_bytes().into_iter().map(char::from).collect());
                let (name, password) = text.split_once(':').ok_or_else(bad)?;
                Ok(Some(Credential::Basic { name: name.to_owned(), password: password.to_owned() }))
            }
            "token" | "bearer" if rest.is_empty() || rest.contains(' ') => Err(bad()),
            "token" | "bearer" => Ok(Some(Credential::Token(rest.to_owned()))),
            _ => Ok(None),
        }
    }
}
