//! How many requests one source may send: an IPv4 address, or the /64 that an IPv6 user has. A socket counts by its
//! handshake and by each `subscribe`, a batch as one request: what is in it has limits of its own.
//!
//! In memory, for this instance alone: it protects the server (OWASP ASVS 5.0, 2.4.1), and is no limit of guesses at secrets.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use lru::LruCache;
use poem::{Endpoint, Request, Response};

use crate::client::Client;
use crate::error::{Error, Result};
use crate::http::answer::Refusal;
use crate::http::body;
use crate::http::media::Media;

/// How many sources are known. A forgotten one begins anew: an attacker with so many of them is not held up by this anyway.
const KNOWN: usize = 50_000;

/// Requests a second, and twice as many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestsPerSecond(NonZeroU32);

impl RequestsPerSecond {
    const USUAL: Self = Self(NonZeroU32::MIN.saturating_add(199));
    const MOST: u32 = 1_000_000;

    /// Where the settings say nothing: no limit for a server that only its own machine can reach.
    pub fn usual(local: bool) -> Option<Self> {
        (!local).then_some(Self::USUAL)
    }

    fn quota(self) -> Quota {
        Quota::per_second(self.0).allow_burst(self.0.saturating_mul(NonZeroU32::MIN.saturating_add(1)))
    }
}

impl FromStr for RequestsPerSecond {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse()
            .ok()
            .filter(|count: &NonZeroU32| count.get() <= Self::MOST)
            .map(Self)
            .ok_or_else(|| format!("write a whole number from 1 to {}", Self::MOST))
    }
}

type Limiter<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// The sources that were seen lately. All clones share them.
#[derive(Clone)]
pub struct RateLimit<C: Clock = DefaultClock> {
    quota: Quota,
    clock: C,
    known: Arc<Mutex<LruCache<IpAddr, Limiter<C>>>>,
}

impl RateLimit {
    pub fn new(rate: RequestsPerSecond) -> Self {
        Self::by(rate, DefaultClock::default())
    }
}

impl<C: Clock + Clone> RateLimit<C> {
    fn by(rate: RequestsPerSecond, clock: C) -> Self {
        Self {
            quota: rate.quota(),
            clock,
            // Unbounded, for a bounded one takes its limit at once; see `take`.
            known: Arc::new(Mutex::new(LruCache::unbounded())),
        }
    }

    /// Counts a request, or says when the next one may come. A client without an address, as on a Unix socket, is not counted.
    ///
    /// # Errors
    /// `RATE_LIMITED`, with the seconds to wait.
    pub fn take(&self, client: &Client) -> Result<()> {
        let Some(source) = client.network() else {
            return Ok(());
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || RateLimiter::direct_with_clock(self.quota, self.clock.clone());
        let taken = known.get_or_insert(source, made).check();
        if known.len() > KNOWN {
            known.pop_lru();
        }
        drop(known);
        taken.map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            Error::rate_limited("Too many requests come from your address.", seconds.max(1))
        })
    }
}

/// An endpoint that each source may call so often; none: any number of times.
pub struct RateLimited<P> {
    endpoint: P,
    rates: Option<RateLimit>,
}

impl<P> RateLimited<P> {
    pub fn new(endpoint: P, rates: Option<RateLimit>) -> Self {
        Self { endpoint, rates }
    }
}

impl<P: Endpoint<Output = Response>> Endpoint for RateLimited<P> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let taken = match &self.rates {
            Some(rates) => rates.take(&Client::of(&request)),
            None => Ok(()),
        };
        if let Err(error) = taken {
            body::linger(&mut request);
            let media = Media::negotiate(request.headers()).unwrap_or(Media::GraphqlResponse);
            return Ok(Refusal::by_code(error).respond(media));
        }
        self.endpoint.call(request).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn client(ip: &str) -> Client {
        Client {
            ip: Some(ip.to_owned()),
            ..Client::default()
        }
    }

    fn rates(text: &str) -> (RateLimit<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let rate = text.parse().expect("a rate");
        (RateLimit::by(rate, clock.clone()), clock)
    }

    #[test]
    fn a_source_sends_twice_a_seconds_worth_at_once_and_then_so_many_a_second() {
        let (rates, clock) = rates("200");
        let sent = |wanted: usize| {
            (0..wanted)
                .filter(|_| rates.take(&client("192.0.2.1")).is_ok())
                .count()
        };
        assert_eq!(sent(401), 400);
        assert!(rates.take(&client("192.0.2.2")).is_ok(), "another source");
        clock.advance(Duration::from_micros(4_999));
        assert_eq!(sent(1), 0);
        clock.advance(Duration::from_micros(1));
        assert_eq!(sent(2), 1);
        clock.advance(Duration::from_secs(1));
        assert_eq!(sent(300), 200);
        clock.advance(Duration::from_secs(60));
        assert_eq!(sent(500), 400, "what was not used is not saved up");
    }

    #[test]
    fn who_is_too_fast_is_told_when_to_come_again() {
        let (rates, clock) = rates("1");
        let taken = || {
            rates
                .take(&client("192.0.2.1"))
                .map_err(|error| error.retry_after)
        };
        assert_eq!((taken(), taken()), (Ok(()), Ok(())));
        assert_eq!(taken(), Err(Some(1)));
        clock.advance(Duration::from_millis(999));
        assert_eq!(taken(), Err(Some(1)));
        clock.advance(Duration::from_millis(1));
        assert_eq!(taken(), Ok(()));
    }

    #[test]
    fn a_network_of_one_user_is_one_source() {
        let (rates, _) = rates("1");
        let taken = |ip| rates.take(&client(ip)).is_ok();
        assert!(taken("2001:db8::1") && taken("2001:db8::2"));
        assert!(!taken("2001:db8::ffff:3"));
        assert!(taken("2001:db8:0:1::1"));
        let nowhere = Client::default();
        assert!(
            (0..9).all(|_| rates.take(&nowhere).is_ok()),
            "no address, no limit"
        );
    }

    #[test]
    fn so_many_sources_are_remembered_and_no_more() {
        let (rates, _) = rates("1");
        let ip = |number: usize| {
            let bits = u32::try_from(number).expect("it fits");
            client(&std::net::Ipv4Addr::from_bits(bits).to_string())
        };
        for number in 0..KNOWN + 10 {
            rates.take(&ip(number)).expect("its first request");
        }
        assert_eq!(rates.known.lock().expect("a lock").len(), KNOWN);
    }

    #[test]
    fn a_rate_is_a_whole_number_from_one_to_a_million() {
        for text in ["0", "-1", "1.5", "many", "", "1000001", "4294967296"] {
            assert!(text.parse::<RequestsPerSecond>().is_err(), "{text}");
        }
        for text in ["1", "1000000"] {
            assert!(text.parse::<RequestsPerSecond>().is_ok(), "{text}");
        }
        assert_eq!(RequestsPerSecond::USUAL.0.get(), 200);
    }
}
