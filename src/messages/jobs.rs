//! Delivery: claims due messages, sends them with no transaction open, and marks what became of each.
//!
//! Three loops around two bounded queues. The claimer fills the first, so that the next batch is ready while the last is being
//! sent; the senders empty it into the second; the marker notes in one transaction whatever has ended since its last one, so
//! that a kill repeats only what was in flight.

mod outcomes;
pub(crate) mod pace;
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
use crate::live::Topic;
use crate::messages::emails::{Minting, Prepared, PreparedEmail, prepare};
use crate::messages::jobs::pace::{Waits, guarded};
use crate::messages::model::Message;
use crate::messages::model::queue::{LEASE, Outcome};
use crate::worker::Worker;
use mailer::SendError;

/// Messages claimed at once. What is urgent waits behind what is claimed, so a slow mail server gets smaller batches.
const FEWEST: usize = 16;
const MOST: usize = 200;
const BATCH_TIME: Duration = Duration::from_secs(1);
const QUEUE: usize = 2 * MOST;
const MARKED_AT_ONCE: usize = 500;
/// With many in flight the marker waits so long for more: one large transaction costs less than many small ones.
const GATHERING: Duration = Duration::from_millis(10);

/// Messages in flight at once.
const SENDS: usize = 16;
/// A mail may take 30 s; begun with less of its lease left, it could be sent by another worker as well.
const LEASE_LEFT: TimeDelta = TimeDelta::seconds(35);
/// What is left over of the lease to note the end of a send.
const MARK_TIME: TimeDelta = TimeDelta::seconds(2);

/// For what is in flight when the worker stops.
const STOP_TIME: Duration = Duration::from_secs(10);
const HAND_BACK_TIME: Duration = Duration::from_secs(3);

type Done = (Message, Outcome);

/// An email to send, and the end of our lease of its message.
struct Ready {
    email: Box<PreparedEmail>,
    lease_ends_at: DateTime<Utc>,
}

pub(crate) async fn run(worker: Arc<Worker>, stop: CancellationToken) {
    let (ready, begun) = channel(QUEUE);
    let (done, ended) = channel(QUEUE);
    let work = async {
        tokio::join!(
            worker.claim_all(&stop, ready.clone(), done.clone()),
            worker.claim_all(&stop, ready, done.clone()),
            send_all(&worker, &stop, begun, done),
            worker.mark_all(ended),
        )
    };
    let late = async {
        stop.cancelled().await;
        sleep(STOP_TIME).await;
    };
    tokio::select! {
        _ = work => {}
        () = late => tracing::warn!("stopped with messages in flight: they will be sent again"),
    }
    worker.hand_back().await;
}

async fn send_all(
    worker: &Arc<Worker>,
    stop: &CancellationToken,
    mut ready: Receiver<Ready>,
    done: Sender<Done>,
) {
    let mut sends = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            _ = sends.join_next(), if sends.len() >= SENDS => {}
            next = ready.recv(), if sends.len() < SENDS => match next {
                Some(ready) => { sends.spawn(Arc::clone(worker).send_one(ready, done.clone())); }
                None => break,
            },
        }
    }
    // The claimer may wait for room.
    drop(ready);
    drop(done);
    while sends.join_next().await.is_some() {}
}

impl Worker {
    async fn claim_all(&self, stop: &CancellationToken, ready: Sender<Ready>, done: Sender<Done>) {
        let mut size = FEWEST;
        let mut waits = Waits::new();
        while !stop.is_cancelled() {
            let asked = Instant::now();
            match ready.reserve_many(QUEUE - size).await {
                Ok(room) => drop(room),
                Err(_) => return,
            }
            size = fitting(size, asked.elapsed());
            match Box::pin(guarded(self.claim(size, stop))).await {
                Ok(None) => self.rest(Topic::Messages, stop).await,
                Ok(Some((prepared, lease_ends_at))) => {
                    waits.reset();
                    for one in prepared {
                        hand_on(one, lease_ends_at, &ready, &done).await;
                    }
                }
                Err(error) => waits.after(&error, stop).await,
            }
        }
    }

    /// The next messages and the end of their lease; none where nothing is due.
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
                Message::drop_decoys(conn, claimed)
                    .await
                    .map(|real| (!none).then_some(real))
            })
            .await
        };
        let claimed = deadline::within(deadline::BACKGROUND, claim).await?;
        let Some(claimed) = claimed else {
            return Ok(None);
        };
        Ok(Some((self.prepare(claimed, stop).await?, moment.now + LEASE)))
    }

    /// A transaction of its own: what changes links takes contacts before messages, and claiming holds messages.
    /// Tried again for a while, since what is claimed is not due before its lease ends.
    async fn prepare(&self, claimed: Vec<Message>, stop: &CancellationToken) -> Result<Vec<Prepared>> {
        let mut waits = Waits::new();
        for _ in 0..3 {
            match guarded(self.prepare_once(claimed.clone())).await {
                Ok(prepared) => return Ok(prepared),
                Err(error) => waits.after(&error, stop).await,
            }
        }
        self.prepare_once(claimed).await
    }

    async fn prepare_once(&self, claimed: Vec<Message>) -> Result<Vec<Prepared>> {
        let moment = self.parts.clock.moment();
        let prepared = async {
            let mut conn = self.parts.db.conn().await?;
            let minting = Minting {
                keys: &self.parts.keys,
                addresses: &self.parts.addresses,
                moment: &moment,
            };
            conn.transaction(async |conn| Box::pin(prepare(conn, claimed, minting)).await)
                .await
        };
        deadline::within(deadline::BACKGROUND, prepared).await
    }

    async fn send_one(self: Arc<Self>, ready: Ready, done: Sender<Done>) {
        let left = ready.lease_ends_at - self.parts.clock.now();
        if left < LEASE_LEFT {
            return;
        }
        let limit = (left - MARK_TIME).to_std().unwrap_or_default();
        let outcome = guarded(Box::pin(async { Ok(self.send(&ready.email, limit).await) }))
            .await
            .unwrap_or_else(|_| Outcome::Deferred {
                reason: "Something went wrong on our side.".to_owned(),
            });
        let _marker_gone = done.send((ready.email.message, outcome)).await;
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

    async fn mark_all(&self, mut ended: Receiver<Done>) {
        let mut held: Vec<Done> = Vec::new();
        let never = CancellationToken::new();
        while ended.recv_many(&mut held, MARKED_AT_ONCE).await > 0 {
            if held.len() >= SENDS {
                sleep(GATHERING).await;
                while let (true, Ok(more)) = (held.len() < MARKED_AT_ONCE, ended.try_recv()) {
                    held.push(more);
                }
            }
            let mut waits = Waits::new();
            // To give up here would send them all again.
            while let Err(error) = guarded(self.mark(&held)).await {
                waits.after(&error, &never).await;
            }
            self.observe_outcomes(&held);
            let mut accounts: Vec<AccountId> = held.iter().map(|(message, _)| message.account_id).collect();
            accounts.sort();
            accounts.dedup();
            for account in accounts {
                self.parts.live.nudge(account, &[Topic::Activity]);
            }
            held.clear();
        }
    }

    async fn mark(&self, held: &[Done]) -> Result<()> {
        let moment = self.parts.clock.moment();
        let marked = async {
            let mut conn = self.parts.db.conn().await?;
            conn.transaction(async |conn| Message::mark(conn, self.owner, held, &moment).await)
                .await
        };
        deadline::within(deadline::BACKGROUND, marked).await
    }

    /// What was claimed and not begun.
    async fn hand_back(&self) {
        let work = async {
            let mut conn = self.parts.db.conn().await?;
            Message::hand_back(&mut conn, self.owner, self.parts.clock.now()).await
        };
        match timeout(HAND_BACK_TIME, work).await {
            Ok(Ok(count)) => tracing::debug!(count, "handed messages back"),
            Ok(Err(error)) => drop(error.report()),
            Err(_) => tracing::warn!("could not hand messages back: they come due when their leases end"),
        }
    }
}

async fn hand_on(one: Prepared, lease_ends_at: DateTime<Utc>, ready: &Sender<Ready>, done: &Sender<Done>) {
    match one {
        Prepared::Email(email) => {
            let _stopped = ready.send(Ready { email, lease_ends_at }).await;
        }
        Prepared::Settled(message, outcome) => {
            let _stopped = done.send((*message, outcome)).await;
        }
    }
}

/// Twice as many where the last batch was gone quickly, half as many where it was not.
fn fitting(size: usize, waited: Duration) -> usize {
    if waited > BATCH_TIME {
        (size / 2).max(FEWEST)
    } else if waited < BATCH_TIME / 4 {
        (size * 2).min(MOST)
    } else {
        size
    }
}
