//! Addresses of machines: administrators set them, and they may lie in networks of their own. This machine itself is
//! reached where the configuration says so; addresses that only clouds and networks know are never.

use std::io::Write;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::driver::Fault;
use crate::platform::media::remote::carried;

/// Longest time to reach a machine.
const CONNECTING: Duration = Duration::from_secs(5);
/// Longest time for a machine to take what it is sent, or to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether a machine may be at an address.
pub(crate) fn is_allowed(address: IpAddr, loopback: bool) -> bool {
    match address {
        IpAddr::V4(v4) => {
            !(v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.octets()[0] == 0
                || v4.octets()[0] >= 240)
                && (loopback || !v4.is_loopback())
        }
        IpAddr::V6(v6) => {
            if let Some(v4) = carried(v6) {
                return is_allowed(IpAddr::V4(v4), loopback);
            }
            // where clouds tell their machines secrets
            if v6.segments()[..2] == [0xfd00, 0x0ec2] {
                return false;
            }
            let is_link_local = v6.segments()[0] & 0xffc0 == 0xfe80;
            !(v6.is_multicast() || v6.is_unspecified() || is_link_local) && (loopback || !v6.is_loopback())
        }
    }
}

fn refused(host: &str) -> Fault {
    Fault::Refused(format!(
        "Machines at {host} cannot be used. Enter an address in your network; for one on the server itself, start the \
         server with --print-local."
    ))
}

/// The addresses of a machine.
///
/// # Errors
/// Where its name is not known, or one of its addresses cannot be used.
pub(crate) fn resolve(host: &str, port: u16, loopback: bool) -> Result<Vec<SocketAddr>, Fault> {
    let unreachable = |why: std::io::Error| Fault::Unreachable(format!("{host}:{port} cannot be reached: {why}"));
    let found: Vec<SocketAddr> = (host, port).to_socket_addrs().map_err(unreachable)?.collect();
    if found.iter().all(|address| is_allowed(address.ip(), loopback)) { Ok(found) } else { Err(refused(host)) }
}

/// Opens a connection.
///
/// # Errors
/// Where the machine cannot be reached, or its address cannot be used.
pub(crate) fn connect(host: &str, port: u16, loopback: bool) -> Result<TcpStream, Fault> {
    let unreachable = |why: std::io::Error| Fault::Unreachable(format!("{host}:{port} cannot be reached: {why}"));
    let found = resolve(host, port, loopback)?;
    let mut last = Fault::Unreachable(format!("{host} has no address."));
    for address in found {
        match TcpStream::connect_timeout(&address, CONNECTING) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE)).map_err(unreachable)?;
                stream.set_write_timeout(Some(PATIENCE)).map_err(unreachable)?;
                return Ok(stream);
            }
            Err(why) => last = unreachable(why),
        }
    }
    Err(last)
}

/// Sends bytes to a machine.
///
/// # Errors
/// As [`connect`].
pub(crate) fn send(host: &str, port: u16, loopback: bool, bytes: &[u8]) -> Result<(), Fault> {
    let mut stream = connect(host, port, loopback)?;
    let broken = |why: std::io::Error| Fault::Unreachable(format!("{host}:{port} stopped receiving data: {why}"));
    stream.write_all(bytes).map_err(broken)?;
    stream.flush().map_err(broken)?;
    // the machine may read on after the end was told
    let _ = stream.shutdown(std::net::Shutdown::Write);
    Ok(())
}

/// Looks names up, and forgets where no machine may be.
#[derive(Debug)]
struct Allowed {
    loopback: bool,
    usual: DefaultResolver,
}

impl Resolver for Allowed {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.usual.resolve(uri, config, timeout)?;
        let all = found.iter().all(|address| is_allowed(address.ip(), self.loopback));
        if all { Ok(found) } else { Err(ureq::Error::HostNotFound) }
    }
}

/// Asks machines over HTTP, without following them elsewhere.
pub(crate) fn agent(loopback: bool) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .timeout_connect(Some(CONNECTING))
        .max_redirects(0)
        .proxy(None)
        .build();
    ureq::Agent::with_parts(
        config,
        DefaultConnector::default(),
        Allowed { loopback, usual: DefaultResolver::default() },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_in_networks_but_not_just_anywhere() {
        for allowed in ["192.168.1.5", "10.0.0.9", "172.16.3.4", "8.8.8.8", "fd00::5", "2001:4860:4860::8888"] {
            assert!(is_allowed(allowed.parse().unwrap(), false), "{allowed}");
        }
        for closed in [
            "169.254.169.254",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "fe80::1",
            "ff02::1",
            "::",
            "::ffff:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::169.254.169.254",
            "::ffff:0.0.0.0",
            "2002:a9fe:a9fe::1",
            "::169.254.169.254",
            "fd00:ec2::254",
        ] {
            assert!(!is_allowed(closed.parse().unwrap(), true), "{closed}");
        }
        for own in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "::127.0.0.1"] {
            let own: IpAddr = own.parse().unwrap();
            assert!(!is_allowed(own, false) && is_allowed(own, true), "{own}");
        }
    }
}
