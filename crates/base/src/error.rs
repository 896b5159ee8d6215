//! The one error type of the server: what a client is told, and what only the log is told.

use std::fmt;

/// Result with [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Key under which messages stand that belong to no single field.
pub const NON_FIELD: &str = "non_field_errors";

/// Messages by field, in the order in which they were found. A nested or repeated input puts its
/// own messages below its field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields(serde_json::Map<String, serde_json::Value>);

impl Fields {
    /// No messages yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a message to a field's list.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        let message = serde_json::Value::String(message.into());
        match self.0.get_mut(field) {
            Some(serde_json::Value::Array(list)) => list.push(message),
            _ => {
                self.0.insert(field.to_owned(), serde_json::Value::Array(vec![message]));
            }
        }
    }

    /// Puts structured messages (of a nested object or a list of rows) below a field.
    pub fn nest(&mut self, field: &str, below: serde_json::Value) {
        self.0.insert(field.to_owned(), below);
    }

    /// Whether nothing was found wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this field has a message already.
    pub fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    /// The messages as JSON: `{"field": ["message"]}`.
    pub fn json(&self) -> serde_json::Value {
        serde_json::Value::Object(self.0.clone())
    }

    /// `Err` with all messages, or `Ok` where there are none.
    pub fn check(self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(Error::Invalid(self)) }
    }
}

/// Why a request (or command) was refused or failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// 400: input refused, `{"field": ["message"]}`.
    Invalid(Fields),
    /// 400: a list of rows refused, with the messages of each row in turn.
    List(Vec<serde_json::Value>),
    /// 401: nobody, or nobody known, is signed in.
    Unauthenticated(String),
    /// 403: signed in, but may not.
    Denied(String),
    /// 404: not there, for this user.
    NotFound,
    /// Any other 4xx: status and `{"detail": …}`.
    Status(u16, String),
    /// 429: seconds to wait before the next try.
    TooMany(u64),
    /// 500: the text goes to the log, never to the client.
    Internal(String),
}

impl Error {
    /// One message on one field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        let mut fields = Fields::new();
        fields.add(field, message);
        Error::Invalid(fields)
    }

    /// One message that belongs to no single field.
    pub fn non_field(message: impl Into<String>) -> Self {
        Self::field(NON_FIELD, message)
    }

    /// 400 with `{"detail": …}`.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Error::Status(400, message.into())
    }

    /// The user may not do this.
    pub fn denied() -> Self {
        Error::Denied("You do not have permission to perform this action.".into())
    }

    /// HTTP status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Error::Invalid(_) | Error::List(_) => 400,
            Error::Unauthenticated(_) => 401,
            Error::Denied(_) => 403,
            Error::NotFound => 404,
            Error::Status(status, _) => *status,
            Error::TooMany(_) => 429,
            Error::Internal(_) => 500,
        }
    }

    /// Body of the answer. An internal error says nothing of its cause.
    pub fn json(&self) -> serde_json::Value {
        let detail = match self {
            Error::Invalid(fields) => return fields.json(),
            Error::List(rows) => return serde_json::Value::Array(rows.clone()),
            Error::Unauthenticated(text) | Error::Denied(text) | Error::Status(_, text) => text.as_str(),
            Error::NotFound => "Nothing was found here.",
            Error::TooMany(_) => "Too many attempts; try again later.",
            Error::Internal(_) => "The server failed to answer this request.",
        };
        serde_json::json!({ "detail": detail })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Internal(text) => f.write_str(text),
            Error::Invalid(_) | Error::List(_) => write!(f, "{}", self.json()),
            other => write!(f, "{}", other.json()["detail"].as_str().unwrap_or_default()),
        }
    }
}

impl std::error::Error for Error {}
