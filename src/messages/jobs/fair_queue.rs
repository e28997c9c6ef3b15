//! Which claimed message is sent next, and how many messages are claimed ahead.
//!
//! - Urgent messages come first, and a quarter of the places is reserved for them.
//! - Accounts take turns, and so do the recipient domains of an account.
//! - A domain has two places and an account an eighth of them, until they have shown that they are quick: see [`speed`]. In both
//!   lanes together, an account never has the last quarter.
//! - A domain, an account and a lane hold about as many claimed messages as they send in a second.

mod speed;
mod tally;
mod waiting;

use std::time::Duration;

use crate::base::ids::AccountId;
use crate::messages::model::due::Flow;
use crate::messages::model::queue::Claims;
use crate::messages::model::{PRIORITY_BULK, PRIORITY_REQUESTED, PRIORITY_STAFF};
use speed::{Speed, Speeds};
use tally::Tally;
use waiting::Waiting;

/// Places of a domain that is slow, or not known yet.
const SLOW_DOMAIN_PLACES: usize = 2;
/// An account may hold this many claimed messages, whatever others hold.
const ACCOUNT_MINIMUM: usize = 2;
/// The most claimed messages of a domain or an account, and of a lane.
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
    /// Those for standard messages, and for any one account.
    shared: usize,
}

/// A claimed message in its flow.
#[derive(Clone, Debug)]
pub(crate) struct Queued<T> {
    pub lane: Lane,
    pub flow: Flow,
    pub item: T,
}

struct LaneState<T> {
    waiting: Waiting<T>,
    speed: Speed,
    /// Messages that are claimed and not finished.
    claimed: Tally<Flow>,
    claimed_of_account: Tally<AccountId>,
    claimed_to_domain: Tally<String>,
    in_flight_of_account: Tally<AccountId>,
    in_flight_to_domain: Tally<String>,
}

pub(crate) struct FairQueue<T> {
    places: Places,
    urgent: LaneState<T>,
    standard: LaneState<T>,
    domains: Speeds<String>,
    accounts: Speeds<AccountId>,
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
        let reserved = (connections / 4).max(1);
        Self {
            total: connections,
            shared: connections.saturating_sub(reserved).max(1),
        }
    }
}

impl<T> LaneState<T> {
    fn new(places: usize) -> Self {
        Self {
            waiting: Waiting::default(),
            speed: Speed::new(places),
            claimed: Tally::default(),
            claimed_of_account: Tally::default(),
            claimed_to_domain: Tally::default(),
            in_flight_of_account: Tally::default(),
            in_flight_to_domain: Tally::default(),
        }
    }

    fn hold(&mut self, flow: &Flow, count: usize) {
        self.claimed.add(flow, count);
        self.claimed_of_account.add(&flow.account_id, count);
        self.claimed_to_domain.add(&flow.domain, count);
    }

    fn let_go(&mut self, flow: &Flow, count: usize) {
        self.claimed.subtract(flow, count);
        self.claimed_of_account.subtract(&flow.account_id, count);
        self.claimed_to_domain.subtract(&flow.domain, count);
    }
}

impl<T> FairQueue<T> {
    pub(crate) fn new(places: Places) -> Self {
        let half = (places.total / 2).max(1);
        Self {
            places,
            urgent: LaneState::new(places.total),
            standard: LaneState::new(places.shared),
            domains: Speeds::new(SLOW_DOMAIN_PLACES, half),
            accounts: Speeds::new(places.total / 8, half),
        }
    }

    /// Whether the lane takes more claims.
    pub(crate) fn has_room(&mut self, lane: Lane) -> bool {
        self.lane(lane).claimed.total() < MAX_LANE_AHEAD
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
        let of_domain = self.domains.get(flow.domain.as_str()).ahead(MAX_AHEAD);
        let of_account = self.accounts.get(&flow.account_id).ahead(MAX_AHEAD);
        let lane = self.lane(lane);
        let (claimed, held) = (
            lane.claimed.total(),
            lane.claimed_of_account.get(&flow.account_id),
        );
        let minimum = ACCOUNT_MINIMUM
            .saturating_sub(held)
            .min(MAX_LANE_AHEAD.saturating_sub(claimed));
        room(of_domain, lane.claimed_to_domain.get(&flow.domain))
            .min(room(of_domain.div_ceil(2), lane.claimed.get(flow)))
            .min(room(of_account, held))
            .min(room(lane.speed.ahead(MAX_LANE_AHEAD), claimed).max(minimum))
    }

    /// Replaces reservations by what was claimed.
    pub(crate) fn fill<'a>(
        &mut self,
        lane: Lane,
        reserved: impl IntoIterator<Item = &'a (Flow, usize)>,
        claimed: Vec<Queued<T>>,
    ) {
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
        (standard_in_flight < self.places.shared)
            .then(|| self.start_in(Lane::Standard))
            .flatten()
    }

    fn start_in(&mut self, lane: Lane) -> Option<Queued<T>> {
        let (shared, accounts, domains) = (self.places.shared, &mut self.accounts, &mut self.domains);
        let (state, other) = match lane {
            Lane::Urgent => (&mut self.urgent, &self.standard),
            Lane::Standard => (&mut self.standard, &self.urgent),
        };
        let (of_account, to_domain) = (&state.in_flight_of_account, &state.in_flight_to_domain);
        let (flow, item) = state.waiting.take_turn(
            |account| {
                let in_lane = of_account.get(account);
                let in_both = in_lane + other.in_flight_of_account.get(account);
                in_lane < accounts.get(account).places && in_both < shared
            },
            |domain| to_domain.get(domain) < domains.get(domain).places,
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
            self.domains.record(&flow.domain, took);
            self.accounts.record(&flow.account_id, took);
        }
        self.room(lane, flow) > 0
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
