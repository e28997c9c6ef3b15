//! The progress of bulk jobs, live: of one job, or of all.

mod all;

use std::sync::Arc;

use async_graphql::{Context, ID, Subscription};
use futures_util::{Stream, StreamExt, stream};

use self::all::AllJobsWatch;
use crate::api::context::ContextExt;
use crate::base::actor::Scope;
use crate::base::db::deadline;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, BulkJobId};
use crate::bulk_jobs::graphql::BulkJob;
use crate::bulk_jobs::model as bulk_job;
use crate::live::Topic;
use crate::services::Services;

#[derive(Default)]
pub(crate) struct JobSubscriptions;

#[Subscription]
impl JobSubscriptions {
    /// A bulk job now and after every step, until it ends. Needs the scope `READ`.
    async fn bulk_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job's id.")] id: ID,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<BulkJob>>> {
        let staff = ctx.staff(Scope::Read)?;
        let missing = || Error::not_found("id", "bulk job");
        let id: BulkJobId = id.parse().map_err(|_| missing())?;
        let services = Arc::clone(ctx.services());
        find_job(&services, staff.account, id).await?;
        let changes = Box::pin(services.live.changes(staff.account, Topic::Job(id)));
        let watch = JobWatch {
            services,
            account: staff.account,
            id,
            last: None,
            ended: false,
        };
        Ok(stream::unfold(
            (changes, watch),
            |(mut changes, mut watch)| async move {
                while !watch.ended {
                    changes.next().await?;
                    if let Some(frame) = watch.next().await {
                        return Some((frame.map_err(Into::into), (changes, watch)));
                    }
                }
                None
            },
        ))
    }

    /// The account's bulk jobs: first those that are unfinished, then each new job at once, and each job after every step. A slow
    /// reader skips to the newest state of each job. Needs the scope `READ`.
    async fn bulk_job_updated(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<BulkJob>>> {
        let staff = ctx.staff(Scope::Read)?;
        let services = Arc::clone(ctx.services());
        let changes = Box::pin(services.live.changes(staff.account, Topic::AnyJob));
        let watch = AllJobsWatch::new(services, staff.account);
        Ok(stream::unfold(
            (changes, watch),
            |(mut changes, mut watch)| async move {
                let frame = watch.next(&mut changes).await?;
                Some((frame.map_err(Into::into), (changes, watch)))
            },
        ))
    }
}

async fn find_job(services: &Services, account: AccountId, id: BulkJobId) -> Result<bulk_job::BulkJob> {
    let found = deadline::within(deadline::REQUEST, async {
        let mut conn = services.db.conn().await?;
        bulk_job::BulkJob::find(&mut conn, account, id).await
    });
    found.await?.ok_or_else(|| Error::not_found("id", "bulk job"))
}

/// A watched job, and what was sent of it last.
struct JobWatch {
    services: Arc<Services>,
    account: AccountId,
    id: BulkJobId,
    last: Option<(bulk_job::BulkJobStatus, i32)>,
    ended: bool,
}

impl JobWatch {
    /// The job, if it has changed. An unavailable database counts as no change.
    async fn next(&mut self) -> Option<Result<BulkJob>> {
        match find_job(&self.services, self.account, self.id).await {
            Ok(job) => {
                let seen = (job.status, job.done_count);
                self.ended = job.status.ended();
                (self.last.replace(seen) != Some(seen)).then(|| Ok(job.into()))
            }
            Err(error) if error.code == Code::Unavailable => None,
            Err(error) => {
                self.ended = true;
                Some(Err(error))
            }
        }
    }
}
