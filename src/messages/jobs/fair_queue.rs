//! Which claimed message is sent next, and how many messages are claimed ahead.
//!
//! - Urgent messages come first, and a quarter of the places is reserved for them.
//! - Accounts take turns, and so do the recipient domains of an account.
//! - An account may hold half of the places, and a domain as many as its server deserves: two at first and when it is slow,
//!   twice as many after each message that it takes quickly.
//! - A flow, an account and a lane hold about as many claimed messages as they send in a second.

mod tally;
mod waiting;

use std::num::NonZeroUsize;
use std::time::Duration;

use lru::LruCache;

use crate::base::ids::AccountId;
use crate::messages::model::queue::{Claims, Flow};
use crate::messages::model::{PRIORITY_BULK, PRIORITY_REQUESTED, PRIORITY_STAFF};
use tally::Tally;
use waiting::Waiting;

/// A domain is slow if a message to it takes this long.
const SLOW: Duration = Duration::from_secs(2);
/// Places of a domain that is slow, or not known yet.
const SLOW_PLACES: usize = 2;
/// Domains whose speed is remembered.
const KNOWN_DOMAINS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);

/// The most claimed messages of an account, and of a lane.
const MAX_AHEAD: usize = 400;
const MAX_LANE_AHEAD: usize = 2 * MAX_AHEAD;
/// The most messages of a flow in one claim.
const MAX_BATCH: usize = 200;

/// Messages of different lanes don't wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// What a recipient is waiting for.
    Urgent,
    /// What staff and bulk jobs send.
    Standard,
}

/// Messages being sent at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    total: usize,
    standard: usize,
    account: usize,
    domain: usize,
}

/// A claimed message in its flow.
#[derive(Clone, Debug)]
pub(crate) struct Queued<T> {
    pub lane: Lane,
    pub flow: Flow,
    pub item: T,
}

/// How fast a recipient domain, or a whole lane, takes messages.
#[derive(Clone, Copy, Debug)]
struct Speed {
    places: usize,
    /// The moving average of the duration of one message.
    time: Option<Duration>,
}

struct LaneState<T> {
    waiting: Waiting<T>,
    speed: Speed,
    /// Messages that are claimed and not finished.
    claimed: Tally<Flow>,
    claimed_of_account: Tally<AccountId>,
    in_flight_of_account: Tally<AccountId>,
    in_flight_to_domain: Tally<String>,
}

pub(crate) struct FairQueue<T> {
    places: Places,
    urgent: LaneState<T>,
    standard: LaneState<T>,
    domains: LruCache<String, Speed>,
}

impl Lane {
    /// In the order of claiming.
    pub(crate) fn priorities(self) -> &'static [i16] {
        match self {
            Self::Urgent => &[PRIORITY_REQUESTED],
            Self::Standard => &[PRIORITY_STAFF, PRIORITY_BULK],
        }
    }
}

impl Places {
    pub(crate) fn of(connections: usize) -> Self {
        let reserved = connections / 4;
        let half = (connections / 2).max(1);
        Self {
            total: connections,
            standard: connections - reserved,
            account: half,
            domain: half,
        }
    }
}

impl Speed {
    fn new(places: usize) -> Self {
        Self { places, time: None }
    }

    fn record(&mut self, took: Duration) {
        let took = took.min(SLOW);
        self.time = Some(self.time.map_or(took, |time| (time * 7 + took) / 8));
    }

    /// How many messages to claim ahead.
    fn ahead(&self, max: usize) -> usize {
        let least = 2 * self.places;
        let in_a_second = self.time.map_or(least, |time| {
            let micros = usize::try_from(time.as_micros()).unwrap_or(usize::MAX);
            self.places.saturating_mul(1_000_000) / micros.max(1)
        });
        in_a_second.clamp(least, max.max(least))
    }
}

impl<T> LaneState<T> {
    fn new(places: usize) -> Self {
        Self {
            waiting: Waiting::default(),
            speed: Speed::new(places),
            claimed: Tally::default(),
            claimed_of_account: Tally::default(),
            in_flight_of_account: Tally::default(),
            in_flight_to_domain: Tally::default(),
        }
    }

    fn hold(&mut self, flow: &Flow, count: usize) {
        self.claimed.add(flow, count);
        self.claimed_of_account.add(&flow.account_id, count);
    }

    fn let_go(&mut self, flow: &Flow, count: usize) {
        self.claimed.subtract(flow, count);
        self.claimed_of_account.subtract(&flow.account_id, count);
    }
}

impl<T> FairQueue<T> {
    pub(crate) fn new(places: Places) -> Self {
        Self {
            places,
            urgent: LaneState::new(places.total),
            standard: LaneState::new(places.standard),
            domains: LruCache::new(KNOWN_DOMAINS),
        }
    }

    /// Whether the lane takes more claims.
    pub(crate) fn has_room(&mut self, lane: Lane) -> bool {
        let lane = self.lane(lane);
        room(lane.speed.ahead(MAX_LANE_AHEAD), lane.claimed.total()) > 0
    }

    /// How many messages of these flows to claim. They count as claimed until [`Self::fill`].
    pub(crate) fn reserve(&mut self, lane: Lane, flows: Vec<Flow>) -> Claims {
        let mut claims = Claims::new();
        for flow in flows {
            let room = self.room(lane, &flow).min(MAX_BATCH);
            if room > 0 {
                self.lane(lane).hold(&flow, room);
                claims.push((flow, room));
            }
        }
        claims
    }

    fn room(&mut self, lane: Lane, flow: &Flow) -> usize {
        let (domain, account_places) = (self.domain(&flow.domain), self.places.account);
        let lane = self.lane(lane);
        let account = Speed {
            places: account_places,
            ..lane.speed
        };
        let of_account = lane.claimed_of_account.get(&flow.account_id);
        room(domain.ahead(MAX_AHEAD), lane.claimed.get(flow))
            .min(room(account.ahead(MAX_AHEAD), of_account))
            .min(room(lane.speed.ahead(MAX_LANE_AHEAD), lane.claimed.total()))
    }

    /// Replaces reservations by what was claimed.
    pub(crate) fn fill(&mut self, lane: Lane, reserved: &Claims, claimed: Vec<Queued<T>>) {
        let state = self.lane(lane);
        for (flow, count) in reserved {
            state.let_go(flow, *count);
        }
        for queued in claimed {
            state.hold(&queued.flow, 1);
            state.waiting.push(queued.flow, queued.item);
        }
    }

    /// The message to send now, if a place is free for one. It holds the place until [`Self::finish`].
    pub(crate) fn start_next(&mut self) -> Option<Queued<T>> {
        let standard_in_flight = self.standard.in_flight_of_account.total();
        if self.urgent.in_flight_of_account.total() + standard_in_flight >= self.places.total {
            return None;
        }
        if let Some(next) = self.start_in(Lane::Urgent) {
            return Some(next);
        }
        (standard_in_flight < self.places.standard)
            .then(|| self.start_in(Lane::Standard))
            .flatten()
    }

    fn start_in(&mut self, lane: Lane) -> Option<Queued<T>> {
        let (places, domains) = (self.places, &mut self.domains);
        let state = match lane {
            Lane::Urgent => &mut self.urgent,
            Lane::Standard => &mut self.standard,
        };
        let (of_account, to_domain) = (&state.in_flight_of_account, &state.in_flight_to_domain);
        let (flow, item) = state.waiting.take_turn(
            |account| of_account.get(account) < places.account,
            |domain| {
                let speed = domains.get(domain).copied().unwrap_or(Speed::new(SLOW_PLACES));
                to_domain.get(domain) < speed.places.min(places.domain)
            },
        )?;
        state.in_flight_of_account.add(&flow.account_id, 1);
        state.in_flight_to_domain.add(&flow.domain, 1);
        Some(Queued { lane, flow, item })
    }

    /// Frees the place of a message. `took`: how long its server needed, unless nothing was sent. Returns whether more of the flow
    /// may be claimed.
    pub(crate) fn finish(&mut self, lane: Lane, flow: &Flow, took: Option<Duration>) -> bool {
        let state = self.lane(lane);
        state.let_go(flow, 1);
        state.in_flight_of_account.subtract(&flow.account_id, 1);
        state.in_flight_to_domain.subtract(&flow.domain, 1);
        if let Some(took) = took {
            state.speed.record(took);
            let mut speed = self.domain(&flow.domain);
            speed.record(took);
            speed.places = if took >= SLOW {
                SLOW_PLACES
            } else {
                (2 * speed.places).min(self.places.domain)
            };
            self.domains.put(flow.domain.clone(), speed);
        }
        self.room(lane, flow) > 0
    }

    fn domain(&mut self, domain: &str) -> Speed {
        let known = self.domains.get(domain).copied();
        known.unwrap_or(Speed::new(SLOW_PLACES))
    }

    fn lane(&mut self, lane: Lane) -> &mut LaneState<T> {
        match lane {
            Lane::Urgent => &mut self.urgent,
            Lane::Standard => &mut self.standard,
        }
    }
}

/// Claims are made when half is used up: a few large ones cost less than many small ones.
fn room(ahead: usize, claimed: usize) -> usize {
    if claimed <= ahead / 2 { ahead - claimed } else { 0 }
}

#[cfg(test)]
mod tests;
