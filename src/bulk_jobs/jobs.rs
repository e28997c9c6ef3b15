//! Bulk jobs: chunk by chunk, each one transaction that holds the job's row, the one that waited longest first.

pub mod import;
pub mod recipients;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use tokio_util::sync::CancellationToken;

use crate::messages::jobs::pace::{Waits, guarded};
use crate::worker::Worker;

use crate::accounts::model::Account;
use crate::accounts::model::budget;
use crate::accounts::model::budget::BudgetSpent;
use crate::base::actor::{Acting, Actor, Client};
use crate::base::clock::Moment;
use crate::base::db::{Conn, deadline};
use crate::base::error::{Error, Result};
use crate::bulk_jobs::model::item::{BulkItem, BulkItemOutcome};
use crate::bulk_jobs::model::{BulkJob, BulkJobKind, Plan, Progress};
use crate::invitations::model::Offer;
use crate::live::Topic;

const CHUNK: i64 = 500;

/// Why a chunk was rolled back.
pub(crate) enum Halt {
    Spent(BudgetSpent),
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<diesel::result::Error> for Halt {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// One chunk of a job whose row is held.
pub(crate) struct Chunk<'a> {
    pub job: &'a BulkJob,
    pub plan: Plan,
    pub account: Account,
    pub acting: Acting,
    pub limit: i64,
    pub daily_messages: i64,
    pub moment: &'a Moment,
}

/// What a chunk came to: its items with their outcomes, none where nothing was left.
#[derive(Default)]
pub(crate) struct Settled {
    pub items: Vec<BulkItem>,
    /// How far the walk over a filter has come.
    pub reach: Option<uuid::Uuid>,
}

pub(crate) async fn run(worker: Arc<Worker>, stop: CancellationToken) {
    let mut waits = Waits::new();
    while !stop.is_cancelled() {
        match Box::pin(guarded(deadline::within(
            deadline::BACKGROUND,
            worker.work_chunk(),
        )))
        .await
        {
            Ok(true) => waits.reset(),
            Ok(false) => worker.rest(Topic::Jobs, &stop).await,
            Err(error) => waits.after(&error, &stop).await,
        }
    }
}

impl Worker {
    /// Works one chunk off; whether any job was due.
    async fn work_chunk(&self) -> Result<bool> {
        let moment = self.parts.clock.moment();
        let mut held = None;
        let mut conn = self.parts.db.conn().await?;
        let worked: Result<(), Halt> = conn
            .transaction(async |conn| {
                let Some(job) = BulkJob::next_due(conn, moment.now).await? else {
                    return Ok(());
                };
                self.advance(conn, held.insert(job), &moment).await
            })
            .await;
        let Some(job) = held else {
            return match worked {
                Err(Halt::Failed(error)) => Err(error),
                _ => Ok(false),
            };
        };
        drop(conn);
        let noted = self.note(&job, worked, &moment).await;
        self.parts.live.nudge(
            job.account_id,
            &[
                Topic::Counts,
                Topic::Activity,
                Topic::Job(job.id),
                Topic::Messages,
            ],
        );
        noted.map(|()| true)
    }

    async fn advance(&self, conn: &mut Conn, job: &BulkJob, moment: &Moment) -> Result<(), Halt> {
        let chunk = self.chunk(conn, job, moment).await?;
        let settled = match job.kind {
            BulkJobKind::Invite | BulkJobKind::LoginEmail => recipients::work(conn, &chunk).await?,
            BulkJobKind::Import => import::work(conn, &chunk).await?,
            BulkJobKind::Access | BulkJobKind::Message => {
                return Err(Halt::Failed(Error::internal("no worker knows this kind of job")));
            }
        };
        if settled.items.is_empty() {
            return Ok(job.finish(conn, moment).await?);
        }
        BulkItem::settle(conn, &settled.items).await?;
        let progress = progress(&settled.items);
        Ok(job.advance(conn, progress, settled.reach, moment.now).await?)
    }

    async fn chunk<'a>(&self, conn: &mut Conn, job: &'a BulkJob, moment: &'a Moment) -> Result<Chunk<'a>> {
        let plan = job.plan()?;
        let account = Account::find(conn, job.account_id).await?;
        let daily_messages = self.parts.daily_messages;
        let sends = job.kind != BulkJobKind::Import || plan.invite;
        let limit = if sends {
            // With nothing left one is tried: it may be skipped, and if not, the job waits.
            let left = budget::left(conn, account.id, daily_messages, moment.now).await?;
            left.clamp(1, CHUNK)
        } else {
            CHUNK
        };
        let actor: Actor = job.requested_by.parse().map_err(Error::internal)?;
        let client = Client::default();
        Ok(Chunk {
            job,
            plan,
            account,
            acting: Acting { actor, client },
            limit,
            daily_messages,
            moment,
        })
    }

    /// A chunk that was rolled back leaves its reason at the job.
    async fn note(&self, job: &BulkJob, worked: Result<(), Halt>, moment: &Moment) -> Result<()> {
        let Err(halt) = worked else { return Ok(()) };
        let mut conn = self.parts.db.conn().await?;
        conn.transaction(async |conn| match &halt {
            Halt::Spent(spent) => wait(conn, job, spent.renews_at).await,
            Halt::Failed(error) => job.note_failure(conn, &error.report(), moment).await,
        })
        .await
    }
}

async fn wait(conn: &mut Conn, job: &BulkJob, until: DateTime<Utc>) -> Result<()> {
    let reason = "The account's daily budget of messages is spent. It renews at midnight UTC.";
    job.wait_until(conn, until, reason).await
}

impl Chunk<'_> {
    pub fn offer(&self) -> Result<Offer<'_>> {
        Ok(Offer {
            account: &self.account,
            section: self.plan.section.parse().map_err(Error::internal)?,
            note: self.plan.note.as_deref(),
            acting: &self.acting,
            bulk_job: Some(self.job.id),
            daily_messages: self.daily_messages,
        })
    }

    /// The next items of the request or the file.
    pub async fn items(&self, conn: &mut Conn) -> Result<Vec<BulkItem>> {
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
