//! Pages of records: what a record is and where the API has it, until an interface shows more.

use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};
use ironwood_base::Error;
use ironwood_inventory::pages::{self, ROOT};
use ironwood_rest::http::Method;

use super::docs::POLICY;
use super::reply::{Reply, ReplyBody};

/// Answers a path that people follow to a record; `None` where the path is another one.
///
/// # Errors
/// 405.
pub(super) fn serve(method: Method, path: &str) -> Option<Result<Reply, Error>> {
    let is_page = path == ROOT || path.strip_prefix(ROOT).is_some_and(|rest| rest.starts_with('/'));
    let found = if path.starts_with("/api/") { None } else { pages::find(path) };
    if !is_page && found.is_none() {
        return None;
    }
    if method != Method::Get {
        return Some(Err(Error::Status(405, format!("Method {} is not allowed.", method.name()))));
    }
    Some(Ok(match found {
        Some((kind, key)) if is_page => {
            let (name, api) = (kind.name, kind.api);
            page(
                StatusCode::OK,
                &format!("{name} {key}"),
                &format!(
                    "<p>This address stands for the {} with the key {key}.</p>\
                 <ul><li><a href=\"{api}{key}/\">Its data in the API</a></li>\
                 <li><a href=\"/api-doc/\">Documentation of the API</a></li></ul>",
                    name.to_lowercase()
                ),
            )
        }
        Some((kind, key)) => {
            let mut reply = Response::new(ReplyBody::empty());
            *reply.status_mut() = StatusCode::FOUND;
            let to = pages::address_of(kind.model, key).and_then(|to| HeaderValue::from_str(&format!("{to}/")).ok());
            reply.headers_mut().extend(to.map(|to| (header::LOCATION, to)));
            reply
        }
        None if path == ROOT => page(StatusCode::OK, "Ironwood", LINKS),
        None => page(StatusCode::NOT_FOUND, "There is no such page", LINKS),
    }))
}

const LINKS: &str = "<ul><li><a href=\"/api-doc/\">Documentation of the API</a></li></ul>";

/// A page of its title and these contents, both of which are HTML.
fn page(status: StatusCode, title: &str, contents: &str) -> Reply {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <link rel=\"stylesheet\" href=\"/static/page/style.css\"></head>\
         <body><main><h1>{title}</h1>{contents}</main></body></html>\n"
    );
    let mut reply = Response::new(ReplyBody::Bytes(html.into_bytes().into()));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    reply
}
