//! When a message that could not be sent is tried again, and when it has failed.

use chrono::{DateTime, TimeDelta, Utc};

use super::outcome::Outcome;
use super::{Message, MessageStatus};

/// Delays between attempts, in seconds: 10 s, 30 s, 2 min, 10 min, 30 min, then each hour.
const RETRY_DELAYS: [i64; 6] = [10, 30, 120, 600, 1_800, 3_600];

/// When a message is due again that met a server that can't be reached.
const RETURN_DELAY: TimeDelta = TimeDelta::seconds(5);

/// A message that can't be sent for a day has failed.
pub(super) const GIVE_UP_AFTER: TimeDelta = TimeDelta::hours(24);

impl Message {
    /// The status after the outcome, and when the message is due. A message that would be retried after it expires has failed.
    pub(crate) fn status_after(
        &self,
        outcome: &Outcome,
        now: DateTime<Utc>,
    ) -> (MessageStatus, DateTime<Utc>) {
        match outcome {
            Outcome::Sent { .. } | Outcome::Delivered => (MessageStatus::Sent, now),
            Outcome::Kept { .. } => (MessageStatus::Kept, now),
            Outcome::Bounced { .. } => (MessageStatus::Bounced, now),
            Outcome::Failed { .. } => (MessageStatus::Failed, now),
            Outcome::Suppressed | Outcome::Stopped => (MessageStatus::Suppressed, now),
            Outcome::Cancelled => (MessageStatus::Cancelled, now),
            Outcome::Deferred { after, .. } => {
                let attempts = usize::try_from(self.attempt_count)
                    .unwrap_or(0)
                    .clamp(1, RETRY_DELAYS.len());
                let asked = after.and_then(|after| TimeDelta::from_std(after).ok());
                let delay = TimeDelta::seconds(RETRY_DELAYS[attempts - 1]);
                self.retry_at(now + delay.max(asked.unwrap_or_default()), now)
            }
            Outcome::Returned { reason: Some(_) } => self.retry_at(now + RETURN_DELAY, now),
            Outcome::Returned { reason: None } => (MessageStatus::Queued, now),
        }
    }

    fn retry_at(&self, retry_at: DateTime<Utc>, now: DateTime<Utc>) -> (MessageStatus, DateTime<Utc>) {
        if retry_at < self.give_up_at {
            (MessageStatus::Deferred, retry_at)
        } else {
            (MessageStatus::Failed, now)
        }
    }
}
