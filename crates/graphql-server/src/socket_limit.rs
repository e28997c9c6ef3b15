//! Limits the open sockets and event streams of one source: an IPv4 address, or the /64 network of an IPv6 address.

use std::net::IpAddr;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::keyed_counter::{CountGuard, KeyedCounter};

/// Seconds until a retry makes sense.
const RETRY_AFTER: u64 = 30;

/// Maximum number of sockets and event streams per source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketLimit(pub usize);

impl SocketLimit {
    /// The default: higher for a server that only its own machine can reach.
    pub fn default_for(local: bool) -> Self {
        Self(if local { 20_000 } else { 200 })
    }
}

/// The open sockets and event streams by source. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenSockets(KeyedCounter<IpAddr>);

/// Counts one socket or stream until it is dropped.
#[derive(Debug)]
pub(crate) struct SocketPermit {
    _guards: Option<CountGuard<IpAddr>>,
}

impl OpenSockets {
    /// A client without an address, as on a Unix socket, is not counted.
    pub fn acquire(&self, client: &Client, limit: SocketLimit) -> Result<SocketPermit> {
        let Some(source) = client.network() else {
            return Ok(SocketPermit { _guards: None });
        };
        let guard = self.0.acquire(source, limit.0).ok_or_else(|| {
            let message = "Too many open sockets and event streams come from your address.";
            Error::rate_limited(message, RETRY_AFTER)
        })?;
        Ok(SocketPermit { _guards: Some(guard) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(ip: &str) -> Client {
        Client {
            ip: Some(ip.to_owned()),
            ..Client::default()
        }
    }

    #[test]
    fn the_sockets_of_a_source_are_limited() {
        let (sockets, limit) = (OpenSockets::default(), SocketLimit(2));
        let take = |ip| sockets.acquire(&client(ip), limit);
        let guard = (take("192.0.2.1"), take("192.0.2.1"));
        let refused = take("192.0.2.1").expect_err("none is left");
        assert_eq!(refused.retry_after, Some(30));
        assert!(take("192.0.2.2").is_ok());
        drop(guard.1);
        let again = take("192.0.2.1").expect("one is free again");
        assert!(take("192.0.2.1").is_err());
        drop((guard.0, again));
        assert_eq!(sockets.0.total(), 0);
    }

    #[test]
    fn an_ipv6_network_is_one_source() {
        let (sockets, limit) = (OpenSockets::default(), SocketLimit(1));
        let _guards = sockets.acquire(&client("2001:db8::1"), limit).expect("a permit");
        assert!(sockets.acquire(&client("2001:db8::ffff:2"), limit).is_err());
        assert!(sockets.acquire(&client("2001:db8:0:1::1"), limit).is_ok());
    }

    #[test]
    fn a_client_behind_an_undeclared_proxy_is_not_counted() {
        let sockets = OpenSockets::default();
        let unknown = Client {
            undeclared_proxy: true,
            ..client("127.0.0.1")
        };
        let take = |client: &Client| sockets.acquire(client, SocketLimit(1));
        let _guards = [take(&unknown), take(&unknown)].map(|permit| permit.expect("it is not counted"));
        let _one = take(&client("127.0.0.1")).expect("a permit");
        assert!(take(&client("127.0.0.1")).is_err());
    }
}
