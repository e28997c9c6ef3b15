//! Nudges between instances, in batches. They go over PostgreSQL, or over NATS if there are settings for it.
//!
//! - [`postgres`] sends and receives with NOTIFY and LISTEN;
//! - [`nats`] publishes and subscribes, and believes nothing that arrives;
//! - [`metrics`] counts the messages.

pub(crate) mod metrics;
pub mod nats;
mod postgres;

use std::sync::PoisonError;

use graphql_server::LogLimit;
use uuid::Uuid;

use super::{BATCH_INTERVAL, Live, Outage, Topic};
use crate::base::ids::{AccountId, BulkJobId, ChallengeId, WorkflowId};
use metrics::BusMetrics;
use nats::NatsSettings;

/// The most bytes of a payload. PostgreSQL takes less than 8,000.
const MAX_PAYLOAD: usize = 7_000;

/// A nudge between instances.
type Nudge = (AccountId, Topic);

#[derive(Default)]
pub(crate) struct Bus {
    pub metrics: BusMetrics,
    /// Limits the warnings about payloads that are no nudges.
    warnings: LogLimit,
}

pub(crate) async fn run(live: Live, nats: Option<NatsSettings>) {
    match nats {
        Some(settings) => Box::pin(nats::run(live, settings)).await,
        None => Box::pin(postgres::run(live)).await,
    }
}

/// Waits for nudges of this instance, and takes them as payloads.
async fn next_payloads(live: &Live) -> Vec<String> {
    live.0.outgoing_added.notified().await;
    let mut outgoing = live.0.outgoing.lock().unwrap_or_else(PoisonError::into_inner);
    let nudges: Vec<Nudge> = outgoing.drain().collect();
    drop(outgoing);
    encode_all(&nudges)
}

impl Bus {
    /// The nudges of a payload. One with anything else in it is counted as ignored.
    fn receive(&self, payload: &[u8]) -> Vec<Nudge> {
        self.metrics.received.inc();
        let (nudges, valid) = decode_all(payload);
        if !valid {
            self.metrics.ignored.inc();
            if let Some(held_back) = self.warnings.allow_now("bus") {
                tracing::warn!(held_back, "a message of the bus holds no nudges: ignored");
            }
        }
        nudges
    }
}

fn encode_all(nudges: &[Nudge]) -> Vec<String> {
    let mut payloads: Vec<String> = Vec::new();
    for (account, topic) in nudges {
        let nudge = encode(*account, *topic);
        match payloads.last_mut() {
            Some(payload) if payload.len() + 1 + nudge.len() <= MAX_PAYLOAD => {
                payload.push(' ');
                payload.push_str(&nudge);
            }
            _ => payloads.push(nudge),
        }
    }
    payloads
}

/// What can be decoded, and whether that is all. A newer version may have topics that this one doesn't know.
fn decode_all(payload: &[u8]) -> (Vec<Nudge>, bool) {
    let Some(text) = std::str::from_utf8(payload)
        .ok()
        .filter(|text| text.len() <= MAX_PAYLOAD)
    else {
        return (Vec::new(), false);
    };
    let words = text.split_ascii_whitespace().map(decode);
    let mut valid = true;
    let nudges = words
        .inspect(|nudge| valid &= nudge.is_some())
        .flatten()
        .collect();
    (nudges, valid)
}

/// A nudge in a payload: the account, a letter for the topic, and the topic's id if it has one.
fn encode(account: AccountId, topic: Topic) -> String {
    let account = account.0.simple();
    match topic {
        Topic::Counts => format!("{account}c"),
        Topic::Activity => format!("{account}a"),
        Topic::Messages => format!("{account}m"),
        Topic::Jobs => format!("{account}j"),
        Topic::Job(id) => format!("{account}J{}", id.0.simple()),
        Topic::AnyJob => format!("{account}A"),
        Topic::Challenge(id) => format!("{account}C{}", id.0.simple()),
        Topic::Revoked(id) => format!("{account}R{}", id.simple()),
        Topic::Workflow(id) => format!("{account}W{}", id.0.simple()),
    }
}

fn decode(nudge: &str) -> Option<(AccountId, Topic)> {
    let (account, rest) = nudge.split_at_checked(32)?;
    let account = AccountId(Uuid::try_parse(account).ok()?);
    let topic = match rest {
        "c" => Topic::Counts,
        "a" => Topic::Activity,
        "m" => Topic::Messages,
        "j" => Topic::Jobs,
        "A" => Topic::AnyJob,
        _ => {
            let (letter, id) = rest.split_at_checked(1)?;
            let id = Uuid::try_parse(id).ok()?;
            match letter {
                "J" => Topic::Job(BulkJobId(id)),
                "C" => Topic::Challenge(ChallengeId(id)),
                "R" => Topic::Revoked(id),
                "W" => Topic::Workflow(WorkflowId(id)),
                _ => return None,
            }
        }
    };
    Some((account, topic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;

    #[test]
    fn every_nudge_decodes_to_itself() {
        let moment = Clock::System.moment();
        let account = AccountId::new(&moment);
        let topics = [
            Topic::Counts,
            Topic::Activity,
            Topic::Messages,
            Topic::Jobs,
            Topic::Job(BulkJobId::new(&moment)),
            Topic::AnyJob,
            Topic::Challenge(ChallengeId::new(&moment)),
            Topic::Revoked(moment.uuid()),
            Topic::Workflow(WorkflowId::new(&moment)),
        ];
        for topic in topics {
            assert_eq!(decode(&encode(account, topic)), Some((account, topic)));
        }
        for invalid in [
            "",
            "x",
            "é",
            &"0".repeat(33),
            &format!("{}J12", account.0.simple()),
            &format!("{}cc", account.0.simple()),
            &format!("{}é", account.0.simple()),
        ] {
            assert_eq!(decode(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn many_nudges_are_divided_among_payloads() {
        let moment = Clock::System.moment();
        let new = || (AccountId::new(&moment), Topic::Revoked(moment.uuid()));
        let nudges: Vec<Nudge> = std::iter::repeat_with(new).take(1_000).collect();
        let payloads = encode_all(&nudges);
        assert!(payloads.len() > 1 && payloads.iter().all(|payload| payload.len() <= MAX_PAYLOAD));
        let decoded = payloads
            .iter()
            .flat_map(|payload| decode_all(payload.as_bytes()).0);
        assert_eq!(decoded.collect::<Vec<_>>(), nudges);
    }

    #[test]
    fn what_is_known_in_a_payload_is_used() {
        let account = AccountId::new(&Clock::System.moment());
        let counts = encode(account, Topic::Counts);
        let payload = format!("{counts} {}z", account.0.simple());
        assert_eq!(
            decode_all(payload.as_bytes()),
            (vec![(account, Topic::Counts)], false)
        );
        assert_eq!(decode_all(&[0xff]), (Vec::new(), false));
        assert_eq!(decode_all(b""), (Vec::new(), true));
        let long = vec![counts; 300].join(" ");
        assert_eq!(decode_all(long.as_bytes()), (Vec::new(), false));
    }
}
