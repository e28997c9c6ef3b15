//! Limits the requests of one source: an IPv4 address, or the /64 network of an IPv6 address. A socket counts with its
//! handshake and with each `subscribe`; a batch counts as one request, and its operations have their own limits.
//!
//! The counters are in the memory of this instance: the limit protects the server (OWASP ASVS 5.0, 2.4.1), and is not meant
//! against guessing secrets.

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
use crate::http::body;
use crate::http::media::MediaType;
use crate::http::result::HttpError;

/// How many sources are tracked. An evicted source starts over: the limit can't stop an attacker with that many anyway.
const MAX_SOURCES: usize = 50_000;

/// Requests per second, with a burst of twice as many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestsPerSecond(NonZeroU32);

impl RequestsPerSecond {
    const DEFAULT: Self = Self(NonZeroU32::MIN.saturating_add(199));
    const MAX: u32 = 1_000_000;

    /// The default: no limit for a server that only its own machine can reach.
    pub fn default_for(local: bool) -> Option<Self> {
        (!local).then_some(Self::DEFAULT)
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
            .filter(|count: &NonZeroU32| count.get() <= Self::MAX)
            .map(Self)
            .ok_or_else(|| format!("write a whole number from 1 to {}", Self::MAX))
    }
}

type Limiter<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// The limiters of recent sources. Clones share them.
#[derive(Clone)]
pub struct RateLimit<C: Clock = DefaultClock> {
    quota: Quota,
    clock: C,
    limiters: Arc<Mutex<LruCache<IpAddr, Limiter<C>>>>,
}

impl RateLimit {
    pub fn new(rate: RequestsPerSecond) -> Self {
        Self::with_clock(rate, DefaultClock::default())
    }
}

impl<C: Clock + Clone> RateLimit<C> {
    fn with_clock(rate: RequestsPerSecond, clock: C) -> Self {
        Self {
            quota: rate.quota(),
            clock,
            // Unbounded, because a bounded cache allocates its capacity at once; `check` evicts.
            limiters: Arc::new(Mutex::new(LruCache::unbounded())),
        }
    }

    /// Counts a request. A client without an address, as on a Unix socket, is not counted.
    ///
    /// # Errors
    /// `RATE_LIMITED`, with the seconds until the next request is allowed.
    pub fn check(&self, client: &Client) -> Result<()> {
        let Some(source) = client.network() else {
            return Ok(());
        };
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        let new_limiter = || RateLimiter::direct_with_clock(self.quota, self.clock.clone());
        let checked = limiters.get_or_insert(source, new_limiter).check();
        if limiters.len() > MAX_SOURCES {
            limiters.pop_lru();
        }
        drop(limiters);
        checked.map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            Error::rate_limited("Too many requests come from your address.", seconds.max(1))
        })
    }
}

/// An endpoint with a rate limit per source; without one, it is unlimited.
pub struct RateLimited<P> {
    endpoint: P,
    rate_limit: Option<RateLimit>,
}

impl<P> RateLimited<P> {
    pub fn new(endpoint: P, rate_limit: Option<RateLimit>) -> Self {
        Self { endpoint, rate_limit }
    }
}

impl<P: Endpoint<Output = Response>> Endpoint for RateLimited<P> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let checked = match &self.rate_limit {
            Some(rate_limit) => rate_limit.check(&Client::from_request(&request)),
            None => Ok(()),
        };
        if let Err(error) = checked {
            body::drain_on_drop(&mut request);
            let media = MediaType::negotiate(request.headers()).unwrap_or(MediaType::GraphqlResponse);
            return Ok(HttpError::from_error(error).respond(media));
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

    fn rate_limit(text: &str) -> (RateLimit<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let rate = text.parse().expect("a rate");
        (RateLimit::with_clock(rate, clock.clone()), clock)
    }

    #[test]
    fn a_source_may_send_a_burst_and_then_the_rate() {
        let (rate_limit, clock) = rate_limit("200");
        let sent = |count: usize| {
            (0..count)
                .filter(|_| rate_limit.check(&client("192.0.2.1")).is_ok())
                .count()
        };
        assert_eq!(sent(401), 400);
        assert!(rate_limit.check(&client("192.0.2.2")).is_ok(), "another source");
        clock.advance(Duration::from_micros(4_999));
        assert_eq!(sent(1), 0);
        clock.advance(Duration::from_micros(1));
        assert_eq!(sent(2), 1);
        clock.advance(Duration::from_secs(1));
        assert_eq!(sent(300), 200);
        clock.advance(Duration::from_secs(60));
        assert_eq!(sent(500), 400, "unused requests don't accumulate");
    }

    #[test]
    fn a_refused_client_is_told_when_to_retry() {
        let (rate_limit, clock) = rate_limit("1");
        let checked = || {
            rate_limit
                .check(&client("192.0.2.1"))
                .map_err(|error| error.retry_after)
        };
        assert_eq!((checked(), checked()), (Ok(()), Ok(())));
        assert_eq!(checked(), Err(Some(1)));
        clock.advance(Duration::from_millis(999));
        assert_eq!(checked(), Err(Some(1)));
        clock.advance(Duration::from_millis(1));
        assert_eq!(checked(), Ok(()));
    }

    #[test]
    fn an_ipv6_network_is_one_source() {
        let (rate_limit, _) = rate_limit("1");
        let checked = |ip| rate_limit.check(&client(ip)).is_ok();
        assert!(checked("2001:db8::1") && checked("2001:db8::2"));
        assert!(!checked("2001:db8::ffff:3"));
        assert!(checked("2001:db8:0:1::1"));
        let nowhere = Client::default();
        assert!(
            (0..9).all(|_| rate_limit.check(&nowhere).is_ok()),
            "no address, no limit"
        );
    }

    #[test]
    fn the_number_of_tracked_sources_is_limited() {
        let (rate_limit, _) = rate_limit("1");
        let ip = |number: usize| {
            let bits = u32::try_from(number).expect("it fits");
            client(&std::net::Ipv4Addr::from_bits(bits).to_string())
        };
        for number in 0..MAX_SOURCES + 10 {
            rate_limit.check(&ip(number)).expect("its first request");
        }
        assert_eq!(rate_limit.limiters.lock().expect("a lock").len(), MAX_SOURCES);
    }

    #[test]
    fn a_rate_is_a_whole_number_from_one_to_a_million() {
        for text in ["0", "-1", "1.5", "many", "", "1000001", "4294967296"] {
            assert!(text.parse::<RequestsPerSecond>().is_err(), "{text}");
        }
        for text in ["1", "1000000"] {
            assert!(text.parse::<RequestsPerSecond>().is_ok(), "{text}");
        }
        assert_eq!(RequestsPerSecond::DEFAULT.0.get(), 200);
    }
}
