//! Messages that could not be sent in time have failed, whatever held them up.

use chrono::TimeDelta;
use diesel_async::AsyncConnection;
use tokio::sync::mpsc::Sender;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{Delivery, Finished};
use crate::base::db::deadline;
use crate::base::error::Result;
use crate::messages::model::Message;
use crate::messages::model::outcome::Outcome;
use crate::worker::backoff::{Backoff, catch_panic};
use crate::worker::{MAX_SLEEP, Worker};

const INTERVAL: TimeDelta = TimeDelta::minutes(1);
const BATCH: i64 = 200;

impl Delivery {
    pub(super) async fn give_up_overdue(&self, stop: &CancellationToken, outcomes: Sender<Finished>) {
        let (mut done_at, mut backoff) = (None, Backoff::new());
        while !stop.is_cancelled() {
            let now = self.worker.parts.clock.now();
            self.release_lost_claims().await;
            if !self.state().locked || done_at.is_some_and(|at| now - at < INTERVAL) {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = sleep(MAX_SLEEP) => {}
                }
                continue;
            }
            match catch_panic(self.worker.claim_overdue()).await {
                Ok(overdue) if overdue.is_empty() => {
                    backoff.reset();
                    done_at = Some(now);
                }
                Ok(overdue) => {
                    for message in overdue {
                        let reason = message.last_error.clone();
                        let reason = reason.unwrap_or_else(|| "It could not be sent in time.".to_owned());
                        self.report(&outcomes, (message, Outcome::Failed { reason }))
                            .await;
                    }
                }
                Err(error) => backoff.after(&error, stop).await,
            }
        }
    }
}

impl Worker {
    async fn claim_overdue(&self) -> Result<Vec<Message>> {
        let now = self.parts.clock.now();
        let claim = async {
            let mut conn = self.parts.db.conn().await?;
            conn.transaction(async |conn| {
                let overdue = Message::claim_overdue(conn, self.owner, BATCH, now).await?;
                Message::delete_without_recipient(conn, overdue).await
            })
            .await
        };
        deadline::within(deadline::BACKGROUND, claim).await
    }
}
