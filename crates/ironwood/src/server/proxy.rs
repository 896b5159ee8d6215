//! Which peers are proxies whose word on the client's address counts.

use std::net::IpAddr;
use std::str::FromStr;

/// Addresses of one network: `10.0.0.0/8`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("{text} is not an address (192.0.2.7) or network (192.0.2.0/24)");
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.trim().parse().map_err(|_| bad())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.trim().parse().map_err(|_| bad()))?;
        if bits > most { Err(bad()) } else { Ok(Network { address, bits }) }
    }
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        let number = |address: IpAddr| match address {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, true),
            IpAddr::V6(v6) => (v6.to_bits(), false),
        };
        let ((own, own_v4), (other, other_v4)) = (number(self.address), number(address));
        own_v4 == other_v4 && (self.bits == 0 || (own ^ other) >> (128 - self.bits) == 0)
    }
}

/// The peers whose `X-Forwarded-*` headers are believed.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// Every peer is a proxy.
    pub all: bool,
    pub networks: Vec<Network>,
}

impl Proxies {
    /// Whether the peer at this address is a trusted proxy.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.all || self.networks.iter().any(|network| network.contains(peer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_their_addresses() {
        let inside = |network: &str, address: &str| {
            let networks = vec![network.parse().unwrap()];
            Proxies { all: false, networks }.trusts(address.parse().unwrap())
        };
        assert!(inside("10.1.0.0/16", "10.1.200.3") && !inside("10.1.0.0/16", "10.2.0.1"));
        assert!(inside("10.1.0.1", "::ffff:10.1.0.1") && !inside("10.1.0.1", "10.1.0.2"));
        assert!(inside("2001:db8::/32", "2001:db8:1::1") && !inside("2001:db8::/32", "2001:db9::1"));
        assert!(inside("0.0.0.0/0", "1.2.3.4") && !inside("0.0.0.0/0", "::1"));
        for bad in ["x", "10.0.0.0/33", "10.0.0.0/x", ""] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}
