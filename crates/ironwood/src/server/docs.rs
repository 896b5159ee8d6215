//! Files from the binary: the page about the API for programs without the web interface, and the font of icons.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use bytes::Bytes;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};
use ironwood_base::Error;
use ironwood_rest::http::Method;

use super::reply::{self, Reply, ReplyBody};

/// Shown where there is no image.
const BLANK: &[u8] = include_bytes!("../../assets/static/blank_image.png");

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Path, content type and bytes of each file.
const FILES: &[(&str, &str, &[u8])] = &[
    ("/favicon.ico", "image/x-icon", include_bytes!("../../assets/page/favicon.ico")),
    ("/api-doc", HTML, include_bytes!("../../assets/api-doc/index.html")),
    ("/api-doc/page.js", SCRIPT, include_bytes!("../../assets/api-doc/page.js")),
    ("/api-doc/describe.js", SCRIPT, include_bytes!("../../assets/api-doc/describe.js")),
    ("/static/page/style.css", CSS, include_bytes!("../../assets/page/style.css")),
    ("/static/page/dom.js", SCRIPT, include_bytes!("../../assets/page/dom.js")),
    ("/static/img/blank_image.png", "image/png", BLANK),
    ("/static/img/blank_image.thumbnail.png", "image/png", BLANK),
    ("/static/icons/tabler-icons.woff2", "font/woff2", include_bytes!("../../assets/icons/tabler-icons.woff2")),
];

/// The same, compressed: once, and sent to everyone from the same memory.
static PACKED: [OnceLock<Bytes>; FILES.len()] = [const { OnceLock::new() }; FILES.len()];

/// Whether a path is answered here.
pub(super) fn is_here(path: &str) -> bool {
    path == "/favicon.ico"
        || ["/api-doc", "/static"]
            .iter()
            .any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Our own pages need their own scripts and styles, and to talk to this server: nothing else.
pub(super) const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The answer at `/` of a program without the web interface: the page about the API.
pub(super) fn first(prefix: &str) -> Reply {
    let mut reply = Response::new(ReplyBody::empty());
    *reply.status_mut() = StatusCode::FOUND;
    let to = HeaderValue::from_str(&format!("{prefix}/api-doc/"));
    reply.headers_mut().extend(to.ok().map(|to| (header::LOCATION, to)));
    reply
}

/// Answers a request for a page or one of its files.
///
/// # Errors
/// 404, 405.
pub(super) fn serve(method: Method, path: &str, request: &HeaderMap, gzip: bool) -> Result<Reply, Error> {
    if method != Method::Get {
        return Err(Error::Status(405, format!("Method {} is not allowed.", method.name())));
    }
    let mut reply = Response::new(ReplyBody::empty());
    let Some((&(_, content_type, bytes), packed)) = FILES.iter().zip(&PACKED).find(|((at, ..), _)| *at == path) else {
        return Err(Error::NotFound);
    };
    let mut hasher = DefaultHasher::new();
    (bytes, gzip).hash(&mut hasher);
    let tag = format!("\"{:016x}\"", hasher.finish());
    let known = request.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let headers = reply.headers_mut();
    headers.extend(HeaderValue::from_str(&tag).ok().map(|tag| (header::ETAG, tag)));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if known {
        *reply.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(reply);
    }
    let is_packed = gzip && !content_type.starts_with("font/");
    if is_packed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let pack = || reply::compress(bytes).map_or(bytes.into(), Into::into);
    *reply.body_mut() = ReplyBody::Bytes(if is_packed { packed.get_or_init(pack).clone() } else { bytes.into() });
    Ok(reply)
}
