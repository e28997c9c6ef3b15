//! How fast domains, accounts and lanes send: what they may have in flight, and how many messages to claim ahead for them.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::time::Duration;

use lru::LruCache;

/// A message is slow if it takes this long.
const SLOW: Duration = Duration::from_secs(2);
/// Keys whose speed is remembered.
const KNOWN: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);

#[derive(Clone, Copy, Debug)]
pub(super) struct Speed {
    pub places: usize,
    /// The moving average of the duration of one message.
    time: Option<Duration>,
}

/// The speeds of domains, or of accounts. A key starts with the fewest places, gets twice as many after each quick message, and
/// starts again after a slow one.
pub(super) struct Speeds<K: Eq + Hash> {
    known: LruCache<K, Speed>,
    fewest: usize,
    most: usize,
}

impl Speed {
    pub fn new(places: usize) -> Self {
        Self { places, time: None }
    }

    pub fn record(&mut self, took: Duration) {
        let took = took.min(SLOW);
        self.time = Some(self.time.map_or(took, |time| (time * 7 + took) / 8));
    }

    /// About as many messages as are sent in a second.
    pub fn ahead(&self, max: usize) -> usize {
        let least = 2 * self.places;
        let in_a_second = self.time.map_or(least, |time| {
            let micros = usize::try_from(time.as_micros()).unwrap_or(usize::MAX);
            self.places.saturating_mul(1_000_000) / micros.max(1)
        });
        in_a_second.clamp(least, max.max(least))
    }
}

impl<K: Clone + Eq + Hash> Speeds<K> {
    pub fn new(fewest: usize, most: usize) -> Self {
        Self {
            known: LruCache::new(KNOWN),
            fewest: fewest.clamp(1, most),
            most,
        }
    }

    pub fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Speed
    where
        K: std::borrow::Borrow<Q>,
    {
        let known = self.known.get(key).copied();
        known.unwrap_or(Speed::new(self.fewest))
    }

    pub fn record(&mut self, key: &K, took: Duration) {
        let mut speed = self.get(key);
        speed.record(took);
        speed.places = if took >= SLOW {
            self.fewest
        } else {
            (2 * speed.places).min(self.most)
        };
        self.known.put(key.clone(), speed);
    }
}
