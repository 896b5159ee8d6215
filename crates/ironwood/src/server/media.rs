//! Files of the media folder.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};
use ironwood_base::Error;

use super::reply::{self, Reply, ReplyBody};

/// A file that may be sent.
pub(super) struct Opened {
    file: File,
    size: u64,
    /// Seconds since 1970 at which it was last changed.
    changed: u64,
    content_type: String,
    name: String,
}

/// Refuses names that are not plain: what leads out of the folder, hidden files, and what only some
/// file systems take for a separator.
///
/// # Errors
/// 404.
pub(super) fn check(file: &str) -> Result<(), Error> {
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0']);
    if file.split('/').all(plain) { Ok(()) } else { Err(Error::NotFound) }
}

/// Opens a file below `root`, also where links on the way there lead elsewhere within it.
///
/// # Errors
/// 404 where there is none, or it is outside.
pub(super) fn open(root: &Path, name: &str) -> Result<Opened, Error> {
    let root = fs::canonicalize(root).map_err(|_| Error::NotFound)?;
    // an image without a smaller copy (one that was imported) is shown itself
    let path = fs::canonicalize(root.join(name))
        .or_else(|_| fs::canonicalize(root.join(name.replacen(".thumbnail.", ".", 1))))
        .map_err(|_| Error::NotFound)?;
    if !path.starts_with(&root) {
        return Err(Error::NotFound);
    }
    let file = File::open(&path).map_err(|_| Error::NotFound)?;
    let about = file.metadata().map_err(|_| Error::NotFound)?;
    if !about.is_file() {
        return Err(Error::NotFound);
    }
    let changed = about.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    let mut content_type = mime_guess::from_path(name).first_or_octet_stream().to_string();
    if content_type.starts_with("text/") {
        content_type.push_str("; charset=utf-8");
    }
    let name = name.rsplit('/').next().unwrap_or(name).to_owned();
    Ok(Opened { file, size: about.len(), changed: changed.as_secs(), content_type, name })
}

/// Sends an open file: whole, one range of it, or nothing where the client has it already.
pub(super) fn reply(opened: Opened, request: &HeaderMap) -> Reply {
    let Opened { file, size, changed, content_type, name } = opened;
    let mut reply = Response::new(ReplyBody::empty());
    let headers = reply.headers_mut();
    let mut set = |name, text: String| {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    };
    let tag = format!("\"{size:x}-{changed:x}\"");
    let known = text(request, header::IF_NONE_MATCH)
        .is_some_and(|tags| tags.split(',').any(|t| t.trim().trim_start_matches("W/") == tag));
    set(header::ETAG, tag.clone());
    set(header::LAST_MODIFIED, httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(changed)));
    set(header::ACCEPT_RANGES, "bytes".into());
    set(header::CONTENT_TYPE, content_type);
    let is_active = reply::is_active(headers.get(header::CONTENT_TYPE));
    if is_active {
        headers.insert(header::CONTENT_SECURITY_POLICY, reply::SANDBOX);
    }
    // the name that a download gets, whatever folder the file is in
    let kind = if is_active { "attachment" } else { "inline" };
    let name = format!("{kind}; filename*=UTF-8''{}", encode(&name));
    headers.extend(HeaderValue::from_str(&name).ok().map(|value| (header::CONTENT_DISPOSITION, value)));
    if known {
        *reply.status_mut() = StatusCode::NOT_MODIFIED;
        return reply;
    }
    // a range of another version of the file would not fit
    let fits = text(request, header::IF_RANGE).is_none_or(|v| v == tag);
    let range = text(request, header::RANGE).filter(|_| fits).and_then(|range| part(range, size));
    let mut file = file;
    let (start, left) = match range {
        None => (0, size),
        Some(Ok((start, end))) => {
            *reply.status_mut() = StatusCode::PARTIAL_CONTENT;
            content_range(&mut reply, format!("bytes {start}-{end}/{size}"));
            (start, end - start + 1)
        }
        Some(Err(())) => {
            *reply.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            content_range(&mut reply, format!("bytes */{size}"));
            return reply;
        }
    };
    if start > 0 && std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(start)).is_err() {
        *reply.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        return reply;
    }
    *reply.body_mut() = ReplyBody::File { file: file.into(), left };
    reply
}

fn content_range(reply: &mut Reply, text: String) {
    reply.headers_mut().extend(HeaderValue::from_str(&text).ok().map(|value| (header::CONTENT_RANGE, value)));
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// First and last byte of a range; `None` where the header is to be ignored, an error where the file
/// is too short for it.
fn part(range: &str, size: u64) -> Option<Result<(u64, u64), ()>> {
    let (start, end) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (start, end): (u64, u64) = match (start.trim(), end.trim()) {
        ("", last) => (size.saturating_sub(last.parse().ok()?), u64::MAX),
        (start, "") => (start.parse().ok()?, u64::MAX),
        (start, end) => (start.parse().ok()?, end.parse().ok()?),
    };
    if start > end {
        return None;
    }
    Some(if start < size { Ok((start, end.min(size - 1))) } else { Err(()) })
}

/// Percent-encoding for a header parameter.
fn encode(name: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    name.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_folder_can_be_named() {
        for bad in ["../x", "a/../b", "a//b", ".git/config", "a\\..\\b", "c:x", "", "a/", "a/."] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert!(check("part/images/a b.png").is_ok());
    }

    #[test]
    fn ranges_stay_within_the_file() {
        assert_eq!(part("bytes=0-3", 10), Some(Ok((0, 3))));
        assert_eq!(part("bytes=5-", 10), Some(Ok((5, 9))));
        assert_eq!(part("bytes=-4", 10), Some(Ok((6, 9))));
        assert_eq!(part("bytes=-40", 10), Some(Ok((0, 9))));
        assert_eq!(part("bytes=10-", 10), Some(Err(())));
        assert_eq!(part("bytes=0-", 0), Some(Err(())));
        assert_eq!(part("bytes=5-2", 10), None);
        assert_eq!(part("bytes=0-1,4-5", 10), None);
        assert_eq!(part("lines=1-2", 10), None);
    }
}
