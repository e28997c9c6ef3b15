//! Claims due messages and prepares them for sending.

use std::time::Duration;

use diesel_async::AsyncConnection;
use tokio::sync::mpsc::Sender;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{Delivery, Finished, Lane, Queued, Ready};
use crate::base::db::deadline;
use crate::base::error::Result;
use crate::base::trace;
use crate::messages::emails::{EmailSecrets, Prepared, prepare};
use crate::messages::model::Message;
use crate::messages::model::due::{DueSearch, Flow};
use crate::messages::model::queue::{Claims, LEASE};
use crate::worker::backoff::{Backoff, catch_panic};
use crate::worker::{MAX_SLEEP, Worker};

/// Flows that one statement finds.
const FLOWS: usize = 64;

/// While everything due must wait, flows are looked at again after this long at the earliest.
const ROUND_PAUSE: Duration = Duration::from_millis(20);

enum Claimed {
    Some,
    /// There are more flows to look at.
    Continue,
    /// What is due must wait until earlier messages were sent.
    NoRoom,
    NothingDue,
}

/// A walk through the due flows of a priority, round after round.
struct Round {
    priority: i16,
    after: Option<Flow>,
    found: bool,
    claimed: bool,
    /// Many messages were due when claims were last made.
    many: bool,
}

impl Round {
    fn new(priority: i16) -> Self {
        Self {
            priority,
            after: None,
            found: false,
            claimed: false,
            many: false,
        }
    }
}

impl Delivery {
    pub(super) async fn claim_lane(&self, lane: Lane, stop: &CancellationToken, outcomes: Sender<Finished>) {
        let mut queued = self.worker.parts.live.messages_queued();
        let mut room = self.room.subscribe();
        let mut rounds: Vec<Round> = lane.priorities().iter().copied().map(Round::new).collect();
        let mut backoff = Backoff::new();
        while !stop.is_cancelled() {
            queued.borrow_and_update();
            room.borrow_and_update();
            let claimed = if self.may_claim(lane) {
                Box::pin(catch_panic(self.claim(lane, &mut rounds, stop, &outcomes))).await
            } else {
                Ok(Claimed::NoRoom)
            };
            match claimed {
                Ok(Claimed::Some | Claimed::Continue) => backoff.reset(),
                Ok(Claimed::NoRoom) => {
                    sleep(ROUND_PAUSE).await;
                    tokio::select! {
                        () = wait(stop, room.changed()) => {}
                        // A message of another flow may have room.
                        _ = queued.changed() => {}
                    }
                }
                Ok(Claimed::NothingDue) => wait(stop, queued.changed()).await,
                Err(error) => {
                    self.state().claim_failed_at = Some(self.worker.parts.clock.now());
                    backoff.after(&error, stop).await;
                }
            }
        }
    }

    fn may_claim(&self, lane: Lane) -> bool {
        let mut state = self.state();
        !state.paused() && (state.email.has_room(lane) || state.sms.has_room(lane))
    }

    async fn claim(
        &self,
        lane: Lane,
        rounds: &mut [Round],
        stop: &CancellationToken,
        outcomes: &Sender<Finished>,
    ) -> Result<Claimed> {
        let (mut found, mut done) = (false, true);
        for round in rounds {
            let flows = self.worker.due_flows(round).await?;
            round.found |= !flows.is_empty();
            let claims = self.state().reserve(lane, flows);
            round.many &= !claims.is_empty();
            if !claims.is_empty()
                && let Claimed::Some = self
                    .claim_reserved(lane, round.priority, claims, stop, outcomes)
                    .await?
            {
                round.claimed = true;
                return Ok(Claimed::Some);
            }
            if round.after.is_some() || round.claimed {
                done = false;
            }
            found |= round.found;
            if round.after.is_none() {
                *round = Round {
                    many: round.many,
                    ..Round::new(round.priority)
                };
            }
        }
        Ok(match (done, found) {
            (false, _) => Claimed::Continue,
            (true, true) => Claimed::NoRoom,
            (true, false) => Claimed::NothingDue,
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
                    Prepared::Ready(prepared) => ready.push(Queued {
                        lane,
                        flow: prepared.message.flow(),
                        item: Ready {
                            prepared,
                            lease_ends_at,
                        },
                    }),
                    Prepared::NotSent(message, outcome) => not_sent.push((*message, outcome)),
                }
            }
            // Another worker was faster.
            if none { Claimed::NoRoom } else { Claimed::Some }
        });
        self.state().fill(lane, &claims, ready);
        self.sendable.send_replace(());
        for finished in not_sent {
            self.report(outcomes, finished).await;
        }
        result
    }
}

impl Worker {
    /// The next flows of the round with due messages.
    async fn due_flows(&self, round: &mut Round) -> Result<Vec<Flow>> {
        let search = DueSearch {
            priority: round.priority,
            after: round.after.as_ref(),
            limit: FLOWS,
            many: round.many,
            now: self.parts.clock.now(),
        };
        let found = async {
            let mut conn = self.parts.db.conn().await?;
            Message::due_flows(&mut conn, search).await
        };
        let found = deadline::within(deadline::BACKGROUND, found).await?;
        round.after = found.after;
        round.many = found.many;
        Ok(found.flows)
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
        let span = trace::turn_span("messages batch", None, Some(claimed.len()));
        self.prepare(claimed, stop).instrument(span).await
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
        let prepared = deadline::within(deadline::BACKGROUND, prepared).await?;
        prepared.render_written().await
    }
}

async fn wait(stop: &CancellationToken, change: impl Future<Output = Result<(), watch::error::RecvError>>) {
    tokio::select! {
        () = stop.cancelled() => {}
        _ = change => {}
        () = sleep(MAX_SLEEP) => {}
    }
}
