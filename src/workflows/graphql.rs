//! Workflows as staff see them.

mod definition;
pub(crate) mod duplicate;
mod input;
pub(crate) mod mutations;
pub(crate) mod publish;
pub(crate) mod run;
pub(crate) mod states;
mod steps;
pub(crate) mod test_walk;

use async_graphql::{Context, ID, Object, Result as GraphqlResult};

use self::definition::{WorkflowProblem, WorkflowSettings, WorkflowStepCount, WorkflowTriggerRule};
use self::run::WorkflowRun;
use self::steps::WorkflowStep;
use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, WorkflowId};
use crate::base::page::{PageArgs, PageRequest};
use crate::workflows::model as workflow;
use crate::workflows::model::WorkflowStatus;
use crate::workflows::model::named::Named;
use crate::workflows::model::run::{RunOwner, RunsOf, WorkflowRunStatus};
use crate::workflows::model::version::WorkflowVersion;

#[derive(Clone)]
pub(crate) struct Workflow(workflow::Workflow);

impl From<workflow::Workflow> for Workflow {
    fn from(workflow: workflow::Workflow) -> Self {
        Self(workflow)
    }
}

/// An automation: what happens takes contacts through its steps. Its triggers, steps and settings are a draft until they are published.
#[Object]
impl Workflow {
    /// The id: `workflow_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether it runs.
    async fn status(&self) -> WorkflowStatus {
        self.0.status
    }

    /// What starts a run: any of these.
    async fn triggers(&self) -> Result<Vec<WorkflowTriggerRule>> {
        Ok(self
            .0
            .definition()?
            .triggers
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// What a run does. It begins with the first.
    async fn steps(&self) -> Result<Vec<WorkflowStep>> {
        Ok(self.0.definition()?.steps.into_iter().map(Into::into).collect())
    }

    /// What holds for all runs.
    async fn settings(&self) -> Result<WorkflowSettings> {
        Ok(self.0.definition()?.settings.into())
    }

    /// The number of the version that was published last; null if none was.
    async fn version(&self) -> Option<i32> {
        self.0.published_version
    }

    /// When that version was published.
    async fn published_at(&self, ctx: &Context<'_>) -> Option<GraphqlResult<DateTime>> {
        nullable(async {
            let version = self.published(ctx).await?;
            Ok(version.map(|version| DateTime(version.published_at))) as Result<_>
        })
        .await
    }

    /// Whether the draft differs from the version that was published last.
    async fn has_changes(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(match self.published(ctx).await? {
            Some(version) => version.definition()? != self.0.definition()?,
            None => true,
        })
    }

    /// What keeps the draft from being published, such as a template that was archived since it was saved. Reads all that the draft names: ask
    /// for it of few workflows at a time.
    async fn problems(&self, ctx: &Context<'_>) -> Result<Vec<WorkflowProblem>> {
        let mut conn = ctx.services().db.conn().await?;
        let definition = self.0.definition()?;
        let now = ctx.services().clock.now();
        let (_, problems) = Named::examine(&mut conn, self.0.account_id, &definition, now).await?;
        Ok(problems.into_iter().map(Into::into).collect())
    }

    /// How many runs are at each step, and what happened to those that were, in all versions.
    async fn counts(&self, ctx: &Context<'_>) -> Result<Vec<WorkflowStepCount>> {
        let counts = ctx.loaders().workflow_counts.get(self.0.id).await?;
        Ok(WorkflowStepCount::list(counts.unwrap_or_default()))
    }

    /// The runs, newest first.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those with this status.")] status: Option<WorkflowRunStatus>,
    ) -> Option<GraphqlResult<Connection<WorkflowRun>>> {
        let of = RunsOf {
            owner: RunOwner::Workflow(self.0.id),
            status,
        };
        let args = PageArgs::new(first, after, last, before);
        nullable(WorkflowRun::list(ctx, args, self.0.account_id, of)).await
    }

    /// Whether events that happen during the pause are kept; true if it isn't paused.
    async fn keeps_events(&self) -> bool {
        self.0.keeps_events
    }

    /// When it was paused; null if it isn't.
    async fn paused_at(&self) -> Option<DateTime> {
        self.0.paused_at.map(DateTime)
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When the name or the draft was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// Who changed the name or the draft last: the id of a team member or API key.
    async fn updated_by(&self) -> &str {
        &self.0.updated_by
    }
}

impl Workflow {
    async fn published(&self, ctx: &Context<'_>) -> Result<Option<WorkflowVersion>> {
        match self.0.published_version {
            Some(version) => ctx.loaders().workflow_versions.get((self.0.id, version)).await,
            None => Ok(None),
        }
    }

    pub(super) async fn load(ctx: &Context<'_>, id: WorkflowId) -> Result<Option<Self>> {
        Ok(ctx.loaders().workflows.get(id).await?.map(Self))
    }
}

/// The workflow that `input.workflowId` names, not locked.
async fn find(conn: &mut Conn, account: AccountId, id: &ID) -> Result<workflow::Workflow> {
    let missing = || Error::not_found("input.workflowId", "workflow");
    let id: WorkflowId = id.parse().map_err(|_| missing())?;
    let found = workflow::Workflow::find_many(conn, account, &[id]).await?;
    found.into_iter().next().ok_or_else(missing)
}

/// Locks the workflow that `input.workflowId` names.
async fn lock(conn: &mut Conn, account: AccountId, id: &ID) -> Result<workflow::Workflow> {
    let missing = || Error::not_found("input.workflowId", "workflow");
    let id: WorkflowId = id.parse().map_err(|_| missing())?;
    let found = workflow::Workflow::lock(conn, account, id).await?;
    found.ok_or_else(missing)
}

/// Refuses a change of a workflow that was put away.
fn refuse_archived(workflow: &workflow::Workflow) -> Result<()> {
    if workflow.status != WorkflowStatus::Archived {
        return Ok(());
    }
    let message = "This workflow is archived: create another one.";
    Err(Error::new(crate::base::error::Code::Conflict, message).at("input.workflowId"))
}

impl Listed for Workflow {
    type Of = WithStatus;
}

/// The workflows with one of these statuses.
pub(crate) struct WithStatus(Vec<WorkflowStatus>);

impl Counted for WithStatus {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        let mut conn = ctx.services().db.conn().await?;
        workflow::Workflow::count(&mut conn, account, &self.0).await
    }
}

#[derive(Default)]
pub(crate) struct WorkflowQueries;

#[Object]
impl WorkflowQueries {
    /// The workflow with this id; null if there is none. Needs the scope `ADMIN`.
    async fn workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Option<GraphqlResult<Workflow>> {
        nullable(async {
            let staff = ctx.staff(Scope::Admin)?;
            let Ok(id) = id.parse::<WorkflowId>() else {
                return Ok(None);
            };
            let mut conn = ctx.services().db.conn().await?;
            let found = workflow::Workflow::find_many(&mut conn, staff.account, &[id]).await?;
            Ok(found.into_iter().next().map(Workflow)) as Result<_>
        })
        .await
    }

    /// The account's workflows, newest first. Needs the scope `ADMIN`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn workflows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those with one of these statuses; all but archived ones by default.")] status: Option<
            Vec<WorkflowStatus>,
        >,
    ) -> Result<Connection<Workflow>> {
        let staff = ctx.staff(Scope::Admin)?;
        let page = PageRequest::parse("workflows", &PageArgs::new(first, after, last, before))?;
        let kept = [
            WorkflowStatus::Draft,
            WorkflowStatus::Published,
            WorkflowStatus::Paused,
        ];
        let statuses = status.unwrap_or_else(|| kept.to_vec());
        let mut conn = ctx.services().db.conn().await?;
        let rows = workflow::Workflow::list(&mut conn, staff.account, &statuses, &page).await?;
        let position = |row: &workflow::Workflow| by_id(row.id.0);
        let of = WithStatus(statuses);
        Ok(Connection::new("workflows", rows, position, staff.account, of))
    }
}
