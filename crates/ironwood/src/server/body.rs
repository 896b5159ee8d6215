//! Reading a body, within limits, and parsing it by its content type.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use hyper::header;
use hyper::http::request::Parts;
use ironwood_base::Error;
use ironwood_rest::http::{Body, FormValue, Upload};
use multer::{Constraints, Multipart, SizeLimit};
use serde_json::Value as Json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Limits, address};

/// From this size on a body counts as large.
const LARGE: u64 = 1_000_000;

/// A body that is here, not parsed yet where parsing may take long.
pub(super) struct Received {
    content: Content,
    /// Held as long as the bytes are.
    _large: Option<OwnedSemaphorePermit>,
}

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
    large: &'a Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
    queue_time: Duration,
}

impl Reader<'_> {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|error| Error::bad_request(format!("The body could not be read: {error}.")))?;
            let Ok(data) = frame.into_data() else { continue };
            self.read += data.len() as u64;
            self.check(self.read).await?;
            return Ok(Some(data));
        }
        Ok(None)
    }

    /// Makes sure that `size` bytes may be held.
    async fn check(&mut self, size: u64) -> Result<(), Error> {
        if size > self.limit {
            return Err(too_large(self.limit));
        }
        if size > LARGE && self.permit.is_none() {
            let turn = tokio::time::timeout(self.queue_time, self.large.clone().acquire_owned()).await;
            let busy = || Error::Status(503, "Too many large requests at the same time; try again.".into());
            self.permit = Some(turn.map_err(|_| busy())?.map_err(|_| busy())?);
        }
        Ok(())
    }
}

fn too_large(limit: u64) -> Error {
    Error::Status(413, format!("The body is larger than {limit} bytes."))
}

/// Reads the body of a request. `large` gives turns to large ones.
///
/// # Errors
/// 400, 413, 415, and 503 where too many large bodies are here already.
pub(super) async fn receive(
    parts: &Parts,
    body: &mut Incoming,
    limits: &Limits,
    large: &Arc<Semaphore>,
) -> Result<Received, Error> {
    if body.is_end_stream() {
        return Ok(Received { content: Content::Empty, _large: None });
    }
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let media = media(content_type);
    let limit = if media == Media::Multipart { limits.upload } else { limits.body };
    let mut reader = Reader { body, limit, read: 0, large, permit: None, queue_time: limits.queue_time };
    let announced = reader.body.size_hint().lower();
    if media == Media::Unknown {
        return match reader.next().await? {
            None => Ok(Received { content: Content::Empty, _large: None }),
            Some(_) => Err(unsupported(content_type)),
        };
    }
    reader.check(announced).await?;
    let content = if media == Media::Multipart {
        Content::Form(multipart(content_type, &mut reader, limits).await?)
    } else {
        let mut bytes = BytesMut::with_capacity(usize::try_from(announced).unwrap_or_default());
        while let Some(data) = reader.next().await? {
            bytes.extend_from_slice(&data);
        }
        match media {
            _ if bytes.is_empty() => Content::Empty,
            Media::Json => Content::Json(bytes.freeze()),
            _ => Content::Urlencoded(bytes.freeze()),
        }
    };
    Ok(Received { content, _large: reader.permit })
}

/// Throws away what is left of a body that was refused, so that the client, which may still be
/// sending, gets to read the answer.
pub(super) async fn discard(body: &mut Incoming, most: u64) {
    const PAUSE: Duration = Duration::from_secs(2);
    let mut left = most;
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(PAUSE, body.frame()).await {
        let size = frame.data_ref().map_or(0, |data| data.len() as u64);
        match left.checked_sub(size) {
            Some(rest) => left = rest,
            None => return,
        }
    }
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
    let sent = if content_type.is_empty() { "without a content type" } else { "of this content type" };
    Error::Status(
        415,
        format!("A body {sent} is not understood; send application/json, multipart/form-data or a URL-encoded form."),
    )
}

impl Received {
    /// Parses what was read. May take some time for a large body.
    ///
    /// # Errors
    /// 400 that says what is wrong, and where.
    pub(super) fn parse(self, limits: &Limits) -> Result<Body, Error> {
        match self.content {
            Content::Empty => Ok(Body::Empty),
            Content::Json(bytes) => json(&bytes, limits).map(Body::Json),
            Content::Urlencoded(bytes) => {
                let pairs = address::pairs(&bytes, limits.fields)?;
                Ok(Body::Form(pairs.into_iter().map(|(name, text)| (name, FormValue::Text(text))).collect()))
            }
            Content::Form(fields) => Ok(Body::Form(fields)),
        }
    }
}

fn json(bytes: &[u8], limits: &Limits) -> Result<Json, Error> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Error::bad_request(format!("The body is no valid UTF-8: the fault is at byte {}.", error.valid_up_to()))
    })?;
    let value: Json = serde_json::from_str(text)
        .map_err(|error| Error::bad_request(format!("The body is no valid JSON: {error}.")))?;
    match fault(&value, limits.string) {
        None => Ok(value),
        Some((place, message)) => {
            let field = place.iter().rev().find(|part| part.parse::<usize>().is_err());
            // a fault further inside is named by its whole path as well
            let inside = place.len() > 1;
            let path = place.iter().rev().map(String::as_str).collect::<Vec<_>>().join(".");
            let message = if inside { format!("{path}: {message}") } else { message };
            Err(Error::field(field.map_or(ironwood_base::error::NON_FIELD, String::as_str), message))
        }
    }
}

/// The first text that may not be, with the way to it, innermost first.
fn fault(value: &Json, longest: usize) -> Option<(Vec<String>, String)> {
    let text = |text: &str| {
        if text.contains('\0') {
            Some("Null characters are not allowed.".to_owned())
        } else if text.len() > longest {
            Some(format!("This text is longer than {longest} bytes."))
        } else {
            None
        }
    };
    let below = |name: String, inner: &Json| {
        fault(inner, longest).map(|(mut place, message)| {
            place.push(name);
            (place, message)
        })
    };
    match value {
        Json::String(s) => text(s).map(|message| (Vec::new(), message)),
        Json::Array(rows) => rows.iter().enumerate().find_map(|(i, row)| below(i.to_string(), row)),
        Json::Object(fields) => fields.iter().find_map(|(name, inner)| match text(name) {
            Some(message) => Some((vec![name.replace('\0', "\u{fffd}").chars().take(100).collect()], message)),
            None => below(name.clone(), inner),
        }),
        _ => None,
    }
}

async fn multipart(
    content_type: &str,
    reader: &mut Reader<'_>,
    limits: &Limits,
) -> Result<Vec<(String, FormValue)>, Error> {
    let boundary = multer::parse_boundary(content_type)
        .map_err(|_| Error::bad_request("The content type of a multipart form must name its boundary."))?;
    let limit = reader.limit;
    let size = SizeLimit::new().whole_stream(limit);
    let stream = futures_util::stream::unfold(reader, |reader| async move {
        reader.next().await.transpose().map(|data| (data, reader))
    });
    let mut parts = Multipart::with_constraints(stream, boundary, Constraints::new().size_limit(size));
    let mut fields = Vec::new();
    let mut texts = 0;
    while let Some(mut part) = parts.next_field().await.map_err(|error| refused(error, limit))? {
        if fields.len() == limits.fields {
            return Err(Error::bad_request(format!("More than {} fields were sent.", limits.fields)));
        }
        let Some(name) = part.name().map(str::to_owned).filter(|name| !name.contains('\0')) else {
            return Err(Error::bad_request("A part of the form has no valid name."));
        };
        let file = part.file_name().map(str::to_owned);
        let kind = part.content_type().map_or("application/octet-stream", |kind| kind.as_ref()).to_owned();
        let mut bytes = Vec::new();
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
                return Err(Error::field(&name, "The name of the file has a null character."));
            }
            Some(file) => fields.push((name, FormValue::File(Upload { name: file, content_type: kind, bytes }))),
            None => {
                let text = String::from_utf8(bytes).map_err(|_| Error::field(&name, "This is no valid UTF-8."))?;
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
            Err(cause) => Error::bad_request(format!("The body could not be read: {cause}.")),
        },
        other => Error::bad_request(format!("The body is no valid multipart form: {other}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Json, Error> {
        json(text.as_bytes(), &Limits { string: 20, ..Limits::default() })
    }

    #[test]
    fn numbers_stay_as_they_were_written() {
        let text = r#"{"quantity":12345678901234567890.10000}"#;
        assert_eq!(read(text).unwrap().to_string(), text);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in ["{", "{\"a\":NaN}", "[Infinity]", "{\"a\":1,}", "nul", "\u{feff}{}", "\"\\ud800\"", "1 2"] {
            assert_eq!(read(text).unwrap_err().status(), 400, "{text}");
        }
        assert_eq!(json(b"\"\xff\"", &Limits::default()).unwrap_err().status(), 400);
        assert_eq!(read(&"[".repeat(100_000)).unwrap_err().status(), 400);
    }

    #[test]
    fn the_field_with_a_null_character_is_named() {
        let refused = |text: &str| read(text).unwrap_err().json().to_string();
        assert_eq!(refused(r#"{"name":"a\u0000"}"#), r#"{"name":["Null characters are not allowed."]}"#);
        assert!(refused(r#"{"items":[{"notes":"\u0000"}]}"#).contains("notes"));
        assert!(refused(r#"["\u0000"]"#).contains("non_field_errors"));
        assert!(refused(r#"{"a\u0000":1}"#).contains('\u{fffd}'));
        assert!(refused(r#"{"text":"123456789012345678901"}"#).contains("longer than 20"));
    }
}
