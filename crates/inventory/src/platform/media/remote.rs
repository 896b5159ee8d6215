//! Downloads files from URLs that clients enter: only over HTTP, only from public addresses, within limits.
//!
//! Every connection, those after redirects included, goes to an address that was looked up and found
//! public right before: a name that answers differently the second time gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// Longest time that a download may take, in all.
const PATIENCE: Duration = Duration::from_secs(30);
const REDIRECTS: u32 = 3;

/// Whether machines anywhere on the internet can have this address: not this machine, not its own
/// network, nothing reserved.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240)
}

/// The address of IPv4 that one of IPv6 carries with it: those of translators and tunnels lead there.
pub(crate) fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let inner = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] => Some(inner(high, low)),
        // `::` and `::1` are addresses of their own
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some(inner(high, low)),
        // translators of the Internet (RFC 6052) and of a network (RFC 8215)
        [0x64, 0xff9b, 0 | 1, .., high, low] | [0x2002, high, low, ..] => Some(inner(high, low)),
        _ => None,
    }
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = carried(address) {
        return is_public_v4(v4);
    }
    match address.segments() {
        // what is given out at all lies in 2000::/3; of it, examples and special uses are left out
        [first, second, ..] => {
            (0x2000..0x4000).contains(&first) && !(first == 0x2001 && (second < 0x200 || second == 0xdb8))
        }
    }
}

/// Looks names up, and forgets what is not public.
#[derive(Debug, Default)]
struct PublicOnly(DefaultResolver);

impl Resolver for PublicOnly {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.0.resolve(uri, config, timeout)?;
        if found.iter().all(|address| may_be_asked(*address)) { Ok(found) } else { Err(ureq::Error::HostNotFound) }
    }
}

/// Whether a server at this address may be asked for a file.
fn may_be_asked(address: SocketAddr) -> bool {
    #[cfg(test)]
    if tests::TAKEN_FOR_PUBLIC.lock().is_ok_and(|ports| ports.contains(&address.port())) {
        return true;
    }
    is_public(address.ip())
}

/// Why an address cannot be used at all; `None` where it can be tried.
pub(crate) fn fault(url: &str) -> Option<&'static str> {
    let Ok(uri) = url.parse::<Uri>() else {
        return Some("Enter a full URL, such as https://example.com/datasheet.pdf.");
    };
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Some("The URL must begin with http:// or https://.");
    }
    let host = uri.host().unwrap_or_default();
    let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let local = host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost");
    let port = uri.port_u16().unwrap_or_default();
    let closed = literal.is_ok_and(|address| !may_be_asked(SocketAddr::new(address, port)));
    if host.is_empty() || local || closed {
        return Some("Files can only be downloaded from public addresses.");
    }
    None
}

/// Asks servers; names of theirs and of those that they lead on to are looked up by `resolver`.
fn agent(resolver: impl Resolver, patience: Duration) -> ureq::Agent {
    let config =
        ureq::Agent::config_builder().timeout_global(Some(patience)).max_redirects(REDIRECTS).proxy(None).build();
    ureq::Agent::with_parts(config, DefaultConnector::default(), resolver)
}

/// Fetches a file of up to so many bytes; gives the last part of its path, too.
///
/// # Errors
/// Why the file cannot be downloaded, for the log and the user.
pub(crate) fn fetch(url: &str, largest: u64) -> Result<(String, Vec<u8>), String> {
    fetch_within(url, largest, PATIENCE)
}

/// Fetches like [`fetch`], in no longer than this.
///
/// # Errors
/// Why the file cannot be downloaded, for the log and the user.
pub(crate) fn fetch_within(url: &str, largest: u64, patience: Duration) -> Result<(String, Vec<u8>), String> {
    if let Some(fault) = fault(url) {
        return Err(fault.into());
    }
    let mut answer = agent(PublicOnly::default(), patience).get(url).call().map_err(|error| error.to_string())?;
    let bytes = answer.body_mut().with_config().limit(largest).read_to_vec().map_err(|error| error.to_string())?;
    let path = url.split(['?', '#']).next().unwrap_or_default();
    Ok((path.rsplit('/').next().unwrap_or_default().to_owned(), bytes))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::platform::exchange::provider::tests::service;

    /// Ports of this machine that tests take for public servers.
    pub(crate) static TAKEN_FOR_PUBLIC: Mutex<Vec<u16>> = Mutex::new(Vec::new());

    #[test]
    fn only_public_addresses_are_asked() {
        for public in ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "2001:4860:4860::8888", "64:ff9b::808:808"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for closed in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "203.0.113.7",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
        ] {
            assert!(!is_public(closed.parse().unwrap()), "{closed}");
        }
        for bad in [
            "ftp://example.org/a.png",
            "file:///etc/passwd",
            "http://localhost/a",
            "http://[::1]/",
            "x",
            "http://127.0.0.1:80/",
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
        assert_eq!(fault("https://example.org/a.png?x=1"), None);
    }

    #[test]
    fn a_name_that_leads_here_is_refused_when_it_is_looked_up() {
        // past the check of the address as it is written: the lookup itself has to refuse
        let url = service("200 OK", "secret");
        assert!(matches!(agent(PublicOnly::default(), PATIENCE).get(&url).call(), Err(ureq::Error::HostNotFound)));
        assert!(fetch(&url, 1_000).is_err());
    }

    /// Takes the first server for a public one.
    #[derive(Debug, Default)]
    struct FirstIsPublic(PublicOnly, AtomicBool);

    impl Resolver for FirstIsPublic {
        fn resolve(
            &self,
            uri: &Uri,
            config: &Config,
            timeout: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, ureq::Error> {
            let inner = &self.0;
            if self.1.swap(true, Ordering::SeqCst) {
                inner.resolve(uri, config, timeout)
            } else {
                inner.0.resolve(uri, config, timeout)
            }
        }
    }

    #[test]
    fn where_a_server_leads_on_to_is_checked_like_the_first_address() {
        assert!(agent(FirstIsPublic::default(), PATIENCE).get(&service("200 OK", "picture")).call().is_ok());
        let secret = service("200 OK", "secret");
        for target in [secret.clone(), secret.replace("127.0.0.1", "localhost")] {
            let moved: &'static str = format!("302 Found\r\nLocation: {target}").leak();
            let answer = agent(FirstIsPublic::default(), PATIENCE).get(&service(moved, "")).call();
            assert!(matches!(answer, Err(ureq::Error::HostNotFound)), "{target}");
        }
        let moved = "302 Found\r\nLocation: file:///etc/passwd";
        assert!(agent(FirstIsPublic::default(), PATIENCE).get(&service(moved, "")).call().is_err());
    }
}
