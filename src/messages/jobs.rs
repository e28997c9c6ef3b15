//! Delivery: claims due messages, sends them with no transaction open, and records their outcomes.
//!
//! Claimers fill a queue for each channel that shares its places fairly ([`fair_queue`]). The sender starts what the queues give it
//! and reports outcomes. The marker writes all outcomes since its last transaction in the next one. While it fails, nothing is sent.
//!
//! After a kill, at most [`MAX_UNMARKED`] messages are sent again: those in flight, and those sent whose outcome was not written.

mod claim;
mod fair_queue;
mod give_up;
mod mark;
mod outcomes;
mod presence;
mod release;
mod render;
mod send;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use tokio::sync::mpsc::{Sender, channel};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::base::ids::MessageId;
use crate::messages::emails::PreparedMessage;
use crate::messages::model::due::Flow;
use crate::messages::model::outcome::Outcome;
use crate::messages::model::queue::Claims;
use crate::messages::model::{Channel, Message};
use crate::worker::Worker;
use fair_queue::{FairQueue, Lane, Places, Queued};

/// Messages that are in flight, or whose outcome is not written yet.
const MAX_UNMARKED: usize = 128;
/// Two claimers, so that a batch is ready while the last one is being sent.
const STANDARD_CLAIMERS: usize = 2;

/// Text messages that are sent at once. The provider queues what it accepts.
const SMS_CONNECTIONS: usize = 16;

/// An email may take 30 s, a text message 15 s; with less of its lease left, another worker could send it as well.
const LEASE_LEFT: TimeDelta = TimeDelta::seconds(35);
/// The rest of the lease, to write the outcome.
const MARK_TIME: TimeDelta = TimeDelta::seconds(2);

/// For the messages in flight when the worker stops.
const STOP_TIME: Duration = Duration::from_secs(10);

/// A message and the outcome of its attempt.
type Finished = (Message, Outcome);

/// A message to send, and the end of its lease.
struct Ready {
    prepared: Box<PreparedMessage>,
    lease_ends_at: DateTime<Utc>,
}

/// What the loops share.
struct Delivery {
    worker: Arc<Worker>,
    state: Mutex<State>,
    /// Changes when a message may be started.
    sendable: watch::Sender<()>,
    /// Changes when more may be claimed.
    room: watch::Sender<()>,
}

struct State {
    email: Line,
    sms: Line,
    /// The claimed messages whose outcome is not written, and whether they were started.
    held: HashMap<MessageId, bool>,
    unmarked: usize,
    marking_fails: bool,
    /// Without its lock, another worker could take over what this one sends.
    locked: bool,
    /// When a claim failed, perhaps after it was committed.
    claim_failed_at: Option<DateTime<Utc>>,
}

/// What goes out by one channel.
struct Line {
    queue: FairQueue<Ready>,
    /// Its server can't be reached.
    server_down: bool,
}

pub(crate) async fn run(worker: Arc<Worker>, stop: CancellationToken) {
    let delivery = Arc::new(Delivery::new(Arc::clone(&worker)));
    let (outcomes, finished) = channel(MAX_UNMARKED);
    let work = async {
        tokio::join!(
            Box::pin(delivery.claim_all(&stop, outcomes.clone())),
            delivery.send_all(&stop, outcomes),
            Box::pin(delivery.mark_all(finished)),
            delivery.watch_server(Channel::Email, &stop),
            delivery.watch_server(Channel::Sms, &stop),
        )
    };
    let stop_timeout = async {
        stop.cancelled().await;
        sleep(STOP_TIME).await;
    };
    let work_and_release = async {
        tokio::select! {
            _ = work => {}
            () = stop_timeout => tracing::warn!("stopped with messages in flight: they will be sent again"),
        }
        delivery.release_unstarted().await;
    };
    // The lock is held to the end: without it, other workers take this one for dead.
    tokio::select! {
        () = Box::pin(delivery.hold_lock()) => {}
        () = work_and_release => {}
    }
}

impl Delivery {
    fn new(worker: Arc<Worker>) -> Self {
        let connections = worker.parts.mailer.connections();
        Self {
            worker,
            state: Mutex::new(State {
                email: Line::new(connections),
                sms: Line::new(SMS_CONNECTIONS),
                held: HashMap::new(),
                unmarked: 0,
                marking_fails: false,
                locked: false,
                claim_failed_at: None,
            }),
            sendable: watch::Sender::new(()),
            room: watch::Sender::new(()),
        }
    }

    async fn claim_all(&self, stop: &CancellationToken, outcomes: Sender<Finished>) {
        let standard = std::iter::repeat_n(Lane::Standard, STANDARD_CLAIMERS);
        let lanes = std::iter::once(Lane::Urgent).chain(standard);
        tokio::join!(
            join_all(lanes.map(|lane| self.claim_lane(lane, stop, outcomes.clone()))),
            self.give_up_overdue(stop, outcomes.clone()),
        );
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes an outcome to the marker. An error means that the worker stops.
    async fn report(&self, outcomes: &Sender<Finished>, finished: Finished) {
        {
            let mut state = self.state();
            state.unmarked += 1;
            state.held.insert(finished.0.id, false);
        }
        let _marker_gone = outcomes.send(finished).await;
    }
}

impl Line {
    fn new(connections: usize) -> Self {
        Self {
            queue: FairQueue::new(Places::of(connections)),
            server_down: false,
        }
    }

    fn has_room(&mut self, lane: Lane) -> bool {
        !self.server_down && self.queue.has_room(lane)
    }

    fn start_next(&mut self) -> Option<Queued<Ready>> {
        if self.server_down {
            return None;
        }
        self.queue.start_next()
    }
}

impl State {
    fn line(&mut self, channel: Channel) -> &mut Line {
        match channel {
            Channel::Email => &mut self.email,
            Channel::Sms => &mut self.sms,
        }
    }

    fn paused(&self) -> bool {
        self.marking_fails || !self.locked
    }

    /// How many messages of these flows to claim: none of a channel whose server can't be reached.
    fn reserve(&mut self, lane: Lane, flows: Vec<Flow>) -> Claims {
        let (emails, texts) = flows
            .into_iter()
            .partition(|flow| flow.channel() == Channel::Email);
        let mut claims = Claims::new();
        for (line, flows) in [(&mut self.email, emails), (&mut self.sms, texts)] {
            if !line.server_down {
                claims.extend(line.queue.reserve(lane, flows));
            }
        }
        claims
    }

    /// Replaces reservations by what was claimed.
    fn fill(&mut self, lane: Lane, claims: &Claims, ready: Vec<Queued<Ready>>) {
        let ids = ready.iter().map(|one| (one.item.prepared.message.id, false));
        self.held.extend(ids);
        let (emails, texts) = ready
            .into_iter()
            .partition(|one| one.flow.channel() == Channel::Email);
        for (channel, ready) in [(Channel::Email, emails), (Channel::Sms, texts)] {
            let reserved = claims.iter().filter(|(flow, _)| flow.channel() == channel);
            self.line(channel).queue.fill(lane, reserved, ready);
        }
    }

    fn start_next(&mut self) -> Option<Queued<Ready>> {
        if self.paused() || self.unmarked >= MAX_UNMARKED {
            return None;
        }
        let next = self.email.start_next().or_else(|| self.sms.start_next())?;
        self.held.insert(next.item.prepared.message.id, true);
        self.unmarked += 1;
        Some(next)
    }
}
