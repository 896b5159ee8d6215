//! Addresses of records that scans, calendars and messages hand out, and clients print: they lead to the page of the
//! record in the web interface, or say what the record is where there is none.

use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};
use ironwood_base::Error;
use ironwood_inventory::platform::pages::{self, ROOT};
use ironwood_rest::http::Method;

use super::docs::POLICY;
use super::reply::{Reply, ReplyBody};

/// What shows records to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interface {
    /// The web interface of this program.
    Own,
    /// Another front end, at [`ROOT`].
    Foreign,
    None,
}

/// Answers a path that people follow to a record; `None` where the path is another one. `prefix` is the path under
/// which clients reach this server.
///
/// # Errors
/// 405.
pub(super) fn serve(method: Method, path: &str, prefix: &str, interface: Interface) -> Option<Result<Reply, Error>> {
    let is_page = path == ROOT || path.strip_prefix(ROOT).is_some_and(|rest| rest.starts_with('/'));
    let found = if path.starts_with("/api/") { None } else { pages::find(path) };
    if is_page && interface == Interface::Foreign || !is_page && found.is_none() {
        return None;
    }
    if method != Method::Get {
        return Some(Err(Error::Status(405, format!("Method {} is not allowed.", method.name()))));
    }
    Some(Ok(match (found, interface) {
        (Some((found, key)), Interface::Own) => lead_to(&format!("{prefix}{}/{key}", found.shown)),
        (Some((found, key)), _) if is_page => {
            let (name, api) = (found.table.label, found.api());
            page(
                StatusCode::OK,
                &format!("{name} {key}"),
                &format!(
                    "<p>This address stands for the {} with the key {key}.</p>\
                 <ul><li><a href=\"{prefix}{api}{key}/\">Its data in the API</a></li>{}</ul>",
                    name.to_lowercase(),
                    documentation(prefix)
                ),
                prefix,
            )
        }
        (Some((found, key)), _) => {
            lead_to(&format!("{prefix}{}/", pages::address_of(found.table.record, key).unwrap_or_default()))
        }
        (None, Interface::Own) if matches!(path.strip_prefix(ROOT), Some("" | "/")) => lead_to(&format!("{prefix}/")),
        (None, _) => {
            let is_root = path == ROOT;
            let (status, title) = match is_root {
                true => (StatusCode::OK, "Ironwood"),
                false => (StatusCode::NOT_FOUND, "Page not found"),
            };
            page(status, title, &format!("<ul>{}</ul>", documentation(prefix)), prefix)
        }
    }))
}

fn lead_to(address: &str) -> Reply {
    let mut reply = Response::new(ReplyBody::empty());
    *reply.status_mut() = StatusCode::FOUND;
    let to = HeaderValue::from_str(address).ok();
    reply.headers_mut().extend(to.map(|to| (header::LOCATION, to)));
    reply
}

fn documentation(prefix: &str) -> String {
    format!("<li><a href=\"{prefix}/api-doc/\">Documentation of the API</a></li>")
}

/// A page of its title and these contents, both of which are HTML.
fn page(status: StatusCode, title: &str, contents: &str, prefix: &str) -> Reply {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <link rel=\"stylesheet\" href=\"{prefix}/static/page/style.css\"></head>\
         <body><main><h1>{title}</h1>{contents}</main></body></html>\n"
    );
    let mut reply = Response::new(ReplyBody::Bytes(html.into_bytes().into()));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(path: &str, prefix: &str, interface: Interface) -> Option<(u16, String)> {
        let reply = serve(Method::Get, path, prefix, interface)?.unwrap();
        let to = reply.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        Some((reply.status().as_u16(), to.unwrap_or_default()))
    }

    #[test]
    fn addresses_lead_to_the_interface_that_is_there() {
        use Interface::{Foreign, None as Nothing, Own};
        let to = |status: u16, path: &str| Some((status, path.to_owned()));
        for (path, prefix, interface, expected) in [
            ("/web/part/12/", "", Own, to(302, "/parts/12")),
            ("/web/part/12/details", "/in", Own, to(302, "/in/parts/12")),
            ("/supplier-part/1050/", "", Own, to(302, "/supplier-parts/1050")),
            ("/web", "/in", Own, to(302, "/in/")),
            ("/web/nothing/1", "", Own, to(404, "")),
            ("/parts/12", "", Own, None),
            ("/supplier-part/1050/", "/in", Foreign, to(302, "/in/web/purchasing/supplier-part/1050/")),
            ("/web/part/12/", "", Foreign, None),
            ("/supplier-part/1050/", "", Nothing, to(302, "/web/purchasing/supplier-part/1050/")),
            ("/web/part/12/", "", Nothing, to(200, "")),
            ("/api/part/12/", "", Nothing, None),
        ] {
            assert_eq!(answer(path, prefix, interface), expected, "{path} {interface:?}");
        }
    }
}
