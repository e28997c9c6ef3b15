//! The steps of a job that runs: claiming it, recording progress and failures, finishing.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{BulkJob, BulkJobStatus, Plan};
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::bulk_jobs;
use crate::base::error::{Error, Result};

/// What one chunk adds to the counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub succeeded: i32,
    pub skipped: i32,
    pub failed: i32,
}

impl Progress {
    pub(crate) fn done(self) -> i32 {
        self.succeeded + self.skipped + self.failed
    }
}

impl BulkJob {
    /// The next due job. Its row stays locked until the transaction ends, and other workers skip it.
    pub(crate) async fn next_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<Option<Self>> {
        Ok(bulk_jobs::table
            .filter(bulk_jobs::status.eq_any([BulkJobStatus::Queued, BulkJobStatus::Running]))
            .filter(bulk_jobs::due_at.le(now))
            .order(bulk_jobs::due_at)
            .select(Self::as_select())
            .for_update()
            .skip_locked()
            .first(conn)
            .await
            .optional()?)
    }

    /// Records the progress of a chunk, and when the next is due. If that is at once, it follows those of other jobs.
    pub(crate) async fn advance(
        &self,
        conn: &mut Conn,
        progress: Progress,
        last_processed_id: Option<uuid::Uuid>,
        due_at: DateTime<Utc>,
    ) -> Result<()> {
        let done = self.done_count + progress.done();
        diesel::update(bulk_jobs::table.find((self.account_id, self.id)))
            .set((
                bulk_jobs::status.eq(BulkJobStatus::Running),
                bulk_jobs::done_count.eq(done),
                bulk_jobs::total_count.eq(self.total_count.max(done)),
                bulk_jobs::succeeded_count.eq(bulk_jobs::succeeded_count + progress.succeeded),
                bulk_jobs::skipped_count.eq(bulk_jobs::skipped_count + progress.skipped),
                bulk_jobs::failed_count.eq(bulk_jobs::failed_count + progress.failed),
                bulk_jobs::reach.eq(last_processed_id.or(self.last_processed_id)),
                bulk_jobs::attempt_count.eq(0),
                bulk_jobs::due_at.eq(due_at),
                bulk_jobs::last_error.eq(None::<String>),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Records the filter that the job has found when it began, and how many contacts match.
    pub(crate) async fn begin(&self, conn: &mut Conn, plan: &Plan, total: i32) -> Result<Self> {
        let plan = serde_json::to_value(plan).map_err(Error::internal)?;
        Ok(diesel::update(bulk_jobs::table.find((self.account_id, self.id)))
            .set((bulk_jobs::plan.eq(plan), bulk_jobs::total_count.eq(total)))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    /// Records how many rows the file of an import has, and how many of them are invalid.
    pub(crate) async fn set_row_counts(self, conn: &mut Conn, rows: i32, invalid: i32) -> Result<Self> {
        Ok(diesel::update(bulk_jobs::table.find((self.account_id, self.id)))
            .set((
                bulk_jobs::total_count.eq(rows),
                bulk_jobs::done_count.eq(invalid),
                bulk_jobs::failed_count.eq(invalid),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    pub(crate) async fn succeed(&self, conn: &mut Conn, moment: &Moment) -> Result<()> {
        diesel::update(bulk_jobs::table.find((self.account_id, self.id)))
            .set((
                bulk_jobs::status.eq(BulkJobStatus::Succeeded),
                bulk_jobs::total_count.eq(bulk_jobs::done_count),
                bulk_jobs::finished_at.eq(moment.now),
            ))
            .execute(conn)
            .await?;
        let event = NewEvent::new(EventKind::JobFinished).on(self.id);
        record(conn, self.account_id, &Requester::system(), &[event], moment).await
    }

    /// Postpones the next chunk, for example until the daily budget renews.
    pub(crate) async fn wait_until(
        &self,
        conn: &mut Conn,
        due_at: DateTime<Utc>,
        reason: &str,
    ) -> Result<()> {
        diesel::update(bulk_jobs::table.find((self.account_id, self.id)))
            .set((bulk_jobs::due_at.eq(due_at), bulk_jobs::last_error.eq(reason)))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Records that a chunk failed. If it may pass, it is retried after 5 s, 30 s, 2 min and 10 min; then the job fails.
    pub(crate) async fn record_failure(
        &self,
        conn: &mut Conn,
        reason: &str,
        may_pass: bool,
        moment: &Moment,
    ) -> Result<()> {
        const RETRY_DELAYS: [i64; 4] = [5, 30, 120, 600];
        let delay = usize::try_from(self.attempt_count)
            .ok()
            .and_then(|attempts| RETRY_DELAYS.get(attempts))
            .filter(|_| may_pass);
        // The row is no longer locked: the job may have been paused or cancelled meanwhile.
        let target = bulk_jobs::table
            .find((self.account_id, self.id))
            .filter(bulk_jobs::status.eq_any([BulkJobStatus::Queued, BulkJobStatus::Running]));
        match delay {
            Some(seconds) => {
                diesel::update(target)
                    .set((
                        bulk_jobs::attempt_count.eq(bulk_jobs::attempt_count + 1),
                        bulk_jobs::due_at.eq(moment.now + TimeDelta::seconds(*seconds)),
                        bulk_jobs::last_error.eq(reason),
                    ))
                    .execute(conn)
                    .await?;
            }
            None => {
                diesel::update(target)
                    .set((
                        bulk_jobs::status.eq(BulkJobStatus::Failed),
                        bulk_jobs::finished_at.eq(moment.now),
                        bulk_jobs::last_error.eq(reason),
                    ))
                    .execute(conn)
                    .await?;
                let event = NewEvent::new(EventKind::JobFinished)
                    .on(self.id)
                    .refused("FAILED");
                record(conn, self.account_id, &Requester::system(), &[event], moment).await?;
            }
        }
        Ok(())
    }
}
