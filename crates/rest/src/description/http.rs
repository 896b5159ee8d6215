//! A request and its answer, free of any HTTP library.

use std::net::IpAddr;

use ironwood_base::Error;
use serde_json::{Value as Json, json};

/// Seconds after which a client may try again where the server was too busy or without its database.
const RETRY_AFTER: &str = "2";

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    Get,
    Head,
    Options,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// `GET`, `POST`, …
    pub const fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Options => "OPTIONS",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }

    /// Whether nothing changes by it.
    pub const fn safe(self) -> bool {
        matches!(self, Method::Get | Method::Head | Method::Options)
    }

    /// Reads a method name; `None` for one that this server does not know.
    pub fn parse(name: &str) -> Option<Self> {
        use Method::*;
        [Get, Head, Options, Post, Put, Patch, Delete].into_iter().find(|m| m.name() == name)
    }
}

/// A file that came with a form.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its name as the client gave it: never to be used as a path.
    pub name: String,
    pub content_type: String,
    pub bytes: Vec<u8>,
}

/// One value of a form.
#[derive(Debug, Clone)]
pub enum FormValue {
    Text(String),
    File(Upload),
}

/// The body of a request, parsed by its content type.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// There was none.
    #[default]
    Empty,
    Json(Json),
    /// Fields in the order of the form; a name may come several times.
    Form(Vec<(String, FormValue)>),
}

/// What came with a request to show who sends it.
#[derive(Debug, Clone, Default)]
pub struct Presented {
    /// The `Authorization` header.
    pub authorization: Option<String>,
    pub cookies: Vec<(String, String)>,
    /// The `X-CSRFToken` header.
    pub csrf: Option<String>,
    /// The `Origin` header, or else the `Referer`.
    pub origin: Option<String>,
    pub user_agent: String,
    /// The `Idempotency-Key` header: a repeat of the request with the same key is not carried out again.
    pub idempotency_key: Option<String>,
    /// The `If-None-Match` header: tags of answers that the client has.
    pub if_none_match: Option<String>,
}

impl Presented {
    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether the client has an answer with this tag (`W/"…"`).
    pub fn has(&self, tag: &str) -> bool {
        let plain = |tag: &str| tag.trim().strip_prefix("W/").unwrap_or(tag.trim()).to_owned();
        let tags = self.if_none_match.as_deref().unwrap_or_default();
        tags.split(',').any(|known| plain(known) == plain(tag))
    }
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    /// Path, decoded, always with a leading and without a trailing slash (`/api/part/category/3`).
    pub path: String,
    /// Query parameters, decoded, in order.
    pub query: Vec<(String, String)>,
    /// The query string as it came, for links to other pages.
    pub raw_query: String,
    /// Scheme and host as the client sees them: `http://127.0.0.1:8000`, no trailing slash.
    pub base_url: String,
    pub body: Body,
    pub remote: IpAddr,
    pub presented: Presented,
    /// The `Accept` header, empty where there is none.
    pub accept: String,
    /// Tells the request from all others, in logs and in the answer's header.
    pub id: String,
}

impl Request {
    /// The last value of a query parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// What goes back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// JSON text that is ready to be sent.
    pub fn json_bytes(status: u16, body: Vec<u8>) -> Self {
        Answer { status, content_type: "application/json", headers: Vec::new(), body }
    }

    /// A JSON value.
    pub fn json(status: u16, body: &Json) -> Self {
        Self::json_bytes(status, body.to_string().into_bytes())
    }

    /// 304: the answer with this tag, which the client has, is still the one.
    pub fn unchanged(tag: String) -> Self {
        Self::json_bytes(304, Vec::new()).header("ETag", tag)
    }

    /// 204.
    pub fn empty() -> Self {
        Self::json_bytes(204, Vec::new())
    }

    /// The answer to a refused request.
    pub fn error(error: &Error) -> Self {
        let mut answer = Self::json(error.status(), &error.json());
        match error {
            Error::TooMany(seconds) => answer.headers.push(("Retry-After", seconds.to_string())),
            Error::Status(503, _) => answer.headers.push(("Retry-After", RETRY_AFTER.to_owned())),
            Error::Unauthenticated(_) => answer.headers.push(("WWW-Authenticate", "Basic realm=\"api\"".to_owned())),
            _ => {}
        }
        answer
    }

    /// With one more header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// An answer that says only that something was done.
pub fn success(message: &str) -> Answer {
    Answer::json(200, &json!({ "success": message }))
}
