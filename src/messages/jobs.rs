//! Delivery: claims due messages, sends them with no transaction open, and records their outcomes.
//!
//! Three loops with two bounded queues between them. Two claimers fill the first queue, so that a batch is ready while the last one
//! is being sent. The sender reads it and puts outcomes into the second queue. The marker writes all outcomes since its last
//! transaction in the next one.
//!
//! After a kill, messages are sent again that were being sent (at most [`MAX_IN_FLIGHT`]), or were sent and not yet marked (at
//! most [`QUEUE`] in the second queue and [`MAX_MARKED`] in the marker).

mod outcomes;
mod render;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::base::db::deadline;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::live::{Topic, Work};
use crate::messages::emails::{EmailSecrets, Prepared, PreparedEmail, prepare};
use crate::messages::model::Message;
use crate::messages::model::queue::{LEASE, Outcome};
use crate::worker::Worker;
use crate::worker::backoff::{Backoff, catch_panic};
use mailer::SendError;

/// Messages claimed at once. Urgent messages wait behind claimed ones, so a slow mail server gets smaller batches.
const MIN_BATCH: usize = 16;
const MAX_BATCH: usize = 200;
const BATCH_TIME: Duration = Duration::from_secs(1);
const QUEUE: usize = 2 * MAX_BATCH;
const MAX_MARKED: usize = 500;
/// With many in flight the marker waits this long for more: one large transaction costs less than many small ones.
const MARK_DELAY: Duration = Duration::from_millis(10);

/// Messages in flight at once.
const MAX_IN_FLIGHT: usize = 16;
/// An email may take 30 s; with less of its lease left, another worker could send it as well.
const LEASE_LEFT: TimeDelta = TimeDelta::seconds(35);
/// The rest of the lease, to write the outcome.
const MARK_TIME: TimeDelta = TimeDelta::seconds(2);

/// For the messages in flight when the worker stops.
const STOP_TIME: Duration = Duration::from_secs(10);
const RELEASE_TIME: Duration = Duration::from_secs(3);

/// A message and the outcome of its attempt.
type Finished = (Message, Outcome);

/// An email to send, and the end of the lease of its message.
struct Ready {
    email: Box<PreparedEmail>,
    lease_ends_at: DateTime<Utc>,
}

pub(crate) async fn run(worker: Arc<Worker>, stop: CancellationToken) {
    let (ready, to_send) = channel(QUEUE);
    let (outcomes, finished) = channel(QUEUE);
    let work = async {
        tokio::join!(
            worker.claim_all(&stop, ready.clone(), outcomes.clone()),
            worker.claim_all(&stop, ready, outcomes.clone()),
            send_all(&worker, &stop, to_send, outcomes),
            worker.mark_all(finished),
        )
    };
    let stop_timeout = async {
        stop.cancelled().await;
        sleep(STOP_TIME).await;
    };
    tokio::select! {
        _ = work => {}
        () = stop_timeout => tracing::warn!("stopped with messages in flight: they will be sent again"),
    }
    worker.release().await;
}

async fn send_all(
    worker: &Arc<Worker>,
    stop: &CancellationToken,
    mut ready: Receiver<Ready>,
    outcomes: Sender<Finished>,
) {
    let mut sends = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            _ = sends.join_next(), if sends.len() >= MAX_IN_FLIGHT => {}
            next = ready.recv(), if sends.len() < MAX_IN_FLIGHT => match next {
                Some(ready) => { sends.spawn(Arc::clone(worker).send_one(ready, outcomes.clone())); }
                None => break,
            },
        }
    }
    // A claimer may be waiting for room.
    drop(ready);
    drop(outcomes);
    while sends.join_next().await.is_some() {}
}

impl Worker {
    async fn claim_all(&self, stop: &CancellationToken, ready: Sender<Ready>, outcomes: Sender<Finished>) {
        let mut size = MIN_BATCH;
        let mut backoff = Backoff::new();
        while !stop.is_cancelled() {
            let started_at = Instant::now();
            match ready.reserve_many(QUEUE - size).await {
                Ok(room) => drop(room),
                Err(_) => return,
            }
            size = next_batch_size(size, started_at.elapsed());
            match Box::pin(catch_panic(self.claim(size, stop))).await {
                Ok(None) => self.idle(Work::Messages, stop).await,
                Ok(Some((prepared, lease_ends_at))) => {
                    backoff.reset();
                    for one in prepared {
                        forward(one, lease_ends_at, &ready, &outcomes).await;
                    }
                }
                Err(error) => backoff.after(&error, stop).await,
            }
        }
    }

    /// The next messages and the end of their lease; none if nothing is due.
    async fn claim(
        &self,
        size: usize,
        stop: &CancellationToken,
    ) -> Result<Option<(Vec<Prepared>, DateTime<Utc>)>> {
        let moment = self.parts.clock.moment();
        let claim = async {
            let mut conn = self.parts.db.conn().await?;
            conn.transaction(async |conn| {
                let claimed = Message::claim(conn, self.owner, size as i64, moment.now).await?;
                let none = claimed.is_empty();
                Message::delete_without_recipient(conn, claimed)
                    .await
                    .map(|addressed| (!none).then_some(addressed))
            })
            .await
        };
        let claimed = deadline::within(deadline::BACKGROUND, claim).await?;
        let Some(claimed) = claimed else {
            return Ok(None);
        };
        Ok(Some((self.prepare(claimed, stop).await?, moment.now + LEASE)))
    }

    /// Runs in its own transaction: changes of links lock contacts before messages, and claiming locks messages. Retried a few
    /// times, because claimed messages are not due again before their leases end.
    async fn prepare(&self, claimed: Vec<Message>, stop: &CancellationToken) -> Result<Vec<Prepared>> {
        let mut backoff = Backoff::new();
        for _ in 0..3 {
            match catch_panic(self.prepare_once(claimed.clone())).await {
                Ok(prepared) => return Ok(prepared),
                Err(error) => backoff.after(&error, stop).await,
            }
        }
        self.prepare_once(claimed).await
    }

    async fn prepare_once(&self, claimed: Vec<Message>) -> Result<Vec<Prepared>> {
        let moment = self.parts.clock.moment();
        let prepared = async {
            let mut conn = self.parts.db.conn().await?;
            let secrets = EmailSecrets {
                keys: &self.parts.keys,
                addresses: &self.parts.addresses,
                moment: &moment,
            };
            conn.transaction(async |conn| Box::pin(prepare(conn, claimed, secrets)).await)
                .await
        };
        deadline::within(deadline::BACKGROUND, prepared).await
    }

    async fn send_one(self: Arc<Self>, ready: Ready, outcomes: Sender<Finished>) {
        let left = ready.lease_ends_at - self.parts.clock.now();
        if left < LEASE_LEFT {
            return;
        }
        let limit = (left - MARK_TIME).to_std().unwrap_or_default();
        let outcome = catch_panic(Box::pin(async { Ok(self.send(&ready.email, limit).await) }))
            .await
            .unwrap_or_else(|_| Outcome::Deferred {
                reason: "Something went wrong on our side.".to_owned(),
            });
        let _marker_gone = outcomes.send((ready.email.message, outcome)).await;
    }

    async fn send(&self, prepared: &PreparedEmail, limit: Duration) -> Outcome {
        let email = match self.email(prepared, self.parts.clock.now()) {
            Ok(email) => email,
            Err(error) => {
                return Outcome::Failed {
                    reason: error.to_string(),
                };
            }
        };
        match timeout(limit, self.parts.mailer.send(&email)).await {
            Ok(Ok(())) if self.parts.mailer.outbox().is_some() => Outcome::Kept {
                subject: email.subject,
            },
            Ok(Ok(())) => Outcome::Sent {
                subject: email.subject,
            },
            Ok(Err(SendError::Retry { reason })) => Outcome::Deferred { reason },
            Ok(Err(SendError::Rejected { reason })) => Outcome::Bounced { reason },
            Ok(Err(SendError::Unsendable { reason })) => Outcome::Failed { reason },
            Err(_) => Outcome::Deferred {
                reason: "The mail server took too long.".to_owned(),
            },
        }
    }

    async fn mark_all(&self, mut finished: Receiver<Finished>) {
        let mut batch: Vec<Finished> = Vec::new();
        let never = CancellationToken::new();
        while finished.recv_many(&mut batch, MAX_MARKED).await > 0 {
            if batch.len() >= MAX_IN_FLIGHT {
                sleep(MARK_DELAY).await;
                while let (true, Ok(more)) = (batch.len() < MAX_MARKED, finished.try_recv()) {
                    batch.push(more);
                }
            }
            let mut backoff = Backoff::new();
            // Messages without a recorded outcome are sent again.
            while let Err(error) = catch_panic(self.mark(&batch)).await {
                backoff.after(&error, &never).await;
            }
            self.observe_outcomes(&batch);
            let mut accounts: Vec<AccountId> = batch.iter().map(|(message, _)| message.account_id).collect();
            accounts.sort();
            accounts.dedup();
            for account in accounts {
                self.parts.live.nudge(account, &[Topic::Activity]);
            }
            batch.clear();
        }
    }

    async fn mark(&self, batch: &[Finished]) -> Result<()> {
        let moment = self.parts.clock.moment();
        let marked = async {
            let mut conn = self.parts.db.conn().await?;
            conn.transaction(async |conn| Message::mark(conn, self.owner, batch, &moment).await)
                .await
        };
        deadline::within(deadline::BACKGROUND, marked).await
    }

    /// Returns claimed and unsent messages to the queue.
    async fn release(&self) {
        let work = async {
            let mut conn = self.parts.db.conn().await?;
            Message::release(&mut conn, self.owner, self.parts.clock.now()).await
        };
        match timeout(RELEASE_TIME, work).await {
            Ok(Ok(count)) => tracing::debug!(count, "released messages"),
            Ok(Err(error)) => drop(error.report()),
            Err(_) => tracing::warn!("could not release messages: they become due when their leases expire"),
        }
    }
}

async fn forward(
    one: Prepared,
    lease_ends_at: DateTime<Utc>,
    ready: &Sender<Ready>,
    outcomes: &Sender<Finished>,
) {
    match one {
        Prepared::Email(email) => {
            let _stopped = ready.send(Ready { email, lease_ends_at }).await;
        }
        Prepared::NotSent(message, outcome) => {
            let _stopped = outcomes.send((*message, outcome)).await;
        }
    }
}

/// Twice the size if the last batch was sent quickly, half if slowly.
fn next_batch_size(size: usize, waited: Duration) -> usize {
    if waited > BATCH_TIME {
        (size / 2).max(MIN_BATCH)
    } else if waited < BATCH_TIME / 4 {
        (size * 2).min(MAX_BATCH)
    } else {
        size
    }
}
