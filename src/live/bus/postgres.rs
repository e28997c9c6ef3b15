//! Nudges over PostgreSQL's LISTEN and NOTIFY. They are sent outside of the transactions that cause them, because NOTIFY within a
//! transaction serialises commits.

use std::time::Duration;

use futures_util::StreamExt;
use tokio_postgres::Client;

use super::{BATCH_INTERVAL, Live, Outage, next_payloads};
use crate::base::db::{Db, deadline};
use crate::base::error::{Error, Result};

const CHANNEL: &str = "vestibule";
/// How often the listening connection is checked.
const PING_INTERVAL: Duration = Duration::from_secs(3);

pub(super) async fn run(live: Live) {
    tokio::join!(listen(&live), send(&live));
}

/// Sends this instance's nudges. Those that can't be sent are dropped: the other instances refresh within two seconds.
async fn send(live: &Live) {
    let (mut outage, metrics) = (Outage::new("bus"), &live.0.bus.metrics);
    loop {
        for payload in next_payloads(live).await {
            match outage.run(notify(&live.0.db, &payload)).await {
                Some(()) => metrics.sent.inc(),
                None => metrics.dropped.inc(),
            };
        }
        tokio::time::sleep(BATCH_INTERVAL).await;
    }
}

async fn notify(db: &Db, payload: &str) -> Result<()> {
    let mut conn = db.conn().await?;
    crate::contacts::model::portal_stats::notify(&mut conn, CHANNEL, payload).await
}

/// Receives nudges of other instances, and our own, which have no effect the second time.
async fn listen(live: &Live) {
    let mut outage = Outage::new("bus");
    loop {
        let ended = receive(live).await;
        live.0.bus.metrics.connected.set(0);
        if outage.record(ended).is_some() {
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
                for (account, topic) in live.0.bus.receive(payload.as_bytes()) {
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
    live.0.bus.metrics.connected.set(1);
    live.refresh_all();
    loop {
        tokio::time::sleep(PING_INTERVAL).await;
        run("select 1").await?;
    }
}
