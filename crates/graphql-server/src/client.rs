//! Who sent a request: its address and user agent.

use std::net::{IpAddr, Ipv6Addr};

use poem::Request;
use poem::http::header;

use crate::proxies::RequestSource;

/// How much of a `User-Agent` is used.
const MAX_USER_AGENT_CHARS: usize = 200;

/// Where a request comes from.
#[derive(Clone, Debug, Default)]
pub struct Client {
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// The address is that of a proxy that the settings don't declare, so many clients share it.
    pub undeclared_proxy: bool,
}

impl Client {
    /// Reads the address that the accept loop determined, and the printable characters of the user agent, shortened.
    pub fn from_request(request: &Request) -> Self {
        let ip = request
            .remote_addr()
            .as_socket_addr()
            .map(|addr| addr.ip().to_canonical().to_string());
        let user_agent = request
            .headers()
            .get(header::USER_AGENT)
            .and_then(|text| text.to_str().ok());
        Self {
            ip,
            user_agent: user_agent.map(printable).filter(|text| !text.is_empty()),
            undeclared_proxy: request
                .extensions()
                .get::<RequestSource>()
                .is_some_and(|origin| origin.undeclared_proxy),
        }
    }

    /// The IPv4 address, or the /64 network of an IPv6 address, which usually belongs to one user. `None` if it is unknown.
    pub fn source(&self) -> Option<String> {
        match self.address()? {
            IpAddr::V4(ip) => Some(ip.to_string()),
            IpAddr::V6(ip) => Some(format!("{}/64", ipv6_network(ip))),
        }
    }

    /// The key of limits per source: an IPv4 address, or the network of an IPv6 address. `None` if there is no address, or
    /// it is a proxy's.
    pub(crate) fn network(&self) -> Option<IpAddr> {
        Some(match self.address()? {
            IpAddr::V6(ip) if !ip.is_loopback() => IpAddr::V6(ipv6_network(ip)),
            address => address,
        })
    }

    fn address(&self) -> Option<IpAddr> {
        if self.undeclared_proxy {
            return None;
        }
        self.ip.as_deref()?.parse().ok()
    }
}

fn ipv6_network(address: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)
}

fn printable(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(MAX_USER_AGENT_CHARS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_short_and_printable() {
        assert_eq!(printable("a\tb\u{7f}c"), "abc");
        assert_eq!(printable(&"x".repeat(500)).len(), 200);
    }

    #[test]
    fn a_source_is_an_ipv4_address_or_an_ipv6_network() {
        let client = |ip: &str| Client {
            ip: Some(ip.to_owned()),
            ..Client::default()
        };
        assert_eq!(client("192.0.2.1").source().as_deref(), Some("192.0.2.1"));
        assert_eq!(client("2001:db8::1:2").source().as_deref(), Some("2001:db8::/64"));
        assert_eq!(client("::1").network(), Some(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        let unknown = Client {
            undeclared_proxy: true,
            ..client("192.0.2.1")
        };
        assert_eq!((unknown.source(), unknown.network()), (None, None));
    }
}
