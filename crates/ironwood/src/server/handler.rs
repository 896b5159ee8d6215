//! One request: read, hand over, answer, log.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use ironwood_base::Error;
use ironwood_rest::http::{Answer, Body, Method, Request};
use serde_json::json;
use tokio::sync::Semaphore;

use super::body::{self, Received};
use super::reply::{self, Reply};
use super::{Service, Settings, address, cors, docs, media};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ALL_METHODS: &str = "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE";
/// What is read, and for how long, of a body that was refused.
const DISCARD: (u64, Duration) = (256 * 1024 * 1024, Duration::from_secs(20));

/// Answers the requests of all connections.
pub(super) struct Handler<S> {
    service: Arc<S>,
    pub(super) settings: Settings,
    /// A turn for each request that is worked on.
    pub(super) turns: Arc<Semaphore>,
    /// A turn for each large body that is held.
    large: Arc<Semaphore>,
    /// Tells the requests of this run from those of others in one log.
    run: u32,
    count: AtomicU64,
}

impl<S: Service> Handler<S> {
    pub(super) fn new(service: Arc<S>, settings: Settings) -> Self {
        let (turns, large) = (settings.limits.requests.max(1), settings.limits.large_bodies.max(1));
        Handler {
            service,
            settings,
            turns: Arc::new(Semaphore::new(turns)),
            large: Arc::new(Semaphore::new(large)),
            run: getrandom::u32().unwrap_or_default(),
            count: AtomicU64::new(1),
        }
    }

    /// Answers a request; whatever goes wrong is an answer, too.
    pub(super) async fn answer(&self, request: hyper::Request<Incoming>, peer: IpAddr) -> Reply {
        let started = Instant::now();
        let id = format!("{:08x}-{}", self.run, self.count.fetch_add(1, Ordering::Relaxed));
        let (parts, mut body) = request.into_parts();
        let remote = address::remote(&parts.headers, peer, &self.settings);
        let allowed = &self.settings.allowed_origins;
        let preflight = !allowed.is_empty() && cors::is_preflight(&parts.method, &parts.headers);
        let mut reply = if head_size(&parts) > self.settings.limits.header {
            let large = Error::Status(431, "The head of this request is too large.".into());
            reply::from_answer(Answer::error(&large), false)
        } else if preflight {
            reply::from_answer(Answer::empty(), false)
        } else {
            let job = Job { id: id.clone(), remote, gzip: reply::reads_gzip(&parts.headers) };
            let answered = self.route(&parts, &mut body, job).await;
            answered.unwrap_or_else(|Refusal(answer)| reply::from_answer(answer, false))
        };
        if !body.is_end_stream() && reply.status().as_u16() != 408 {
            // a client that still sends would not see the answer
            let _ = tokio::time::timeout(DISCARD.1, body::discard(&mut body, DISCARD.0)).await;
        }
        let size = reply.body().size_hint().lower();
        let status = reply.status().as_u16();
        let headers = reply.headers_mut();
        reply::harden(headers);
        cors::add(allowed, &parts.headers, preflight, headers);
        if let Ok(value) = HeaderValue::from_str(&id) {
            headers.insert(REQUEST_ID, value);
        }
        tracing::info!(
            target: "ironwood::access",
            id,
            %remote,
            method = %parts.method,
            path = parts.uri.path(),
            status,
            bytes = size,
            ms = format_args!("{:.2}", started.elapsed().as_secs_f64() * 1000.0),
        );
        reply
    }

    async fn route(&self, parts: &Parts, body: &mut Incoming, job: Job) -> Result<Reply, Refusal> {
        let Some(method) = Method::parse(parts.method.as_str()) else {
            let refused = Error::Status(405, format!("Method {} is not allowed.", parts.method));
            return Err(Refusal(Answer::error(&refused).header("Allow", ALL_METHODS)));
        };
        // hyper leaves the body out of the answer to HEAD
        let method = if method == Method::Head { Method::Get } else { method };
        let path = address::path(parts.uri.path())?;
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
            base_url: address::base_url(parts, &self.settings)?,
            body: Body::Empty,
            remote: job.remote,
            presented: address::presented(&parts.headers),
            accept: accept.to_owned(),
        };
        // a GET request with a body is odd, but no error
        let received = if method.safe() {
            None
        } else {
            let limits = &self.settings.limits;
            let reading = body::receive(parts, body, limits, &self.large);
            Some(
                tokio::time::timeout(limits.body_time, reading)
                    .await
                    .map_err(|_| Error::Status(408, "The body did not arrive in time.".into()))??,
            )
        };
        self.work(request, received, job).await
    }

    /// Parses the body and has the request answered, on a thread that may block.
    async fn work(&self, mut request: Request, received: Option<Received>, job: Job) -> Result<Reply, Refusal> {
        let limits = self.settings.limits.clone();
        let service = self.service.clone();
        self.blocking(job, move |job| {
            if let Some(received) = received {
                request.body = received.parse(&limits)?;
            }
            let (method, path) = (request.method, request.path.clone());
            let mut answer = service.handle(request);
            if answer.status == 500 {
                tracing::error!(method = method.name(), path, "the request failed");
                answer = failed(&job.id);
            }
            Ok(reply::from_answer(answer, job.gzip))
        })
        .await
    }

    async fn media(&self, method: Method, file: &str, parts: &Parts, job: Job) -> Result<Reply, Refusal> {
        if method != Method::Get {
            return Err(Error::Status(405, format!("Method {} is not allowed.", method.name())).into());
        }
        media::check(file)?;
        let presented = address::presented(&parts.headers);
        let (service, name, root) = (self.service.clone(), file.to_owned(), self.settings.media.clone());
        let opened = self.blocking(job, move |job| {
            service.may_read_media(&name, &presented, job.remote)?;
            media::open(&root, &name)
        });
        Ok(media::reply(opened.await?, &parts.headers))
    }

    /// Runs `work` on a blocking thread when it is its turn. A panic is an answer 500 with the id of
    /// the request, under which the log has it.
    async fn blocking<T: Send + 'static>(
        &self,
        job: Job,
        work: impl FnOnce(&Job) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let limits = &self.settings.limits;
        let turn = tokio::time::timeout(limits.queue_time, self.turns.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            let busy = Error::Status(503, "The server is too busy; try again.".into());
            return Err(Refusal(Answer::error(&busy).header("Retry-After", "2")));
        };
        let id = job.id.clone();
        let task = tokio::task::spawn_blocking(move || {
            // kept until the work is done, also where nobody waits for it any more
            let _turn = turn;
            let span = tracing::error_span!("request", id = job.id);
            span.in_scope(|| work(&job))
        });
        match tokio::time::timeout(limits.request_time, task).await {
            Ok(Ok(done)) => Ok(done?),
            Ok(Err(_)) => {
                tracing::error!(id, "the request failed: a panic, see above");
                Err(Refusal(failed(&id)))
            }
            Err(_) => {
                tracing::error!(id, "the request took too long");
                let slow = "The request took too long; a change may still be carried out.";
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

/// What the work on a request knows besides the request.
struct Job {
    id: String,
    remote: IpAddr,
    gzip: bool,
}

/// An answer other than the one that was asked for.
struct Refusal(Answer);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal(Answer::error(&error))
    }
}

/// The answer to a request that the server failed at: nothing of the cause, but where to find it.
fn failed(id: &str) -> Answer {
    let detail = "The server failed to answer this request; its log tells more under this id.";
    Answer::json(500, &json!({ "detail": detail, "id": id }))
}
