//! Sends what the queue gives, each message in a task of its own, and pauses while the mail server can't be reached.

use std::sync::Arc;
use std::time::Duration;

use mailer::SendError;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Delivery, Finished, LEASE_LEFT, MARK_TIME, Queued, Ready};
use crate::messages::emails::PreparedEmail;
use crate::messages::model::outcome::Outcome;
use crate::worker::Worker;
use crate::worker::backoff::catch_panic;

/// How often a mail server that can't be reached is tried: after 1 s, then 2 s, then every 4 s.
const FIRST_CHECK: Duration = Duration::from_secs(1);
const LAST_CHECK: Duration = Duration::from_secs(4);

enum Attempt {
    Made(Outcome),
    /// The mail server could not be reached.
    Unreachable {
        reason: String,
    },
    /// Another worker may claim the message soon.
    LeaseOver,
}

impl Attempt {
    fn deferred(reason: &str) -> Self {
        Self::Made(Outcome::Deferred {
            reason: reason.to_owned(),
        })
    }
}

impl From<Attempt> for Outcome {
    fn from(attempt: Attempt) -> Self {
        match attempt {
            Attempt::Made(outcome) => outcome,
            Attempt::Unreachable { reason } => Self::Returned { reason: Some(reason) },
            Attempt::LeaseOver => Self::Returned { reason: None },
        }
    }
}

impl Delivery {
    pub(super) async fn send_all(self: &Arc<Self>, stop: &CancellationToken, outcomes: Sender<Finished>) {
        let mut sendable = self.sendable.subscribe();
        let mut sends = JoinSet::new();
        while !stop.is_cancelled() {
            sendable.borrow_and_update();
            while let Some(next) = self.start_next() {
                sends.spawn(Arc::clone(self).send_one(next, outcomes.clone()));
            }
            tokio::select! {
                () = stop.cancelled() => {}
                _ = sendable.changed() => {}
                Some(_) = sends.join_next() => {}
            }
        }
        drop(outcomes);
        while sends.join_next().await.is_some() {}
    }

    fn start_next(&self) -> Option<Queued<Ready>> {
        self.state().start_next()
    }

    async fn send_one(self: Arc<Self>, next: Queued<Ready>, outcomes: Sender<Finished>) {
        let left = next.item.lease_ends_at - self.worker.parts.clock.now();
        let began = Instant::now();
        let attempt = if left < LEASE_LEFT {
            Attempt::LeaseOver
        } else {
            let limit = (left - MARK_TIME).to_std().unwrap_or_default();
            let attempt = catch_panic(Box::pin(async {
                Ok(self.worker.send(&next.item.email, limit).await)
            }))
            .await;
            attempt.unwrap_or_else(|_| Attempt::deferred("Something went wrong on our side."))
        };
        let took = matches!(attempt, Attempt::Made(_)).then(|| began.elapsed());
        let down = matches!(attempt, Attempt::Unreachable { .. });
        self.free_place(&next, took, down);
        let _marker_gone = outcomes.send((next.item.email.message, attempt.into())).await;
    }

    fn free_place(&self, sent: &Queued<Ready>, took: Option<Duration>, down: bool) {
        let mut state = self.state();
        let room = state.queue.finish(sent.lane, &sent.flow, took);
        if down && !std::mem::replace(&mut state.server_down, true) {
            tracing::warn!("the mail server can't be reached: sending is paused");
        }
        drop(state);
        self.sendable.send_replace(());
        if room || down {
            self.room.send_replace(());
        }
    }

    /// Checks a mail server that could not be reached, until it can be.
    pub(super) async fn watch_server(&self, stop: &CancellationToken) {
        let mut changed = self.room.subscribe();
        let mut wait = FIRST_CHECK;
        while !stop.is_cancelled() {
            changed.borrow_and_update();
            if !self.state().server_down {
                wait = FIRST_CHECK;
                tokio::select! {
                    () = stop.cancelled() => {}
                    _ = changed.changed() => {}
                }
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(wait) => {}
            }
            wait = (wait * 2).min(LAST_CHECK);
            let checked = stop.run_until_cancelled(self.worker.parts.mailer.check()).await;
            if !matches!(checked, Some(Err(SendError::Unreachable { .. }))) {
                self.state().server_down = false;
                tracing::info!("the mail server can be reached again");
                self.sendable.send_replace(());
                self.room.send_replace(());
            }
        }
    }
}

impl Worker {
    async fn send(&self, prepared: &PreparedEmail, limit: Duration) -> Attempt {
        let email = match self.email(prepared, self.parts.clock.now()) {
            Ok(email) => email,
            Err(error) => {
                return Attempt::Made(Outcome::Failed {
                    reason: error.to_string(),
                });
            }
        };
        let Ok(sent) = timeout(limit, self.parts.mailer.send(&email)).await else {
            return Attempt::deferred("The mail server took too long.");
        };
        let subject = email.subject;
        Attempt::Made(match sent {
            Ok(()) if self.parts.mailer.outbox().is_some() => Outcome::Kept { subject },
            Ok(()) => Outcome::Sent { subject },
            Err(SendError::Unreachable { reason }) => return Attempt::Unreachable { reason },
            Err(SendError::Retry { reason }) => Outcome::Deferred { reason },
            Err(SendError::Rejected { reason }) => Outcome::Bounced { reason },
            Err(SendError::Unsendable { reason }) => Outcome::Failed { reason },
        })
    }
}
