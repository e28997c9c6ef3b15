//! Publishing a draft.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;
use serde_json::json;

use super::{Workflow, lock, refuse_archived};
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::Scope;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::error::{Error, Result};
use crate::live::Topic;
use crate::workflows::model::named::Named;
use crate::workflows::model::publish::{InFlightCounts, WorkflowInFlight};

#[derive(Default)]
pub(crate) struct PublishMutations;

/// What to publish.
#[derive(InputObject)]
pub(crate) struct PublishWorkflowInput {
    /// The workflow, whose draft is published.
    workflow_id: ID,
    /// What happens to runs of earlier versions.
    #[graphql(default_with = "WorkflowInFlight::Finish")]
    in_flight: WorkflowInFlight,
    /// Only reports what would happen: nothing is published.
    dry_run: Option<bool>,
}

/// How many runs of earlier versions go on, and how many are stopped.
#[derive(SimpleObject)]
pub(crate) struct WorkflowInFlightCounts {
    /// Those that finish on their version.
    finishing: i32,
    /// Those that go on with the new version.
    moved: i32,
    /// Those that are stopped.
    stopped: i32,
}

impl From<InFlightCounts> for WorkflowInFlightCounts {
    fn from(counts: InFlightCounts) -> Self {
        let number = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            finishing: number(counts.finishing),
            moved: number(counts.moved),
            stopped: number(counts.stopped),
        }
    }
}

/// The published workflow.
#[derive(SimpleObject)]
pub(crate) struct PublishWorkflowPayload {
    /// The workflow as it is now; unchanged with `dryRun`.
    workflow: Workflow,
    /// What happened to runs of earlier versions, or would with `dryRun`.
    in_flight: WorkflowInFlightCounts,
}

#[Object]
impl PublishMutations {
    /// Publishes the draft of a workflow as its next version: from now on, events start it. A workflow that is paused is resumed. A draft with
    /// a problem is refused. Needs the scope `ADMIN`.
    async fn publish_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to publish.")] input: PublishWorkflowInput,
    ) -> Option<GraphqlResult<PublishWorkflowPayload>> {
        mutate(publish(ctx, input)).await
    }
}

async fn publish(ctx: &Context<'_>, input: PublishWorkflowInput) -> Result<PublishWorkflowPayload> {
    let staff = ctx.staff(Scope::Admin)?;
    let dry_run = input.dry_run == Some(true);
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (workflow, counts) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let draft = lock(conn, staff.account, &input.workflow_id).await?;
            refuse_archived(&draft)?;
            let definition = draft.definition()?;
            let (named, problems) = Named::examine(conn, staff.account, &definition, moment.now).await?;
            if let Some(problem) = problems.first() {
                return Err(Error::bad_input("input.workflowId", &problem.message[..]));
            }
            if !dry_run {
                draft.lock_runs(conn).await?;
            }
            let counts = draft.count_in_flight(conn, &definition, input.in_flight).await?;
            if dry_run {
                return Ok((draft, counts));
            }
            let by = (staff.actor, &moment);
            let published = draft
                .publish(conn, (&definition, &named), input.in_flight, by)
                .await?;
            let detail = json!({"version": published.published_version, "inFlight": input.in_flight.as_str(),
                "moved": counts.moved, "stopped": counts.stopped});
            let event = NewEvent::new(EventKind::WorkflowPublished)
                .on(published.id)
                .with(detail);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok((published, counts))
        })
        .await?;
    if !dry_run {
        services
            .live
            .nudge(staff.account, &[Topic::Workflow(workflow.id)]);
    }
    Ok(PublishWorkflowPayload {
        workflow: workflow.into(),
        in_flight: counts.into(),
    })
}
