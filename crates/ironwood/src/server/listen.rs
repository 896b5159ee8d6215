//! Accepting connections, and ending in good order.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ironwood_base::Error;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::connections::{ConnectionGuard, Connections};
use super::handler::Handler;
use super::stream::Stream;
use super::{Service, Settings};

/// How often connections without progress are looked for.
const WATCH: Duration = Duration::from_millis(250);
/// Bytes that the system takes of an answer before the client takes them: how much a client that reads
/// nothing costs, and how soon it is noticed that one reads slowly.
const UNSENT: u32 = 64 * 1024;
/// Connections that wait to be accepted.
const BACKLOG: i32 = 4096;
/// What a client without a place is told.
const NO_PLACE: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n\
    Content-Length: 65\r\nRetry-After: 2\r\nConnection: close\r\n\r\n\
    {\"detail\":\"The server has too many connections; try again soon.\"}";

/// Takes an address (`127.0.0.1:8000`, `[::]:80`, `localhost:8000`).
///
/// # Errors
/// One line that says why it cannot be had.
pub async fn bind(address: &str) -> Result<TcpListener, Error> {
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|error| Error::Internal(format!("cannot listen on {address}: {error}")))?;
    // a longer queue than the usual one: many may knock at once
    if let Err(error) = SockRef::from(&listener).listen(BACKLOG) {
        tracing::debug!("cannot extend the connection queue: {error}");
    }
    Ok(listener)
}

/// Serves until `stop` is ready; then requests in flight are finished. False where some had to be
/// given up, because they took longer than they are given.
pub async fn run<S: Service>(
    listener: TcpListener,
    service: Arc<S>,
    settings: Settings,
    stop: impl Future<Output = ()>,
) -> bool {
    let limits = settings.limits.clone();
    let handler = Arc::new(Handler::new(service, settings));
    let places = Arc::new(Connections::new(limits.connections, limits.connections_each));
    let (ending, ended) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    let mut watch = tokio::time::interval(WATCH);
    watch.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            _ = watch.tick() => {
                places.end_overdue(&limits, handler.memory.is_short());
                while connections.try_join_next().is_some() {}
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let is_proxy = handler.settings.proxies.trusts(peer.ip());
                match places.admit(peer.ip(), is_proxy) {
                    Some(place) => {
                        let (handler, ended) = (handler.clone(), ended.clone());
                        connections.spawn(connection(stream, peer.ip(), place, handler, ended));
                    }
                    None => {
                        let _ = stream.try_write(NO_PLACE);
                    }
                }
            }
            // mostly: no more file descriptors; existing connections will give some back
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    let _ = ending.send(true);
    let deadline = Instant::now() + limits.shutdown;
    let drained = async {
        loop {
            tokio::select! {
                next = connections.join_next() => if next.is_none() { break },
                _ = watch.tick() => places.end_overdue(&limits, true),
            }
        }
        // work that no one waits for any more
        let all = u32::try_from(limits.requests.max(1)).unwrap_or(u32::MAX);
        let _ = handler.turns.acquire_many(all).await;
    };
    tokio::time::timeout_at(deadline, drained).await.is_ok()
}

async fn connection<S: Service>(
    stream: TcpStream,
    peer: IpAddr,
    place: ConnectionGuard,
    handler: Arc<Handler<S>>,
    mut ended: watch::Receiver<bool>,
) {
    let limits = handler.settings.limits.clone();
    let slot = place.slot.clone();
    let socket = SockRef::from(&stream);
    if let Err(error) = socket.set_tcp_nodelay(true).and_then(|()| socket.set_tcp_notsent_lowat(UNSENT)) {
        tracing::debug!(%peer, "cannot set up a connection: {error}");
    }
    let at_work = slot.clone();
    let service = service_fn(move |request| {
        let (handler, slot) = (handler.clone(), at_work.clone());
        async move { Ok::<_, Infallible>(handler.answer(request, peer, &slot).await) }
    });
    // times are watched by `Connections`: hyper's own would cut off an answer that is read slowly
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .keep_alive(!limits.keep_alive.is_zero())
        .half_close(true)
        .max_buf_size(limits.header.max(8192))
        .max_headers(200)
        .serve_connection(TokioIo::new(Stream::new(stream, slot.clone())), service);
    let mut serving = std::pin::pin!(serving);
    let ending = async {
        let _ = ended.wait_for(|&ended| ended).await;
    };
    let mut given_up = std::pin::pin!(slot.ended());
    let done = tokio::select! {
        done = serving.as_mut() => done,
        () = &mut given_up => return,
        () = ending => {
            serving.as_mut().graceful_shutdown();
            tokio::select! {
                done = serving => done,
                () = given_up => return,
            }
        }
    };
    if let Err(error) = done {
        tracing::debug!(%peer, "connection closed early: {error}");
    }
    drop(place);
}
