//! Accepting connections, and ending in good order.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ironwood_base::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::handler::Handler;
use super::{Service, Settings};

/// Takes an address (`127.0.0.1:8000`, `[::]:80`, `localhost:8000`).
///
/// # Errors
/// One line that says why it cannot be had.
pub async fn bind(address: &str) -> Result<TcpListener, Error> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| Error::Internal(format!("cannot listen on {address}: {error}")))
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
    let room = Arc::new(Semaphore::new(limits.connections.max(1)));
    let (ending, ended) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &room) => accepted,
        };
        match accepted {
            Ok((stream, peer, permit)) => {
                let (handler, ended) = (handler.clone(), ended.clone());
                connections.spawn(async move {
                    let _permit = permit;
                    connection(stream, peer, handler, ended).await;
                });
            }
            // mostly: no more file descriptors; existing connections will give some back
            Err(error) => {
                tracing::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let _ = ending.send(true);
    let deadline = Instant::now() + limits.shutdown;
    let drained = async {
        while connections.join_next().await.is_some() {}
        // work that nobody waits for any more
        let all = u32::try_from(limits.requests.max(1)).unwrap_or(u32::MAX);
        let _ = handler.turns.acquire_many(all).await;
    };
    tokio::time::timeout_at(deadline, drained).await.is_ok()
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(TcpStream, IpAddr, tokio::sync::OwnedSemaphorePermit)> {
    let permit = room.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer.ip(), permit))
}

async fn connection<S: Service>(
    stream: TcpStream,
    peer: IpAddr,
    handler: Arc<Handler<S>>,
    mut ended: watch::Receiver<bool>,
) {
    let limits = handler.settings.limits.clone();
    let service = service_fn(move |request| {
        let handler = handler.clone();
        async move { Ok::<_, Infallible>(handler.answer(request, peer).await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.keep_alive.max(Duration::from_secs(5)))
        .keep_alive(!limits.keep_alive.is_zero())
        .max_buf_size(limits.header.max(8192))
        .max_headers(200)
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    let ending = async {
        let _ = ended.wait_for(|&ended| ended).await;
    };
    let done = tokio::select! {
        done = serving.as_mut() => done,
        () = ending => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = done {
        tracing::debug!(%peer, "a connection ended early: {error}");
    }
}
