//! The worker: sends messages and runs bulk jobs, as a part of `serve` or as its own process. Any number of workers may run.

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
use crate::live::Live;
use crate::messages::jobs as deliver;
use crate::messages::metrics::DeliveryMetrics;
use crate::messages::texting::Texting;
use crate::sending_domains::jobs as sending_domains;
use crate::sending_domains::key::DkimKeys;
use crate::sending_domains::records::Sending;
use crate::sign_in::keys::Keys;
use crate::workflows::jobs as workflows;
use mailer::{Mailbox, Mailer};

/// The longest sleep of a loop: a wake-up can be lost, and retries become due without one.
pub(crate) const MAX_SLEEP: Duration = Duration::from_secs(1);

/// The dependencies and settings of a worker.
#[derive(Clone)]
pub struct WorkerParts {
    pub db: Db,
    pub clock: Clock,
    pub mailer: Mailer,
    pub sms: Texting,
    pub live: Live,
    pub addresses: Addresses,
    /// The sender for accounts without a sending domain.
    pub mail_from: Mailbox,
    pub sending: Sending,
    /// Messages that an account may send per day.
    pub daily_messages: i64,
    /// For deriving the secrets in emails.
    pub keys: Keys,
    pub metrics: DeliveryMetrics,
}

pub struct Worker {
    pub(crate) parts: WorkerParts,
    /// Identifies the leases of this worker.
    pub(crate) owner: Uuid,
    pub(crate) dkim_keys: DkimKeys,
    /// Limits the warnings about emails that fail.
    pub(crate) warnings: LogLimit,
}

impl Worker {
    pub fn new(parts: WorkerParts) -> Self {
        let owner = parts.clock.moment().uuid();
        Self {
            parts,
            owner,
            dkim_keys: DkimKeys::default(),
            warnings: LogLimit::default(),
        }
    }

    /// Works until `stop`, then finishes the messages in flight, for 10 s at most. If it is dropped instead, it ends at once, and
    /// its messages become due again when their leases expire.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut loops = JoinSet::new();
        loops.spawn(deliver::run(Arc::clone(&self), stop.clone()));
        loops.spawn(bulk::run(Arc::clone(&self), stop.clone()));
        loops.spawn(sending_domains::run(Arc::clone(&self), stop.clone()));
        for work in [workflows::Work::Enter, workflows::Work::Advance] {
            loops.spawn(workflows::run(Arc::clone(&self), work, stop.clone()));
        }
        loops.spawn(workflows::run_timers(Arc::clone(&self), stop.clone()));
        loops.spawn(sweep::run(self, stop));
        while let Some(ended) = loops.join_next().await {
            if let Err(error) = ended {
                tracing::error!("a loop of the worker ended: {error}");
            }
        }
    }

    /// Sleeps until work may have been queued.
    pub(crate) async fn idle(&self, queued: impl Future, stop: &CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            _ = queued => {}
            () = tokio::time::sleep(MAX_SLEEP) => {}
        }
    }
}
