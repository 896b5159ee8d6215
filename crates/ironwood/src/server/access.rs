//! The log of requests.

use std::time::Duration;

use hyper::http::request::Parts;

/// Names of query parameters whose values are never logged, by what the name contains.
const SECRET: [&str; 8] = ["token", "password", "passwd", "secret", "key", "code", "session", "auth"];
/// How API tokens begin.
const TOKEN: &str = "inv-";
/// Longest query that is logged whole.
const MAX_QUERY: usize = 2_000;

/// One request that was answered.
pub(super) struct Entry<'a> {
    pub(super) id: &'a str,
    pub(super) remote: std::net::IpAddr,
    pub(super) user: &'a str,
    pub(super) parts: &'a Parts,
    pub(super) status: u16,
    pub(super) bytes: u64,
    pub(super) time: Duration,
}

impl Entry<'_> {
    /// Writes the line.
    pub(super) fn log(&self) {
        // the query is put together only where it is logged
        if !tracing::enabled!(target: "ironwood::access", tracing::Level::INFO) {
            return;
        }
        tracing::info!(
            target: "ironwood::access",
            id = self.id,
            remote = %self.remote,
            user = self.user,
            method = %self.parts.method,
            path = self.parts.uri.path(),
            query = without_secrets(self.parts.uri.query().unwrap_or_default()),
            status = self.status,
            bytes = self.bytes,
            ms = (self.time.as_secs_f64() * 100_000.0).round() / 100.0,
        );
    }
}

/// A query string as it came, with the values of secrets left out.
fn without_secrets(query: &str) -> String {
    let mut text = String::with_capacity(query.len());
    for pair in query.split('&') {
        if !text.is_empty() {
            text.push('&');
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let plain = super::address::unescape(name).to_ascii_lowercase();
        let is_secret = SECRET.iter().any(|word| plain.contains(word));
        if is_secret || super::address::unescape(value).contains(TOKEN) || plain.contains(TOKEN) {
            let name = if plain.contains(TOKEN) { "***" } else { name };
            text.push_str(name);
            text.push_str("=***");
        } else {
            text.push_str(pair);
        }
        if text.len() > MAX_QUERY {
            let end = text.floor_char_boundary(MAX_QUERY);
            text.truncate(end);
            text.push('…');
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_get_into_the_log() {
        assert_eq!(without_secrets("search=x%20y&limit=5"), "search=x%20y&limit=5");
        assert_eq!(without_secrets("limit=1&Password=x&api_token=y"), "limit=1&Password=***&api_token=***");
        assert_eq!(without_secrets("p%61ssword=x&a=inv-123&inv%2d5=1"), "p%61ssword=***&a=***&***=***");
        assert!(without_secrets(&format!("a={}", "é".repeat(5_000))).chars().count() < 1_100);
        assert_eq!(without_secrets(""), "");
    }
}
