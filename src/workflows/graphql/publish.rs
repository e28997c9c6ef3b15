//! Publishing a draft.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;
use serde_json::json;

use super::{Workflow, lock, refuse_archived};
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::{Actor, Scope};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::live::Topic;
use crate::workflows::model as workflow;
use crate::workflows::model::definition::Definition;
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
    /// What happened to runs of earlier versions, or would with `dryRun`; all are 0 if no version is made.
    in_flight: WorkflowInFlightCounts,
}

#[Object]
impl PublishMutations {
    /// Publishes the draft of a workflow as its next version: from now on, events start it. A workflow that is paused is resumed. A draft with
    /// a problem is refused. If neither the draft nor what its templates say has changed since the last version, there is no other one, unless
    /// runs of earlier versions are to be moved or stopped. Needs the scope `ADMIN`.
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
            let publication = Publication::read(conn, &draft, input.in_flight, &moment).await?;
            if dry_run {
                let counts = publication.counts(conn, &draft, input.in_flight).await?;
                return Ok((draft, counts));
            }
            let by = (staff.actor, &moment);
            let (published, counts, event) = publication.apply(conn, draft, input.in_flight, by).await?;
            record(conn, staff.account, &requester, event.as_slice(), &moment).await?;
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

/// What publishing a draft would do.
enum Publication {
    /// The draft is what is published.
    Unchanged,
    Next(Definition, Box<Named>),
}

impl Publication {
    async fn read(
        conn: &mut Conn,
        draft: &workflow::Workflow,
        in_flight: WorkflowInFlight,
        moment: &Moment,
    ) -> Result<Self> {
        let definition = draft.definition()?;
        let (named, problems) = Named::examine(conn, draft.account_id, &definition, moment.now).await?;
        // Runs of earlier versions can still be moved or stopped.
        let finish = in_flight == WorkflowInFlight::Finish;
        if draft.is_published(conn, (&definition, &named)).await?
            && (finish || !draft.has_earlier_runs(conn).await?)
        {
            return Ok(Self::Unchanged);
        }
        match problems.first() {
            Some(problem) => Err(Error::bad_input("input.workflowId", &problem.message[..])),
            None => Ok(Self::Next(definition, Box::new(named))),
        }
    }

    async fn counts(
        &self,
        conn: &mut Conn,
        draft: &workflow::Workflow,
        in_flight: WorkflowInFlight,
    ) -> Result<InFlightCounts> {
        match self {
            Self::Unchanged => Ok(InFlightCounts::default()),
            Self::Next(definition, _) => draft.count_in_flight(conn, definition, in_flight).await,
        }
    }

    /// Returns also what to record.
    async fn apply(
        &self,
        conn: &mut Conn,
        draft: workflow::Workflow,
        in_flight: WorkflowInFlight,
        (author, moment): (Actor, &Moment),
    ) -> Result<(workflow::Workflow, InFlightCounts, Option<NewEvent>)> {
        let Self::Next(definition, named) = self else {
            let counts = InFlightCounts::default();
            if !draft.rests() {
                return Ok((draft, counts, None));
            }
            let resumed = draft.resume(conn, moment.now).await?;
            let event = NewEvent::new(EventKind::WorkflowResumed).on(resumed.id);
            return Ok((resumed, counts, Some(event)));
        };
        draft.lock_runs(conn).await?;
        let counts = self.counts(conn, &draft, in_flight).await?;
        let published = draft
            .publish(conn, (definition, named), in_flight, (author, moment))
            .await?;
        let detail = json!({"version": published.published_version, "inFlight": in_flight.as_str(),
            "moved": counts.moved, "stopped": counts.stopped});
        let event = NewEvent::new(EventKind::WorkflowPublished)
            .on(published.id)
            .with(detail);
        Ok((published, counts, Some(event)))
    }
}
