//! The way of a contact through a version of a workflow.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::base::db::lateral::owner;
use crate::base::db::schema::{workflow_runs, workflow_steps};
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, MessageId, WorkflowId, WorkflowRunId};
use crate::base::page::{OwnedList, newest_first, owned_list};
use crate::base::text_enum::text_enum;
use crate::templates::trigger::WorkflowTrigger;

text_enum! {
    /// How far a run is.
    #[derive(async_graphql::Enum)]
    WorkflowRunStatus {
        /// It goes on; it rests while its workflow is paused.
        Running = "RUNNING",
        /// It came to its end.
        Completed = "COMPLETED",
        /// It was stopped: `endReason` says why.
        Stopped = "STOPPED",
        /// A step failed.
        Failed = "FAILED",
    }
}

text_enum! {
    /// Why a run ended before its last step. More will be added.
    #[derive(async_graphql::Enum)]
    WorkflowEndReason {
        /// Its workflow had led to itself twenty times, or the run had taken 10,000 steps.
        Loop = "LOOP",
        /// The contact joined, and the workflow stops then.
        Joined = "JOINED",
        /// Its contact was merged into one that is in the workflow too.
        Merged = "MERGED",
        /// Staff stopped it.
        Staff = "STAFF",
        /// Another version was published, without the step that was next.
        StepRemoved = "STEP_REMOVED",
        /// Another version was published, without the trigger that started it.
        TriggerRemoved = "TRIGGER_REMOVED",
        /// Another version was published in its place.
        Replaced = "REPLACED",
        /// The workflow was archived.
        Archived = "ARCHIVED",
        /// A step failed: `problem` says why.
        Failed = "FAILED",
    }
}

text_enum! {
    /// What happened to a run at a step.
    #[derive(async_graphql::Enum)]
    WorkflowStepOutcome {
        /// The step did what it is for.
        Done = "DONE",
        /// It did not apply to the contact: `reason` says why.
        Skipped = "SKIPPED",
        /// It failed, and the run with it.
        Failed = "FAILED",
        /// The wait is over.
        Waited = "WAITED",
        /// The event did not come in time.
        TimedOut = "TIMED_OUT",
        /// The contact matches, or the event came.
        Matched = "MATCHED",
        /// The contact does not match.
        NotMatched = "NOT_MATCHED",
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = workflow_runs)]
pub(crate) struct WorkflowRun {
    pub account_id: AccountId,
    pub id: WorkflowRunId,
    pub workflow_id: WorkflowId,
    pub version: i32,
    pub contact_id: ContactId,
    pub trigger: WorkflowTrigger,
    pub status: WorkflowRunStatus,
    pub step_key: String,
    pub visit: i32,
    pub step_count: i32,
    pub due_at: Option<DateTime<Utc>>,
    pub waiting: bool,
    pub woken: bool,
    pub attempt_count: i32,
    pub last_error: Option<String>,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub end_reason: Option<WorkflowEndReason>,
}

/// A step of a run that began.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = workflow_steps)]
pub(crate) struct WorkflowRunStep {
    pub run_id: WorkflowRunId,
    pub step_key: String,
    pub visit: i32,
    pub outcome: Option<WorkflowStepOutcome>,
    pub reason: Option<String>,
    pub message_id: Option<MessageId>,
    pub entered_at: DateTime<Utc>,
    pub done_at: Option<DateTime<Utc>>,
}

impl WorkflowRun {
    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[WorkflowRunId],
    ) -> Result<Vec<Self>> {
        Ok(workflow_runs::table
            .filter(workflow_runs::account_id.eq(account))
            .filter(workflow_runs::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }
}

impl WorkflowRun {
    /// Gives the runs of a contact to another one, with the events that are queued for them. A contact isn't in a workflow twice for that.
    pub(crate) async fn move_to_contact(
        conn: &mut Conn,
        account: AccountId,
        from: ContactId,
        to: ContactId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let own = workflow_runs::table
            .filter(workflow_runs::account_id.eq(account))
            .filter(workflow_runs::contact_id.eq(from));
        let of_other = diesel::alias!(workflow_runs as others);
        let in_them = of_other
            .filter(of_other.field(workflow_runs::account_id).eq(account))
            .filter(of_other.field(workflow_runs::contact_id).eq(to))
            .filter(
                of_other
                    .field(workflow_runs::status)
                    .eq(WorkflowRunStatus::Running),
            )
            .select(of_other.field(workflow_runs::workflow_id));
        let twice = own
            .filter(workflow_runs::status.eq(WorkflowRunStatus::Running))
            .filter(workflow_runs::workflow_id.eq_any(in_them));
        diesel::update(twice)
            .set(super::state::ended(WorkflowEndReason::Merged, now))
            .execute(conn)
            .await?;
        diesel::update(own)
            .set(workflow_runs::contact_id.eq(to))
            .execute(conn)
            .await?;
        // The worker is waiting for the contact of those that it has locked.
        sql::statement(
            "update workflow_events set contact_id = ? where (account_id, event_id) in (select account_id, event_id from workflow_events \
                where account_id = ? and contact_id = ? for update skip locked)",
        )
        .bind::<SqlUuid, _>(to)
        .bind::<SqlUuid, _>(account)
        .bind::<SqlUuid, _>(from)
        .execute(conn)
        .await?;
        Ok(())
    }
}

/// The steps of a run that are shown.
const SHOWN_STEPS: i32 = 500;

impl WorkflowRunStep {
    /// The newest of these runs, in the order in which they began.
    pub(crate) async fn of_runs(
        conn: &mut Conn,
        account: AccountId,
        runs: &[WorkflowRunId],
    ) -> Result<HashMap<WorkflowRunId, Vec<Self>>> {
        let shown = sql::fragment::<Bool>(
            "position > (select r.step_count - ? from workflow_runs r where r.account_id = workflow_steps.account_id \
                and r.id = workflow_steps.run_id)",
        );
        let shown = shown.bind::<Integer, _>(SHOWN_STEPS);
        let rows: Vec<Self> = workflow_steps::table
            .filter(workflow_steps::account_id.eq(account))
            .filter(workflow_steps::run_id.eq_any(runs))
            .filter(shown)
            .order((workflow_steps::run_id, workflow_steps::position))
            .select(Self::as_select())
            .load(conn)
            .await?;
        let mut found: HashMap<WorkflowRunId, Vec<Self>> = HashMap::new();
        for row in rows {
            found.entry(row.run_id).or_default().push(row);
        }
        Ok(found)
    }
}

/// The runs of a workflow or of a contact, newest first.
#[derive(Clone, Debug)]
pub(crate) struct RunsOf {
    pub owner: RunOwner,
    /// None: any.
    pub status: Option<WorkflowRunStatus>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RunOwner {
    Workflow(WorkflowId),
    Contact(ContactId),
}

impl RunsOf {
    fn of_owner<'a>(&self, account: AccountId) -> workflow_runs::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query = workflow_runs::table
            .into_boxed()
            .filter(workflow_runs::account_id.eq(account));
        query = match self.owner {
            RunOwner::Workflow(_) => query.filter(workflow_runs::workflow_id.eq(owner::<SqlUuid>())),
            RunOwner::Contact(_) => query.filter(workflow_runs::contact_id.eq(owner::<SqlUuid>())),
        };
        match self.status {
            Some(status) => query.filter(workflow_runs::status.eq(status)),
            None => query,
        }
    }
}

impl OwnedList for RunsOf {
    type Row = WorkflowRun;
    type Filter = (bool, Option<WorkflowRunStatus>);

    fn owner(&self) -> Option<Uuid> {
        Some(match self.owner {
            RunOwner::Workflow(id) => id.0,
            RunOwner::Contact(id) => id.0,
        })
    }

    fn filter(&self) -> Self::Filter {
        (matches!(self.owner, RunOwner::Workflow(_)), self.status)
    }

    owned_list!(WorkflowRun, |query, page| newest_first!(
        query,
        page,
        workflow_runs::id,
        WorkflowRunId
    ));
}
