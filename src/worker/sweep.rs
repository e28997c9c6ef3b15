//! Deletes old rows once an hour, by the rules of `base/sweep.rs`. Stored responses may contain secrets and are deleted within a
//! minute of their expiry.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use tokio_util::sync::CancellationToken;

use crate::base::db::deadline;
use crate::base::error::Result;
use crate::base::sweep;
use crate::base::sweep::SweepTask;
use crate::worker::Worker;
use crate::worker::backoff::{Backoff, catch_panic};

const INTERVAL: TimeDelta = TimeDelta::hours(1);
const RESPONSES_INTERVAL: TimeDelta = TimeDelta::minutes(1);

/// Rows per transaction.
const BATCH_SIZE: i64 = 1_000;

/// The state of a task after one batch.
enum SweepProgress {
    Done,
    MayHaveMore,
    /// Another instance is sweeping.
    Locked,
}

pub(crate) async fn run(worker: Arc<Worker>, stop: CancellationToken) {
    let mut backoff = Backoff::new();
    let (mut all_at, mut responses_at) = (None::<DateTime<Utc>>, None::<DateTime<Utc>>);
    while !stop.is_cancelled() {
        let now = worker.parts.clock.now();
        let due = |last: Option<DateTime<Utc>>, every| last.is_none_or(|last| now - last >= every);
        let (all, responses) = (due(all_at, INTERVAL), due(responses_at, RESPONSES_INTERVAL));
        if all || responses {
            let swept = catch_panic(async {
                if all {
                    worker.sweep(&stop).await
                } else {
                    worker.sweep_one(SweepTask::IdempotentResponses, now, &stop).await
                }
            });
            match swept.await {
                Ok(_) => {
                    backoff.reset();
                    responses_at = Some(now);
                    all_at = if all { Some(now) } else { all_at };
                }
                Err(error) => backoff.after(&error, &stop).await,
            }
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(crate::worker::MAX_SLEEP) => {}
        }
    }
}

impl Worker {
    /// Sweeps everything once; `false` if another instance is sweeping, or the worker stops.
    pub async fn sweep(&self, stop: &CancellationToken) -> Result<bool> {
        let now = self.parts.clock.now();
        let tasks = async { SweepTask::all(&mut *self.parts.db.conn().await?).await };
        let tasks = deadline::within(deadline::BACKGROUND, tasks).await?;
        for task in std::iter::once(SweepTask::IdempotentResponses).chain(tasks) {
            if !self.sweep_one(task, now, stop).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn sweep_one(&self, task: SweepTask, now: DateTime<Utc>, stop: &CancellationToken) -> Result<bool> {
        loop {
            match deadline::within(deadline::BACKGROUND, self.sweep_batch(task, now)).await? {
                _ if stop.is_cancelled() => return Ok(false),
                SweepProgress::Locked => return Ok(false),
                SweepProgress::MayHaveMore => {}
                SweepProgress::Done => return Ok(true),
            }
        }
    }

    async fn sweep_batch(&self, task: SweepTask, now: DateTime<Utc>) -> Result<SweepProgress> {
        let mut conn = self.parts.db.conn().await?;
        conn.transaction(async |conn| -> Result<_> {
            if !sweep::lock(conn).await? {
                return Ok(SweepProgress::Locked);
            }
            let full = usize::try_from(BATCH_SIZE).unwrap_or(usize::MAX);
            let more = task.sweep(conn, BATCH_SIZE, now).await? >= full;
            Ok(if more {
                SweepProgress::MayHaveMore
            } else {
                SweepProgress::Done
            })
        })
        .await
    }
}
