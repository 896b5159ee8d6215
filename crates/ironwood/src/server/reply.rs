//! From an answer to a response: headers, compression, bodies that come from a file.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use ironwood_rest::http::Answer;
use tokio::fs::File;
use tokio::io::{AsyncRead, ReadBuf};

use super::connections::{Phase, Slot};
use super::memory::Share;

/// Bytes from which on compression is worth its time.
const WORTH_COMPRESSING: usize = 2048;
const CHUNK: usize = 64 * 1024;

/// The body of a response.
pub(super) enum ReplyBody {
    Bytes(Bytes),
    File { file: File, left: u64 },
}

/// A body under way to its client, which tells the connection when it was handed over.
pub(super) struct Sending {
    body: ReplyBody,
    slot: Arc<Slot>,
}

impl Sending {
    pub(super) fn new(body: ReplyBody, slot: Arc<Slot>) -> Self {
        slot.enter(Phase::Answering);
        Sending { body, slot }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.slot.pass(Phase::Answering, Phase::Answered);
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Bytes with their share of the memory, which is given back when the last of them was sent.
struct Held<T> {
    bytes: T,
    _share: Share,
}

impl<T: AsRef<[u8]>> AsRef<[u8]> for Held<T> {
    fn as_ref(&self) -> &[u8] {
        self.bytes.as_ref()
    }
}

impl ReplyBody {
    pub(super) fn empty() -> Self {
        ReplyBody::Bytes(Bytes::new())
    }

    /// The same, with a share of the memory until it is sent.
    pub(super) fn with(self, share: Share) -> Self {
        match self {
            ReplyBody::Bytes(bytes) => ReplyBody::Bytes(Bytes::from_owner(Held { bytes, _share: share })),
            file @ ReplyBody::File { .. } => file,
        }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            ReplyBody::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            ReplyBody::Bytes(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            ReplyBody::File { left: 0, .. } => Poll::Ready(None),
            ReplyBody::File { file, left } => {
                let mut chunk = vec![0; CHUNK.min(usize::try_from(*left).unwrap_or(CHUNK))];
                let mut buffer = ReadBuf::new(&mut chunk);
                ready!(Pin::new(file).poll_read(cx, &mut buffer))?;
                let read = buffer.filled().len();
                if read == 0 {
                    return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
                }
                *left -= read as u64;
                chunk.truncate(read);
                Poll::Ready(Some(Ok(Frame::data(chunk.into()))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, ReplyBody::File { left: 0, .. }) || matches!(self, ReplyBody::Bytes(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            ReplyBody::Bytes(bytes) => bytes.len() as u64,
            ReplyBody::File { left, .. } => *left,
        })
    }
}

/// A response, not finished by [`harden`] yet.
pub(super) type Reply = Response<ReplyBody>;

/// Makes a response of an answer, compressed where the client reads gzip and it is worth it. The memory
/// of its request counts on in `share` until it is sent.
pub(super) fn from_answer(answer: Answer, gzip: bool, share: Option<Share>) -> Reply {
    let mut reply = Response::new(ReplyBody::empty());
    *reply.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = reply.headers_mut();
    for (name, value) in answer.headers {
        match (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            (Ok(name), Ok(value)) => {
                headers.append(name, value);
            }
            _ => tracing::error!(name, value, "invalid response header was omitted"),
        }
    }
    if !answer.body.is_empty() {
        headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(answer.content_type));
    }
    let mut body = answer.body;
    if answer.status != 204 && compressible(answer.content_type) && body.len() >= WORTH_COMPRESSING {
        headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if gzip
            && !headers.contains_key(header::CONTENT_ENCODING)
            && let Ok(small) = compress(&body)
        {
            body = small;
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    *reply.body_mut() = ReplyBody::Bytes(match share {
        Some(mut share) => {
            share.settle(body.capacity() as u64);
            Bytes::from_owner(Held { bytes: body, _share: share })
        }
        None => body.into(),
    });
    reply
}

/// Compresses with gzip, quickly rather than well.
pub(super) fn compress(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn compressible(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.starts_with("text/")
        || ["json", "xml", "javascript", "yaml"].iter().any(|kind| essence.ends_with(kind))
        || essence == "application/vnd.oai.openapi"
}

/// Whether the client reads gzip.
pub(super) fn reads_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
        named
            && !parts.any(|p| p.strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok()).is_some_and(|q| q <= 0.0))
    })
}

/// Adds what keeps browsers from doing anything with an answer that was not meant; what is set
/// already stays.
pub(super) fn harden(headers: &mut HeaderMap) {
    const DEFAULTS: [(HeaderName, &str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'self'"),
    ];
    if is_active(headers.get(header::CONTENT_TYPE)) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(SANDBOX);
    }
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// For documents that may carry scripts and are not our own.
pub(super) const SANDBOX: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; sandbox",
);

/// Whether a browser might run scripts of a document of this type.
pub(super) fn is_active(content_type: Option<&HeaderValue>) -> bool {
    let text = content_type.and_then(|v| v.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let essence = text.split(';').next().unwrap_or_default().trim();
    matches!(essence, "text/html" | "text/xsl" | "text/xml" | "application/xml")
        || essence.ends_with("+xml")
        || essence.contains("javascript")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_used_where_the_client_names_it() {
        let accepts = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            reads_gzip(&headers)
        };
        assert!(accepts("gzip") && accepts("br, gzip;q=0.5") && accepts("*"));
        assert!(
            !accepts("br")
                && !accepts("gzip;q=0")
                && !accepts("identity, gzip; q=0.0")
                && !reads_gzip(&HeaderMap::new())
        );
    }

    #[test]
    fn documents_with_scripts_are_put_into_a_sandbox() {
        let policy = |kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            harden(&mut headers);
            headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("sandbox")
        };
        assert!(policy("text/html; charset=utf-8") && policy("image/svg+xml") && policy("application/xhtml+xml"));
        assert!(!policy("application/json") && !policy("application/pdf"));
    }
}
