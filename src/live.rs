//! Notifies subscribers of changes. A nudge names an account and a topic but carries no data: its receivers read the data again.
//! So a lost nudge costs at most two seconds, but never a wrong number.
//!
//! - [`hub`] reads the counts of watched accounts and sends each change to their subscribers;
//! - [`activity`] does the same for new events;
//! - [`challenges`] sends the states of watched sign-ins;
//! - [`topics`] notifies the subscribers of single objects, such as a bulk job;
//! - [`sign_in`] has the nudges after a sign-in, and after a change that ended sessions;
//! - [`revocations`] has the recent revocations, to check tokens without the database;
//! - [`bus`] exchanges nudges with other instances, over PostgreSQL or NATS.

pub(crate) mod activity;
pub mod bus;
pub(crate) mod challenges;
pub(crate) mod hub;
mod outage;
pub(crate) mod revocations;
mod sign_in;
mod topics;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{Stream, StreamExt, future, stream};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::base::clock::Clock;
use crate::base::db::{Db, deadline};
use crate::base::error::Result;
use crate::base::ids::{AccountId, BulkJobId, ChallengeId, EventId, WorkflowId};
use crate::contacts::model::portal_stats::PortalStats;
use crate::sign_in::challenge::model::ChallengeState;
use bus::Bus;
use bus::metrics::BusMetrics;
use bus::nats::NatsSettings;
use outage::Outage;

/// Nudges within this time are combined into one read.
pub(crate) const BATCH_INTERVAL: Duration = Duration::from_millis(25);
/// How often watched accounts are read without a nudge: the delay of a lost nudge.
pub(crate) const REFRESH_INTERVAL: Duration = Duration::from_secs(1);

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    Counts,
    Activity,
    Job(BulkJobId),
    /// Any job of the account. Nudged along with each of them.
    AnyJob,
    Challenge(ChallengeId),
    /// The id of a session, key, member or contact that lost its authorisation.
    Revoked(Uuid),
    /// Messages were queued.
    Messages,
    /// Jobs were queued.
    Jobs,
    /// A workflow or its runs.
    Workflow(WorkflowId),
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
    bus: Bus,
    outgoing: Mutex<HashSet<(AccountId, Topic)>>,
    outgoing_added: Notify,
    /// Several loops wait for messages.
    messages: watch::Sender<()>,
    jobs: Notify,
    /// Events happened that may concern workflows.
    workflows: watch::Sender<()>,
}

impl Shared {
    fn new(db: Db, clock: Clock) -> Self {
        Self {
            db,
            clock,
            hub: hub::Hub::default(),
            activity: activity::Activity::default(),
            challenges: challenges::Challenges::default(),
            topics: topics::Topics::default(),
            revocations: revocations::Revocations::default(),
            bus: Bus::default(),
            outgoing: Mutex::default(),
            outgoing_added: Notify::new(),
            messages: watch::Sender::new(()),
            jobs: Notify::new(),
            workflows: watch::Sender::new(()),
        }
    }
}

impl Live {
    /// Starts the background tasks; they end with `stop`. Nudges go over NATS if there are settings for it.
    pub fn start(
        db: Db,
        clock: Clock,
        nats: Option<NatsSettings>,
        tracker: &TaskTracker,
        stop: &CancellationToken,
    ) -> Self {
        let live = Self(Arc::new(Shared::new(db, clock)));
        let tasks: [Task; 6] = [
            Box::pin(hub::run(live.clone())),
            Box::pin(activity::run(live.clone())),
            Box::pin(challenges::run(live.clone())),
            Box::pin(revocations::run(live.clone())),
            Box::pin(revocations::guard_streams(live.clone())),
            Box::pin(bus::run(live.clone(), nats)),
        ];
        for task in tasks {
            tracker.spawn(stop.clone().run_until_cancelled_owned(task));
        }
        live
    }

    /// Called after a commit with the topics it changed. Notifies this instance and the others. Never blocks and never fails.
    pub fn nudge(&self, account: AccountId, topics: &[Topic]) {
        for topic in topics {
            self.apply(account, *topic);
        }
        let mut outgoing = self.0.outgoing.lock().unwrap_or_else(PoisonError::into_inner);
        outgoing.extend(topics.iter().map(|topic| (account, *topic)));
        drop(outgoing);
        self.0.outgoing_added.notify_one();
    }

    /// Handles a nudge from this or another instance.
    fn apply(&self, account: AccountId, topic: Topic) {
        match topic {
            Topic::Counts => self.0.hub.mark(account),
            Topic::Activity => {
                self.0.activity.mark(account);
                self.0.workflows.send_replace(());
            }
            Topic::Revoked(subject) => self.0.revocations.add(subject, self.0.clock.now()),
            Topic::Messages => self.0.messages.send_replace(()),
            Topic::Jobs => self.0.jobs.notify_one(),
            Topic::Challenge(id) => self.0.challenges.mark(account, id),
            Topic::Job(_) => {
                self.0.topics.mark(account, topic);
                self.0.topics.mark(account, Topic::AnyJob);
            }
            Topic::AnyJob => self.0.topics.mark(account, topic),
            Topic::Workflow(_) => {
                self.0.topics.mark(account, topic);
                self.0.workflows.send_replace(());
            }
        }
    }

    /// Handles a nudge that may be forged. It causes reads and nothing else: a revocation takes effect if it can be read.
    fn apply_untrusted(&self, account: AccountId, topic: Topic) {
        if let Topic::Revoked(_) = topic {
            self.0.revocations.read_soon();
        } else {
            self.apply(account, topic);
        }
    }

    /// Called after nudges were missed: everything that is watched may have changed.
    fn refresh_all(&self) {
        self.0.revocations.read_soon();
        self.0.hub.refresh();
        self.0.activity.mark_all();
        self.0.challenges.mark_all();
        self.0.messages.send_replace(());
        self.0.jobs.notify_one();
        self.0.workflows.send_replace(());
    }

    /// The current counts, then each change in order; a slow reader skips to the newest.
    pub(crate) fn counts(&self, account: AccountId) -> impl Stream<Item = PortalStats> + Send + use<> {
        let live = self.clone();
        // The counts that were read last may lack a change that this subscriber already knows of.
        let read = Box::pin(async move { deadline::within(deadline::BACKGROUND, live.stats(account)).await });
        let now = stream::once(read).filter_map(|read| future::ready(read.ok()));
        let mut last = None::<PortalStats>;
        now.chain(self.0.hub.watch(account)).filter(move |stats| {
            let is_new = last
                .as_ref()
                .is_none_or(|last| stats.version > last.version && !stats.same_counts(last));
            if is_new {
                last = Some(stats.clone());
            }
            future::ready(is_new)
        })
    }

    /// One item now, one after every nudge, and one at an interval in case a nudge was lost.
    pub(crate) fn changes(&self, account: AccountId, topic: Topic) -> impl Stream<Item = ()> + Send + use<> {
        self.0.topics.watch(account, topic)
    }

    /// The state of a sign-in, then each change, until it has ended.
    pub(crate) fn challenge(
        &self,
        account: AccountId,
        id: ChallengeId,
    ) -> impl Stream<Item = ChallengeState> + Send + use<> {
        self.0.challenges.watch(account, id)
    }

    /// The ids of events that are committed from now on, each once.
    pub fn activity(&self, account: AccountId) -> impl Stream<Item = Arc<[EventId]>> + Send + use<> {
        self.0.activity.watch(account, self.0.clock.now())
    }

    /// The current counts. Concurrent readers of one account share a statement.
    pub(crate) async fn stats(&self, account: AccountId) -> Result<PortalStats> {
        self.0.hub.read(self, account).await
    }

    pub(crate) fn revoked(&self, ids: &[Uuid]) -> bool {
        self.0.revocations.any(ids)
    }

    /// Fails with `UNAVAILABLE` if revocations that should have taken effect may be unknown here.
    pub(crate) async fn ensure_recent_revocations(&self) -> Result<()> {
        self.0.revocations.ensure_recent(self).await
    }

    /// Resolves when one of these is revoked, or when it is no longer known whether one is.
    pub(crate) async fn until_revoked(&self, ids: &[Uuid]) {
        self.0.revocations.wait(ids).await;
    }

    /// Resolves when a job may have been queued.
    pub(crate) async fn job_queued(&self) {
        self.0.jobs.notified().await;
    }

    /// Changes when workflows may have something to do.
    pub(crate) fn workflows_due(&self) -> watch::Receiver<()> {
        self.0.workflows.subscribe()
    }

    /// Changes when messages may have been queued.
    pub(crate) fn messages_queued(&self) -> watch::Receiver<()> {
        self.0.messages.subscribe()
    }

    /// Waits until recent revocations are known, at most two seconds.
    pub(crate) async fn wait_until_ready(&self) {
        for _ in 0..200 {
            if self.ready() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) fn bus_metrics(&self) -> &BusMetrics {
        &self.0.bus.metrics
    }

    /// Whether recent revocations are known.
    pub(crate) fn ready(&self) -> bool {
        self.0.revocations.ready()
    }
}

type Task = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;
