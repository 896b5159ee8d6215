//! The error type of the server, with a message for the client and details for the log.

use std::fmt;

/// Result with [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Key under which messages stand that belong to no single field.
pub const NON_FIELD: &str = "non_field_errors";

/// Most messages in one answer: it is for people, who read the first ones.
pub const MOST_MESSAGES: usize = 200;
/// Most bytes of all messages in one answer, names of fields included.
pub const MOST_BYTES: usize = 32 * 1024;
/// Most rows of a list whose faults are told.
pub const MOST_ROWS: usize = 100;
/// Most characters of a single message, which may repeat what was sent.
const LONGEST_MESSAGE: usize = 500;
/// Most characters of the name of a field, which may be one that was sent.
const LONGEST_NAME: usize = 100;
/// Most rows of a list of messages: those that have none stand there, too, to keep the others in place.
const MOST_PLACES: usize = 10_000;
/// Stands in the place of the first message that is left out.
const MORE: &str = "There are more errors. Fix these first and try again.";

/// A text of so many characters at most.
fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What is left of the space for messages.
#[derive(Debug, Clone, PartialEq)]
struct Room {
    messages: usize,
    bytes: usize,
    /// Whether it was said that there are more.
    full: bool,
}

impl Default for Room {
    fn default() -> Self {
        Room { messages: MOST_MESSAGES, bytes: MOST_BYTES, full: false }
    }
}

impl Room {
    /// A message as it is told: shortened, or that there are more in the place of the first that has no room;
    /// `None` for those after it.
    fn message(&mut self, text: &str) -> Option<String> {
        let text = shorten(text, LONGEST_MESSAGE);
        if self.messages > 0 && text.len() <= self.bytes {
            self.messages -= 1;
            self.bytes -= text.len();
            return Some(text);
        }
        (!std::mem::replace(&mut self.full, true)).then(|| MORE.to_owned())
    }

    /// Takes the room for a name; `None` where there is none.
    fn name(&mut self, name: &str) -> Option<String> {
        let name = shorten(name, LONGEST_NAME);
        self.bytes = self.bytes.checked_sub(name.len())?;
        Some(name)
    }

    /// Structured messages as far as there is room for them. The rows of a list keep their places.
    fn fit(&mut self, value: serde_json::Value) -> Option<serde_json::Value> {
        use serde_json::Value as Json;
        Some(match value {
            Json::String(text) => Json::String(self.message(&text)?),
            Json::Array(rows) => {
                let places = rows.iter().any(|row| row.is_object() || row.is_array());
                let fit = rows.into_iter().take(MOST_PLACES).filter_map(|row| {
                    let empty = if row.is_array() { Json::Array(Vec::new()) } else { Json::Object(Default::default()) };
                    self.fit(row).or_else(|| places.then_some(empty))
                });
                Json::Array(fit.collect())
            }
            Json::Object(map) => {
                let mut fit = serde_json::Map::new();
                for (name, below) in map {
                    if self.full {
                        break;
                    }
                    if let (Some(name), Some(below)) = (self.name(&name), self.fit(below)) {
                        fit.insert(name, below);
                    }
                }
                Json::Object(fit)
            }
            other => other,
        })
    }
}

/// Messages by field, in the order in which they were found. A nested or repeated input puts its
/// own messages below its field. Their number and size are bounded, whatever was sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields {
    messages: serde_json::Map<String, serde_json::Value>,
    room: Room,
}

impl Fields {
    /// No messages yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a message to a field's list.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        let field = shorten(field, LONGEST_NAME);
        if self.room.full || (!self.messages.contains_key(&field) && self.room.name(&field).is_none()) {
            return;
        }
        let Some(message) = self.room.message(&message.into()) else { return };
        let message = serde_json::Value::String(message);
        match self.messages.get_mut(&field) {
            Some(serde_json::Value::Array(list)) => list.push(message),
            _ => {
                self.messages.insert(field, serde_json::Value::Array(vec![message]));
            }
        }
    }

    /// Puts structured messages (of a nested object or a list of rows) below a field.
    pub fn nest(&mut self, field: &str, below: serde_json::Value) {
        let field = shorten(field, LONGEST_NAME);
        if let (Some(name), Some(below)) = (self.room.name(&field), self.room.fit(below)) {
            self.messages.insert(name, below);
        }
    }

    /// Whether nothing was found wrong.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Whether this field has a message already.
    pub fn has(&self, field: &str) -> bool {
        self.messages.contains_key(field)
    }

    /// The messages as JSON: `{"field": ["message"]}`.
    pub fn json(&self) -> serde_json::Value {
        serde_json::Value::Object(self.messages.clone())
    }

    /// `Err` with all messages, or `Ok` where there are none.
    ///
    /// # Errors
    /// [`Error::Invalid`] with all messages, where there are any.
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
    /// 401: no one, or no one known, is signed in.
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
            Error::List(rows) => {
                let rows = Room::default().fit(serde_json::Value::Array(rows.clone()));
                return rows.unwrap_or_default();
            }
            Error::Unauthenticated(text) | Error::Denied(text) | Error::Status(_, text) => {
                shorten(text, LONGEST_MESSAGE)
            }
            Error::NotFound => "Not found.".into(),
            Error::TooMany(_) => "Too many attempts. Try again later.".into(),
            Error::Internal(_) => "The server failed to process this request.".into(),
        };
        serde_json::json!({ "detail": detail })
    }
}

/// 507: the disk is full. The caller logs where.
pub fn disk_full() -> Error {
    Error::Status(507, "The disk of the server is full. Nothing was saved. Free some space and try again.".into())
}

/// An error of a file, with what was done to it: 507 where the disk is full, 500 otherwise.
pub fn of_file(what: &str, error: &std::io::Error) -> Error {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    if matches!(error.kind(), StorageFull | QuotaExceeded) {
        return disk_full();
    }
    Error::Internal(format!("{what}: {error}"))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Bytes of an answer with all the messages that there may be, and the skeleton around them.
    const LARGEST: usize = 2 * MOST_BYTES;

    #[test]
    fn few_messages_are_told_as_they_are() {
        let mut fields = Fields::new();
        fields.add("a", "one");
        fields.add("a", "two");
        fields.nest("items", json!([{}, {"b": ["three"]}]));
        assert_eq!(fields.json(), json!({"a": ["one", "two"], "items": [{}, {"b": ["three"]}]}));
        let rows = vec![json!([]), json!({"a": ["x"]})];
        assert_eq!(Error::List(rows.clone()).json(), serde_json::Value::Array(rows));
    }

    #[test]
    fn answers_about_faults_are_bounded() {
        let long = "x".repeat(1_000_000);
        let mut fields = Fields::new();
        for i in 0..100_000 {
            fields.add("serial_numbers", format!("The serial number {i} is taken."));
        }
        let json = fields.json();
        let list = json["serial_numbers"].as_array().unwrap();
        assert_eq!((list.len(), list.last().unwrap()), (MOST_MESSAGES + 1, &json!(MORE)));
        let mut fields = Fields::new();
        for i in 0..10_000 {
            fields.add(&format!("{i}{long}")[..2_000], long.as_str());
        }
        assert!(fields.json().to_string().len() < LARGEST);
        let mut fields = Fields::new();
        let row = json!({"a": [long], "b": {"c": [long]}});
        fields.nest("items", serde_json::Value::Array(vec![row.clone(); 50]));
        assert!(fields.json().to_string().len() < LARGEST);
        let list = Error::List(vec![row; 50]).json();
        assert!(list.to_string().len() < LARGEST && list.as_array().unwrap().len() == 50);
        for error in [Error::Denied(long.clone()), Error::Status(400, long.clone()), Error::field(&long, long.as_str())]
        {
            assert!(error.json().to_string().len() < 3_000);
        }
    }

    #[test]
    fn a_full_disk_is_told_from_other_faults_of_files() {
        let of = |kind: std::io::ErrorKind| of_file("media/x", &kind.into()).status();
        assert_eq!(of(std::io::ErrorKind::StorageFull), 507);
        assert_eq!(of(std::io::ErrorKind::QuotaExceeded), 507);
        assert_eq!(of(std::io::ErrorKind::PermissionDenied), 500);
    }
}
