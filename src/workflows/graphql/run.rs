//! Runs in the API.

use async_graphql::{Context, ID, Object, Result as GraphqlResult};

use super::Workflow;
use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};
use crate::base::page::{PageArgs, PageRequest};
use crate::contacts::graphql::Contact;
use crate::messages::graphql::Message;
use crate::templates::trigger::WorkflowTrigger;
use crate::workflows::model::run::{
    self, RunOwner, RunsOf, WorkflowEndReason, WorkflowRunStatus, WorkflowStepOutcome,
};

#[derive(Clone)]
pub(crate) struct WorkflowRun(run::WorkflowRun);

impl From<run::WorkflowRun> for WorkflowRun {
    fn from(run: run::WorkflowRun) -> Self {
        Self(run)
    }
}

/// The way of a contact through a version of a workflow.
#[Object]
impl WorkflowRun {
    /// The id: `workflowrun_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The contact.
    async fn contact(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Contact>> {
        nullable(Contact::load(ctx, Some(self.0.contact_id))).await
    }

    /// The workflow.
    async fn workflow(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Workflow>> {
        nullable(Workflow::load(ctx, self.0.workflow_id)).await
    }

    /// The version that it runs.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// What started it.
    async fn trigger(&self) -> WorkflowTrigger {
        self.0.trigger
    }

    /// How far it is.
    async fn status(&self) -> WorkflowRunStatus {
        self.0.status
    }

    /// The key of the step that it is at; null once it has ended.
    async fn current_step_key(&self) -> Option<&str> {
        (self.0.status == WorkflowRunStatus::Running).then_some(&self.0.step_key[..])
    }

    /// When it goes on; null once it has ended. While its workflow is paused, it rests.
    async fn due_at(&self) -> Option<DateTime> {
        self.0.due_at.map(DateTime)
    }

    /// Its newest steps, at most 500, in the order in which they began. 400 days after its end, those that sent a message are left.
    async fn steps(&self, ctx: &Context<'_>) -> Result<Vec<WorkflowRunStep>> {
        let steps = ctx.loaders().run_steps.get(self.0.id).await?;
        Ok(steps
            .unwrap_or_default()
            .into_iter()
            .map(WorkflowRunStep)
            .collect())
    }

    /// Why its step failed or is tried again, or why it waits, such as for the daily budget of messages; null otherwise.
    async fn problem(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }

    /// When it started.
    async fn started_at(&self) -> DateTime {
        DateTime(self.0.started_at)
    }

    /// When it ended; null while it runs.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }

    /// Why it ended before its last step; null if it did not.
    async fn end_reason(&self) -> Option<WorkflowEndReason> {
        self.0.end_reason
    }
}

impl WorkflowRun {
    /// Those of a workflow or a contact. `None` doesn't occur.
    pub(super) async fn list(
        ctx: &Context<'_>,
        args: PageArgs,
        account: AccountId,
        of: RunsOf,
    ) -> Result<Option<Connection<Self>>> {
        ctx.staff(Scope::Admin)?;
        let list = "workflowRuns";
        let page = PageRequest::parse(list, &args)?;
        let rows = ctx.loaders().lists().workflow_runs.page(&of, &page).await?;
        let position = |row: &run::WorkflowRun| by_id(row.id.0);
        Ok(Some(Connection::new(list, rows, position, account, of)))
    }

    pub(crate) async fn of_contact(
        ctx: &Context<'_>,
        args: PageArgs,
        account: AccountId,
        contact: ContactId,
    ) -> Result<Option<Connection<Self>>> {
        let of = RunsOf {
            owner: RunOwner::Contact(contact),
            status: None,
        };
        Self::list(ctx, args, account, of).await
    }
}

impl Listed for WorkflowRun {
    type Of = RunsOf;
}

impl Counted for RunsOf {
    async fn count(&self, ctx: &Context<'_>, _account: AccountId) -> Result<i64> {
        ctx.loaders().lists().workflow_runs.count(self).await
    }
}

pub(crate) struct WorkflowRunStep(run::WorkflowRunStep);

/// A step of a run that began.
#[Object]
impl WorkflowRunStep {
    /// The key of the step.
    async fn key(&self) -> &str {
        &self.0.step_key
    }

    /// How often the run has come to the step, this time included.
    async fn visit(&self) -> i32 {
        self.0.visit
    }

    /// What happened; null while a wait lasts.
    async fn outcome(&self) -> Option<WorkflowStepOutcome> {
        self.0.outcome
    }

    /// Why it was skipped, such as `NO_EMAIL` or `REVOKED`, or why it failed.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The message that it queued. Needs the scope `READ`.
    async fn message(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Message>> {
        nullable(async {
            ctx.staff(Scope::Read)?;
            Message::load(ctx, self.0.message_id).await
        })
        .await
    }

    /// When it began.
    async fn entered_at(&self) -> DateTime {
        DateTime(self.0.entered_at)
    }

    /// When it was done; null while a wait lasts.
    async fn done_at(&self) -> Option<DateTime> {
        self.0.done_at.map(DateTime)
    }
}
