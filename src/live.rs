//! What changed, told to those who watch. A nudge carries an account and a topic and no data: whoever is nudged reads anew,
//! so a lost nudge costs a second and never a wrong number.
//!
//! - [`hub`] keeps the counts of watched accounts and hands each change to their subscribers;
//! - [`activity`] does the same for new events;
//! - [`challenges`] hands on where watched sign-ins stand;
//! - [`revocations`] holds what was revoked lately, for those who check tokens without the database;
//! - [`bus`] carries nudges to and from other instances.

pub(crate) mod activity;
pub(crate) mod bus;
pub(crate) mod challenges;
pub(crate) mod hub;
pub(crate) mod revocations;
mod sign_in;
mod topics;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::Stream;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::base::clock::Clock;
use crate::base::db::{Db, deadline};
use crate::base::error::Result;
use crate::base::ids::{AccountId, BulkJobId, ChallengeId, EventId};
use crate::contacts::model::portal_stats::PortalStats;
use crate::sign_in::challenge::model::ChallengeState;

/// Nudges of this long are gathered into one reading.
pub(crate) const GATHER: Duration = Duration::from_millis(25);
/// How often watched accounts are read without any nudge: what a lost nudge costs.
pub(crate) const REPAIR: Duration = Duration::from_secs(1);

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    Counts,
    Activity,
    Job(BulkJobId),
    Challenge(ChallengeId),
    /// The id of a session, key, member or contact that lost its authorisation.
    Revoked(Uuid),
    /// There are messages to send.
    Messages,
    /// There are jobs to do.
    Jobs,
}

#[derive(Clone)]
pub struct Live(Arc<Shared>);

struct Shared {
    db: Db,
    clock: Clock,
    hub: hub::Hub,
    activity: activity::Activity,
    challenges: challenges::Challenges,
    topics: topics::Topics,
    revocations: revocations::Revocations,
    outgoing: Mutex<HashSet<(AccountId, Topic)>>,
    send: Notify,
    messages: Notify,
    jobs: Notify,
}

impl Live {
    /// Starts the tasks that keep it going; they end with `stop`.
    pub fn start(db: Db, clock: Clock, tracker: &TaskTracker, stop: &CancellationToken) -> Self {
        let live = Self(Arc::new(Shared {
            db,
            clock,
            hub: hub::Hub::default(),
            activity: activity::Activity::default(),
            challenges: challenges::Challenges::default(),
            topics: topics::Topics::default(),
            revocations: revocations::Revocations::default(),
            outgoing: Mutex::default(),
            send: Notify::new(),
            messages: Notify::new(),
            jobs: Notify::new(),
        }));
        let until = |task| stop.clone().run_until_cancelled_owned(task);
        tracker.spawn(until(Box::pin(hub::run(live.clone())) as Task));
        tracker.spawn(until(Box::pin(activity::run(live.clone())) as Task));
        tracker.spawn(until(Box::pin(challenges::run(live.clone())) as Task));
        tracker.spawn(until(Box::pin(revocations::run(live.clone())) as Task));
        tracker.spawn(until(Box::pin(bus::listen(live.clone())) as Task));
        tracker.spawn(until(Box::pin(bus::send(live.clone())) as Task));
        live
    }

    /// After a commit: says what it changed, here and to other instances. Never blocks and never fails.
    pub fn nudge(&self, account: AccountId, topics: &[Topic]) {
        for topic in topics {
            self.apply(account, *topic);
        }
        let mut outgoing = self.0.outgoing.lock().unwrap_or_else(PoisonError::into_inner);
        outgoing.extend(topics.iter().map(|topic| (account, *topic)));
        drop(outgoing);
        self.0.send.notify_one();
    }

    /// A nudge from here or elsewhere.
    fn apply(&self, account: AccountId, topic: Topic) {
        match topic {
            Topic::Counts => self.0.hub.mark(account),
            Topic::Activity => self.0.activity.mark(account),
            Topic::Revoked(subject) => self.0.revocations.add(subject, self.0.clock.now()),
            Topic::Messages => self.0.messages.notify_one(),
            Topic::Jobs => self.0.jobs.notify_one(),
            Topic::Challenge(id) => self.0.challenges.mark(account, id),
            Topic::Job(_) => self.0.topics.mark(account, topic),
        }
    }

    /// Everything that is watched may have changed: nudges were missed.
    fn repair(&self) {
        self.0.hub.mark_all();
        self.0.activity.mark_all();
        self.0.challenges.mark_all();
        self.0.messages.notify_one();
        self.0.jobs.notify_one();
    }

    /// The counts at once, then each change, in order; a slow reader skips to the newest.
    pub(crate) fn counts(&self, account: AccountId) -> impl Stream<Item = PortalStats> + Send + use<> {
        self.0.hub.watch(account)
    }

    /// One item at once, one after every nudge, and one now and then for nudges that were lost.
    pub(crate) fn changes(&self, account: AccountId, topic: Topic) -> impl Stream<Item = ()> + Send + use<> {
        self.0.topics.watch(account, topic)
    }

    /// Where a sign-in stands, then each change, until it has ended.
    pub(crate) fn challenge(
        &self,
        account: AccountId,
        id: ChallengeId,
    ) -> impl Stream<Item = ChallengeState> + Send + use<> {
        self.0.challenges.watch(account, id)
    }

    /// The ids of events that were committed from now on, none twice.
    pub fn activity(&self, account: AccountId) -> impl Stream<Item = Arc<[EventId]>> + Send + use<> {
        self.0.activity.watch(account, self.0.clock.now())
    }

    /// The counts now. Readers of one account that wait at the same moment share a statement.
    pub(crate) async fn stats(&self, account: AccountId) -> Result<PortalStats> {
        self.0.hub.read(self, account).await
    }

    pub(crate) fn revoked(&self, subjects: &[Uuid]) -> bool {
        self.0.revocations.any(subjects)
    }

    pub(crate) async fn until_revoked(&self, subjects: &[Uuid]) {
        self.0.revocations.wait(subjects).await;
    }

    /// Resolves when there may be messages to send, or jobs to do.
    pub(crate) async fn woken(&self, topic: Topic) {
        match topic {
            Topic::Jobs => self.0.jobs.notified().await,
            _ => self.0.messages.notified().await,
        }
    }

    /// Resolves when what was revoked lately is known, or soon if it can't be read.
    pub(crate) async fn warm(&self) {
        for _ in 0..200 {
            if self.ready() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Whether what was revoked lately is known.
    pub(crate) fn ready(&self) -> bool {
        self.0.revocations.fresh()
    }
}

type Task = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// Says once that something is out of reach, and once that it is back.
#[derive(Debug)]
struct Outage {
    of: &'static str,
    lasting: bool,
}

impl Outage {
    fn new(of: &'static str) -> Self {
        Self { of, lasting: false }
    }

    /// The result of some work with the database, which has a deadline.
    async fn watch<T>(&mut self, work: impl Future<Output = Result<T>>) -> Option<T> {
        self.note(deadline::within(deadline::BACKGROUND, work).await)
    }

    fn note<T>(&mut self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => {
                if std::mem::take(&mut self.lasting) {
                    tracing::info!(of = self.of, "back again");
                }
                Some(value)
            }
            Err(error) => {
                if !std::mem::replace(&mut self.lasting, true) {
                    tracing::warn!(of = self.of, error = error.report(), "unreachable, retrying");
                }
                None
            }
        }
    }
}
