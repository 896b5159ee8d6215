//! Which pages of other origins may read answers.

use hyper::Method;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Content-Disposition, Content-Length, Idempotency-Replayed, Location, Retry-After, X-Request-Id",
);
/// Seconds for which a browser may remember what it was told.
const REMEMBER: HeaderValue = HeaderValue::from_static("600");

/// Whether a browser asks here, before the request itself, if it may send it. Any other `OPTIONS`
/// request is one of the API.
pub(super) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Adds what the browser has to know to the headers of an answer: nothing for an origin that is not
/// allowed.
pub(super) fn add(allowed: &[String], request: &HeaderMap, preflight: bool, answer: &mut HeaderMap) {
    if allowed.is_empty() {
        return;
    }
    answer.append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = request.get(header::ORIGIN) else { return };
    if allowed.iter().any(|known| known != "*" && known.as_bytes() == origin.as_bytes()) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    } else if allowed.iter().any(|known| known == "*") {
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    } else {
        return;
    }
    if !preflight {
        answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        return;
    }
    answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    answer.insert(header::ACCESS_CONTROL_MAX_AGE, REMEMBER);
    if let Some(names) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS).and_then(|names| names.to_str().ok())
        && names.split(',').all(|name| name.trim().parse::<HeaderName>().is_ok())
        && let Ok(names) = HeaderValue::from_str(names)
    {
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
    }
}
