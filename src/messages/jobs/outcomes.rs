//! Metrics and log lines of outcomes.

use crate::messages::model::outcome::Outcome;
use crate::messages::model::{Message, MessageStatus};
use crate::worker::Worker;

impl Worker {
    pub(crate) fn observe_outcomes(&self, finished: &[(Message, Outcome)]) {
        let now = self.parts.clock.now();
        for (message, outcome) in finished {
            let (status, _) = message.status_after(outcome, now);
            let (channel, kind) = (message.channel.as_str(), message.kind.as_str());
            self.parts.metrics.count(channel, kind, status.as_str());
            if let Some(reason) = outcome.reason() {
                self.warn(channel, status, reason);
            }
        }
        for (cause, held_back) in self.warnings.take_ended(now) {
            tracing::warn!(cause, held_back, "message failed: similar lines were suppressed");
        }
    }

    /// Once per cause and minute. Reasons contain no full address.
    fn warn(&self, channel: &str, status: MessageStatus, reason: &str) {
        let cause = format!("{}: {}", status.as_str(), cause(reason));
        if let Some(held_back) = self.warnings.allow(&cause, self.parts.clock.now()) {
            tracing::warn!(
                channel,
                status = status.as_str(),
                reason,
                held_back,
                "message failed"
            );
        }
    }
}

/// The reason without what differs between messages: addresses, queue ids, times.
fn cause(reason: &str) -> String {
    let fixed = |word: &&str| !word.contains(|letter: char| letter.is_ascii_digit() || letter == '@');
    reason
        .split_whitespace()
        .filter(fixed)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_with_the_same_cause_are_equal() {
        let one = cause("the server refused: 450 4.2.1 a***@b.example busy, id 4F7A91");
        assert_eq!(
            one,
            cause("the server refused: 451 4.2.1 c***@d.example busy, id 77BB02")
        );
        assert_eq!(one, "the server refused: busy, id");
    }
}
