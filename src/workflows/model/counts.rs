//! How many runs are at each step, and what happened to those that were. Outcomes are counted when they are recorded: the steps of runs that
//! ended long ago are deleted.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::run::WorkflowStepOutcome;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, WorkflowId};

/// How many runs are at a step, and how often it had which outcome.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub(crate) struct StepCount {
    #[diesel(sql_type = SqlUuid)]
    pub workflow_id: WorkflowId,
    #[diesel(sql_type = Text)]
    pub step_key: String,
    /// None: the runs that are there.
    #[diesel(sql_type = Nullable<Text>)]
    pub outcome: Option<WorkflowStepOutcome>,
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

impl StepCount {
    /// Those of these workflows, in all their versions, in the order of the steps' keys.
    pub(crate) async fn of_workflows(
        conn: &mut Conn,
        account: AccountId,
        workflows: &[WorkflowId],
    ) -> Result<Vec<Self>> {
        Ok(sql::statement(
            "select workflow_id, step_key, null as outcome, count(*) as count from workflow_runs \
                where account_id = ? and workflow_id = any(?) and status = 'RUNNING' group by workflow_id, step_key \
             union all \
             select workflow_id, step_key, outcome, count from workflow_step_counts where account_id = ? and workflow_id = any(?) \
             order by step_key",
        )
        .bind::<SqlUuid, _>(account)
        .bind::<Array<SqlUuid>, _>(workflows.to_vec())
        .bind::<SqlUuid, _>(account)
        .bind::<Array<SqlUuid>, _>(workflows.to_vec())
        .load(conn)
        .await?)
    }

    /// Counts the outcomes of a step. Other transactions that count the same wait for the end of this one.
    pub(super) async fn add(
        conn: &mut Conn,
        (account, workflow): (AccountId, WorkflowId),
        step_key: &str,
        outcomes: &[WorkflowStepOutcome],
    ) -> Result<()> {
        if outcomes.is_empty() {
            return Ok(());
        }
        // In an order, so that none wait for each other.
        sql::statement(
            "insert into workflow_step_counts as c (account_id, workflow_id, step_key, outcome, count) \
             select ?, ?, ?, o.outcome, count(*) from unnest(?) as o (outcome) group by o.outcome order by o.outcome \
             on conflict (account_id, workflow_id, step_key, outcome) do update set count = c.count + excluded.count",
        )
        .bind::<SqlUuid, _>(account)
        .bind::<SqlUuid, _>(workflow)
        .bind::<Text, _>(step_key)
        .bind::<Array<Text>, _>(outcomes.to_vec())
        .execute(conn)
        .await?;
        Ok(())
    }
}
