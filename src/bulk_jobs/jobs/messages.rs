//! One chunk of what staff wrote to many contacts. A job never has more than 500 messages waiting, and ends when none waits: until then
//! it can be paused and cancelled.

use chrono::{DateTime, TimeDelta, Utc};

use crate::accounts::model::budget::BudgetSpent;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::bulk_jobs::jobs::{Chunk, ChunkError, MAX_CHUNK_ITEMS, ProcessedChunk, recipients};
use crate::bulk_jobs::model::item::{BulkItem, BulkItemOutcome};
use crate::bulk_jobs::model::{BulkJob, BulkJobKind, Plan};
use crate::contacts::model::Contact;
use crate::invitations::model::recipients::ResolvedRecipients;
use crate::mailings::model::Mailing;
use crate::mailings::model::send::{MailingRequest, send as send_mailing};
use crate::messages::model::Message;
use crate::messages::model::of_jobs::WaitingOfJob;

/// How often a job looks whether its messages were sent.
const POLL: TimeDelta = TimeDelta::seconds(1);
const MAX_POLL: TimeDelta = TimeDelta::minutes(1);

/// Finds the recipients of a job that begins: those that match then. `None` if it has begun, or names them.
pub(crate) async fn begin(conn: &mut Conn, job: &BulkJob, moment: &Moment) -> Result<Option<BulkJob>> {
    if job.kind != BulkJobKind::Message {
        return Ok(None);
    }
    let plan = job.plan()?;
    let (None, Some(audience)) = (&plan.filter, &plan.audience) else {
        return Ok(None);
    };
    let filter = audience.filter(conn, job.account_id, moment.now).await?;
    let total = Contact::count(conn, job.account_id, &filter).await?;
    let plan = Plan {
        filter: Some(filter),
        ..plan
    };
    let total = i32::try_from(total).unwrap_or(i32::MAX);
    Ok(Some(job.begin(conn, &plan, total).await?))
}

pub(crate) async fn run_chunk(conn: &mut Conn, chunk: Chunk<'_>) -> Result<ProcessedChunk, ChunkError> {
    let (job, now) = (chunk.job, chunk.moment.now);
    let per_minute = chunk.plan.per_minute.map(i64::from);
    let waiting = Message::waiting_of_job(conn, job.account_id, job.id).await?;
    let room = (MAX_CHUNK_ITEMS - waiting.count).min(per_minute.unwrap_or(MAX_CHUNK_ITEMS));
    if room <= 0 {
        return Ok(wait(waiting, now));
    }
    let chunk = Chunk {
        limit: chunk.limit.min(room),
        ..chunk
    };
    let mut processed = recipients::run_chunk(conn, &chunk).await?;
    if !processed.ends_job() {
        processed.due_at = per_minute.map(|per_minute| now + pace(&processed.items, per_minute));
    } else if waiting.count > 0 {
        return Ok(wait(waiting, now));
    }
    Ok(processed)
}

fn wait(waiting: WaitingOfJob, now: DateTime<Utc>) -> ProcessedChunk {
    let soonest = waiting.next_at.unwrap_or(now);
    ProcessedChunk {
        due_at: Some(soonest.clamp(now + POLL, now + MAX_POLL)),
        ..ProcessedChunk::default()
    }
}

/// How long these messages take at so many a minute.
fn pace(items: &[BulkItem], per_minute: i64) -> TimeDelta {
    let sent = items.iter().filter(|item| item.outcome == Some(BulkItemOutcome::Done));
    let sent = i64::try_from(sent.count()).unwrap_or(i64::MAX);
    TimeDelta::milliseconds(sent.saturating_mul(60_000) / per_minute.max(1))
}

/// Queues what staff wrote.
pub(super) async fn send(
    conn: &mut Conn,
    chunk: &Chunk<'_>,
    resolved: &mut ResolvedRecipients,
) -> Result<Result<(), BudgetSpent>> {
    let missing = || Error::internal("a job without its mailing");
    let id = chunk.plan.mailing.as_ref().ok_or_else(missing)?;
    let id = id.parse().map_err(Error::internal)?;
    let mailing = Mailing::find(conn, chunk.account.id, id).await?.ok_or_else(missing)?;
    let request = MailingRequest {
        mailing: &mailing,
        requester: &chunk.requester,
        bulk_job: Some(chunk.job.id),
        daily_messages: chunk.daily_messages,
    };
    let sent = send_mailing(conn, request, resolved, chunk.moment).await?;
    Ok(sent.map(|_| ()))
}
