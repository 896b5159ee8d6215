//! Exchange rate provider: a service that returns JSON over HTTP.

use std::collections::HashMap;
use std::time::Duration;

use ironwood_base::Rate;
use ironwood_base::decimal::Excess;
use serde_json::Value as Json;

/// Default exchange rate provider.
pub const USUAL: &str = "https://api.frankfurter.app/latest";
/// Longest time that it may take, in all.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest answer that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// A provider that is requested as `URL?from=USD&to=EUR,GBP` and responds with `{"rates": {"EUR": 0.9, …}}`.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Empty: rates are never requested.
    pub url: String,
}

impl Default for Provider {
    fn default() -> Self {
        Provider { url: USUAL.into() }
    }
}

impl Provider {
    /// What one unit of the base currency is worth in other currencies, with six places. Currencies that the
    /// service does not know are missing.
    ///
    /// # Errors
    /// Why there are no rates, for the log.
    pub fn rates(&self, base: &str, codes: &[String]) -> Result<HashMap<String, Rate>, String> {
        if self.url.is_empty() {
            return Err("no exchange rate provider is configured".into());
        }
        let wanted: Vec<&str> = codes.iter().map(String::as_str).filter(|code| *code != base).collect();
        let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build().new_agent();
        let answer = agent.get(&self.url).query("from", base).query("to", wanted.join(",")).call();
        let mut answer = answer.map_err(|error| error.to_string())?;
        let text =
            answer.body_mut().with_config().limit(LONGEST).read_to_string().map_err(|error| error.to_string())?;
        read(&text, &wanted)
    }
}

/// Reads an answer; rates that are no positive number are left out.
fn read(text: &str, wanted: &[&str]) -> Result<HashMap<String, Rate>, String> {
    let body: Json = serde_json::from_str(text).map_err(|error| format!("invalid JSON: {error}"))?;
    let rates = body["rates"].as_object().ok_or("the response contains no rates")?;
    let rate = |value: &Json| match value {
        Json::Number(number) => Rate::parse(&number.to_string(), Excess::Round).ok(),
        _ => None,
    };
    let known: HashMap<String, Rate> = rates
        .iter()
        .filter(|(code, _)| wanted.contains(&code.as_str()))
        .filter_map(|(code, value)| Some((code.clone(), rate(value).filter(|rate| rate.is_positive())?)))
        .collect();
    if known.is_empty() { Err("the response contains none of the required rates".into()) } else { Ok(known) }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    /// A service that gives one answer; its address.
    pub(crate) fn service(status: &'static str, body: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/latest", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all((head + body).as_bytes());
        });
        url
    }

    #[test]
    fn rates_are_read_exactly_and_nonsense_is_refused() {
        let codes = ["USD".to_owned(), "EUR".to_owned(), "JPY".to_owned()];
        let url = service("200 OK", r#"{"base":"USD","rates":{"EUR":0.91234567,"JPY":-1,"XXX":2}}"#);
        let rates = Provider { url }.rates("USD", &codes).unwrap();
        assert_eq!(rates, [("EUR".to_owned(), Rate::from_scaled(912_346))].into());
        for (status, body) in
            [("200 OK", "<html>"), ("200 OK", "[]"), ("200 OK", r#"{"rates":{}}"#), ("500 Oops", "{}"), ("404 No", "")]
        {
            assert!(Provider { url: service(status, body) }.rates("USD", &codes).is_err(), "{status} {body}");
        }
        assert!(Provider { url: String::new() }.rates("USD", &codes).is_err());
        assert!(Provider { url: "http://127.0.0.1:1/".into() }.rates("USD", &codes).is_err());
    }
}
