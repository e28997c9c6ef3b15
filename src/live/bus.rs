//! Nudges between instances, by PostgreSQL's LISTEN and NOTIFY. They are sent in batches, outside of the transactions that cause
//! them, because NOTIFY within a transaction serialises commits.

use std::sync::PoisonError;
use std::time::Duration;

use futures_util::StreamExt;
use tokio_postgres::Client;
use uuid::Uuid;

use super::{BATCH_INTERVAL, Live, Outage, Topic};
use crate::base::db::{Db, deadline};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, BulkJobId, ChallengeId, WorkflowId};

const CHANNEL: &str = "vestibule";
/// How often the listening connection is checked.
const PING_INTERVAL: Duration = Duration::from_secs(3);
/// A payload must stay below 8,000 bytes.
const MAX_PAYLOAD: usize = 7_000;

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
    let id = || Uuid::try_parse(rest.get(1..)?).ok();
    let topic = match rest.chars().next()? {
        'c' => Topic::Counts,
        'a' => Topic::Activity,
        'm' => Topic::Messages,
        'j' => Topic::Jobs,
        'J' => Topic::Job(BulkJobId(id()?)),
        'A' => Topic::AnyJob,
        'C' => Topic::Challenge(ChallengeId(id()?)),
        'R' => Topic::Revoked(id()?),
        'W' => Topic::Workflow(WorkflowId(id()?)),
        _ => return None,
    };
    Some((account, topic))
}

/// Sends this instance's nudges. Those that can't be sent are dropped: the other instances refresh within two seconds.
pub(crate) async fn send(live: Live) {
    let mut outage = Outage::new("bus");
    loop {
        live.0.outgoing_added.notified().await;
        let nudges: Vec<_> = live
            .0
            .outgoing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain()
            .collect();
        let mut payload = String::new();
        for (account, topic) in nudges {
            if payload.len() > MAX_PAYLOAD {
                let full = std::mem::take(&mut payload);
                outage.run(notify(&live.0.db, &full)).await;
            }
            payload.push_str(&encode(account, topic));
            payload.push(' ');
        }
        if !payload.is_empty() {
            outage.run(notify(&live.0.db, &payload)).await;
        }
        tokio::time::sleep(BATCH_INTERVAL).await;
    }
}

async fn notify(db: &Db, payload: &str) -> Result<()> {
    let mut conn = db.conn().await?;
    crate::contacts::model::portal_stats::notify(&mut conn, CHANNEL, payload).await
}

/// Receives nudges of other instances, and our own, which have no effect the second time.
pub(crate) async fn listen(live: Live) {
    let mut outage = Outage::new("bus");
    loop {
        if outage.record(receive(&live).await).is_some() {
            tracing::info!("the LISTEN connection was closed; opening a new one");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn receive(live: &Live) -> Result<()> {
    let (client, mut notifications) = live.0.db.connect_listener().await?;
    let mut listening = std::pin::pin!(listen_on(&client, live));
    // The connection makes progress only while its notifications are polled.
    loop {
        tokio::select! {
            failed = &mut listening => return failed,
            payload = notifications.next() => {
                let Some(payload) = payload else { return Ok(()) };
                for (account, topic) in payload.split_ascii_whitespace().filter_map(decode) {
                    live.apply(account, topic);
                }
            }
        }
    }
}

/// Starts to listen, then checks the connection at an interval. Returns when a check fails.
async fn listen_on(client: &Client, live: &Live) -> Result<()> {
    let run = |statement| {
        deadline::within(deadline::BACKGROUND, async move {
            client.batch_execute(statement).await.map_err(Error::unavailable)
        })
    };
    run("listen vestibule").await?;
    live.refresh_all();
    loop {
        tokio::time::sleep(PING_INTERVAL).await;
        run("select 1").await?;
    }
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
        ] {
            assert_eq!(decode(invalid), None, "{invalid}");
        }
    }
}
