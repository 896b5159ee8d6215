//! One request: identify its sender, read it, hand it over, answer, log.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use ironwood_base::Error;
use ironwood_rest::http::{Answer, Body, Method, Request};
use serde_json::json;
use tokio::sync::Semaphore;

use super::body::{self, Received};
use super::connections::{Phase, Slot};
use super::memory::{Memory, Share};
use super::pages::Interface;
use super::reply::{self, Reply, Sending};
use super::{Admitted, Service, Settings, access, address, cors, docs, media, pages, web};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");
const ALL_METHODS: &str = "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE";
/// Memory that every request is taken to need besides its body.
const WORKING: u64 = 256 * 1024;
/// Bytes that a body may have whose sender is not signed in: a form of sign-in.
const STRANGERS_BODY: u64 = 64 * 1024;

/// Part of all turns, and of the memory, for clients who are not signed in: one of so many.
const OPEN: usize = 8;
/// Answers up to this size are always given.
const SMALL_ANSWER: usize = 16 * 1024;

/// Answers the requests of all connections.
pub(super) struct Handler<S> {
    service: Arc<S>,
    pub(super) settings: Settings,
    /// A turn for each request that is worked on.
    pub(super) turns: Arc<Semaphore>,
    /// A turn for each request without credentials.
    open_turns: Arc<Semaphore>,
    /// What all requests and answers hold.
    pub(super) memory: Memory,
    /// What answers to clients who are not signed in hold.
    open_memory: Memory,
    /// Tells the requests of this run from those of others in one log.
    run: u32,
    count: AtomicU64,
}

impl<S: Service> Handler<S> {
    pub(super) fn new(service: Arc<S>, settings: Settings) -> Self {
        let limits = &settings.limits;
        Handler {
            service,
            turns: Arc::new(Semaphore::new(limits.requests.max(1))),
            open_turns: Arc::new(Semaphore::new((limits.requests / OPEN).max(1))),
            memory: Memory::new(limits.memory),
            open_memory: Memory::new(limits.memory / OPEN as u64),
            settings,
            run: getrandom::u32().unwrap_or_default(),
            count: AtomicU64::new(1),
        }
    }

    /// Answers a request; whatever goes wrong is an answer, too.
    pub(super) async fn answer(
        &self,
        request: hyper::Request<Incoming>,
        peer: IpAddr,
        slot: &Arc<Slot>,
    ) -> Response<Sending> {
        let started = Instant::now();
        slot.enter(Phase::Busy);
        let id = format!("{:08x}-{}", self.run, self.count.fetch_add(1, Ordering::Relaxed));
        let (parts, mut body) = request.into_parts();
        let remote = address::remote(&parts.headers, peer, &self.settings);
        let allowed = &self.settings.allowed_origins;
        let preflight = !allowed.is_empty() && cors::is_preflight(&parts.method, &parts.headers);
        let gzip = reply::reads_gzip(&parts.headers);
        let is_open = !parts.headers.contains_key(header::AUTHORIZATION) && !parts.headers.contains_key(header::COOKIE);
        let (slot, open_memory) = (slot.clone(), self.open_memory.clone());
        let job = Arc::new(Job { id, remote, peer, gzip, is_open, open_memory, slot, user: OnceLock::new() });
        let mut reply = if head_size(&parts) > self.settings.limits.header {
            let large = Error::Status(431, "The request headers are too large.".into());
            reply::from_answer(Answer::error(&large), false, None)
        } else if preflight {
            reply::from_answer(Answer::empty(), false, None)
        } else {
            let answered = self.route(&parts, &mut body, &job).await;
            answered.unwrap_or_else(|Refusal(answer)| reply::from_answer(answer, false, None))
        };
        let status = reply.status();
        let headers = reply.headers_mut();
        reply::harden(headers);
        cors::add(allowed, &parts.headers, preflight, headers);
        if status == StatusCode::UNAUTHORIZED && is_from_page(&parts.headers) {
            // the browser would put its own form of sign-in over the page
            headers.remove(header::WWW_AUTHENTICATE);
        }
        if !body.is_end_stream() || job.slot.must_leave() || status == StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if let Ok(value) = HeaderValue::from_str(&job.id) {
            headers.insert(REQUEST_ID, value);
        }
        access::Entry {
            id: &job.id,
            remote,
            user: job.user.get().map_or("-", String::as_str),
            parts: &parts,
            status: status.as_u16(),
            bytes: reply.body().size_hint().lower(),
            time: started.elapsed(),
        }
        .log();
        reply.map(|body| Sending::new(body, job.slot.clone()))
    }

    async fn route(&self, parts: &Parts, body: &mut Incoming, job: &Arc<Job>) -> Result<Reply, Refusal> {
        let Some(method) = Method::parse(parts.method.as_str()) else {
            let refused = Error::Status(405, format!("Method {} is not allowed.", parts.method));
            return Err(Refusal(Answer::error(&refused).header("Allow", ALL_METHODS)));
        };
        // hyper leaves the body out of the answer to HEAD
        let method = if method == Method::Head { Method::Get } else { method };
        let prefix = address::prefix(&self.settings);
        let path = address::below_prefix(address::path(parts.uri.path())?, prefix);
        let interface = match &self.settings.web {
            Some(_) => Interface::Foreign,
            None if web::is_here() => Interface::Own,
            None => Interface::None,
        };
        // before the web interface, which takes all other addresses for its pages
        if let Some(page) = pages::serve(method, &path, prefix, interface) {
            return Ok(page?);
        }
        if let Some(reply) = self.page(method, &path, parts, job).await? {
            return Ok(reply);
        }
        if docs::is_here(&path) {
            return Ok(docs::serve(method, &path, &parts.headers, job.gzip)?);
        }
        if let Some(file) = path.strip_prefix("/media/") {
            return self.media(method, file, parts, job).await;
        }
        let raw_query = parts.uri.query().unwrap_or_default();
        let query = address::pairs(raw_query.as_bytes(), self.settings.limits.fields)?;
        let accept = parts.headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let request = Request {
            method,
            path,
            query,
            raw_query: raw_query.to_owned(),
            base_url: address::base_url(parts, job.peer, &self.settings)?,
            body: Body::Empty,
            remote: job.remote,
            presented: address::presented(&parts.headers),
            accept: accept.to_owned(),
            id: job.id.clone(),
        };
        self.work(request, parts, body, job).await
    }

    /// Answers a request for the web interface, or another front end; `None` where it is for neither.
    async fn page(&self, method: Method, path: &str, parts: &Parts, job: &Arc<Job>) -> Result<Option<Reply>, Refusal> {
        if method != Method::Get {
            return Ok(None);
        }
        let (prefix, gzip) = (address::prefix(&self.settings), job.gzip);
        if let Some(folder) = self.settings.web.clone().filter(|_| web::is_foreign(path)) {
            let (path, prefix) = (path.to_owned(), prefix.to_owned());
            let reply = self.blocking(job, move |_| Ok(web::foreign(&folder, &path, gzip, &prefix)?)).await?;
            let size = reply.body().size_hint().lower();
            if size <= SMALL_ANSWER as u64 {
                return Ok(Some(reply));
            }
            let share = self.open_memory.try_share(size).ok_or_else(busy)?;
            return Ok(Some(reply.map(|body| body.with(share))));
        }
        if path == "/api-doc" {
            return Ok(web::api_doc(prefix)?);
        }
        let elsewhere = |folder: &str| path.strip_prefix(folder).is_some_and(|p| p.is_empty() || p.starts_with('/'));
        if docs::is_here(path) || ["/api", "/auth", "/media"].into_iter().any(elsewhere) {
            return Ok(None);
        }
        if path == "/" && !web::is_here() {
            return Ok(Some(docs::first(prefix)));
        }
        Ok(web::serve(path, &parts.headers, gzip, prefix)?)
    }

    /// Has a request answered on a thread that may block. Who sends it and whether they may is found out
    /// before its body is read, unless that came along with the head.
    async fn work(
        &self,
        request: Request,
        parts: &Parts,
        body: &mut Incoming,
        job: &Arc<Job>,
    ) -> Result<Reply, Refusal> {
        let limits = &self.settings.limits;
        let mut share = self.memory.share();
        share.grow(WORKING, limits.queue_time).await?;
        let service = self.service.clone();
        // a GET request with a body is odd, but no error
        if request.method.safe() || body.is_end_stream() {
            let work = move |job: &Job| {
                let admission = job.admit(&*service, &request)?;
                Ok(job.finish(&*service, request, admission, share))
            };
            return self.blocking(job, work).await;
        }
        let along = body::along(parts, body).await;
        if body.is_end_stream() {
            let most = STRANGERS_BODY;
            let received = body::receive(parts, body, along, most, limits, &mut share).await;
            let limits = limits.clone();
            let work = move |job: &Job| {
                let admission = job.admit(&*service, &request)?;
                let request = Request { body: received?.parse(&limits)?, ..request };
                Ok(job.finish(&*service, request, admission, share))
            };
            return self.blocking(job, work).await;
        }
        let admit = move |job: &Job| job.admit(&*service, &request).map(|admission| (request, admission));
        let (request, admission) = self.blocking(job, admit).await?;
        let most = if job.user.get().is_some() { u64::MAX } else { STRANGERS_BODY };
        job.slot.enter(Phase::Body);
        // one who sends slowly keeps no more than the body: many of them would take all memory
        share.settle(0);
        let received = body::receive(parts, body, along, most, limits, &mut share).await;
        job.slot.enter(Phase::Busy);
        let received = received?;
        share.grow(WORKING, limits.queue_time).await?;
        let (service, limits) = (self.service.clone(), limits.clone());
        let work = move |job: &Job| {
            let request = Request { body: Received::parse(received, &limits)?, ..request };
            Ok(job.finish(&*service, request, admission, share))
        };
        self.blocking(job, work).await
    }

    async fn media(&self, method: Method, file: &str, parts: &Parts, job: &Arc<Job>) -> Result<Reply, Refusal> {
        if method != Method::Get {
            return Err(Error::Status(405, format!("Method {} is not allowed.", method.name())).into());
        }
        media::check(file)?;
        let presented = address::presented(&parts.headers);
        let (service, name, root) = (self.service.clone(), file.to_owned(), self.settings.media.clone());
        let opened = self.blocking(job, move |job| {
            job.seen(service.may_read_media(&name, &presented, job.remote)?);
            Ok(media::open(&root, &name)?)
        });
        Ok(media::reply(opened.await?, &parts.headers))
    }

    /// Runs `work` on a blocking thread when it is its turn. A panic is an answer 500 with the id of
    /// the request, under which the log has it.
    async fn blocking<T: Send + 'static>(
        &self,
        job: &Arc<Job>,
        work: impl FnOnce(&Job) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let limits = &self.settings.limits;
        let turn = async {
            let open = if job.is_open { Some(self.open_turns.clone().acquire_owned().await.ok()?) } else { None };
            Some((open, self.turns.clone().acquire_owned().await.ok()?))
        };
        job.slot.pass(Phase::Busy, Phase::Queued);
        let Ok(Some(turn)) = tokio::time::timeout(limits.queue_time, turn).await else { return Err(busy()) };
        job.slot.pass(Phase::Queued, Phase::Busy);
        let (id, job) = (job.id.clone(), job.clone());
        let task = tokio::task::spawn_blocking(move || {
            // kept until the work is done, also where no one waits for it any more
            let _turn = turn;
            let span = tracing::error_span!("request", id = job.id);
            span.in_scope(|| work(&job))
        });
        match tokio::time::timeout(limits.request_time, task).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => {
                tracing::error!(id, "request failed: panic, see above");
                Err(Refusal(failed(&id)))
            }
            Err(_) => {
                tracing::error!(id, "request timed out");
                let slow = "The request timed out. A change may still be carried out.";
                Err(Refusal(Answer::error(&Error::Status(503, slow.into()))))
            }
        }
    }
}

/// Bytes of a request's head, about: hyper reads on in steps that may go past the limit.
fn head_size(parts: &Parts) -> usize {
    let headers: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    headers + parts.uri.path_and_query().map_or(0, |p| p.as_str().len())
}

/// Whether a script of a page sends the request, or a browser that shows one: these have their own form
/// of sign-in.
fn is_from_page(headers: &HeaderMap) -> bool {
    [REQUESTED_WITH, header::COOKIE, header::ORIGIN, header::REFERER].iter().any(|name| headers.contains_key(name))
        || headers.keys().any(|name| name.as_str().starts_with("sec-fetch-"))
}

/// What the work on a request knows besides the request.
struct Job {
    id: String,
    remote: IpAddr,
    peer: IpAddr,
    gzip: bool,
    /// Nothing was sent that could sign anybody in.
    is_open: bool,
    open_memory: Memory,
    slot: Arc<Slot>,
    /// Name of the user who is signed in.
    user: OnceLock<String>,
}

impl Job {
    /// Notes who is signed in.
    fn seen(&self, user: Option<String>) {
        if let Some(user) = user {
            let _ = self.user.set(user);
            self.slot.signed_in();
        }
    }

    fn admit<S: Service>(&self, service: &S, request: &Request) -> Result<S::Admission, Refusal> {
        match service.admit(request) {
            Ok(Admitted { user, admission }) => {
                self.seen(user);
                if self.slot.must_leave() { Err(busy()) } else { Ok(admission) }
            }
            Err(answer) => Err(Refusal(self.checked(request.method, &request.path, answer))),
        }
    }

    fn finish<S: Service>(&self, service: &S, request: Request, admission: S::Admission, share: Share) -> Reply {
        let (method, path) = (request.method, request.path.clone());
        let answer = self.checked(method, &path, service.answer(request, admission));
        let size = answer.body.capacity();
        if self.user.get().is_some() || size <= SMALL_ANSWER {
            return reply::from_answer(answer, self.gzip, Some(share));
        }
        match self.open_memory.try_share(size as u64) {
            Some(share) => reply::from_answer(answer, self.gzip, Some(share)),
            None => reply::from_answer(busy().0, self.gzip, None),
        }
    }

    /// An answer that says nothing of a fault of the server but where to find it.
    fn checked(&self, method: Method, path: &str, answer: Answer) -> Answer {
        if answer.status != 500 {
            return answer;
        }
        tracing::error!(method = method.name(), path, "request failed");
        failed(&self.id)
    }
}

/// An answer other than the one that was asked for.
struct Refusal(Answer);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal(Answer::error(&error))
    }
}

fn busy() -> Refusal {
    Error::Status(503, "The server is too busy. Try again later.".into()).into()
}

/// The answer to a request that the server failed at: nothing of the cause, but where to find it.
fn failed(id: &str) -> Answer {
    let detail = "The server failed to process this request. Its log has details under this ID.";
    Answer::json(500, &json!({ "detail": detail, "id": id }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_browsers_are_told_from_clients_of_the_api() {
        let with = |name: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static("x"));
            is_from_page(&headers)
        };
        for name in ["x-requested-with", "cookie", "origin", "referer", "sec-fetch-mode", "sec-fetch-site"] {
            assert!(with(name), "{name}");
        }
        assert!(!with("accept") && !with("user-agent") && !is_from_page(&HeaderMap::new()));
    }
}
