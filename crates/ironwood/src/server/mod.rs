//! HTTP: connections, limits, and the way from bytes to a request and back.
//!
//! It stands directly on hyper. What a framework adds (routing, extractors) is the domain's work
//! here, and what a public server needs (limits on headers, connections and idle time, draining
//! connections at the end) has to be set on hyper itself.
//!
//! One request goes: [`address`] and [`body`] make an [`ironwood_rest::http::Request`] of it,
//! [`handler`] hands it to the [`Service`] on a blocking thread, [`reply`] turns the answer into a
//! response. `/media/` ([`media`]), `/api-doc/` and `/admin/` ([`docs`]) are answered here.

mod address;
mod body;
mod cors;
mod docs;
mod handler;
mod listen;
mod media;
mod reply;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ironwood_base::Error;
use ironwood_rest::http::{Answer, Presented, Request};

pub use listen::{bind, run};

/// What answers requests. Both functions block, and are called on threads that may.
pub trait Service: Send + Sync + 'static {
    /// Answers one request.
    fn handle(&self, request: Request) -> Answer;

    /// Whether a file below the media folder may be read; `path` is relative to that folder.
    ///
    /// # Errors
    /// 401, 403 or 404.
    fn may_read_media(&self, path: &str, presented: &Presented, remote: IpAddr) -> Result<(), Error>;
}

/// What the HTTP side needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    pub limits: Limits,
    /// Folder of uploaded files.
    pub media: PathBuf,
    /// Believe `X-Forwarded-For`, `-Proto` and `-Host`.
    pub trust_proxy: bool,
    /// Scheme and host as clients see them, where the configuration fixes them.
    pub site_url: Option<String>,
    /// Origins whose pages may read answers; `*` for all, without sign-in by cookie.
    pub allowed_origins: Vec<String>,
}

/// Bounds on what one client can make the server do.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a form with files.
    pub upload: u64,
    /// Bytes of any other body, and of the texts of a form together.
    pub body: u64,
    /// Bytes of a request's head.
    pub header: usize,
    /// Fields of a form, and query parameters.
    pub fields: usize,
    /// Bytes of one JSON string.
    pub string: usize,
    /// Time in which a body must be here.
    pub body_time: Duration,
    /// Time in which a request must be answered.
    pub request_time: Duration,
    /// Time that a request may wait for its turn.
    pub queue_time: Duration,
    /// Time that a connection may wait for a request's head.
    pub keep_alive: Duration,
    /// Time that requests in flight are given at the end.
    pub shutdown: Duration,
    /// Requests that are worked on at the same time.
    pub requests: usize,
    /// Bodies over one megabyte that are held at the same time.
    pub large_bodies: usize,
    /// Open connections.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            upload: 100_000_000,
            body: 10_000_000,
            header: 64 * 1024,
            fields: 10_000,
            string: 5_000_000,
            body_time: Duration::from_secs(300),
            request_time: Duration::from_secs(60),
            queue_time: Duration::from_secs(10),
            keep_alive: Duration::from_secs(60),
            shutdown: Duration::from_secs(30),
            requests: 64,
            large_bodies: 4,
            connections: 512,
        }
    }
}
