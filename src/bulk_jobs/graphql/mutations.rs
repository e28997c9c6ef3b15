//! Pausing, resuming and cancelling bulk jobs.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::Scope;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::BulkJobId;
use crate::bulk_jobs::graphql::BulkJob;
use crate::bulk_jobs::model as bulk_job;
use crate::bulk_jobs::model::{BulkJobKind, JobAction};
use crate::live::Topic;

#[derive(Default)]
pub(crate) struct BulkMutations;

/// The job to change.
#[derive(InputObject)]
pub(crate) struct BulkJobInput {
    /// The job's id.
    bulk_job_id: ID,
}

/// The paused job.
#[derive(SimpleObject)]
pub(crate) struct PauseBulkJobPayload {
    /// The job.
    bulk_job: BulkJob,
}

/// The resumed job.
#[derive(SimpleObject)]
pub(crate) struct ResumeBulkJobPayload {
    /// The job.
    bulk_job: BulkJob,
}

/// The cancelled job.
#[derive(SimpleObject)]
pub(crate) struct CancelBulkJobPayload {
    /// The job; what it had done stays done.
    bulk_job: BulkJob,
}

#[Object]
impl BulkMutations {
    /// Pauses a job; up to 500 recipients may still be processed. Of a job of the kind `MESSAGE`, what waits is held back. Needs the scope of the job's kind: `CONTACTS` for an import
    /// and for changes of access or tags, else `INVITE`.
    async fn pause_bulk_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: BulkJobInput,
    ) -> Option<GraphqlResult<PauseBulkJobPayload>> {
        mutate(async {
            Ok(PauseBulkJobPayload {
                bulk_job: apply(ctx, input, JobAction::Pause).await?,
            })
        })
        .await
    }

    /// Resumes a paused job, not before the time it was scheduled for. Needs the scope of the job's kind.
    async fn resume_bulk_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: BulkJobInput,
    ) -> Option<GraphqlResult<ResumeBulkJobPayload>> {
        mutate(async {
            Ok(ResumeBulkJobPayload {
                bulk_job: apply(ctx, input, JobAction::Resume).await?,
            })
        })
        .await
    }

    /// Cancels a job; what it has done stays done, but what waits of a job of the kind `MESSAGE` is cancelled. Needs the scope of the job's kind.
    async fn cancel_bulk_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: BulkJobInput,
    ) -> Option<GraphqlResult<CancelBulkJobPayload>> {
        mutate(async {
            Ok(CancelBulkJobPayload {
                bulk_job: apply(ctx, input, JobAction::Cancel).await?,
            })
        })
        .await
    }
}

fn scope_of(kind: BulkJobKind) -> Scope {
    match kind {
        BulkJobKind::Import | BulkJobKind::Access | BulkJobKind::Grant | BulkJobKind::Tag => Scope::Contacts,
        BulkJobKind::Invite
        | BulkJobKind::LoginEmail
        | BulkJobKind::ResendInvitations
        | BulkJobKind::CancelInvitations
        | BulkJobKind::Message => Scope::Invite,
    }
}

async fn apply(ctx: &Context<'_>, input: BulkJobInput, action: JobAction) -> Result<BulkJob> {
    // A caller that may control no job at all learns nothing about which jobs exist.
    let staff = ctx.staff(Scope::Invite).or_else(|_| ctx.staff(Scope::Contacts))?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let missing = || Error::not_found("input.bulkJobId", "bulk job");
    let id: BulkJobId = input.bulk_job_id.parse().map_err(|_| missing())?;
    let mut conn = services.db.conn().await?;
    let job = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let job = bulk_job::BulkJob::find(conn, staff.account, id)
                .await?
                .ok_or_else(missing)?;
            ctx.staff(scope_of(job.kind))?;
            let changed = job.apply(conn, action, &requester, &moment).await?;
            changed.ok_or_else(|| {
                let message = format!("This is not possible for a job that is {}.", job.status.as_str());
                Error::new(Code::Conflict, message).at("input.bulkJobId")
            })
        })
        .await?;
    services
        .live
        .nudge(staff.account, &[Topic::Jobs, Topic::Job(job.id)]);
    Ok(job.into())
}
