//! Workflows, their versions and their runs.

use std::collections::HashMap;

use super::BatchLoad;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, TemplateId, WorkflowId, WorkflowRunId};
use crate::templates::model::Template;
use crate::workflows::model::Workflow;
use crate::workflows::model::counts::StepCount;
use crate::workflows::model::run::WorkflowRunStep;
use crate::workflows::model::version::{VersionKey, WorkflowVersion};

pub(crate) struct WorkflowById;
pub(crate) struct VersionOfWorkflow;
/// How many runs are at each step.
pub(crate) struct CountsOfWorkflow;
pub(crate) struct StepsOfRun;
pub(crate) struct TemplateById;

impl BatchLoad for WorkflowById {
    type Key = WorkflowId;
    type Value = Workflow;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[WorkflowId],
    ) -> Result<HashMap<WorkflowId, Workflow>> {
        let found = Workflow::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|row| (row.id, row)).collect())
    }
}

impl BatchLoad for VersionOfWorkflow {
    type Key = VersionKey;
    type Value = WorkflowVersion;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[VersionKey],
    ) -> Result<HashMap<VersionKey, WorkflowVersion>> {
        let found = WorkflowVersion::find_many(conn, account, keys).await?;
        let keyed = found.into_iter().map(|row| ((row.workflow_id, row.version), row));
        Ok(keyed.collect())
    }
}

impl BatchLoad for CountsOfWorkflow {
    type Key = WorkflowId;
    type Value = Vec<StepCount>;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[WorkflowId],
    ) -> Result<HashMap<WorkflowId, Vec<StepCount>>> {
        let mut counts: HashMap<WorkflowId, Vec<StepCount>> = HashMap::new();
        for count in StepCount::of_workflows(conn, account, keys).await? {
            counts.entry(count.workflow_id).or_default().push(count);
        }
        Ok(counts)
    }
}

impl BatchLoad for StepsOfRun {
    type Key = WorkflowRunId;
    type Value = Vec<WorkflowRunStep>;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[WorkflowRunId],
    ) -> Result<HashMap<WorkflowRunId, Vec<WorkflowRunStep>>> {
        WorkflowRunStep::of_runs(conn, account, keys).await
    }
}

impl BatchLoad for TemplateById {
    type Key = TemplateId;
    type Value = Template;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[TemplateId],
    ) -> Result<HashMap<TemplateId, Template>> {
        let found = Template::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|one| (one.row.id, one)).collect())
    }
}
