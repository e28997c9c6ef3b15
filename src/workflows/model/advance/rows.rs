//! The statements of advancing: each for all runs of a batch.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{StepOfRuns, StepResult, Then};
use crate::base::db::schema::workflow_runs;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, WorkflowRunId};
use crate::workflows::model::counts::StepCount;
use crate::workflows::model::event::LAST_POSITION;
use crate::workflows::model::run::{WorkflowEndReason, WorkflowRun, WorkflowStepOutcome};

/// As in the index `workflow_runs_due`, which parameters would not match.
const DUE: &str = "status = 'RUNNING' and not resting";

/// The steps of a run, after which it has gone in a circle for long enough.
const MAX_STEPS: i32 = 10_000;

/// When a step that failed is tried again, in seconds.
const RETRY_DELAYS: [i64; 4] = [5, 30, 120, 600];

/// The run that has been due for longest, but none of these accounts; it stays locked.
pub(super) async fn first_due(
    conn: &mut Conn,
    served: &[AccountId],
    now: DateTime<Utc>,
) -> Result<Option<WorkflowRun>> {
    Ok(workflow_runs::table
        .filter(sql::fragment::<Bool>(DUE))
        .filter(workflow_runs::due_at.le(now))
        .filter(workflow_runs::account_id.ne_all(served))
        .order(workflow_runs::due_at)
        .select(WorkflowRun::as_select())
        .for_update()
        .skip_locked()
        .first(conn)
        .await
        .optional()?)
}

/// This run if it is due; it stays locked.
pub(super) async fn find_due(
    conn: &mut Conn,
    (account, id): (AccountId, WorkflowRunId),
    now: DateTime<Utc>,
) -> Result<Option<WorkflowRun>> {
    Ok(workflow_runs::table
        .find((account, id))
        .filter(sql::fragment::<Bool>(DUE))
        .filter(workflow_runs::due_at.le(now))
        .select(WorkflowRun::as_select())
        .for_update()
        .skip_locked()
        .first(conn)
        .await
        .optional()?)
}

/// The runs that are due at the step of the first one; they stay locked.
pub(super) async fn due_at_same_step(
    conn: &mut Conn,
    first: &WorkflowRun,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<WorkflowRun>> {
    Ok(workflow_runs::table
        .filter(sql::fragment::<Bool>(DUE))
        .filter(workflow_runs::account_id.eq(first.account_id))
        .filter(workflow_runs::workflow_id.eq(first.workflow_id))
        .filter(workflow_runs::version.eq(first.version))
        .filter(workflow_runs::step_key.eq(&first.step_key))
        .filter(workflow_runs::due_at.le(now))
        .order(workflow_runs::due_at)
        .limit(limit)
        .select(WorkflowRun::as_select())
        .for_update()
        .skip_locked()
        .load(conn)
        .await?)
}

impl StepOfRuns {
    pub(super) async fn save(
        &self,
        conn: &mut Conn,
        results: &[StepResult],
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.save_steps(conn, results, now).await?;
        self.save_runs(conn, results, now).await?;
        let outcomes: Vec<WorkflowStepOutcome> = results.iter().filter_map(|one| one.outcome).collect();
        StepCount::add(conn, (self.account, self.workflow), &self.step.key, &outcomes).await
    }

    fn run(&self, result: &StepResult) -> &WorkflowRun {
        &self.runs[result.index].0
    }

    /// A wait has a row from its beginning on, without an outcome.
    async fn save_steps(&self, conn: &mut Conn, results: &[StepResult], now: DateTime<Utc>) -> Result<()> {
        let begun: Vec<&StepResult> = results
            .iter()
            .filter(|result| !matches!(result.then, Then::Later { .. }))
            .collect();
        if begun.is_empty() {
            return Ok(());
        }
        let done_at = |result: &&StepResult| result.outcome.map(|_| now);
        sql::statement(
            "insert into workflow_steps (account_id, run_id, step_key, visit, position, outcome, reason, message_id, entered_at, done_at) \
             select ?, s.run_id, ?, s.visit, s.position, s.outcome, s.reason, s.message_id, ?, s.done_at \
             from unnest(?, ?, ?, ?, ?, ?, ?) as s (run_id, visit, position, outcome, reason, message_id, done_at) \
             on conflict (account_id, run_id, step_key, visit) do update set \
                outcome = excluded.outcome, reason = excluded.reason, message_id = excluded.message_id, done_at = excluded.done_at",
        )
        .bind::<SqlUuid, _>(self.account)
        .bind::<Text, _>(&self.step.key[..])
        .bind::<Timestamptz, _>(now)
        .bind::<Array<SqlUuid>, _>(begun.iter().map(|one| self.run(one).id).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(begun.iter().map(|one| self.run(one).visit).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(begun.iter().map(|one| self.run(one).step_count).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(begun.iter().map(|one| one.outcome).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(begun.iter().map(|one| one.reason.as_deref()).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(begun.iter().map(|one| one.message).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(begun.iter().map(done_at).collect::<Vec<_>>())
        .execute(conn)
        .await?;
        Ok(())
    }

    async fn save_runs(&self, conn: &mut Conn, results: &[StepResult], now: DateTime<Utc>) -> Result<()> {
        let rows: Vec<NextRow<'_>> = results
            .iter()
            .map(|result| NextRow::new(self.run(result), &result.then, now))
            .collect();
        sql::statement(format!(
            "update workflow_runs r set status = case when n.due_at is null then 'COMPLETED' when l.over then 'STOPPED' else 'RUNNING' end, \
                ended_at = case when n.due_at is null or l.over then t.now end, due_at = case when not l.over then n.due_at end, \
                end_reason = case when n.due_at is not null and l.over then 'LOOP' end, \
                step_key = coalesce(n.next_key, r.step_key), \
                visit = case when n.next_key is null then r.visit else 1 + coalesce((select max(s.visit) from workflow_steps s \
                    where s.account_id = r.account_id and s.run_id = r.id and s.step_key = n.next_key), 0) end, \
                step_count = r.step_count + (n.next_key is not null)::int, waiting = n.waiting, waits_for = n.waits_for, \
                waits_after = case when n.waits_for is not null then {LAST_POSITION} end, woken = false, attempt_count = 0, last_error = n.last_error, \
                begun_at = coalesce(r.begun_at, t.now) \
             from unnest(?, ?, ?, ?, ?, ?, ?) as n (id, next_key, due_at, waiting, waits_for, last_error, step_count), (select ?::timestamptz as now) t, \
                lateral (select n.next_key is not null and n.step_count >= {MAX_STEPS} as over) l \
             where r.account_id = ? and r.id = n.id"
        ))
        .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.id).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|row| row.next_key).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(rows.iter().map(|row| row.due_at).collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(rows.iter().map(|row| row.waiting).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|row| row.waits_for).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|row| row.last_error).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(rows.iter().map(|row| row.step_count).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(self.account)
        .execute(conn)
        .await?;
        Ok(())
    }
}

/// Where a run is after the step.
struct NextRow<'a> {
    id: WorkflowRunId,
    next_key: Option<&'a str>,
    due_at: Option<DateTime<Utc>>,
    waiting: bool,
    waits_for: Option<&'static str>,
    last_error: Option<&'static str>,
    /// Before this step.
    step_count: i32,
}

impl<'a> NextRow<'a> {
    fn new(run: &WorkflowRun, then: &'a Then, now: DateTime<Utc>) -> Self {
        let row = Self {
            id: run.id,
            next_key: None,
            due_at: None,
            waiting: false,
            waits_for: None,
            last_error: None,
            step_count: run.step_count,
        };
        match then {
            Then::Next(next) => Self {
                next_key: next.as_deref(),
                due_at: next.as_ref().map(|_| now),
                ..row
            },
            Then::Wait { until, event } => Self {
                due_at: Some(*until),
                waiting: true,
                waits_for: event.map(|trigger| trigger.as_str()),
                ..row
            },
            Then::Later { at, reason } => Self {
                due_at: Some(*at),
                last_error: Some(reason),
                ..row
            },
        }
    }
}

impl WorkflowRun {
    /// Lets the step of this run be tried again after 5 s, 30 s, 2 min and 10 min; then the run fails.
    pub(crate) async fn retry(
        conn: &mut Conn,
        (account, id): (AccountId, WorkflowRunId),
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let Some(run) = find_due(conn, (account, id), now).await? else {
            return Ok(());
        };
        let attempts = usize::try_from(run.attempt_count).unwrap_or(usize::MAX);
        let Some(seconds) = RETRY_DELAYS.get(attempts) else {
            return Self::fail(conn, account, &[id], reason, now).await;
        };
        diesel::update(workflow_runs::table.find((account, id)))
            .set((
                workflow_runs::attempt_count.eq(run.attempt_count + 1),
                workflow_runs::due_at.eq(now + TimeDelta::seconds(*seconds)),
                workflow_runs::last_error.eq(reason),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Records that the step of these runs, all at the same one, failed for good.
    pub(crate) async fn fail(
        conn: &mut Conn,
        account: AccountId,
        ids: &[WorkflowRunId],
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        sql::statement(
            "with failed as (update workflow_runs set status = 'FAILED', due_at = null, waits_for = null, ended_at = ?, end_reason = ?, \
                last_error = ? where account_id = ? and id = any(?) and status = 'RUNNING' returning *), \
                counted as (insert into workflow_step_counts as c (account_id, workflow_id, step_key, outcome, count) \
                select account_id, workflow_id, step_key, 'FAILED', count(*) from failed group by account_id, workflow_id, step_key \
                on conflict (account_id, workflow_id, step_key, outcome) do update set count = c.count + excluded.count) \
             insert into workflow_steps (account_id, run_id, step_key, visit, position, outcome, reason, entered_at, done_at) \
             select account_id, id, step_key, visit, step_count, ?, last_error, ended_at, ended_at from failed \
             on conflict (account_id, run_id, step_key, visit) \
             do update set outcome = excluded.outcome, reason = excluded.reason, done_at = excluded.done_at",
        )
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(WorkflowEndReason::Failed)
        .bind::<Text, _>(reason)
        .bind::<SqlUuid, _>(account)
        .bind::<Array<SqlUuid>, _>(ids.to_vec())
        .bind::<Text, _>(WorkflowStepOutcome::Failed)
        .execute(conn)
        .await?;
        Ok(())
    }
}
