//! The worker: delivers messages and runs bulk jobs, in `serve` or in its own process. Any number may run.

pub(crate) mod backoff;
pub(crate) mod sweep;

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

/// A wake-up can be lost, and retries become due without one: no loop sleeps longer.
pub(crate) const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// What a worker needs.
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
    /// What the secrets in emails are derived from.
    pub keys: Keys,
    pub metrics: DeliveryMetrics,
}

pub struct Worker {
    pub(crate) parts: WorkerParts,
    /// Identifies the leases of this worker.
    pub(crate) owner: Uuid,
    /// Limits the warnings about emails that fail.
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

    /// Works until `stop`, then finishes what is in flight, for 10 s at most.
    /// If dropped instead, it ends at once, and its messages become due again when their leases expire.
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

    /// Sleeps until there may be work: messages to send, or jobs.
    pub(crate) async fn idle(&self, of: Topic, stop: &CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.parts.live.woken(of) => {}
            () = tokio::time::sleep(LONGEST_SLEEP) => {}
        }
    }
}
