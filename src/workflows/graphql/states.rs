//! Pausing, resuming and archiving workflows, and stopping their runs.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;
use serde_json::json;

use super::{Workflow, lock};
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::{Scope, Staff};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::WorkflowRunId;
use crate::live::Topic;
use crate::workflows::model as workflow;
use crate::workflows::model::WorkflowStatus;
use crate::workflows::model::run::WorkflowEndReason;

/// The most runs that a request names.
const MAX_RUNS: usize = 100;

#[derive(Default)]
pub(crate) struct WorkflowStateMutations;

/// The workflow to pause.
#[derive(InputObject)]
pub(crate) struct PauseWorkflowInput {
    /// The workflow.
    workflow_id: ID,
    /// Whether events that happen meanwhile start runs once it is resumed. They are kept for 7 days.
    #[graphql(default = true)]
    keep_events: bool,
}

/// The paused workflow.
#[derive(SimpleObject)]
pub(crate) struct PauseWorkflowPayload {
    /// The workflow as it is now.
    workflow: Workflow,
}

/// The workflow to resume.
#[derive(InputObject)]
pub(crate) struct ResumeWorkflowInput {
    /// The workflow.
    workflow_id: ID,
}

/// The resumed workflow.
#[derive(SimpleObject)]
pub(crate) struct ResumeWorkflowPayload {
    /// The workflow as it is now.
    workflow: Workflow,
}

/// The workflow to put away.
#[derive(InputObject)]
pub(crate) struct ArchiveWorkflowInput {
    /// The workflow.
    workflow_id: ID,
}

/// The archived workflow.
#[derive(SimpleObject)]
pub(crate) struct ArchiveWorkflowPayload {
    /// The workflow as it is now.
    workflow: Workflow,
    /// How many runs were stopped.
    stopped: i32,
}

/// Which runs to stop.
#[derive(InputObject)]
pub(crate) struct StopWorkflowRunsInput {
    /// The workflow.
    workflow_id: ID,
    /// The runs, at most 100.
    run_ids: Option<Vec<ID>>,
    /// True: all runs of the workflow, instead of `runIds`.
    all: Option<bool>,
}

/// What was stopped.
#[derive(SimpleObject)]
pub(crate) struct StopWorkflowRunsPayload {
    /// The workflow.
    workflow: Workflow,
    /// How many runs were stopped. Those that had ended are not counted.
    stopped: i32,
}

#[Object]
impl WorkflowStateMutations {
    /// Pauses a workflow: its runs rest where they are. Pausing it again only changes whether events are kept. Needs the scope `ADMIN`.
    async fn pause_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow.")] input: PauseWorkflowInput,
    ) -> Option<GraphqlResult<PauseWorkflowPayload>> {
        let keep = input.keep_events;
        let change = Change::Pause { keep };
        mutate(async {
            let (workflow, _) = apply(ctx, &input.workflow_id, change).await?;
            Ok(PauseWorkflowPayload { workflow })
        })
        .await
    }

    /// Resumes a workflow that is paused: its runs go on, and what became due meanwhile is due now. Needs the scope `ADMIN`.
    async fn resume_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow.")] input: ResumeWorkflowInput,
    ) -> Option<GraphqlResult<ResumeWorkflowPayload>> {
        mutate(async {
            let (workflow, _) = apply(ctx, &input.workflow_id, Change::Resume).await?;
            Ok(ResumeWorkflowPayload { workflow })
        })
        .await
    }

    /// Puts a workflow away, and stops its runs. It can't be undone. Needs the scope `ADMIN`.
    async fn archive_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow.")] input: ArchiveWorkflowInput,
    ) -> Option<GraphqlResult<ArchiveWorkflowPayload>> {
        mutate(async {
            let (workflow, stopped) = apply(ctx, &input.workflow_id, Change::Archive).await?;
            Ok(ArchiveWorkflowPayload { workflow, stopped })
        })
        .await
    }

    /// Stops runs of a workflow. What they did stays done. Needs the scope `ADMIN`.
    async fn stop_workflow_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which runs.")] input: StopWorkflowRunsInput,
    ) -> Option<GraphqlResult<StopWorkflowRunsPayload>> {
        mutate(async {
            ctx.staff(Scope::Admin)?;
            let only = parse_runs(&input)?;
            let (workflow, stopped) = apply(ctx, &input.workflow_id, Change::StopRuns { only }).await?;
            Ok(StopWorkflowRunsPayload { workflow, stopped })
        })
        .await
    }
}

/// What happens to a workflow.
enum Change {
    Pause {
        keep: bool,
    },
    Resume,
    Archive,
    /// None: all.
    StopRuns {
        only: Option<Vec<WorkflowRunId>>,
    },
}

fn parse_runs(input: &StopWorkflowRunsInput) -> Result<Option<Vec<WorkflowRunId>>> {
    let ids = match (&input.run_ids, input.all) {
        (None, Some(true)) => return Ok(None),
        (Some(ids), None | Some(false)) if (1..=MAX_RUNS).contains(&ids.len()) => ids,
        _ => {
            let message = format!("Name 1 to {MAX_RUNS} runs, or pass all: true.");
            return Err(Error::bad_input("input.runIds", message));
        }
    };
    let parse = |(index, id): (usize, &ID)| {
        let missing = |_| Error::not_found(format!("input.runIds.{index}"), "run of a workflow");
        id.parse().map_err(missing)
    };
    ids.iter().enumerate().map(parse).collect::<Result<_>>().map(Some)
}

fn refused(message: &str) -> Error {
    Error::new(Code::Conflict, message).at("input.workflowId")
}

impl Change {
    /// Changes the workflow, whose row is locked. Returns how many runs were stopped, and what to record; nothing if it was so already.
    async fn apply(
        self,
        conn: &mut Conn,
        before: workflow::Workflow,
        moment: &Moment,
    ) -> Result<(workflow::Workflow, usize, Option<NewEvent>)> {
        let (id, now) = (before.id, moment.now);
        let event = |kind| Some(NewEvent::new(kind).on(id));
        Ok(match (self, before.status) {
            (Self::Pause { keep }, WorkflowStatus::Paused) if keep == before.keeps_events => {
                (before, 0, None)
            }
            (Self::Pause { keep }, WorkflowStatus::Published | WorkflowStatus::Paused) => {
                let paused = before.pause(conn, keep, now).await?;
                let detail = json!({"keepEvents": keep});
                (
                    paused,
                    0,
                    event(EventKind::WorkflowPaused).map(|event| event.with(detail)),
                )
            }
            (Self::Pause { .. }, WorkflowStatus::Draft | WorkflowStatus::Archived) => {
                return Err(refused("Only a published workflow can be paused."));
            }
            (Self::Resume, WorkflowStatus::Published) => (before, 0, None),
            (Self::Resume, WorkflowStatus::Paused) => (
                before.resume(conn, now).await?,
                0,
                event(EventKind::WorkflowResumed),
            ),
            (Self::Resume, WorkflowStatus::Draft | WorkflowStatus::Archived) => {
                return Err(refused("Only a paused workflow can be resumed."));
            }
            (Self::Archive, WorkflowStatus::Archived) => (before, 0, None),
            (Self::Archive, _) => {
                let (archived, stopped) = before.archive(conn, now).await?;
                (archived, stopped, event(EventKind::WorkflowArchived))
            }
            (Self::StopRuns { only }, _) => {
                let reason = WorkflowEndReason::Staff;
                let stopped = before.stop_runs(conn, only.as_deref(), reason, now).await?;
                let detail = json!({"runs": stopped});
                let event = event(EventKind::WorkflowRunsStopped).filter(|_| stopped > 0);
                (before, stopped, event.map(|event| event.with(detail)))
            }
        })
    }
}

async fn apply(ctx: &Context<'_>, id: &ID, change: Change) -> Result<(Workflow, i32)> {
    let Staff { account, .. } = ctx.staff(Scope::Admin)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (workflow, stopped) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let before = lock(conn, account, id).await?;
            let (after, stopped, event) = change.apply(conn, before, &moment).await?;
            record(conn, account, &requester, event.as_slice(), &moment).await?;
            Ok((after, stopped))
        })
        .await?;
    services.live.nudge(account, &[Topic::Workflow(workflow.id)]);
    Ok((workflow.into(), i32::try_from(stopped).unwrap_or(i32::MAX)))
}
