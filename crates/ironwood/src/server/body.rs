//! Reading a body, within limits, and parsing it by its content type.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use hyper::header;
use hyper::http::request::Parts;
use ironwood_base::Error;
use ironwood_rest::http::{Body, FormValue, Upload};
use multer::{Constraints, Multipart, SizeLimit};
use tokio::time::Instant;

use super::memory::Share;
use super::{Limits, address, json};

/// Time in which some more of a body has to be here.
const WINDOW: Duration = Duration::from_secs(10);
/// Bytes that this is at least, unless they are the last ones.
const LEAST: u64 = 10_000;
/// Largest body that is looked at before its sender is known, where it came along with the head.
const ALONG: u64 = 16 * 1024;

/// A body that is here, not parsed yet where parsing may take long.
pub(super) struct Received(Content);

enum Content {
    Empty,
    Json(Bytes),
    Urlencoded(Bytes),
    Form(Vec<(String, FormValue)>),
}

#[derive(Clone, Copy, PartialEq)]
enum Media {
    Json,
    Urlencoded,
    Multipart,
    Unknown,
}

/// Counts a body while it comes in.
struct Reader<'a> {
    body: &'a mut Incoming,
    limit: u64,
    read: u64,
    share: &'a mut Share,
    /// When the present window began, and what has come since.
    window: Instant,
    since: u64,
    /// When it must be here, whatever its size.
    end: Instant,
    /// Bytes that `share` has room for.
    reserved: u64,
    /// Time that may still be spent on waiting for memory.
    patience: Duration,
}

impl Reader<'_> {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let due = (self.window + WINDOW).min(self.end);
            let frame = tokio::time::timeout_at(due, self.body.frame()).await;
            let Some(frame) =
                frame.map_err(|_| Error::Status(408, "The request body was not received in time.".into()))?
            else {
                return Ok(None);
            };
            let frame = frame.map_err(|error| Error::bad_request(format!("Cannot read the request body: {error}.")))?;
            let Ok(data) = frame.into_data() else { continue };
            let size = data.len() as u64;
            self.read += size;
            if self.read > self.limit {
                return Err(too_large(self.limit));
            }
            self.since += size;
            self.reserve(self.read).await?;
            if self.since >= LEAST {
                (self.window, self.since) = (Instant::now(), 0);
            }
            return Ok(Some(data));
        }
    }

    /// Makes room for so many bytes in all.
    async fn reserve(&mut self, size: u64) -> Result<(), Error> {
        let begun = Instant::now();
        self.share.grow(size.saturating_sub(self.reserved), self.patience).await?;
        self.reserved = self.reserved.max(size);
        // waiting is not the client's fault
        self.window += begun.elapsed();
        self.patience = self.patience.saturating_sub(begun.elapsed());
        Ok(())
    }
}

fn too_large(limit: u64) -> Error {
    Error::Status(413, format!("The request body is larger than {limit} bytes."))
}

/// Reads the body of a request, up to `most` bytes, after what came [`along`]; what it takes in memory counts in `share`.
///
/// # Errors
/// 400, 408, 413, 415, and 503 where other requests take all the memory.
pub(super) async fn receive(
    parts: &Parts,
    body: &mut Incoming,
    along: BytesMut,
    most: u64,
    limits: &Limits,
    share: &mut Share,
) -> Result<Received, Error> {
    if body.is_end_stream() && along.is_empty() {
        return Ok(Received(Content::Empty));
    }
    let content_type = content_type(parts);
    let media = media(content_type);
    let is_upload = media == Media::Multipart;
    let limit = most.min(if is_upload { limits.upload } else { limits.body });
    let begun = Instant::now();
    let end = begun + if is_upload { limits.upload_time } else { limits.body_time };
    let announced = body.size_hint().lower() + along.len() as u64;
    let mut reader =
        Reader { body, limit, read: 0, share, window: begun, since: 0, end, reserved: 0, patience: limits.queue_time };
    if media == Media::Unknown {
        return match reader.next().await? {
            None => Ok(Received(Content::Empty)),
            Some(_) => Err(unsupported(content_type)),
        };
    }
    if announced > limit {
        return Err(too_large(limit));
    }
    // all at once: requests that each hold a part and wait for the rest could wait for each other
    reader.reserve(announced).await?;
    if is_upload {
        return Ok(Received(Content::Form(multipart(content_type, &mut reader, limits).await?)));
    }
    let mut bytes = along;
    reader.read = bytes.len() as u64;
    bytes.reserve(usize::try_from(announced).unwrap_or_default().saturating_sub(bytes.len()));
    while let Some(data) = reader.next().await? {
        bytes.extend_from_slice(&data);
    }
    let (content, parsed) = match media {
        _ if bytes.is_empty() => (Content::Empty, 0),
        Media::Json => {
            let parsed = json::weigh(&bytes, limits)?;
            (Content::Json(bytes.freeze()), parsed)
        }
        _ => {
            let parsed = 2 * bytes.len() as u64;
            (Content::Urlencoded(bytes.freeze()), parsed)
        }
    };
    share.grow(parsed, limits.queue_time).await?;
    Ok(Received(content))
}

/// What is here of a small body that came along with the head: most bodies are, and then their request
/// is answered in one go. Larger ones are read when their sender is known.
pub(super) async fn along(parts: &Parts, body: &mut Incoming) -> BytesMut {
    /// How often the connection gets to hand on what it has read.
    const TURNS: u32 = 2;
    let mut bytes = BytesMut::new();
    let is_small = body.size_hint().exact().is_some_and(|size| size <= ALONG);
    let is_plain = matches!(media(content_type(parts)), Media::Json | Media::Urlencoded);
    if !is_small || !is_plain || parts.headers.contains_key(header::EXPECT) {
        return bytes;
    }
    for _ in 0..TURNS {
        while let Some(Some(Ok(frame))) = body.frame().now_or_never() {
            bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        }
        if body.is_end_stream() {
            break;
        }
        tokio::task::yield_now().await;
    }
    bytes
}

fn content_type(parts: &Parts) -> &str {
    parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

fn media(content_type: &str) -> Media {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => Media::Json,
        "application/x-www-form-urlencoded" => Media::Urlencoded,
        "multipart/form-data" => Media::Multipart,
        other if other.starts_with("application/") && other.ends_with("+json") => Media::Json,
        _ => Media::Unknown,
    }
}

fn unsupported(content_type: &str) -> Error {
    let sent = if content_type.is_empty() { "without a content type" } else { "with this content type" };
    Error::Status(
        415,
        format!(
            "A request body {sent} is not supported. Send application/json, multipart/form-data, or a URL-encoded form."
        ),
    )
}

impl Received {
    /// Parses what was read. May take some time for a large body.
    ///
    /// # Errors
    /// 400 that says what is wrong, and where.
    pub(super) fn parse(self, limits: &Limits) -> Result<Body, Error> {
        match self.0 {
            Content::Empty => Ok(Body::Empty),
            Content::Json(bytes) => json::parse(&bytes, limits).map(Body::Json),
            Content::Urlencoded(bytes) => {
                let pairs = address::pairs(&bytes, limits.fields)?;
                Ok(Body::Form(pairs.into_iter().map(|(name, text)| (name, FormValue::Text(text))).collect()))
            }
            Content::Form(fields) => Ok(Body::Form(fields)),
        }
    }
}

async fn multipart(
    content_type: &str,
    reader: &mut Reader<'_>,
    limits: &Limits,
) -> Result<Vec<(String, FormValue)>, Error> {
    let boundary = multer::parse_boundary(content_type)
        .map_err(|_| Error::bad_request("The content type of a multipart form must specify its boundary."))?;
    let limit = reader.limit;
    // the first file is mostly all that is announced: it does not grow by being copied
    let mut room = usize::try_from(reader.reserved).unwrap_or_default();
    let size = SizeLimit::new().whole_stream(limit);
    let stream = futures_util::stream::unfold(reader, |reader| async move {
        reader.next().await.transpose().map(|data| (data, reader))
    });
    let mut parts = Multipart::with_constraints(stream, boundary, Constraints::new().size_limit(size));
    let mut fields = Vec::new();
    let mut texts = 0;
    while let Some(mut part) = parts.next_field().await.map_err(|error| refused(error, limit))? {
        if fields.len() == limits.fields {
            return Err(Error::bad_request(format!("The form has more than {} fields.", limits.fields)));
        }
        let Some(name) = part.name().map(str::to_owned).filter(|name| !name.contains('\0')) else {
            return Err(Error::bad_request("A part of the form has no valid name."));
        };
        let file = part.file_name().map(str::to_owned);
        let kind = part.content_type().map_or("application/octet-stream", |kind| kind.as_ref()).to_owned();
        let mut bytes = if file.is_some() { Vec::with_capacity(std::mem::take(&mut room)) } else { Vec::new() };
        while let Some(chunk) = part.chunk().await.map_err(|error| refused(error, limit))? {
            if file.is_none() {
                texts += chunk.len() as u64;
                if texts > limits.body {
                    return Err(too_large(limits.body));
                }
            }
            bytes.extend_from_slice(&chunk);
        }
        match file {
            // what a browser sends where no file was chosen
            Some(file) if file.is_empty() => {}
            Some(file) if file.contains('\0') => {
                return Err(Error::field(&name, "The file name contains a null character."));
            }
            Some(file) => fields.push((name, FormValue::File(Upload { name: file, content_type: kind, bytes }))),
            None => {
                let text = String::from_utf8(bytes).map_err(|_| Error::field(&name, "This is not valid UTF-8."))?;
                if text.contains('\0') {
                    return Err(Error::field(&name, "Null characters are not allowed."));
                }
                fields.push((name, FormValue::Text(text)));
            }
        }
    }
    Ok(fields)
}

fn refused(error: multer::Error, limit: u64) -> Error {
    match error {
        multer::Error::StreamSizeExceeded { .. } => too_large(limit),
        multer::Error::StreamReadFailed(cause) => match cause.downcast::<Error>() {
            Ok(error) => *error,
            Err(cause) => Error::bad_request(format!("Cannot read the request body: {cause}.")),
        },
        other => Error::bad_request(format!("The request body is not a valid multipart form: {other}.")),
    }
}
