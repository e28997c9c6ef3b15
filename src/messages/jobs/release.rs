//! Returns claimed messages to the queue that no loop will finish.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::timeout;

use super::Delivery;
use crate::base::db::deadline;
use crate::base::error::Result;
use crate::base::ids::MessageId;
use crate::messages::model::Message;
use crate::messages::model::queue::LEASE;

const RELEASE_TIME: Duration = Duration::from_secs(3);
/// A claim is prepared by then.
const CLAIM_TIME: TimeDelta = TimeDelta::seconds(30);

impl Delivery {
    /// When the worker stops. Messages that were started may have been sent: their leases go on.
    pub(super) async fn release_unstarted(&self) {
        let started = self.held(|started| started);
        match timeout(RELEASE_TIME, self.release(&started, TimeDelta::zero())).await {
            Ok(Ok(count)) => tracing::debug!(count, "released messages"),
            Ok(Err(error)) => drop(error.report()),
            Err(_) => tracing::warn!("could not release messages: they become due when their leases expire"),
        }
    }

    /// After a claim that failed. If it was committed and only its response was lost, no loop holds its messages.
    pub(super) async fn release_lost_claims(&self) {
        let now = self.worker.parts.clock.now();
        let failed_at = self.state().claim_failed_at;
        // Until then, other claims may be in preparation, which are not held yet.
        let Some(failed_at) = failed_at.filter(|at| now - *at >= CLAIM_TIME) else {
            return;
        };
        let held = self.held(|_| true);
        match deadline::within(deadline::BACKGROUND, self.release(&held, CLAIM_TIME)).await {
            Ok(count) => {
                self.state().claim_failed_at.take_if(|at| *at == failed_at);
                if count > 0 {
                    tracing::info!(count, "returned messages whose claim was lost");
                }
            }
            Err(error) => drop(error.report()),
        }
    }

    /// The held messages that were started, or not.
    fn held(&self, select: impl Fn(bool) -> bool) -> Vec<MessageId> {
        let state = self.state();
        let held = state.held.iter().filter(|(_, started)| select(**started));
        held.map(|(id, _)| *id).collect()
    }

    /// Returns the messages of this worker that were claimed this long ago, except these.
    async fn release(&self, except: &[MessageId], min_age: TimeDelta) -> Result<usize> {
        let (worker, now) = (&self.worker, self.worker.parts.clock.now());
        let mut conn = worker.parts.db.conn().await?;
        Message::release(&mut conn, worker.owner, except, now + LEASE - min_age, now).await
    }
}
