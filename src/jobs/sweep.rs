//! Housekeeping, once an hour: what has had its time is deleted. Which tables, and after how long: `models/sweep.rs`.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use tokio_util::sync::CancellationToken;

use super::pace::{Waits, guarded};
use super::worker::Worker;
use crate::db::deadline;
use crate::error::Result;
use crate::models::sweep::{self, Chore};

/// How often.
const EVERY: TimeDelta = TimeDelta::hours(1);

/// Rows of one transaction.
const BATCH: i64 = 1_000;

/// Whether there may be more of a kind.
enum Swept {
    All,
    Some,
    /// Another instance is at it.
    Elsewhere,
}

pub(super) async fn run(worker: Arc<Worker>, stop: CancellationToken) {
    let (mut waits, mut last) = (Waits::new(), None::<DateTime<Utc>>);
    while !stop.is_cancelled() {
        let now = worker.parts.clock.now();
        if last.is_none_or(|last| now - last >= EVERY) {
            match guarded(worker.sweep(&stop)).await {
                Ok(_) => {
                    waits.reset();
                    last = Some(now);
                }
                Err(error) => waits.after(&error, &stop).await,
            }
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(super::worker::LONGEST_SLEEP) => {}
        }
    }
}

impl Worker {
    /// Sweeps everything once; `false` where another instance is at it, or it is time to leave.
    pub async fn sweep(&self, stop: &CancellationToken) -> Result<bool> {
        let now = self.parts.clock.now();
        let chores = async { Chore::all(&mut *self.parts.db.conn().await?).await };
        let chores = deadline::within(deadline::BACKGROUND, chores).await?;
        for chore in chores {
            loop {
                match deadline::within(deadline::BACKGROUND, self.batch(chore, now)).await? {
                    _ if stop.is_cancelled() => return Ok(false),
                    Swept::Elsewhere => return Ok(false),
                    Swept::Some => {}
                    Swept::All => break,
                }
            }
        }
        Ok(true)
    }

    async fn batch(&self, chore: Chore, now: DateTime<Utc>) -> Result<Swept> {
        let mut conn = self.parts.db.conn().await?;
        conn.transaction(async |conn| -> Result<_> {
            if !sweep::lock(conn).await? {
                return Ok(Swept::Elsewhere);
            }
            let full = usize::try_from(BATCH).unwrap_or(usize::MAX);
            let more = chore.sweep(conn, BATCH, now).await? >= full;
            Ok(if more { Swept::Some } else { Swept::All })
        })
        .await
    }
}
