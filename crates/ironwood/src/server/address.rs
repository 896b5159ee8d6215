//! From the head of a request to path, parameters, base address and sender.

use std::net::IpAddr;

use hyper::header::{self, HeaderMap, HeaderName};
use hyper::http::request::Parts;
use ironwood_base::Error;
use ironwood_rest::http::Presented;

use super::Settings;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// A path, decoded, with a leading and without a trailing slash.
///
/// # Errors
/// 400 where it is not well encoded, no UTF-8, or has a null character.
pub(super) fn path(raw: &str) -> Result<String, Error> {
    let bad = || Error::bad_request("The URL is not valid: it must be percent-encoded UTF-8 without null bytes.");
    let mut path = decode(raw.as_bytes(), false).ok_or_else(bad)?;
    if !path.starts_with('/') || path.contains('\0') {
        return Err(bad());
    }
    if path.len() > 1 && path.ends_with('/') {
        path.pop();
    }
    Ok(path)
}

/// Pairs of a query string or an urlencoded form, decoded, in order.
///
/// # Errors
/// 400 that names the parameter which is not well encoded, or where there are more than `most`.
pub(super) fn pairs(raw: &[u8], most: usize) -> Result<Vec<(String, String)>, Error> {
    let mut pairs = Vec::new();
    for part in raw.split(|&b| b == b'&').filter(|part| !part.is_empty()) {
        if pairs.len() == most {
            return Err(Error::bad_request(format!("The request has more than {most} parameters.")));
        }
        let split = part.iter().position(|&b| b == b'=');
        let (name, value) = split.map_or((part, &part[..0]), |at| (&part[..at], &part[at + 1..]));
        let Some(name) = decode(name, true).filter(|name| !name.contains('\0')) else {
            return Err(Error::bad_request("The name of a parameter is not valid percent-encoded UTF-8."));
        };
        let Some(value) = decode(value, true) else {
            return Err(Error::field(&name, "This is not valid percent-encoded UTF-8."));
        };
        if value.contains('\0') {
            return Err(Error::field(&name, "Null characters are not allowed."));
        }
        pairs.push((name, value));
    }
    Ok(pairs)
}

/// Percent-decoding; `None` where a `%` is not followed by two digits, or the result is no UTF-8.
fn decode(raw: &[u8], plus_is_space: bool) -> Option<String> {
    let digit = |at: usize| raw.get(at).and_then(|&b| char::from(b).to_digit(16));
    let mut bytes = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        at += 1;
        bytes.push(match byte {
            b'%' => {
                let code = digit(at)? * 16 + digit(at + 1)?;
                at += 2;
                u8::try_from(code).ok()?
            }
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// A text with what is percent-encoded in it decoded, as far as it can be.
pub(super) fn unescape(raw: &str) -> String {
    decode(raw.as_bytes(), true).unwrap_or_else(|| raw.to_owned())
}

/// The path under which clients reach this server, from its address: empty, or `/inventory`.
pub(super) fn prefix(settings: &Settings) -> &str {
    let after = settings.site_url.as_deref().and_then(|url| url.split_once("://")).map_or("", |(_, rest)| rest);
    after.find('/').map_or("", |at| &after[at..])
}

/// A path without the prefix, which a proxy may have removed already.
pub(super) fn below_prefix(path: String, prefix: &str) -> String {
    match path.strip_prefix(prefix) {
        Some("") => "/".to_owned(),
        Some(rest) if !prefix.is_empty() && rest.starts_with('/') => rest.to_owned(),
        _ => path,
    }
}

/// Scheme and host as the client sees them, without a slash at the end.
///
/// # Errors
/// 400 where the request names no valid host.
pub(super) fn base_url(parts: &Parts, peer: IpAddr, settings: &Settings) -> Result<String, Error> {
    if let Some(url) = &settings.site_url {
        return Ok(url.clone());
    }
    let is_proxy = settings.proxies.trusts(peer);
    let forwarded = |name| is_proxy.then(|| last(&parts.headers, name)).flatten();
    let host = forwarded(FORWARDED_HOST)
        .or_else(|| parts.uri.authority().map(|authority| authority.as_str()))
        .or_else(|| parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()))
        .unwrap_or("localhost");
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if host.is_empty() || host.len() > 255 || !host.chars().all(plain) {
        return Err(Error::bad_request("The request has no valid host."));
    }
    let scheme = if forwarded(FORWARDED_PROTO) == Some("https") { "https" } else { "http" };
    Ok(format!("{scheme}://{host}"))
}

/// The client's own address: that of the connection, or the one that the trusted proxies saw.
pub(super) fn remote(headers: &HeaderMap, peer: IpAddr, settings: &Settings) -> IpAddr {
    let mut client = peer;
    let lines = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect::<Vec<_>>();
    // each proxy adds the address that it saw to the end of the list
    let mut seen = lines.iter().rev().flat_map(|line| line.rsplit(',')).map(|text| text.trim().parse().ok());
    while settings.proxies.trusts(client) {
        let Some(Some(next)) = seen.next() else { break };
        client = next;
        if settings.proxies.all {
            break;
        }
    }
    client.to_canonical()
}

/// The last entry of a list header: the one that the proxy nearest to us added.
fn last(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next().map(str::trim)
}

/// What the request says of its sender.
pub(super) fn presented(headers: &HeaderMap) -> Presented {
    let text = |name: HeaderName| headers.get(name).and_then(|v| std::str::from_utf8(v.as_bytes()).ok());
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let cookies = cookies.flat_map(|line| line.split(';')).filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
    });
    Presented {
        authorization: text(header::AUTHORIZATION).map(str::to_owned),
        cookies: cookies.collect(),
        csrf: text(HeaderName::from_static("x-csrftoken")).map(str::to_owned),
        origin: text(header::ORIGIN).or_else(|| text(header::REFERER)).map(str::to_owned),
        user_agent: text(header::USER_AGENT).unwrap_or_default().to_owned(),
        idempotency_key: text(HeaderName::from_static("idempotency-key")).map(str::to_owned),
        if_none_match: text(header::IF_NONE_MATCH).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_decoded_and_have_no_slash_at_the_end() {
        assert_eq!(path("/api/part/").unwrap(), "/api/part");
        assert_eq!(path("/").unwrap(), "/");
        assert_eq!(path("/a%20b/%C3%A9+").unwrap(), "/a b/é+");
        for bad in ["/%", "/%2", "/%zz", "/%ff", "/a%00b", "x"] {
            assert_eq!(path(bad).unwrap_err().status(), 400, "{bad}");
        }
    }

    #[test]
    fn the_prefix_is_taken_off_where_it_is_there() {
        let below = |path: &str, prefix| below_prefix(path.to_owned(), prefix);
        assert_eq!(below("/inventory/api/part", "/inventory"), "/api/part");
        assert_eq!(below("/inventory", "/inventory"), "/");
        assert_eq!(below("/inventory2/x", "/inventory"), "/inventory2/x");
        assert_eq!(below("/api/part", "/inventory"), "/api/part");
        assert_eq!(below("/api/part", ""), "/api/part");
    }

    #[test]
    fn parameters_keep_their_order_and_their_repetitions() {
        let read = pairs(b"a=1&b=x+y%26&&a=&c", 10).unwrap();
        let expected = [("a", "1"), ("b", "x y&"), ("a", ""), ("c", "")];
        assert_eq!(read, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
        assert!(pairs(b"a=1&b=2&c=3", 2).is_err());
    }

    #[test]
    fn the_parameter_at_fault_is_named() {
        for (raw, name) in [("ok=1&name=%ff", "name"), ("q=a%00b", "q"), ("w=100%", "w")] {
            let error = pairs(raw.as_bytes(), 10).unwrap_err();
            assert!(error.json().get(name).is_some(), "{raw}: {error}");
        }
    }
}
