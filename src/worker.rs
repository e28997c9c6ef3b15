//! The worker: delivers messages and works off bulk jobs, in `serve` or in a process of its own. Any number may run.

pub mod sweep;

use std::sync::Arc;
use std::time::Duration;

use graphql_server::LogLimit;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::accounts::urls::Addresses;
use crate::base::clock::Clock;
use crate::base::db::Db;
use crate::bulk_jobs::jobs as bulk;
use crate::live::{Live, Topic};
use crate::messages::jobs as deliver;
use crate::messages::metrics::DeliveryMetrics;
use crate::sign_in::keys::Keys;
use mailer::{Mailbox, Mailer};

/// A wake-up can be lost and a retry comes due by itself: nobody sleeps longer.
pub(crate) const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// What a worker works with.
#[derive(Clone)]
pub struct WorkerParts {
    pub db: Db,
    pub clock: Clock,
    pub mailer: Mailer,
    pub live: Live,
    pub addresses: Addresses,
    /// The sender for accounts without a sending domain.
    pub mail_from: Mailbox,
    /// Messages that an account may send in a day.
    pub daily_messages: i64,
    /// What the secrets of mails follow from.
    pub keys: Keys,
    pub metrics: DeliveryMetrics,
}

pub struct Worker {
    pub(crate) parts: WorkerParts,
    /// Whose leases are ours.
    pub(crate) owner: Uuid,
    /// Of mail that fails.
    pub(crate) warnings: LogLimit,
}

impl Worker {
    pub fn new(parts: WorkerParts) -> Self {
        let owner = parts.clock.moment().uuid();
        Self {
            parts,
            owner,
            warnings: LogLimit::default(),
        }
    }

    /// Works until told to stop, then lets what it has begun come to its end, for 10 s at most.
    /// Dropped instead, it leaves at once, and what it held comes due again when its leases end.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut loops = JoinSet::new();
        loops.spawn(deliver::run(Arc::clone(&self), stop.clone()));
        loops.spawn(bulk::run(Arc::clone(&self), stop.clone()));
        loops.spawn(sweep::run(self, stop));
        while let Some(ended) = loops.join_next().await {
            if let Err(error) = ended {
                tracing::error!("a loop of the worker ended: {error}");
            }
        }
    }

    /// Sleeps until there may be something to do: messages to send, or jobs.
    pub(crate) async fn rest(&self, of: Topic, stop: &CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.parts.live.woken(of) => {}
            () = tokio::time::sleep(LONGEST_SLEEP) => {}
        }
    }
}
