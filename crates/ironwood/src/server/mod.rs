//! HTTP: connections, limits, and the way from bytes to a request and back.
//!
//! It stands directly on hyper. What a framework adds (routing, extractors) is the domain's work
//! here, and what a public server needs (limits on headers, connections and idle time, draining
//! connections at the end) has to be set on hyper itself.
//!
//! One request goes: [`address`] makes an [`ironwood_rest::http::Request`] of its head, [`handler`] asks
//! the [`Service`] on a blocking thread whether it may be read, [`body`] reads it, the service answers,
//! and [`reply`] turns the answer into a response. `/media/` ([`media`]), files of the
//! program ([`docs`]) and the web interface with the page about the API ([`web`]) are answered here.
//!
//! What a client can make the server hold has bounds: [`connections`] decides who has a place and ends
//! those without progress, [`memory`] is one budget for all bodies and answers.

mod access;
mod address;
mod body;
mod connections;
mod cors;
mod docs;
mod handler;
mod json;
mod listen;
mod media;
mod memory;
mod pages;
mod proxy;
mod reply;
mod stream;
mod web;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ironwood_base::Error;
use ironwood_rest::http::{Answer, Presented, Request};

pub use listen::{bind, run};
pub use proxy::{Network, Proxies};

/// What answers requests. All functions block, and are called on threads that may.
pub trait Service: Send + Sync + 'static {
    /// What is known of a request whose body has not been read yet.
    type Admission: Send + 'static;

    /// Finds out what a request asks for, who sends it, and whether they may. Its body is still empty.
    ///
    /// # Errors
    /// The answer to a request that is refused.
    fn admit(&self, request: &Request) -> Result<Admitted<Self::Admission>, Answer>;

    /// Answers one request that was admitted.
    fn answer(&self, request: Request, admission: Self::Admission) -> Answer;

    /// Whether a file below the media folder may be read; `path` is relative to that folder. Gives the
    /// name of the user who is signed in.
    ///
    /// # Errors
    /// 401, 403 or 404.
    fn may_read_media(&self, path: &str, presented: &Presented, remote: IpAddr) -> Result<Option<String>, Error>;
}

/// A request that may be read.
pub struct Admitted<A> {
    /// Name of the user who is signed in.
    pub user: Option<String>,
    pub admission: A,
}

/// What the HTTP side needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    pub limits: Limits,
    /// Folder of uploaded files.
    pub media: PathBuf,
    /// Whose `X-Forwarded-For`, `-Proto` and `-Host` are believed.
    pub proxies: Proxies,
    /// Scheme and host as clients see them, where the configuration fixes them.
    pub site_url: Option<String>,
    /// Folder of another front end, which is served at `/web/`.
    pub web: Option<PathBuf>,
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
    /// Values and members of a JSON body; a fifth of it may be objects and lists.
    pub values: usize,
    /// Bytes that all requests and answers may take together.
    pub memory: u64,
    /// Time in which a request's head must be here, from its first byte or from the connection's begin.
    pub head_time: Duration,
    /// Time in which a body must be here.
    pub body_time: Duration,
    /// Time in which a form with files must be here.
    pub upload_time: Duration,
    /// Time in which a request must be answered.
    pub request_time: Duration,
    /// Time that a request may wait for its turn.
    pub queue_time: Duration,
    /// Time that a connection may wait for its next request.
    pub keep_alive: Duration,
    /// Time in which a client must take some of an answer.
    pub stall_time: Duration,
    /// Time that requests in flight are given at the end.
    pub shutdown: Duration,
    /// Requests that are worked on at the same time.
    pub requests: usize,
    /// Open connections.
    pub connections: usize,
    /// Open connections of one address, unless that is a proxy; 0: any number.
    pub connections_each: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            upload: 100_000_000,
            body: 10_000_000,
            header: 64 * 1024,
            fields: 10_000,
            string: 5_000_000,
            values: 400_000,
            memory: 134_000_000,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(300),
            upload_time: Duration::from_secs(3600),
            request_time: Duration::from_secs(60),
            queue_time: Duration::from_secs(10),
            keep_alive: Duration::from_secs(60),
            stall_time: Duration::from_secs(30),
            shutdown: Duration::from_secs(30),
            requests: 64,
            connections: 512,
            connections_each: 128,
        }
    }
}
