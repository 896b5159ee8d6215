//! The web interface, which is part of the program, and a foreign front end from a folder (`--web`).
//!
//! Every address that is neither of the API nor a file is one of the interface's own pages: it gets the one HTML
//! document, which finds out what to show.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use flate2::read::GzDecoder;
use hyper::Response;
use hyper::StatusCode;
use hyper::header::{self, HeaderMap, HeaderValue};
use ironwood_base::Error;
use serde_json::Value as Json;

use super::media;
use super::reply::{self, Reply, ReplyBody};

/// A file of the built interface.
struct Embedded {
    /// Path below `ui/dist`.
    path: &'static str,
    tag: &'static str,
    is_gzip: bool,
    bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/web.rs"));

const INDEX: &str = "index.html";
/// The page about the API: a document of its own, which works before anybody signs in.
const API_DOC: &str = "api-doc.html";
/// Files below it have a hash of their content in their names.
const HASHED: &str = "assets/";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const CHECKED: HeaderValue = HeaderValue::from_static("no-cache");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// What the document has where the server puts the base address and the nonce.
const BASE: &str = "<base href=\"/\" />";
const NONCE: &str = "name=\"csp-nonce\" content=\"\"";

/// Answers a GET request for a file of the interface, or one of its pages; `None` where the address is neither.
/// `prefix` is the path under which clients reach this server.
///
/// # Errors
/// Where the system gives no random bytes.
pub(super) fn serve(path: &str, request: &HeaderMap, gzip: bool, prefix: &str) -> Result<Option<Reply>, Error> {
    let name = path.trim_start_matches('/');
    let found = FILES.iter().find(|file| file.path == name);
    if let Some(file) = found.filter(|file| file.path != INDEX && file.path != API_DOC) {
        return Ok(Some(send(file, request, gzip)));
    }
    let is_page = (name.is_empty() || accepts_html(request)) && !name.starts_with(HASHED);
    match FILES.iter().find(|file| file.path == INDEX) {
        Some(index) if is_page => Ok(Some(page(index, prefix)?)),
        _ => Ok(None),
    }
}

/// The page about the API; `None` where this program does not have it.
///
/// # Errors
/// Where the system gives no random bytes.
pub(super) fn api_doc(prefix: &str) -> Result<Option<Reply>, Error> {
    FILES.iter().find(|file| file.path == API_DOC).map(|file| page(file, prefix)).transpose()
}

/// Whether this program has the interface.
pub(super) fn is_here() -> bool {
    !FILES.is_empty()
}

fn accepts_html(request: &HeaderMap) -> bool {
    request.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
}

/// What a file of the interface may do: the service worker, which obeys the policy of its own file, asks this server.
const OWN_FILE: HeaderValue =
    HeaderValue::from_static("default-src 'none'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'self'");

fn send(file: &Embedded, request: &HeaderMap, gzip: bool) -> Reply {
    let mut reply = Response::new(ReplyBody::empty());
    let headers = reply.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_static(file.tag));
    headers.extend(content_type(file.path).map(|value| (header::CONTENT_TYPE, value)));
    headers.insert(header::CACHE_CONTROL, if file.path.starts_with(HASHED) { FOREVER } else { CHECKED });
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(header::CONTENT_SECURITY_POLICY, OWN_FILE);
    if request.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == file.tag.as_bytes()) {
        *reply.status_mut() = StatusCode::NOT_MODIFIED;
        return reply;
    }
    if file.is_gzip && gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        *reply.body_mut() = ReplyBody::Bytes(Bytes::from_static(file.bytes));
    } else {
        *reply.body_mut() = ReplyBody::Bytes(plain(file));
    }
    reply
}

/// The bytes of a file as they were before they were packed: unpacked once, and sent to everyone from the
/// same memory.
fn plain(file: &Embedded) -> Bytes {
    static PLAIN: Mutex<BTreeMap<&str, Bytes>> = Mutex::new(BTreeMap::new());
    if !file.is_gzip {
        return Bytes::from_static(file.bytes);
    }
    let unpack = || {
        let mut bytes = Vec::new();
        // it was packed when this program was built
        let _ = GzDecoder::new(file.bytes).read_to_end(&mut bytes);
        bytes.into()
    };
    PLAIN.lock().unwrap_or_else(PoisonError::into_inner).entry(file.path).or_insert_with(unpack).clone()
}

fn content_type(name: &str) -> Option<HeaderValue> {
    let mut kind = mime_guess::from_path(name).first_or_octet_stream().to_string();
    if kind.starts_with("text/") || kind.ends_with("javascript") {
        kind.push_str("; charset=utf-8");
    }
    HeaderValue::from_str(&kind).ok()
}

/// The document. Scripts come from this server only, styles also from elements that bear the nonce of this answer.
fn page(index: &Embedded, prefix: &str) -> Result<Reply, Error> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).map_err(|e| Error::Internal(format!("no random bytes available: {e}")))?;
    let nonce = random.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let html = String::from_utf8_lossy(&plain(index))
        .replacen(BASE, &format!("<base href=\"{prefix}/\" />"), 1)
        .replacen(NONCE, &format!("name=\"csp-nonce\" content=\"{nonce}\""), 1);
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; \
         frame-src 'self' blob:; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    );
    let mut reply = Response::new(ReplyBody::Bytes(html.into()));
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HTML);
    headers.insert(header::CACHE_CONTROL, CHECKED);
    headers.extend(HeaderValue::from_str(&policy).ok().map(|value| (header::CONTENT_SECURITY_POLICY, value)));
    Ok(reply)
}

/// What a front end from elsewhere may do: it brings styles within its pages, and talks to this server alone.
const FOREIGN: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; \
     worker-src 'self' blob:; frame-src 'self' blob:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'",
);
/// Where its pages and its files are expected.
const PAGES: &str = "/web";
const STATIC: &str = "/static/web/";
/// Its settings, as a file: a script within the page would be refused.
const SETTINGS: &str = "ironwood-settings.js";

/// Whether an address is one of the foreign front end.
pub(super) fn is_foreign(path: &str) -> bool {
    path.starts_with(STATIC) || path.strip_prefix(PAGES).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Answers a GET request with a file of the front end in `folder`, or with its page.
///
/// # Errors
/// 404 where there is no such file, or the folder has no front end.
pub(super) fn foreign(folder: &Path, path: &str, gzip: bool, prefix: &str) -> Result<Reply, Error> {
    let (bytes, kind, cache) = match path.strip_prefix(STATIC) {
        Some(SETTINGS) => {
            let settings = "window.INVENTREE_SETTINGS = {\"base_url\": \"web\", \"debug\": false};\n";
            (settings.as_bytes().to_vec(), content_type(SETTINGS), CHECKED)
        }
        Some(name) => {
            media::check(name)?;
            let cache = if name.starts_with(HASHED) { FOREVER } else { CHECKED };
            (read(folder, name)?, content_type(name), cache)
        }
        None => (foreign_page(folder, prefix)?, Some(HTML), CHECKED),
    };
    let mut reply = Response::new(ReplyBody::empty());
    let headers = reply.headers_mut();
    let is_text = kind.as_ref().and_then(|kind| kind.to_str().ok()).is_some_and(|kind| kind.contains("charset"));
    headers.extend(kind.map(|value| (header::CONTENT_TYPE, value)));
    headers.insert(header::CACHE_CONTROL, cache);
    headers.insert(header::CONTENT_SECURITY_POLICY, FOREIGN);
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    let small = (gzip && is_text).then(|| reply::compress(&bytes).ok()).flatten();
    if small.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    *reply.body_mut() = ReplyBody::Bytes(small.unwrap_or(bytes).into());
    Ok(reply)
}

/// Reads a file below `folder`, also where links lead elsewhere within it.
fn read(folder: &Path, name: &str) -> Result<Vec<u8>, Error> {
    let root = fs::canonicalize(folder).map_err(|_| Error::NotFound)?;
    let path = fs::canonicalize(root.join(name)).map_err(|_| Error::NotFound)?;
    if !path.starts_with(&root) || !path.is_file() {
        return Err(Error::NotFound);
    }
    fs::read(path).map_err(|_| Error::NotFound)
}

/// The page of a front end: made from the list of its files, or its own `index.html`.
fn foreign_page(folder: &Path, prefix: &str) -> Result<Vec<u8>, Error> {
    let manifest = read(folder, ".vite/manifest.json").or_else(|_| read(folder, "manifest.json")).ok();
    let manifest = manifest.and_then(|bytes| serde_json::from_slice::<Json>(&bytes).ok());
    let entry = manifest.as_ref().and_then(|json| json.get(INDEX));
    let Some(script) = entry.and_then(|entry| entry["file"].as_str()) else {
        let own = String::from_utf8_lossy(&read(folder, INDEX)?).into_owned();
        return Ok(own.replacen("<head>", &format!("<head><base href=\"{prefix}{STATIC}\">"), 1).into_bytes());
    };
    let styles = entry.and_then(|entry| entry["css"].as_array()).into_iter().flatten().filter_map(Json::as_str);
    let styles: String =
        styles.map(|file| format!("<link rel=\"stylesheet\" href=\"{prefix}{STATIC}{file}\">")).collect();
    Ok(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>Ironwood</title>{styles}</head><body><div \
         id=\"root\"></div><script src=\"{prefix}{STATIC}{SETTINGS}\"></script><script type=\"module\" \
         src=\"{prefix}{STATIC}{script}\"></script></body></html>"
    )
    .into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_front_end_has_pages_and_files() {
        assert!(is_foreign("/web") && is_foreign("/web/part/7") && is_foreign("/static/web/assets/index.js"));
        assert!(!is_foreign("/website") && !is_foreign("/static/icons/x.woff2"));
        let folder = std::env::temp_dir().join(format!("ironwood-web-{}", std::process::id()));
        fs::create_dir_all(folder.join(".vite")).unwrap();
        fs::create_dir_all(folder.join("assets")).unwrap();
        fs::write(folder.join("assets/index-1.js"), "1").unwrap();
        fs::write(folder.join(".vite/manifest.json"), r#"{"index.html": {"file": "assets/index-1.js"}}"#).unwrap();
        let page = String::from_utf8(foreign_page(&folder, "/inventory").unwrap()).unwrap();
        assert!(page.contains("src=\"/inventory/static/web/assets/index-1.js\""), "{page}");
        assert_eq!(foreign(&folder, "/static/web/assets/index-1.js", false, "").unwrap().status(), 200);
        for outside in ["/static/web/../x", "/static/web/.vite/manifest.json", "/static/web/assets", "/static/web/no"] {
            assert!(foreign(&folder, outside, false, "").is_err(), "{outside}");
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
