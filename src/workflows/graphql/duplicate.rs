//! Copying a workflow.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;
use serde_json::json;

use super::definition::WorkflowProblem;
use super::{Workflow, find};
use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::MAX_TITLE_CHARS;
use crate::api::mutation::mutate;
use crate::base::actor::Scope;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::error::Result;
use crate::workflows::model as workflow;
use crate::workflows::model::named::Named;

/// What the name of a copy ends with.
const SUFFIX: &str = " (copy)";

#[derive(Default)]
pub(crate) struct DuplicateMutations;

/// The workflow to copy.
#[derive(InputObject)]
pub(crate) struct DuplicateWorkflowInput {
    /// The workflow, also an archived one. Its draft is copied.
    workflow_id: ID,
}

/// The copy.
#[derive(SimpleObject)]
pub(crate) struct DuplicateWorkflowPayload {
    /// The copy, a draft. Its name is that of the original with " (copy)".
    workflow: Workflow,
    /// What keeps it from being published.
    problems: Vec<WorkflowProblem>,
}

#[Object]
impl DuplicateMutations {
    /// Copies the draft of a workflow into a new one, without its versions and runs. An account has at most 200 workflows that are not
    /// archived. Needs the scope `ADMIN`.
    async fn duplicate_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow.")] input: DuplicateWorkflowInput,
    ) -> Option<GraphqlResult<DuplicateWorkflowPayload>> {
        mutate(duplicate(ctx, input)).await
    }
}

/// The name of the copy, which is no longer than names may be.
fn name_of_copy(name: &str) -> String {
    let kept: String = name
        .chars()
        .take(MAX_TITLE_CHARS - SUFFIX.chars().count())
        .collect();
    format!("{}{SUFFIX}", kept.trim_end())
}

async fn duplicate(ctx: &Context<'_>, input: DuplicateWorkflowInput) -> Result<DuplicateWorkflowPayload> {
    let staff = ctx.staff(Scope::Admin)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (workflow, problems) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            Account::lock(conn, staff.account).await?;
            let original = find(conn, staff.account, &input.workflow_id).await?;
            let (name, definition) = (name_of_copy(&original.name), original.definition()?);
            let by = (staff.actor, &moment);
            let copy = workflow::Workflow::create(conn, staff.account, (&name, &definition), by)
                .await
                .map_err(|error| error.at("input.workflowId"))?;
            let (_, problems) = Named::examine(conn, staff.account, &definition, moment.now).await?;
            let detail = json!({"copyOf": original.id.to_string()});
            let event = NewEvent::new(EventKind::WorkflowCreated).on(copy.id).with(detail);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok((copy, problems))
        })
        .await?;
    Ok(DuplicateWorkflowPayload {
        workflow: workflow.into(),
        problems: problems.into_iter().map(Into::into).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_copy_is_no_longer_than_names_may_be() {
        assert_eq!(name_of_copy("Welcome"), "Welcome (copy)");
        let long = name_of_copy(&"é".repeat(MAX_TITLE_CHARS));
        assert_eq!(long.chars().count(), MAX_TITLE_CHARS);
        assert!(long.ends_with("é (copy)"), "{long}");
        let spaced = "a".repeat(MAX_TITLE_CHARS - 8) + " and more";
        assert!(name_of_copy(&spaced).ends_with("a (copy)"));
    }
}
