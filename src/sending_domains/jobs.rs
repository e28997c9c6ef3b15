//! Checks the DNS records of sending domains when they are due: verified ones every hour, others at growing intervals.

use std::sync::Arc;

use diesel_async::AsyncConnection;
use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::base::actor::Requester;
use crate::base::db::deadline;
use crate::base::error::{Code, Result};
use crate::sending_domains::dns::DnsAnswer;
use crate::sending_domains::model::SendingDomain;
use crate::worker::backoff::{Backoff, catch_panic};
use crate::worker::{MAX_SLEEP, Worker};

/// Domains that are checked at once.
const BATCH: i64 = 16;

pub(crate) async fn run(worker: Arc<Worker>, stop: CancellationToken) {
    let mut backoff = Backoff::new();
    while !stop.is_cancelled() {
        match catch_panic(worker.check_sending_domains()).await {
            Ok(0) => {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(MAX_SLEEP) => {}
                }
            }
            Ok(_) => backoff.reset(),
            Err(error) => backoff.after(&error, &stop).await,
        }
    }
}

impl Worker {
    /// Checks the domains that are due, and returns how many there were.
    async fn check_sending_domains(&self) -> Result<usize> {
        let now = self.parts.clock.now();
        let claim = async { SendingDomain::claim_due(&mut *self.parts.db.conn().await?, BATCH, now).await };
        let due = deadline::within(deadline::BACKGROUND, claim).await?;
        let checks = due.iter().map(|domain| async {
            let answer = self.parts.sending.dns.find(domain.published()).await;
            self.record_answer(domain, answer).await
        });
        for recorded in join_all(checks).await {
            match recorded {
                // Staff have changed the domain meanwhile.
                Err(error) if error.code == Code::Conflict => {}
                recorded => recorded?,
            }
        }
        Ok(due.len())
    }

    async fn record_answer(&self, domain: &SendingDomain, answer: DnsAnswer) -> Result<()> {
        let (moment, hosts) = (self.parts.clock.moment(), &self.parts.sending.hosts);
        let recorded = async {
            let mut conn = self.parts.db.conn().await?;
            conn.transaction(async |conn| {
                domain
                    .record(conn, answer, hosts, &Requester::system(), &moment)
                    .await
            })
            .await
        };
        let after = deadline::within(deadline::BACKGROUND, recorded).await?;
        if after.status != domain.status {
            tracing::info!(account = %domain.account_id, status = after.status.as_str(), "a sending domain changed");
        }
        Ok(())
    }
}
