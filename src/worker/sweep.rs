//! Deletes old rows once an hour; `base/sweep.rs` says from which tables, and after how long. Stored responses may hold secrets
//! and are deleted within a minute.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use tokio_util::sync::CancellationToken;

use crate::base::db::deadline;
use crate::base::error::Result;
use crate::base::sweep;
use crate::base::sweep::Chore;
use crate::worker::Worker;
use crate::worker::backoff::{Backoff, catch_panic};

const EVERY: TimeDelta = TimeDelta::hours(1);
const ANSWERS_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Rows of one transaction.
const BATCH: i64 = 1_000;

/// Whether there may be more of a kind.
enum Swept {
    All,
    Some,
    /// Another instance is sweeping.
    Elsewhere,
}

pub(crate) async fn run(worker: Arc<Worker>, stop: CancellationToken) {
    let mut backoff = Backoff::new();
    let (mut last, mut answers) = (None::<DateTime<Utc>>, None::<DateTime<Utc>>);
    while !stop.is_cancelled() {
        let now = worker.parts.clock.now();
        let due = |last: Option<DateTime<Utc>>, every| last.is_none_or(|last| now - last >= every);
        let (all, some) = (due(last, EVERY), due(answers, ANSWERS_EVERY));
        if all || some {
            let swept = catch_panic(async {
                if all {
                    worker.sweep(&stop).await
                } else {
                    worker.sweep_one(Chore::Answers, now, &stop).await
                }
            });
            match swept.await {
                Ok(_) => {
                    backoff.reset();
                    answers = Some(now);
                    last = if all { Some(now) } else { last };
                }
                Err(error) => backoff.after(&error, &stop).await,
            }
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(crate::worker::LONGEST_SLEEP) => {}
        }
    }
}

impl Worker {
    /// Sweeps everything once; `false` if another instance is sweeping, or the worker stops.
    pub async fn sweep(&self, stop: &CancellationToken) -> Result<bool> {
        let now = self.parts.clock.now();
        let chores = async { Chore::all(&mut *self.parts.db.conn().await?).await };
        let chores = deadline::within(deadline::BACKGROUND, chores).await?;
        for chore in std::iter::once(Chore::Answers).chain(chores) {
            if !self.sweep_one(chore, now, stop).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn sweep_one(&self, chore: Chore, now: DateTime<Utc>, stop: &CancellationToken) -> Result<bool> {
        loop {
            match deadline::within(deadline::BACKGROUND, self.batch(chore, now)).await? {
                _ if stop.is_cancelled() => return Ok(false),
                Swept::Elsewhere => return Ok(false),
                Swept::Some => {}
                Swept::All => return Ok(true),
            }
        }
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
