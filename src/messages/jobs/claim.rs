//! Claims due messages and prepares them for sending.

use diesel_async::AsyncConnection;
use tokio::sync::mpsc::Sender;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{Delivery, Finished, Lane, Queued, Ready};
use crate::base::db::deadline;
use crate::base::error::Result;
use crate::messages::emails::{EmailSecrets, Prepared, prepare};
use crate::messages::model::queue::{Claims, Flow, LEASE};
use crate::messages::model::{Message, PRIORITY_BULK};
use crate::worker::backoff::{Backoff, catch_panic};
use crate::worker::{MAX_SLEEP, Worker};

/// Flows that one statement finds.
const FLOWS: i64 = 64;

enum Claimed {
    Some,
    /// There are more flows to look at.
    Continue,
    /// What is due must wait until earlier messages were sent.
    NoRoom,
    NothingDue,
}

impl Delivery {
    pub(super) async fn claim_lane(&self, lane: Lane, stop: &CancellationToken, outcomes: Sender<Finished>) {
        let mut queued = self.worker.parts.live.messages_queued();
        let mut room = self.room.subscribe();
        let (mut turn, mut backoff) = (None, Backoff::new());
        while !stop.is_cancelled() {
            queued.borrow_and_update();
            room.borrow_and_update();
            let claimed = if self.may_claim(lane) {
                Box::pin(catch_panic(self.claim(lane, &mut turn, stop, &outcomes))).await
            } else {
                Ok(Claimed::NoRoom)
            };
            match claimed {
                Ok(Claimed::Some | Claimed::Continue) => backoff.reset(),
                // A message of another flow may have room.
                Ok(Claimed::NoRoom) => {
                    tokio::select! {
                        () = wait(stop, queued.changed()) => {}
                        _ = room.changed() => {}
                    }
                }
                Ok(Claimed::NothingDue) => wait(stop, queued.changed()).await,
                Err(error) => backoff.after(&error, stop).await,
            }
        }
    }

    fn may_claim(&self, lane: Lane) -> bool {
        let mut state = self.state();
        !state.paused() && state.queue.has_room(lane)
    }

    async fn claim(
        &self,
        lane: Lane,
        turn: &mut Option<Flow>,
        stop: &CancellationToken,
        outcomes: &Sender<Finished>,
    ) -> Result<Claimed> {
        let (mut found, started_inside) = (false, turn.is_some());
        for priority in lane.priorities().iter().copied() {
            // Bulk messages take turns over many claims; of the others there are few.
            let mut start = None;
            let turn = if priority == PRIORITY_BULK {
                &mut *turn
            } else {
                &mut start
            };
            let flows = self.worker.due_flows(priority, turn).await?;
            found |= !flows.is_empty();
            let claims = self.state().queue.reserve(lane, flows);
            if !claims.is_empty() {
                return self.claim_reserved(lane, priority, claims, stop, outcomes).await;
            }
        }
        Ok(match turn {
            Some(_) => Claimed::Continue,
            None if started_inside => Claimed::Continue,
            None if found => Claimed::NoRoom,
            None => Claimed::NothingDue,
        })
    }

    async fn claim_reserved(
        &self,
        lane: Lane,
        priority: i16,
        claims: Claims,
        stop: &CancellationToken,
        outcomes: &Sender<Finished>,
    ) -> Result<Claimed> {
        let lease_ends_at = self.worker.parts.clock.now() + LEASE;
        let prepared = Box::pin(catch_panic(
            self.worker.claim_and_prepare(priority, &claims, stop),
        ))
        .await;
        let (mut ready, mut not_sent) = (Vec::new(), Vec::new());
        let result = prepared.map(|prepared| {
            let none = prepared.is_empty();
            for one in prepared {
                match one {
                    Prepared::Email(email) => ready.push(Queued {
                        lane,
                        flow: email.message.flow(),
                        item: Ready { email, lease_ends_at },
                    }),
                    Prepared::NotSent(message, outcome) => not_sent.push((*message, outcome)),
                }
            }
            // Another worker was faster.
            if none { Claimed::NoRoom } else { Claimed::Some }
        });
        self.state().queue.fill(lane, &claims, ready);
        self.sendable.send_replace(());
        for finished in not_sent {
            self.report(outcomes, finished).await;
        }
        result
    }
}

impl Worker {
    /// The next flows with due messages; `turn` moves on.
    async fn due_flows(&self, priority: i16, turn: &mut Option<Flow>) -> Result<Vec<Flow>> {
        let now = self.parts.clock.now();
        let flows = async {
            let mut conn = self.parts.db.conn().await?;
            Message::due_flows(&mut conn, priority, turn.as_ref(), FLOWS, now).await
        };
        let flows = deadline::within(deadline::BACKGROUND, flows).await?;
        let more = usize::try_from(FLOWS).is_ok_and(|limit| flows.len() >= limit);
        *turn = flows.last().filter(|_| more).cloned();
        Ok(flows)
    }

    async fn claim_and_prepare(
        &self,
        priority: i16,
        claims: &Claims,
        stop: &CancellationToken,
    ) -> Result<Vec<Prepared>> {
        let moment = self.parts.clock.moment();
        let claim = async {
            let mut conn = self.parts.db.conn().await?;
            conn.transaction(async |conn| {
                let claimed = Message::claim(conn, self.owner, priority, claims, moment.now).await?;
                Message::delete_without_recipient(conn, claimed).await
            })
            .await
        };
        let claimed = deadline::within(deadline::BACKGROUND, claim).await?;
        if claimed.is_empty() {
            return Ok(Vec::new());
        }
        self.prepare(claimed, stop).await
    }

    /// Runs in its own transaction: changes of links lock contacts before messages, and claiming locks messages. Retried a few
    /// times, because claimed messages are not due again before their leases end.
    async fn prepare(&self, claimed: Vec<Message>, stop: &CancellationToken) -> Result<Vec<Prepared>> {
        let mut backoff = Backoff::new();
        for _ in 0..3 {
            match Box::pin(catch_panic(self.prepare_once(claimed.clone()))).await {
                Ok(prepared) => return Ok(prepared),
                Err(error) => backoff.after(&error, stop).await,
            }
        }
        Box::pin(self.prepare_once(claimed)).await
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
}

async fn wait(stop: &CancellationToken, change: impl Future<Output = Result<(), watch::error::RecvError>>) {
    tokio::select! {
        () = stop.cancelled() => {}
        _ = change => {}
        () = sleep(MAX_SLEEP) => {}
    }
}
