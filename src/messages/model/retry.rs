//! When a message that could not be sent is tried again, and when it has failed.

use chrono::{DateTime, TimeDelta, Utc};

use super::queue::Outcome;
use super::{Message, MessageStatus};

/// Delays between attempts, in seconds: 10 s, 30 s, 2 min, 10 min, 30 min, then each hour.
const RETRY_DELAYS: [i64; 6] = [10, 30, 120, 600, 1_800, 3_600];

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
            Outcome::Sent { .. } => (MessageStatus::Sent, now),
            Outcome::Kept { .. } => (MessageStatus::Kept, now),
            Outcome::Bounced { .. } => (MessageStatus::Bounced, now),
            Outcome::Failed { .. } => (MessageStatus::Failed, now),
            Outcome::Suppressed => (MessageStatus::Suppressed, now),
            Outcome::Cancelled => (MessageStatus::Cancelled, now),
            Outcome::Deferred { .. } => {
                let attempts = usize::try_from(self.attempt_count)
                    .unwrap_or(0)
                    .clamp(1, RETRY_DELAYS.len());
                let retry_at = now + TimeDelta::seconds(RETRY_DELAYS[attempts - 1]);
                if retry_at < self.give_up_at {
                    (MessageStatus::Deferred, retry_at)
                } else {
                    (MessageStatus::Failed, now)
                }
            }
        }
    }
}
