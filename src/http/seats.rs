//! How many sockets and event streams one source may hold open: an IPv4 address, or the /64 that an IPv6 user has.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use crate::actor::Client;
use crate::error::{Error, Result};

/// When it makes sense to try again.
const RETRY_AFTER: u64 = 30;

/// The taken seats by source. All clones share them.
#[derive(Clone, Debug, Default)]
pub struct Seats(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// How many seats a source may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatLimit(pub usize);

impl SeatLimit {
    /// Where the settings say nothing: more for a server that only its own machine can reach.
    pub fn usual(local: bool) -> Self {
        Self(if local { 20_000 } else { 200 })
    }
}

impl Seats {
    /// A seat for a client, held until it is dropped. Who has no address, as on a Unix socket, is not counted.
    pub(crate) fn take(&self, client: &Client, limit: SeatLimit) -> Result<Seat> {
        let Some(source) = source(client) else {
            return Ok(Seat { seats: None });
        };
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.get(&source).copied().unwrap_or_default();
        if count >= limit.0 {
            let words = "Too many open sockets and event streams come from your address.";
            return Err(Error::rate_limited(words, RETRY_AFTER));
        }
        taken.insert(source, count + 1);
        Ok(Seat {
            seats: Some((self.clone(), source)),
        })
    }
}

/// What counts as one source; none where there is no address, or it is not the client's.
pub(crate) fn source(client: &Client) -> Option<IpAddr> {
    if client.undeclared_proxy {
        return None;
    }
    let address: IpAddr = client.ip.as_deref()?.parse().ok()?;
    Some(match address {
        IpAddr::V6(address) if !address.is_loopback() => {
            let network = address.to_bits() >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        address => address,
    })
}

#[derive(Debug)]
pub(crate) struct Seat {
    seats: Option<(Seats, IpAddr)>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((seats, source)) = &self.seats else {
            return;
        };
        let mut taken = seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(source) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                taken.remove(source);
            }
        }
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
    fn a_source_has_so_many_seats_and_no_more() {
        let (seats, limit) = (Seats::default(), SeatLimit(2));
        let take = |ip| seats.take(&client(ip), limit);
        let held = (take("192.0.2.1"), take("192.0.2.1"));
        let refused = take("192.0.2.1").expect_err("no seat is left");
        assert_eq!(refused.retry_after, Some(30));
        assert!(take("192.0.2.2").is_ok());
        drop(held.1);
        let again = take("192.0.2.1").expect("one is free again");
        assert!(take("192.0.2.1").is_err());
        drop((held.0, again));
        assert!(seats.0.lock().expect("a lock").is_empty());
    }

    #[test]
    fn a_network_of_one_user_is_one_source() {
        let (seats, limit) = (Seats::default(), SeatLimit(1));
        let _held = seats.take(&client("2001:db8::1"), limit).expect("a seat");
        assert!(seats.take(&client("2001:db8::ffff:2"), limit).is_err());
        assert!(seats.take(&client("2001:db8:0:1::1"), limit).is_ok());
    }

    #[test]
    fn a_client_behind_an_undeclared_proxy_is_not_counted() {
        let seats = Seats::default();
        let unknown = Client {
            undeclared_proxy: true,
            ..client("127.0.0.1")
        };
        let take = |client: &Client| seats.take(client, SeatLimit(1));
        let _held = [take(&unknown), take(&unknown)].map(|seat| seat.expect("it is not counted"));
        let _one = take(&client("127.0.0.1")).expect("a seat");
        assert!(take(&client("127.0.0.1")).is_err());
    }
}
