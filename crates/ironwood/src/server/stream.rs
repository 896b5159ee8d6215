//! A client's connection, watched for progress, and closed so that the last answer arrives.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use super::connections::{Phase, Slot};

/// Time that a client which is still sending is listened to after the last answer. Closing while
/// data comes in would reset the connection, and the client could lose the answer.
const LINGER: Duration = Duration::from_secs(20);
/// Time without any data after which a closing connection ends.
const LINGER_IDLE: Duration = Duration::from_secs(2);

/// A connection that tells its [`Slot`] what happens on it.
pub(super) struct Stream {
    inner: TcpStream,
    slot: Arc<Slot>,
    linger: Option<Linger>,
}

struct Linger {
    until: Instant,
    idle: Pin<Box<Sleep>>,
}

impl Stream {
    pub(super) fn new(inner: TcpStream, slot: Arc<Slot>) -> Self {
        Stream { inner, slot, linger: None }
    }

    fn wrote(&self, done: &Poll<io::Result<usize>>) {
        match done {
            Poll::Pending => self.slot.wrote(true),
            Poll::Ready(Ok(_)) => self.slot.wrote(false),
            Poll::Ready(Err(_)) => {}
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let done = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.slot.pass(Phase::Idle, Phase::Head);
        }
        done
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.wrote(&done);
        done
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.inner).poll_write_vectored(cx, parts);
        self.wrote(&done);
        done
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    // called when everything handed over was written
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.slot.flushed();
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.linger.is_none() {
            ready!(Pin::new(&mut this.inner).poll_shutdown(cx))?;
            this.slot.enter(Phase::Closing);
            let idle = Box::pin(tokio::time::sleep(LINGER_IDLE));
            this.linger = Some(Linger { until: Instant::now() + LINGER, idle });
        }
        let Some(linger) = &mut this.linger else { return Poll::Ready(Ok(())) };
        let mut waste = [0; 16 * 1024];
        loop {
            let mut buffer = ReadBuf::new(&mut waste);
            match Pin::new(&mut this.inner).poll_read(cx, &mut buffer) {
                Poll::Pending if linger.idle.as_mut().poll(cx).is_pending() => return Poll::Pending,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() && Instant::now() < linger.until => {
                    linger.idle.as_mut().reset(Instant::now() + LINGER_IDLE);
                }
                _ => return Poll::Ready(Ok(())),
            }
        }
    }
}
