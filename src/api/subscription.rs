//! Subscriptions. Each authorises before its stream exists; the transport ends it when the authorisation ends.

use std::sync::Arc;

use async_graphql::{Context, ID, Result, Subscription as Streams};
use futures_util::{Stream, StreamExt, stream};
use graphql_server::LastVersion;

use super::context::ContextExt;
use crate::base::actor::Scope;
use crate::base::audit::AuditEvent;
use crate::base::db::deadline;
use crate::base::error;
use crate::base::error::{Code, Error};
use crate::base::ids::{AccountId, BulkJobId, ChallengeId, EventId};
use crate::bulk_jobs::graphql::BulkJob;
use crate::bulk_jobs::model as bulk_job;
use crate::contacts::graphql::activity::PortalEvent;
use crate::contacts::graphql::portal_stats::PortalStats;
use crate::live::Topic;
use crate::services::Services;
use crate::sign_in::challenge::model::{Challenge, ChallengeState};

pub struct Subscription;

/// Subscriptions whose events depend only on the account, the document and the variables.
pub(crate) const SHARED_STREAM: &[&str] = &["portalStats"];

/// What changes while you watch. A stream lives as long as the authorisation it was opened with.
#[Streams]
impl Subscription {
    /// The counts now, then after every change, coalesced and in order: `version` only grows. A slow reader skips to the
    /// newest. Needs the scope `READ`.
    async fn portal_stats(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = PortalStats>> {
        let staff = ctx.staff(Scope::Read)?;
        let last = ctx.data_opt::<Arc<LastVersion>>().cloned().unwrap_or_default();
        let counts = ctx.services().live.counts(staff.account);
        Ok(counts.map(move |stats| {
            last.set(stats.version);
            stats.into()
        }))
    }

    /// What happens in the portal from now on: invited, joined, login email sent, link used, bounced, revoked. Its history
    /// is the query `recentActivity`. Needs the scope `READ`.
    async fn portal_activity(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = Result<PortalEvent>>> {
        let staff = ctx.staff(Scope::Read)?;
        let services = Arc::clone(ctx.services());
        let ids = services.live.activity(staff.account);
        let events = ids.then(move |ids| {
            let services = Arc::clone(&services);
            async move { load_activity(&services, staff.account, &ids).await }
        });
        Ok(events.flat_map(|batch| match batch {
            Ok(events) => stream::iter(
                events
                    .into_iter()
                    .map(|event| Ok(event.into()))
                    .collect::<Vec<_>>(),
            ),
            Err(error) => stream::iter(vec![Err(error.into())]),
        }))
    }

    /// A bulk job now and after every step, until it ends. Needs the scope `READ`.
    async fn bulk_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job's id.")] id: ID,
    ) -> Result<impl Stream<Item = Result<BulkJob>>> {
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

    /// The state of a sign-in by email, then each change, until it is `COMPLETED` or `EXPIRED`: so that the device that asked
    /// learns what happens on another one. It never carries a token. For anyone who knows the id; one that is not known is
    /// `EXPIRED`.
    async fn sign_in_challenge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sign-in that was begun: `challenge_…`.")] challenge_id: ID,
    ) -> Result<impl Stream<Item = ChallengeState>> {
        let live = &ctx.services().live;
        let states = match find_challenge(ctx.services(), &challenge_id).await? {
            Some((account, id)) => live.challenge(account, id).left_stream(),
            None => stream::iter([ChallengeState::Expired]).right_stream(),
        };
        Ok(states.map(Into::into))
    }
}

/// The account of an existing challenge.
async fn find_challenge(services: &Services, id: &ID) -> error::Result<Option<(AccountId, ChallengeId)>> {
    let Ok(id) = id.parse::<ChallengeId>() else {
        return Ok(None);
    };
    let found = deadline::within(deadline::REQUEST, async {
        let mut conn = services.db.conn().await?;
        Challenge::locate(&mut conn, id).await
    });
    Ok(found.await?.map(|(account, _)| (account, id)))
}

async fn load_activity(
    services: &Services,
    account: AccountId,
    ids: &[EventId],
) -> error::Result<Vec<AuditEvent>> {
    let events = deadline::within(deadline::REQUEST, async {
        let mut conn = services.db.conn().await?;
        AuditEvent::find_many(&mut conn, account, ids).await
    });
    let events = events.await?;
    Ok(events.into_iter().filter(AuditEvent::in_activity).collect())
}

async fn find_job(
    services: &Services,
    account: AccountId,
    id: BulkJobId,
) -> error::Result<bulk_job::BulkJob> {
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
    async fn next(&mut self) -> Option<error::Result<BulkJob>> {
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
