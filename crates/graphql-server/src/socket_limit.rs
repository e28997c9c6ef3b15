//! How many sockets and event streams one source may hold open: an IPv4 address, or the /64 that an IPv6 user has.

use std::net::IpAddr;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::keyed_counter::{Held, KeyedCounter};

/// When it makes sense to try again.
const RETRY_AFTER: u64 = 30;

/// How many sockets and event streams a source may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketLimit(pub usize);

impl SocketLimit {
    /// Where the settings say nothing: more for a server that only its own machine can reach.
    pub fn usual(local: bool) -> Self {
        Self(if local { 20_000 } else { 200 })
    }
}

/// The open sockets and event streams by source. All clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenSockets(KeyedCounter<IpAddr>);

/// A place for one socket or stream, until it is dropped.
#[derive(Debug)]
pub(crate) struct SocketPermit {
    _held: Option<Held<IpAddr>>,
}

impl OpenSockets {
    /// A client without an address, as on a Unix socket, is not counted.
    pub fn take(&self, client: &Client, limit: SocketLimit) -> Result<SocketPermit> {
        let Some(source) = client.network() else {
            return Ok(SocketPermit { _held: None });
        };
        let held = self.0.take(source, limit.0).ok_or_else(|| {
            let words = "Too many open sockets and event streams come from your address.";
            Error::rate_limited(words, RETRY_AFTER)
        })?;
        Ok(SocketPermit { _held: Some(held) })
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
    fn a_source_has_so_many_sockets_and_no_more() {
        let (sockets, limit) = (OpenSockets::default(), SocketLimit(2));
        let take = |ip| sockets.take(&client(ip), limit);
        let held = (take("192.0.2.1"), take("192.0.2.1"));
        let refused = take("192.0.2.1").expect_err("none is left");
        assert_eq!(refused.retry_after, Some(30));
        assert!(take("192.0.2.2").is_ok());
        drop(held.1);
        let again = take("192.0.2.1").expect("one is free again");
        assert!(take("192.0.2.1").is_err());
        drop((held.0, again));
        assert_eq!(sockets.0.total(), 0);
    }

    #[test]
    fn a_network_of_one_user_is_one_source() {
        let (sockets, limit) = (OpenSockets::default(), SocketLimit(1));
        let _held = sockets.take(&client("2001:db8::1"), limit).expect("a permit");
        assert!(sockets.take(&client("2001:db8::ffff:2"), limit).is_err());
        assert!(sockets.take(&client("2001:db8:0:1::1"), limit).is_ok());
    }

    #[test]
    fn a_client_behind_an_undeclared_proxy_is_not_counted() {
        let sockets = OpenSockets::default();
        let unknown = Client {
            undeclared_proxy: true,
            ..client("127.0.0.1")
        };
        let take = |client: &Client| sockets.take(client, SocketLimit(1));
        let _held = [take(&unknown), take(&unknown)].map(|permit| permit.expect("it is not counted"));
        let _one = take(&client("127.0.0.1")).expect("a permit");
        assert!(take(&client("127.0.0.1")).is_err());
    }
}
