//! Fetches what an address that staff gave leads to. Only hosts of the public Internet are asked, so that no one reaches the server's
//! own network through it (OWASP Server-Side Request Forgery Prevention Cheat Sheet): each host is checked at the moment of the
//! connection, after the DNS answered, and again at each redirect.

use std::error::Error as StdError;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, header};
use thiserror::Error;
use url::{Host, Url};

use crate::base::db::deadline;
use crate::base::tls::install_crypto_provider;

const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_REDIRECTS: usize = 3;

/// A client for addresses that staff gave. Clones share its connections.
#[derive(Clone, Debug)]
pub struct PublicHttp {
    client: Client,
    private_allowed: bool,
}

/// Why something could not be fetched.
#[derive(Debug, Error)]
pub(crate) enum FetchError {
    #[error("the address leads to a private network")]
    Private,
    #[error("the address does not begin with https://")]
    Scheme,
    #[error("the server answered {0}")]
    Status(u16),
    #[error("the server redirected more than {MAX_REDIRECTS} times")]
    Redirects,
    #[error("the file is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the server can't be reached")]
    Unreachable(#[source] reqwest::Error),
}

impl PublicHttp {
    /// `private_allowed`: whether hosts of private networks are asked too, and without TLS.
    pub fn new(private_allowed: bool) -> Result<Self, reqwest::Error> {
        install_crypto_provider();
        let builder = Client::builder()
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            // A proxy would ask the DNS itself.
            .no_proxy();
        let builder = if private_allowed {
            builder
        } else {
            builder.dns_resolver(Arc::new(PublicHosts))
        };
        Ok(Self {
            client: builder.build()?,
            private_allowed,
        })
    }

    /// What the address leads to, at most `max_bytes` of it. Without an open connection to the database: it may take seconds.
    pub(crate) async fn get(&self, address: &Url, max_bytes: usize) -> Result<Vec<u8>, FetchError> {
        deadline::paused(self.follow(address.clone(), max_bytes)).await
    }

    async fn follow(&self, mut address: Url, max_bytes: usize) -> Result<Vec<u8>, FetchError> {
        for _ in 0..=MAX_REDIRECTS {
            self.check(&address)?;
            let request = self.client.get(address.clone());
            let response = request.send().await.map_err(FetchError::of)?;
            let status = response.status();
            if status.is_success() {
                return read(response, max_bytes).await;
            }
            let location = response.headers().get(header::LOCATION);
            let next = location.and_then(|value| address.join(value.to_str().ok()?).ok());
            address = next
                .filter(|_| status.is_redirection())
                .ok_or(FetchError::Status(status.as_u16()))?;
        }
        Err(FetchError::Redirects)
    }

    /// The schemes of addresses that it takes.
    pub(crate) fn schemes(&self) -> &'static [&'static str] {
        if self.private_allowed {
            &["https", "http"]
        } else {
            &["https"]
        }
    }

    /// An address of a host without a name is not resolved.
    fn check(&self, address: &Url) -> Result<(), FetchError> {
        if self.private_allowed {
            return Ok(());
        }
        if !self.schemes().contains(&address.scheme()) {
            return Err(FetchError::Scheme);
        }
        let public = match address.host() {
            Some(Host::Ipv4(ip)) => is_public(ip.into()),
            Some(Host::Ipv6(ip)) => is_public(ip.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        public.then_some(()).ok_or(FetchError::Private)
    }
}

async fn read(mut response: Response, max_bytes: usize) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(FetchError::of)? {
        if body.len() + chunk.len() > max_bytes {
            return Err(FetchError::TooLarge(max_bytes));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl FetchError {
    fn of(error: reqwest::Error) -> Self {
        let mut source = error.source();
        while let Some(cause) = source {
            if cause.is::<PrivateHost>() {
                return Self::Private;
            }
            source = cause.source();
        }
        Self::Unreachable(error.without_url())
    }
}

#[derive(Debug, Error)]
#[error("the host is not public")]
struct PrivateHost;

/// Resolves the names of hosts all of whose addresses are public.
struct PublicHosts;

impl Resolve for PublicHosts {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if !found.iter().all(|address| is_public(address.ip())) {
                return Err(PrivateHost.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether the registries of special addresses (IANA, RFC 6890) leave the address to the public Internet.
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(a == 0
        || a >= 240
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        // Shared by providers, for protocols, for benchmarks, and the former relays of 6to4.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (18..20).contains(&b))
        || (a, b, c) == (192, 88, 99))
}

/// Global unicast (RFC 4291) without what is for protocols, documentation and 6to4, which holds an IPv4 address.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    (0x2000..0x4000).contains(&a)
        && !(a == 0x2001 && (b < 0x200 || b == 0xdb8))
        && a != 0x2002
        && !(a == 0x3fff && b < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        let public = |ip: &str| is_public(ip.parse().expect(ip));
        for ip in [
            "1.1.1.1",
            "93.184.216.34",
            "100.128.0.1",
            "172.32.0.1",
            "2606:4700::1",
            "::ffff:1.1.1.1",
        ] {
            assert!(public(ip), "{ip}");
        }
        for ip in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::",
            "3fff::1",
        ] {
            assert!(!public(ip), "{ip}");
        }
    }

    #[tokio::test]
    async fn private_hosts_are_not_asked_whatever_they_are_called() {
        let http = PublicHttp::new(false).expect("a client");
        for address in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://localhost/",
            "https://[::ffff:169.254.169.254]/",
        ] {
            let fetched = http.get(&address.parse().expect("an address"), 10).await;
            assert!(
                matches!(fetched, Err(FetchError::Private)),
                "{address}: {fetched:?}"
            );
        }
        let fetched = http
            .get(&"http://example.com/".parse().expect("an address"), 10)
            .await;
        assert!(matches!(fetched, Err(FetchError::Scheme)));
    }
}
