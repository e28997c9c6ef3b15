//! Work over many contacts, in chunks, with progress and an outcome for each contact.
//!
//! A chunk is one transaction that locks the job's row: after a crash an unfinished chunk has had no effect, and no contact is
//! emailed twice.

pub mod item;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::bulk_jobs;
use crate::base::error::Result;
use crate::base::ids::{AccountId, BulkJobId};
use crate::base::page::{Page, PageRequest, page_newest_first};
use crate::base::text_enum::text_enum;
use crate::contacts::model::list::Filter;

text_enum! {
    /// What a bulk job does.
    #[derive(async_graphql::Enum)]
    BulkJobKind {
        /// Invites contacts.
        Invite = "INVITE",
        /// Sends login emails.
        LoginEmail = "LOGIN_EMAIL",
        /// Imports contacts from a CSV file.
        Import = "IMPORT",
        /// Changes what contacts may open.
        Access = "ACCESS",
        /// Sends a message.
        Message = "MESSAGE",
    }
}

text_enum! {
    /// Where a bulk job stands.
    #[derive(async_graphql::Enum)]
    BulkJobStatus {
        /// Waiting for its turn.
        Queued = "QUEUED",
        /// At work.
        Running = "RUNNING",
        /// Paused until it is resumed.
        Paused = "PAUSED",
        /// Done; its items tell the outcome of each.
        Succeeded = "SUCCEEDED",
        /// Given up after several tries.
        Failed = "FAILED",
        /// Ended by staff; what it had done stays done.
        Cancelled = "CANCELLED",
    }
}

impl BulkJobStatus {
    pub fn ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// What to do, as stored with the job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// All contacts that match; none if the job's items name the recipients.
    pub filter: Option<Filter>,
    pub section: String,
    pub note: Option<String>,
    /// An import that also invites.
    #[serde(default)]
    pub invite: bool,
}

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct BulkJob {
    pub account_id: AccountId,
    pub id: BulkJobId,
    pub kind: BulkJobKind,
    pub status: BulkJobStatus,
    pub plan: serde_json::Value,
    /// The last contact of the filter that was reached.
    pub reach: Option<uuid::Uuid>,
    pub total_count: i32,
    pub done_count: i32,
    pub succeeded_count: i32,
    pub skipped_count: i32,
    pub failed_count: i32,
    pub requested_by: String,
    pub attempt_count: i32,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}

/// A job to create.
#[derive(Clone, Copy, Debug)]
pub struct NewJob<'a> {
    pub kind: BulkJobKind,
    pub plan: &'a Plan,
    /// The number of recipients or rows, as far as known.
    pub total: usize,
}

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
    pub async fn create(
        conn: &mut Conn,
        account: AccountId,
        new: NewJob<'_>,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Self> {
        let NewJob { kind, plan, total } = new;
        let plan = serde_json::to_value(plan).map_err(crate::base::error::Error::internal)?;
        let job: Self = diesel::insert_into(bulk_jobs::table)
            .values((
                bulk_jobs::account_id.eq(account),
                bulk_jobs::id.eq(BulkJobId::new(moment)),
                bulk_jobs::kind.eq(kind),
                bulk_jobs::status.eq(BulkJobStatus::Queued),
                bulk_jobs::plan.eq(plan),
                bulk_jobs::total_count.eq(i32::try_from(total).unwrap_or(i32::MAX)),
                bulk_jobs::requested_by.eq(requester.actor.to_string()),
                bulk_jobs::due_at.eq(moment.now),
                bulk_jobs::created_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        let event = NewEvent::new(EventKind::JobCreated).on(job.id);
        record(conn, account, requester, &[event], moment).await?;
        Ok(job)
    }

    pub(crate) fn plan(&self) -> Result<Plan> {
        serde_json::from_value(self.plan.clone()).map_err(crate::base::error::Error::internal)
    }

    /// The next job that is due, its row locked until the transaction ends; other workers skip it.
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

    /// Writes the progress of a chunk; the next one may follow at once, after those of other jobs.
    pub(crate) async fn advance(
        &self,
        conn: &mut Conn,
        progress: Progress,
        reach: Option<uuid::Uuid>,
        now: DateTime<Utc>,
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
                bulk_jobs::reach.eq(reach),
                bulk_jobs::attempt_count.eq(0),
                bulk_jobs::due_at.eq(now),
                bulk_jobs::last_error.eq(None::<String>),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// The file of an import was read: the number of rows, and how many of them are faulty.
    pub(crate) async fn staged(self, conn: &mut Conn, rows: i32, faulty: i32) -> Result<Self> {
        Ok(diesel::update(bulk_jobs::table.find((self.account_id, self.id)))
            .set((
                bulk_jobs::total_count.eq(rows),
                bulk_jobs::done_count.eq(faulty),
                bulk_jobs::failed_count.eq(faulty),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    /// The job has succeeded.
    pub(crate) async fn finish(&self, conn: &mut Conn, moment: &Moment) -> Result<()> {
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

    /// Waits, for example until the daily budget renews.
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

    /// A whole chunk failed: retried after 5 s, 30 s, 2 min and 10 min, then the job has failed.
    pub(crate) async fn record_failure(&self, conn: &mut Conn, reason: &str, moment: &Moment) -> Result<()> {
        const RETRY_DELAYS: [i64; 4] = [5, 30, 120, 600];
        let wait = usize::try_from(self.attempt_count)
            .ok()
            .and_then(|tries| RETRY_DELAYS.get(tries));
        // Its row is no longer locked: it may have been paused or cancelled meanwhile.
        let target = bulk_jobs::table
            .find((self.account_id, self.id))
            .filter(bulk_jobs::status.eq_any([BulkJobStatus::Queued, BulkJobStatus::Running]));
        match wait {
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

    /// Pauses, resumes or cancels: `None` if the job's status doesn't allow it.
    pub async fn apply(
        conn: &mut Conn,
        account: AccountId,
        id: BulkJobId,
        action: JobAction,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Option<Self>> {
        let ended_at = (action.to() == BulkJobStatus::Cancelled).then_some(moment.now);
        let changed: Option<Self> = diesel::update(bulk_jobs::table.find((account, id)))
            .filter(bulk_jobs::status.eq_any(action.from()))
            .set((
                bulk_jobs::status.eq(action.to()),
                bulk_jobs::finished_at.eq(ended_at),
                bulk_jobs::due_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        if changed.is_some() {
            record(
                conn,
                account,
                requester,
                &[NewEvent::new(action.event()).on(id)],
                moment,
            )
            .await?;
        }
        Ok(changed)
    }

    pub async fn find(conn: &mut Conn, account: AccountId, id: BulkJobId) -> Result<Option<Self>> {
        Ok(bulk_jobs::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[BulkJobId],
    ) -> Result<Vec<Self>> {
        Ok(bulk_jobs::table
            .filter(bulk_jobs::account_id.eq(account))
            .filter(bulk_jobs::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// Newest first.
    pub(crate) async fn list(conn: &mut Conn, account: AccountId, page: &PageRequest) -> Result<Page<Self>> {
        let query = bulk_jobs::table
            .filter(bulk_jobs::account_id.eq(account))
            .select(Self::as_select())
            .into_boxed();
        page_newest_first!(conn, query, page, bulk_jobs::id, BulkJobId)
    }

    pub(crate) async fn count(conn: &mut Conn, account: AccountId) -> Result<i64> {
        Ok(bulk_jobs::table
            .filter(bulk_jobs::account_id.eq(account))
            .count()
            .get_result(conn)
            .await?)
    }
}

/// What staff may do to a job that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobAction {
    Pause,
    Resume,
    Cancel,
}

impl JobAction {
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
