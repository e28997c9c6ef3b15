//! Runs bulk jobs in chunks, each in one transaction that locks the job's row. The job that has waited longest is next.

pub(crate) mod import;
pub(crate) mod invitations;
pub(crate) mod messages;
pub(crate) mod recipients;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::accounts::model::Account;
use crate::accounts::model::budget;
use crate::accounts::model::budget::BudgetSpent;
use crate::base::actor::{Actor, Client, Requester};
use crate::base::clock::Moment;
use crate::base::db::{Conn, deadline};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::SessionId;
use crate::base::trace;
use crate::bulk_jobs::model::item::{BulkItem, BulkItemOutcome};
use crate::bulk_jobs::model::{BulkJob, BulkJobKind, Plan, Progress};
use crate::invitations::model::SendRequest;
use crate::live::Topic;
use crate::worker::Worker;
use crate::worker::backoff::{Backoff, catch_panic};

const MAX_CHUNK_ITEMS: i64 = 500;

/// Why a chunk was rolled back.
pub(crate) enum ChunkError {
    BudgetSpent(BudgetSpent),
    Failed(Error),
}

impl From<Error> for ChunkError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<diesel::result::Error> for ChunkError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// One chunk of a job whose row is locked.
pub(crate) struct Chunk<'a> {
    pub job: &'a BulkJob,
    pub plan: Plan,
    pub account: Account,
    pub requester: Requester,
    pub limit: i64,
    pub daily_messages: i64,
    pub moment: &'a Moment,
}

/// The items of a chunk with their outcomes.
#[derive(Default)]
pub(crate) struct ProcessedChunk {
    pub items: Vec<BulkItem>,
    /// The last contact or invitation of the filter that was processed.
    pub last_processed_id: Option<uuid::Uuid>,
    /// The sessions that ended, to nudge for after the commit.
    pub ended: Vec<SessionId>,
    /// When the next chunk is due; none: at once, or never if nothing was left.
    pub due_at: Option<DateTime<Utc>>,
}

impl ProcessedChunk {
    /// Drops the items without an outcome: they have stopped matching the filter since it selected them.
    pub(crate) fn leave_out_unmatched(&mut self) {
        self.items.retain(|item| item.outcome.is_some());
    }

    /// Whether nothing was left to process. A filter may have selected only what no longer matches.
    fn ends_job(&self) -> bool {
        self.items.is_empty() && self.last_processed_id.is_none() && self.due_at.is_none()
    }
}

pub(crate) async fn run(worker: Arc<Worker>, stop: CancellationToken) {
    let mut backoff = Backoff::new();
    while !stop.is_cancelled() {
        match Box::pin(catch_panic(deadline::within(
            deadline::BACKGROUND,
            worker.run_chunk(),
        )))
        .await
        {
            Ok(true) => backoff.reset(),
            Ok(false) => worker.idle(worker.parts.live.job_queued(), &stop).await,
            Err(error) => backoff.after(&error, &stop).await,
        }
    }
}

impl Worker {
    /// Runs one chunk. Returns whether any job was due.
    async fn run_chunk(&self) -> Result<bool> {
        let moment = self.parts.clock.moment();
        let mut locked = None;
        let mut conn = self.parts.db.conn().await?;
        let result: Result<Vec<SessionId>, ChunkError> = conn
            .transaction(async |conn| {
                let Some(job) = BulkJob::next_due(conn, moment.now).await? else {
                    return Ok(Vec::new());
                };
                let job = locked.insert(job);
                let span = trace::turn_span("bulk job chunk", Some(job.kind.as_str()), None);
                self.advance(conn, job, &moment).instrument(span).await
            })
            .await;
        let Some(job) = locked else {
            return match result {
                Err(ChunkError::Failed(error)) => Err(error),
                _ => Ok(false),
            };
        };
        drop(conn);
        let (ended, recorded) = match result {
            Ok(ended) => (ended, Ok(())),
            Err(error) => (Vec::new(), self.record_error(&job, &error, &moment).await),
        };
        self.parts.live.nudge_sessions_ended(job.account_id, ended);
        self.parts.live.nudge(
            job.account_id,
            &[
                Topic::Counts,
                Topic::Activity,
                Topic::Job(job.id),
                Topic::Messages,
            ],
        );
        recorded.map(|()| true)
    }

    /// Processes the next chunk. Returns the sessions that ended.
    async fn advance(
        &self,
        conn: &mut Conn,
        job: &BulkJob,
        moment: &Moment,
    ) -> Result<Vec<SessionId>, ChunkError> {
        let begun = messages::begin(conn, job, moment).await?;
        let job = begun.as_ref().unwrap_or(job);
        let chunk = self.chunk(conn, job, moment).await?;
        let processed = match job.kind {
            BulkJobKind::Invite
            | BulkJobKind::LoginEmail
            | BulkJobKind::Access
            | BulkJobKind::Grant
            | BulkJobKind::Tag => recipients::run_chunk(conn, &chunk).await?,
            BulkJobKind::ResendInvitations | BulkJobKind::CancelInvitations => {
                invitations::run_chunk(conn, &chunk).await?
            }
            BulkJobKind::Import => import::run_chunk(conn, &chunk).await?,
            BulkJobKind::Message => messages::run_chunk(conn, chunk).await?,
        };
        if processed.ends_job() {
            job.succeed(conn, moment).await?;
            return Ok(Vec::new());
        }
        BulkItem::upsert(conn, &processed.items).await?;
        let progress = progress(&processed.items);
        let due_at = processed.due_at.unwrap_or(moment.now);
        job.advance(conn, progress, processed.last_processed_id, due_at)
            .await?;
        Ok(processed.ended)
    }

    async fn chunk<'a>(&self, conn: &mut Conn, job: &'a BulkJob, moment: &'a Moment) -> Result<Chunk<'a>> {
        let plan = job.plan()?;
        let account = Account::find(conn, job.account_id).await?;
        let daily_messages = self.parts.daily_messages;
        let sends = match job.kind {
            BulkJobKind::Invite
            | BulkJobKind::LoginEmail
            | BulkJobKind::ResendInvitations
            | BulkJobKind::Message => true,
            BulkJobKind::Import => plan.invite,
            BulkJobKind::CancelInvitations | BulkJobKind::Access | BulkJobKind::Grant | BulkJobKind::Tag => {
                false
            }
        };
        let limit = if sends {
            // With no budget left, one item is attempted: it may be skipped without a message; otherwise the job waits.
            let left = budget::left(conn, account.id, daily_messages, moment.now).await?;
            left.clamp(1, MAX_CHUNK_ITEMS)
        } else {
            MAX_CHUNK_ITEMS
        };
        let actor: Actor = job.requested_by.parse().map_err(Error::internal)?;
        let client = Client::default();
        Ok(Chunk {
            job,
            plan,
            account,
            requester: Requester { actor, client },
            limit,
            daily_messages,
            moment,
        })
    }

    /// Records in the job why a chunk was rolled back.
    async fn record_error(&self, job: &BulkJob, error: &ChunkError, moment: &Moment) -> Result<()> {
        let mut conn = self.parts.db.conn().await?;
        conn.transaction(async |conn| match error {
            ChunkError::BudgetSpent(spent) => wait_for_budget(conn, job, spent.renews_at).await,
            ChunkError::Failed(error) => {
                let reason = &error.report().message;
                job.record_failure(conn, reason, may_pass(error), moment).await
            }
        })
        .await
    }
}

/// Whether a retry may succeed. What the plan asks for and can't be done, such as granting an archived offer, stays so.
fn may_pass(error: &Error) -> bool {
    let of_plan = matches!(error.code, Code::BadUserInput | Code::NotFound | Code::Conflict);
    !of_plan || error.retry_after.is_some()
}

async fn wait_for_budget(conn: &mut Conn, job: &BulkJob, until: DateTime<Utc>) -> Result<()> {
    let reason = "The account's daily budget of messages is spent. It renews at midnight UTC.";
    job.wait_until(conn, until, reason).await
}

impl Chunk<'_> {
    pub(crate) fn send_request(&self) -> Result<SendRequest<'_>> {
        Ok(SendRequest {
            account: &self.account,
            section: self.plan.section.parse().map_err(Error::internal)?,
            note: self.plan.note.as_deref(),
            requester: &self.requester,
            bulk_job: Some(self.job.id),
            daily_messages: self.daily_messages,
        })
    }

    /// The next items of the request or the file.
    pub(crate) async fn items(&self, conn: &mut Conn) -> Result<Vec<BulkItem>> {
        BulkItem::next(conn, self.account.id, self.job.id, self.limit).await
    }
}

fn progress(items: &[BulkItem]) -> Progress {
    let mut progress = Progress::default();
    for item in items {
        match item.outcome {
            Some(BulkItemOutcome::Skipped) => progress.skipped += 1,
            Some(BulkItemOutcome::Failed) | None => progress.failed += 1,
            Some(BulkItemOutcome::Done | BulkItemOutcome::Updated | BulkItemOutcome::Unchanged) => {
                progress.succeeded += 1;
            }
        }
    }
    progress
}
