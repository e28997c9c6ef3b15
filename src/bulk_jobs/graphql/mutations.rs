//! Steering bulk jobs.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::api::context::Request;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::Scope;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::BulkJobId;
use crate::bulk_jobs::graphql::BulkJob;
use crate::live::Topic;

use crate::bulk_jobs::model::{BulkJobKind, Steer};

#[derive(Default)]
pub struct BulkMutations;

/// Which job.
#[derive(InputObject)]
pub struct BulkJobInput {
    /// The job's id.
    bulk_job_id: ID,
}

/// The job that rests now.
#[derive(SimpleObject)]
pub struct PauseBulkJobPayload {
    /// The job.
    bulk_job: BulkJob,
}

/// The job that goes on.
#[derive(SimpleObject)]
pub struct ResumeBulkJobPayload {
    /// The job.
    bulk_job: BulkJob,
}

/// The job that was ended.
#[derive(SimpleObject)]
pub struct CancelBulkJobPayload {
    /// The job; what it had done stays done.
    bulk_job: BulkJob,
}

#[Object]
impl BulkMutations {
    /// Rests a job that has not ended; at most 500 recipients may still be worked on. Needs the scope of the job's kind:
    /// `CONTACTS` for an import, else `INVITE`.
    async fn pause_bulk_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: BulkJobInput,
    ) -> Option<GraphqlResult<PauseBulkJobPayload>> {
        mutate(async {
            Ok(PauseBulkJobPayload {
                bulk_job: steer(ctx, input, Steer::Pause).await?,
            })
        })
        .await
    }

    /// Lets a paused job go on. Needs the scope of the job's kind.
    async fn resume_bulk_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: BulkJobInput,
    ) -> Option<GraphqlResult<ResumeBulkJobPayload>> {
        mutate(async {
            Ok(ResumeBulkJobPayload {
                bulk_job: steer(ctx, input, Steer::Resume).await?,
            })
        })
        .await
    }

    /// Ends a job for good; what it has done stays done. Needs the scope of the job's kind.
    async fn cancel_bulk_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: BulkJobInput,
    ) -> Option<GraphqlResult<CancelBulkJobPayload>> {
        mutate(async {
            Ok(CancelBulkJobPayload {
                bulk_job: steer(ctx, input, Steer::Cancel).await?,
            })
        })
        .await
    }
}

fn scope_of(kind: BulkJobKind) -> Scope {
    match kind {
        BulkJobKind::Import | BulkJobKind::Access => Scope::Contacts,
        BulkJobKind::Invite | BulkJobKind::LoginEmail | BulkJobKind::Message => Scope::Invite,
    }
}

async fn steer(ctx: &Context<'_>, input: BulkJobInput, steer: Steer) -> Result<BulkJob> {
    // A role or key that may steer no job at all learns nothing about which jobs there are.
    let staff = ctx.staff(Scope::Invite).or_else(|_| ctx.staff(Scope::Contacts))?;
    let services = ctx.services();
    let (moment, acting) = (services.clock.moment(), ctx.acting());
    let missing = || Error::not_found("input.bulkJobId", "bulk job");
    let id: BulkJobId = input.bulk_job_id.parse().map_err(|_| missing())?;
    let mut conn = services.db.conn().await?;
    let job = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let job = crate::bulk_jobs::model::BulkJob::find(conn, staff.account, id)
                .await?
                .ok_or_else(missing)?;
            ctx.staff(scope_of(job.kind))?;
            let steered =
                crate::bulk_jobs::model::BulkJob::steer(conn, staff.account, id, steer, &acting, &moment)
                    .await?;
            steered.ok_or_else(|| {
                let message = format!("This can't be done to a job that is {}.", job.status.as_str());
                Error::new(Code::Conflict, message).at("input.bulkJobId")
            })
        })
        .await?;
    services
        .live
        .nudge(staff.account, &[Topic::Jobs, Topic::Job(job.id)]);
    Ok(job.into())
}
