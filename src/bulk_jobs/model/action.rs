//! Pausing, resuming and cancelling a job.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{BulkJob, BulkJobKind, BulkJobStatus};
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::bulk_jobs;
use crate::base::error::Result;
use crate::messages::model::Message;

/// What staff can do to an unfinished job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobAction {
    Pause,
    Resume,
    Cancel,
}

impl JobAction {
    /// The statuses in which it is allowed.
    fn from(self) -> &'static [BulkJobStatus] {
        match self {
            Self::Pause => &[BulkJobStatus::Queued, BulkJobStatus::Running],
            Self::Resume => &[BulkJobStatus::Paused],
            Self::Cancel => &[
                BulkJobStatus::Queued,
                BulkJobStatus::Running,
                BulkJobStatus::Paused,
            ],
        }
    }

    /// The status that it leads to.
    fn to(self) -> BulkJobStatus {
        match self {
            Self::Pause => BulkJobStatus::Paused,
            Self::Resume => BulkJobStatus::Queued,
            Self::Cancel => BulkJobStatus::Cancelled,
        }
    }

    fn event(self) -> EventKind {
        match self {
            Self::Pause => EventKind::JobPaused,
            Self::Resume => EventKind::JobResumed,
            Self::Cancel => EventKind::JobCancelled,
        }
    }
}

impl BulkJob {
    /// Pauses, resumes or cancels a job, and with it the waiting messages that staff wrote; `None` if its status doesn't allow it.
    pub async fn apply(
        &self,
        conn: &mut Conn,
        action: JobAction,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Option<Self>> {
        // Not before its time.
        let due_at = self.plan()?.starts_at.map_or(moment.now, |at| at.max(moment.now));
        let ended_at = (action.to() == BulkJobStatus::Cancelled).then_some(moment.now);
        let changed: Option<Self> = diesel::update(bulk_jobs::table.find((self.account_id, self.id)))
            .filter(bulk_jobs::status.eq_any(action.from()))
            .set((
                bulk_jobs::status.eq(action.to()),
                bulk_jobs::finished_at.eq(ended_at),
                bulk_jobs::due_at.eq(due_at),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        if changed.is_some() {
            if self.kind == BulkJobKind::Message {
                self.apply_to_messages(conn, action, moment).await?;
            }
            record(
                conn,
                self.account_id,
                requester,
                &[NewEvent::new(action.event()).on(self.id)],
                moment,
            )
            .await?;
        }
        Ok(changed)
    }

    async fn apply_to_messages(&self, conn: &mut Conn, action: JobAction, moment: &Moment) -> Result<()> {
        let (account, job) = (self.account_id, self.id);
        match action {
            JobAction::Pause => Message::hold_of_job(conn, account, job).await,
            JobAction::Resume => Message::go_on_of_job(conn, account, job, moment.now).await,
            JobAction::Cancel => Message::cancel_of_job(conn, account, job).await,
        }
    }
}
