//! The source of a request behind proxies: only the `X-Forwarded-For` of trusted proxies counts.
//!
//! The requests of many clients have the address of an undeclared proxy. It is recognised by the settings only, never by a
//! header, which anyone can send: see [`ProxySettings`].

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

/// An address, or a network such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    bits: u128,
    mask: u128,
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        bits(address) & self.mask == self.bits
    }
}

/// An IPv4 address is mapped to `::ffff:0:0/96`.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || "write addresses or networks such as 10.0.0.0/8, separated by commas".to_owned();
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| invalid())?;
        let address_bits: u32 = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            Some(length) => length.parse().ok().filter(|length| *length <= address_bits),
            None => Some(address_bits),
        };
        let host_bits = address_bits - length.ok_or_else(invalid)?;
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or_default();
        Ok(Self {
            bits: bits(address) & mask,
            mask,
        })
    }
}

/// The proxies whose `X-Forwarded-For` is trusted.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Arc<[Network]>);

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let networks = text.split(',').map(|one| one.trim().parse());
        networks.collect::<Result<_, _>>().map(Self)
    }
}

impl TrustedProxies {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The last address in the chain that is not a trusted proxy: each proxy appends the address of its client.
    pub fn client<'a>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut client = peer.to_canonical();
        let mut forwarded_addresses = forwarded.rev().flat_map(|line| line.rsplit(','));
        while self.contains(client) {
            match forwarded_addresses.next().and_then(address) {
                Some(next) => client = next,
                None => break,
            }
        }
        client
    }
}

/// Whether the address is loopback, private (RFC 1918), unique local (RFC 4193) or link-local.
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// The settings about proxies.
#[derive(Clone, Debug, Default)]
pub struct ProxySettings {
    pub trusted: TrustedProxies,
    /// Whether the public URL is reachable from other machines.
    pub public: bool,
    /// Whether requests that come from trusted proxies continue the trace in their `traceparent`. Only for proxies that replace
    /// the header: others pass on that of any client, which could have all its requests recorded.
    pub trusted_traces: bool,
}

/// The source of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestSource {
    pub address: IpAddr,
    /// The address is that of a proxy that the settings don't declare: the client is unknown.
    pub undeclared_proxy: bool,
    /// Whether the request may continue the trace of its `traceparent`.
    pub trusted_trace: bool,
}

impl ProxySettings {
    pub fn source<'a>(
        &self,
        peer: IpAddr,
        forwarded: impl DoubleEndedIterator<Item = &'a str>,
    ) -> RequestSource {
        RequestSource {
            address: self.trusted.client(peer, forwarded),
            undeclared_proxy: self.is_undeclared(peer.to_canonical()),
            trusted_trace: self.trusted_traces && self.trusted.contains(peer),
        }
    }

    /// Whether a peer of this address must be an undeclared proxy.
    pub fn is_undeclared(&self, peer: IpAddr) -> bool {
        self.public && is_private(peer) && !self.trusted.contains(peer)
    }
}

/// Some proxies include the port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.or_else(with_port).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, forwarded: &[&str]) -> String {
        let proxies: TrustedProxies = trusted.parse().expect("networks");
        let peer = peer.parse().expect("an address");
        proxies.client(peer, forwarded.iter().copied()).to_string()
    }

    #[test]
    fn x_forwarded_for_counts_only_from_a_trusted_proxy() {
        let trusted = "10.0.0.0/8, 2001:db8::/32";
        for (peer, forwarded, expected) in [
            ("192.0.2.9", &["198.51.100.1"][..], "192.0.2.9"),
            ("10.1.2.3", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.1.2.3", &["198.51.100.1:4711"], "198.51.100.1"),
            ("2001:db8::1", &["[2001:db9::1]:4711"], "2001:db9::1"),
            // Entries sent by the client itself are further left.
            ("10.1.2.3", &["1.2.3.4, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
            ("10.1.2.3", &["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", &["10.4.4.4"], "10.4.4.4"),
            ("10.1.2.3", &["1.2.3.4, nonsense"], "10.1.2.3"),
            ("10.1.2.3", &[], "10.1.2.3"),
        ] {
            assert_eq!(client(trusted, peer, forwarded), expected, "{peer} {forwarded:?}");
        }
        let none = TrustedProxies::default();
        let peer = IpAddr::from([127, 0, 0, 1]);
        assert_eq!(none.client(peer, ["1.2.3.4"].into_iter()), peer);
    }

    #[test]
    fn an_undeclared_proxy_is_recognized_by_the_settings_only() {
        let source = |public, trusted: &str, peer: &str, forwarded: Option<&str>| {
            let trusted = trusted.parse().unwrap_or_default();
            let peer = peer.parse().expect("an address");
            let settings = ProxySettings {
                trusted,
                public,
                trusted_traces: true,
            };
            let source = settings.source(peer, forwarded.into_iter());
            assert_eq!(source.trusted_trace, settings.trusted.contains(peer));
            (source.address.to_string(), source.undeclared_proxy)
        };
        for peer in [
            "127.0.0.1",
            "::1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.9.9",
            "169.254.1.1",
            "fd00::1",
            "fe80::1",
        ] {
            for forwarded in [None, Some("198.51.100.1")] {
                assert_eq!(source(true, "", peer, forwarded), (peer.to_owned(), true));
                assert_eq!(source(false, "", peer, forwarded), (peer.to_owned(), false));
            }
            assert_eq!(
                source(true, peer, peer, Some("198.51.100.1")),
                ("198.51.100.1".to_owned(), false)
            );
        }
        for peer in ["198.51.100.9", "172.32.0.1", "2001:db8::1"] {
            assert_eq!(source(true, "", peer, Some("10.0.0.1")), (peer.to_owned(), false));
        }
    }

    #[test]
    fn the_prefix_length_limits_a_network() {
        assert_eq!(client("10.0.0.0/9", "10.127.0.1", &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(client("10.0.0.0/9", "10.128.0.1", &["1.2.3.4"]), "10.128.0.1");
        assert_eq!(client("0.0.0.0/0", "10.128.0.1", &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(client("0.0.0.0/0", "2001:db8::1", &["1.2.3.4"]), "2001:db8::1");
        for invalid in [
            "",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "::/129",
            "proxy.example",
            "10.0.0.0/8/8",
        ] {
            assert!(invalid.parse::<TrustedProxies>().is_err(), "{invalid}");
        }
    }
}
