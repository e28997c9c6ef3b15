//! Where a request comes from when it came through proxies: only what trusted ones say in `X-Forwarded-For` counts.
//!
//! A proxy that is not declared brings the requests of many clients under its own address. It is known by the settings alone,
//! never by a header, which anyone can send: see [`Peers`].

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

/// An address, or all that begin with the same bits: `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    bits: u128,
    mask: u128,
}

impl Network {
    fn holds(self, address: IpAddr) -> bool {
        bits(address) & self.mask == self.bits
    }
}

/// All addresses as one kind: an IPv4 address is one of `::ffff:0:0/96`.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write addresses or networks such as 10.0.0.0/8, separated by commas".to_owned();
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let whole: u32 = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            Some(length) => length.parse().ok().filter(|length| *length <= whole),
            None => Some(whole),
        };
        let free = whole - length.ok_or_else(wrong)?;
        let mask = u128::MAX.checked_shl(free).unwrap_or_default();
        Ok(Self {
            bits: bits(address) & mask,
            mask,
        })
    }
}

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Arc<[Network]>);

impl FromStr for Proxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let networks = text.split(',').map(|one| one.trim().parse());
        networks.collect::<Result<_, _>>().map(Self)
    }
}

impl Proxies {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.holds(address))
    }

    /// The nearest address that no trusted proxy has: each proxy wrote at the end of the list who asked it.
    pub fn client<'a>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut client = peer.to_canonical();
        let mut said = forwarded.rev().flat_map(|line| line.rsplit(','));
        while self.trust(client) {
            match said.next().and_then(address) {
                Some(next) => client = next,
                None => break,
            }
        }
        client
    }
}

/// Addresses of this machine and of its own network: RFC 1918, unique local (RFC 4193), link-local.
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// What the settings say about those who connect.
#[derive(Clone, Debug, Default)]
pub struct Peers {
    pub trusted: Proxies,
    /// Whether the public URL leads other machines here.
    pub public: bool,
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    pub address: IpAddr,
    /// The address belongs to a proxy that the settings don't declare: the client is unknown.
    pub undeclared_proxy: bool,
}

impl Peers {
    pub fn origin<'a>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>) -> Origin {
        Origin {
            address: self.trusted.client(peer, forwarded),
            undeclared_proxy: self.undeclared(peer.to_canonical()),
        }
    }

    /// Whether a peer of this address must be a proxy that is not declared.
    pub fn undeclared(&self, peer: IpAddr) -> bool {
        self.public && is_private(peer) && !self.trusted.trust(peer)
    }
}

/// Some proxies write the port too.
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
        let proxies: Proxies = trusted.parse().expect("networks");
        let peer = peer.parse().expect("an address");
        proxies.client(peer, forwarded.iter().copied()).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let ours = "10.0.0.0/8, 2001:db8::/32";
        for (peer, forwarded, got) in [
            ("192.0.2.9", &["198.51.100.1"][..], "192.0.2.9"),
            ("10.1.2.3", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.1.2.3", &["198.51.100.1:4711"], "198.51.100.1"),
            ("2001:db8::1", &["[2001:db9::1]:4711"], "2001:db9::1"),
            // What the client itself wrote stands further left.
            ("10.1.2.3", &["1.2.3.4, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
            ("10.1.2.3", &["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", &["10.4.4.4"], "10.4.4.4"),
            ("10.1.2.3", &["1.2.3.4, nonsense"], "10.1.2.3"),
            ("10.1.2.3", &[], "10.1.2.3"),
        ] {
            assert_eq!(client(ours, peer, forwarded), got, "{peer} {forwarded:?}");
        }
        let none = Proxies::default();
        let peer = IpAddr::from([127, 0, 0, 1]);
        assert_eq!(none.client(peer, ["1.2.3.4"].into_iter()), peer);
    }

    #[test]
    fn an_undeclared_proxy_is_known_by_settings_alone() {
        let origin = |public, trusted: &str, peer: &str, forwarded: Option<&str>| {
            let trusted = trusted.parse().unwrap_or_default();
            let peer = peer.parse().expect("an address");
            let origin = Peers { trusted, public }.origin(peer, forwarded.into_iter());
            (origin.address.to_string(), origin.undeclared_proxy)
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
                assert_eq!(origin(true, "", peer, forwarded), (peer.to_owned(), true));
                assert_eq!(origin(false, "", peer, forwarded), (peer.to_owned(), false));
            }
            assert_eq!(
                origin(true, peer, peer, Some("198.51.100.1")),
                ("198.51.100.1".to_owned(), false)
            );
        }
        for peer in ["198.51.100.9", "172.32.0.1", "2001:db8::1"] {
            assert_eq!(origin(true, "", peer, Some("10.0.0.1")), (peer.to_owned(), false));
        }
    }

    #[test]
    fn a_network_ends_where_its_length_says() {
        assert_eq!(client("10.0.0.0/9", "10.127.0.1", &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(client("10.0.0.0/9", "10.128.0.1", &["1.2.3.4"]), "10.128.0.1");
        assert_eq!(client("0.0.0.0/0", "10.128.0.1", &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(client("0.0.0.0/0", "2001:db8::1", &["1.2.3.4"]), "2001:db8::1");
        for wrong in [
            "",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "::/129",
            "proxy.example",
            "10.0.0.0/8/8",
        ] {
            assert!(wrong.parse::<Proxies>().is_err(), "{wrong}");
        }
    }
}
