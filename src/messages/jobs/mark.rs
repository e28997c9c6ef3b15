//! Writes outcomes, all since the last transaction in the next one.

use std::time::Duration;

use diesel_async::AsyncConnection;
use tokio::sync::mpsc::Receiver;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{Delivery, Finished, MAX_UNMARKED};
use crate::base::db::deadline;
use crate::base::error::{Code, Result};
use crate::base::ids::AccountId;
use crate::live::Topic;
use crate::messages::model::Message;
use crate::messages::model::outcome::Outcome;
use crate::worker::Worker;
use crate::worker::backoff::{Backoff, catch_panic};

/// With many outcomes, the marker waits this long for more: one large transaction costs less than many small ones. With a
/// longer delay, sends would wait for room among the unmarked.
const MARK_DELAY: Duration = Duration::from_millis(3);
const MANY: usize = 16;

impl Delivery {
    pub(super) async fn mark_all(&self, mut finished: Receiver<Finished>) {
        let mut batch: Vec<Finished> = Vec::new();
        let never = CancellationToken::new();
        while finished.recv_many(&mut batch, MAX_UNMARKED).await > 0 {
            if batch.len() >= MANY {
                sleep(MARK_DELAY).await;
                while let (true, Ok(more)) = (batch.len() < MAX_UNMARKED, finished.try_recv()) {
                    batch.push(more);
                }
            }
            let mut backoff = Backoff::new();
            // Messages without a recorded outcome are sent again.
            while let Err(error) = catch_panic(self.worker.mark(&batch)).await {
                self.state().marking_fails = true;
                backoff.after(&error, &never).await;
                if error.code == Code::Internal {
                    self.worker.fail_unmarkable(&mut batch).await;
                }
            }
            self.marked(&batch);
            self.worker.observe_outcomes(&batch);
            self.worker.nudge_accounts(&batch);
            batch.clear();
        }
    }
}

impl Delivery {
    fn marked(&self, batch: &[Finished]) {
        let mut state = self.state();
        let failed = std::mem::take(&mut state.marking_fails);
        state.unmarked -= batch.len();
        for (message, _) in batch {
            state.held.remove(&message.id);
        }
        drop(state);
        self.sendable.send_replace(());
        if failed {
            self.room.send_replace(());
        }
    }
}

impl Worker {
    async fn mark(&self, batch: &[Finished]) -> Result<()> {
        let moment = self.parts.clock.moment();
        let marked = async {
            let mut conn = self.parts.db.conn().await?;
            conn.transaction(async |conn| Message::mark(conn, self.owner, batch, &moment).await)
                .await
        };
        deadline::within(deadline::BACKGROUND, marked).await
    }

    /// One outcome that can't be written must not hold up those of other messages and accounts: it becomes one that can.
    async fn fail_unmarkable(&self, batch: &mut [Finished]) {
        for one in batch {
            let marked = catch_panic(self.mark(std::slice::from_ref(one))).await;
            if !marked.is_err_and(|error| error.code == Code::Internal) {
                continue;
            }
            let reason = "The outcome of sending it could not be recorded.".to_owned();
            let failed = (one.0.clone(), Outcome::Failed { reason });
            // Where nothing can be written, what happened is kept until it can be.
            if catch_panic(self.mark(std::slice::from_ref(&failed)))
                .await
                .is_ok()
            {
                *one = failed;
            }
        }
    }

    fn nudge_accounts(&self, batch: &[Finished]) {
        let mut accounts: Vec<AccountId> = batch.iter().map(|(message, _)| message.account_id).collect();
        accounts.sort();
        accounts.dedup();
        for account in accounts {
            self.parts.live.nudge(account, &[Topic::Activity]);
        }
    }
}
