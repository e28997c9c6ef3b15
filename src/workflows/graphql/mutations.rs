//! Creating workflows, and changing their drafts.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use super::definition::WorkflowProblem;
use super::input::{WorkflowSettingsInput, WorkflowStepInput, WorkflowTriggerRuleInput};
use super::{Workflow, lock, refuse_archived};
use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::{ExpectedUpdatedAt, title};
use crate::api::mutation::mutate;
use crate::api::scalars::DateTimeText;
use crate::base::actor::Scope;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::error::{Error, Result};
use crate::live::Topic;
use crate::workflows::model as workflow;
use crate::workflows::model::check::{MAX_STEPS, MAX_TRIGGERS, refuse_draft};
use crate::workflows::model::definition::{Definition, Step, TriggerRule};
use crate::workflows::model::named::Named;

#[derive(Default)]
pub(crate) struct WorkflowMutations;

/// A new workflow.
#[derive(InputObject)]
pub(crate) struct CreateWorkflowInput {
    /// The name: one line of 1 to 200 characters.
    name: String,
    /// What starts a run, at most 20; none by default.
    triggers: Option<Vec<WorkflowTriggerRuleInput>>,
    /// What a run does, at most 100; none by default. It begins with the first.
    steps: Option<Vec<WorkflowStepInput>>,
    /// What holds for all runs.
    settings: Option<WorkflowSettingsInput>,
}

/// The created workflow.
#[derive(SimpleObject)]
pub(crate) struct CreateWorkflowPayload {
    /// The workflow, a draft.
    workflow: Workflow,
    /// What is missing before it can be published.
    problems: Vec<WorkflowProblem>,
}

/// The changes of a draft. An omitted field stays as it is.
#[derive(InputObject)]
pub(crate) struct UpdateWorkflowInput {
    /// The workflow.
    workflow_id: ID,
    /// Its `updatedAt` as it was read: `CONFLICT` if it has changed since.
    expected_updated_at: Option<DateTimeText>,
    /// The name: one line of 1 to 200 characters.
    name: Option<String>,
    /// What starts a run, in place of all triggers before.
    triggers: Option<Vec<WorkflowTriggerRuleInput>>,
    /// What a run does, in place of all steps before.
    steps: Option<Vec<WorkflowStepInput>>,
    /// What holds for all runs, in place of all settings before.
    settings: Option<WorkflowSettingsInput>,
}

/// The changed workflow.
#[derive(SimpleObject)]
pub(crate) struct UpdateWorkflowPayload {
    /// The workflow as it is now. What is published stays as it was.
    workflow: Workflow,
    /// What is missing before it can be published.
    problems: Vec<WorkflowProblem>,
}

#[Object]
impl WorkflowMutations {
    /// Creates a workflow as a draft. A draft with a mistake is refused; the error names the step and what would be right. An account has
    /// at most 200 workflows that are not archived. Needs the scope `ADMIN`.
    async fn create_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow.")] input: CreateWorkflowInput,
    ) -> Option<GraphqlResult<CreateWorkflowPayload>> {
        mutate(create(ctx, input)).await
    }

    /// Changes the name or the draft of a workflow. What is published stays as it was. Needs the scope `ADMIN`.
    async fn update_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateWorkflowInput,
    ) -> Option<GraphqlResult<UpdateWorkflowPayload>> {
        mutate(update(ctx, input)).await
    }
}

fn parse_triggers(rules: Vec<WorkflowTriggerRuleInput>) -> Result<Vec<TriggerRule>> {
    if rules.len() > MAX_TRIGGERS {
        let message = format!("It has at most {MAX_TRIGGERS} triggers.");
        return Err(Error::bad_input("input.triggers", message));
    }
    let rules = rules.into_iter().enumerate();
    rules
        .map(|(index, rule)| rule.parse(&format!("input.triggers.{index}")))
        .collect()
}

fn parse_steps(steps: Vec<WorkflowStepInput>) -> Result<Vec<Step>> {
    if steps.len() > MAX_STEPS {
        let message = format!("It has at most {MAX_STEPS} steps.");
        return Err(Error::bad_input("input.steps", message));
    }
    let steps = steps.into_iter().enumerate();
    steps.map(|(index, step)| step.parse(index)).collect()
}

async fn create(ctx: &Context<'_>, input: CreateWorkflowInput) -> Result<CreateWorkflowPayload> {
    let staff = ctx.staff(Scope::Admin)?;
    let name = title("input.name", &input.name)?;
    let definition = Definition {
        triggers: parse_triggers(input.triggers.unwrap_or_default())?,
        steps: parse_steps(input.steps.unwrap_or_default())?,
        settings: input
            .settings
            .map(WorkflowSettingsInput::parse)
            .transpose()?
            .unwrap_or_default(),
    };
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (workflow, problems) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            Account::lock(conn, staff.account).await?;
            let (_, problems) = Named::examine(conn, staff.account, &definition, moment.now).await?;
            refuse_draft(&problems)?;
            let by = (staff.actor, &moment);
            let created = workflow::Workflow::create(conn, staff.account, (&name, &definition), by).await?;
            let event = NewEvent::new(EventKind::WorkflowCreated).on(created.id);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok((created, problems))
        })
        .await?;
    Ok(CreateWorkflowPayload {
        workflow: workflow.into(),
        problems: problems.into_iter().map(Into::into).collect(),
    })
}

async fn update(ctx: &Context<'_>, input: UpdateWorkflowInput) -> Result<UpdateWorkflowPayload> {
    let staff = ctx.staff(Scope::Admin)?;
    let expected = ExpectedUpdatedAt::parse(input.expected_updated_at)?;
    let name = input.name.map(|name| title("input.name", &name)).transpose()?;
    let triggers = input.triggers.map(parse_triggers).transpose()?;
    let steps = input.steps.map(parse_steps).transpose()?;
    let settings = input.settings.map(WorkflowSettingsInput::parse).transpose()?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (workflow, problems) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let before = lock(conn, staff.account, &input.workflow_id).await?;
            refuse_archived(&before)?;
            expected.check("workflow", before.updated_at)?;
            let draft = before.definition()?;
            let definition = Definition {
                triggers: triggers.unwrap_or_else(|| draft.triggers.clone()),
                steps: steps.unwrap_or_else(|| draft.steps.clone()),
                settings: settings.unwrap_or_else(|| draft.settings.clone()),
            };
            let name = name.unwrap_or_else(|| before.name.clone());
            let (_, problems) = Named::examine(conn, staff.account, &definition, moment.now).await?;
            if definition == draft && name == before.name {
                return Ok((before, problems));
            }
            if definition != draft {
                refuse_draft(&problems)?;
            }
            let by = (staff.actor, &moment);
            let updated = before.update(conn, (&name, &definition), by).await?;
            let event = NewEvent::new(EventKind::WorkflowUpdated).on(updated.id);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok((updated, problems))
        })
        .await?;
    services
        .live
        .nudge(staff.account, &[Topic::Workflow(workflow.id)]);
    Ok(UpdateWorkflowPayload {
        workflow: workflow.into(),
        problems: problems.into_iter().map(Into::into).collect(),
    })
}
