//! Sends what the queues give, each message in a task of its own. A channel pauses while its server can't be reached.

use std::sync::Arc;
use std::time::Duration;

use mailer::SendError;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{Delivery, Finished, LEASE_LEFT, MARK_TIME, Queued, Ready};
use crate::base::trace;
use crate::messages::emails::{Content, PreparedEmail, PreparedMessage};
use crate::messages::model::Channel;
use crate::messages::model::outcome::Outcome;
use crate::worker::Worker;
use crate::worker::backoff::catch_panic;

/// How often a server that can't be reached is tried: after 1 s, then 2 s, then every 4 s.
const FIRST_CHECK: Duration = Duration::from_secs(1);
const LAST_CHECK: Duration = Duration::from_secs(4);

enum Attempt {
    Made(Outcome),
    /// The channel's server could not be reached.
    Unreachable {
        reason: String,
    },
    /// Another worker may claim the message soon.
    LeaseOver,
}

impl Attempt {
    /// For the trace, and whether it is a failure.
    fn result(&self) -> (&'static str, bool) {
        match self {
            Self::Made(Outcome::Sent { .. }) => ("sent", false),
            Self::Made(Outcome::Kept { .. }) => ("kept", false),
            Self::Made(Outcome::Deferred { .. }) => ("deferred", true),
            Self::Made(Outcome::Bounced { .. }) => ("bounced", true),
            Self::Made(Outcome::Failed { .. }) => ("failed", true),
            Self::Made(Outcome::Returned { .. }) | Self::LeaseOver => ("returned", false),
            Self::Made(Outcome::Delivered) => ("delivered", false),
            Self::Made(Outcome::Suppressed) => ("suppressed", false),
            Self::Made(Outcome::Stopped) => ("stopped", false),
            Self::Made(Outcome::Cancelled) => ("cancelled", false),
            Self::Unreachable { .. } => ("unreachable", true),
        }
    }

    fn deferred(reason: &str) -> Self {
        Self::Made(Outcome::Deferred {
            reason: reason.to_owned(),
            after: None,
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
                Ok(self.worker.send_traced(&next.item.prepared, limit).await)
            }))
            .await;
            attempt.unwrap_or_else(|_| Attempt::deferred("Something went wrong on our side."))
        };
        let took = matches!(attempt, Attempt::Made(_)).then(|| began.elapsed());
        let down = matches!(attempt, Attempt::Unreachable { .. });
        self.free_place(&next, took, down);
        let _marker_gone = outcomes.send((next.item.prepared.message, attempt.into())).await;
    }

    fn free_place(&self, sent: &Queued<Ready>, took: Option<Duration>, down: bool) {
        let mut state = self.state();
        let channel = sent.flow.channel();
        let line = state.line(channel);
        let room = line.queue.finish(sent.lane, &sent.flow, took);
        if down && !std::mem::replace(&mut line.server_down, true) {
            self.worker.parts.metrics.set_paused(channel, true);
            let server = server_name(channel);
            tracing::warn!("the {server} can't be reached: sending is paused");
        }
        drop(state);
        self.sendable.send_replace(());
        if room || down {
            self.room.send_replace(());
        }
    }

    /// Checks a channel's server that could not be reached, until it can be.
    pub(super) async fn watch_server(&self, channel: Channel, stop: &CancellationToken) {
        let mut changed = self.room.subscribe();
        let mut wait = FIRST_CHECK;
        while !stop.is_cancelled() {
            changed.borrow_and_update();
            if !self.state().line(channel).server_down {
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
            let reached = stop
                .run_until_cancelled(self.worker.reaches_server(channel))
                .await;
            if reached != Some(false) {
                self.state().line(channel).server_down = false;
                self.worker.parts.metrics.set_paused(channel, false);
                let server = server_name(channel);
                tracing::info!("the {server} can be reached again");
                self.sendable.send_replace(());
                self.room.send_replace(());
            }
        }
    }
}

fn server_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "mail server",
        Channel::Sms => "SMS provider",
    }
}

impl Worker {
    async fn reaches_server(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => {
                let checked = self.parts.mailer.check().await;
                !matches!(checked, Err(SendError::Unreachable { .. }))
            }
            Channel::Sms => {
                let checked = self.parts.sms.sender.check().await;
                !matches!(checked, Err(sms::SendError::Unreachable { .. }))
            }
        }
    }

    async fn send_traced(&self, prepared: &PreparedMessage, limit: Duration) -> Attempt {
        let name = match prepared.message.channel {
            Channel::Email => "send email",
            Channel::Sms => "send text message",
        };
        let span = trace::send_span(name, prepared.message.kind.as_str());
        let attempt = self.send(prepared, limit).instrument(span.clone()).await;
        let (outcome, failed) = attempt.result();
        span.record("vestibule.outcome", outcome);
        if failed {
            span.record("otel.status_code", "ERROR");
        }
        attempt
    }

    async fn send(&self, prepared: &PreparedMessage, limit: Duration) -> Attempt {
        match &prepared.content {
            Content::Email(email) => self.send_email(prepared, email, limit).await,
            Content::Text { body } => self.send_text(prepared, body, limit).await,
        }
    }

    async fn send_email(
        &self,
        prepared: &PreparedMessage,
        email: &PreparedEmail,
        limit: Duration,
    ) -> Attempt {
        let email = match self.email(prepared, email, self.parts.clock.now()).await {
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
        let subject = Some(email.subject);
        Attempt::Made(match sent {
            Ok(()) if self.parts.mailer.outbox().is_some() => Outcome::Kept { subject },
            Ok(()) => Outcome::Sent { subject },
            Err(SendError::Unreachable { reason }) => return Attempt::Unreachable { reason },
            Err(SendError::Retry { reason }) => Outcome::Deferred { reason, after: None },
            Err(SendError::Rejected { reason }) => Outcome::Bounced { reason },
            Err(SendError::Unsendable { reason }) => Outcome::Failed { reason },
        })
    }

    async fn send_text(&self, prepared: &PreparedMessage, body: &str, limit: Duration) -> Attempt {
        use sms::SendError::{InvalidNumber, Retry, Unreachable, Unsendable, Unsubscribed};
        let text = match self.text(prepared, body, self.parts.clock.now()) {
            Ok(text) => text,
            Err(error) => {
                return Attempt::Made(Outcome::Failed {
                    reason: format!("It can't be sent to this number: {error}."),
                });
            }
        };
        let Ok(sent) = timeout(limit, self.parts.sms.sender.send(&text)).await else {
            return Attempt::deferred("The SMS provider took too long.");
        };
        Attempt::Made(match sent {
            Ok(_) if self.parts.sms.sender.outbox().is_some() => Outcome::Kept { subject: None },
            Ok(_) => Outcome::Sent { subject: None },
            Err(Unreachable { reason }) => return Attempt::Unreachable { reason },
            Err(Retry { reason, after }) => Outcome::Deferred { reason, after },
            Err(InvalidNumber { reason }) => Outcome::Bounced { reason },
            Err(Unsubscribed { .. }) => Outcome::Stopped,
            Err(Unsendable { reason }) => Outcome::Failed { reason },
        })
    }
}
