//! The statements of entering: each for all events of a batch.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Pair, SeenEvents};
use crate::base::clock::Moment;
use crate::base::db::schema::{contacts, workflow_events, workflow_runs, workflow_triggers, workflows};
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, WorkflowId, WorkflowRunId};
use crate::templates::trigger::WorkflowTrigger;
use crate::workflows::model::event::QueuedEvent;
use crate::workflows::model::run::{WorkflowEndReason, WorkflowRunStatus};
use crate::workflows::model::{Workflow, WorkflowStatus};

#[derive(QueryableByName)]
struct Owner {
    #[diesel(sql_type = SqlUuid)]
    workflow_id: WorkflowId,
}

impl QueuedEvent {
    /// The oldest events that no other worker has, of one account, but none of these. Their rows stay locked.
    pub(super) async fn take(conn: &mut Conn, served: &[AccountId], limit: i64) -> Result<Vec<Self>> {
        let first: Option<AccountId> = workflow_events::table
            .filter(workflow_events::account_id.ne_all(served))
            .order(workflow_events::position)
            .select(workflow_events::account_id)
            .for_update()
            .skip_locked()
            .first(conn)
            .await
            .optional()?;
        let Some(account) = first else {
            return Ok(Vec::new());
        };
        Ok(workflow_events::table
            .filter(workflow_events::account_id.eq(account))
            .order(workflow_events::position)
            .limit(limit)
            .select(Self::as_select())
            .for_update()
            .skip_locked()
            .load(conn)
            .await?)
    }
}

/// Locks the contacts of the events against deletion. Those that are gone are left out.
pub(super) async fn lock_contacts(
    conn: &mut Conn,
    account: AccountId,
    events: &[QueuedEvent],
) -> Result<HashSet<ContactId>> {
    let ids: Vec<ContactId> = events.iter().map(|event| event.contact_id).collect();
    let found: Vec<ContactId> = contacts::table
        .filter(contacts::account_id.eq(account))
        .filter(contacts::id.eq_any(ids))
        .order(contacts::id)
        .select(contacts::id)
        .for_key_share()
        .load(conn)
        .await?;
    Ok(found.into_iter().collect())
}

/// Of the advisory lock of an account whose events are taken.
const EVENTS_LOCK: i32 = 0x0077_6b66;

/// Lets no other transaction take events of the account; false if one does.
pub(super) async fn lock_account(conn: &mut Conn, account: AccountId) -> Result<bool> {
    let lock = sql::fragment::<Bool>("pg_try_advisory_xact_lock(?, hashtext(?::text))")
        .bind::<Integer, _>(EVENTS_LOCK)
        .bind::<SqlUuid, _>(account);
    Ok(diesel::select(lock).get_result(conn).await?)
}

/// Locks the workflows that listen to any of the events, in the order of their ids. `None` if another transaction has locked one.
pub(super) async fn lock_listening(
    conn: &mut Conn,
    account: AccountId,
    events: &[&QueuedEvent],
) -> Result<Option<Vec<Workflow>>> {
    let kinds: HashSet<&str> = events.iter().map(|event| &event.kind[..]).collect();
    let kinds: Vec<&str> = kinds.into_iter().collect();
    let listening = workflow_triggers::table
        .filter(workflow_triggers::account_id.eq(account))
        .filter(workflow_triggers::event_kind.eq_any(kinds))
        .select(workflow_triggers::workflow_id);
    let running = || {
        workflows::table
            .filter(workflows::account_id.eq(account))
            .filter(workflows::status.eq_any([WorkflowStatus::Published, WorkflowStatus::Paused]))
    };
    let wanted = running().filter(workflows::id.eq_any(listening));
    let wanted: Vec<WorkflowId> = wanted.select(workflows::id).load(conn).await?;
    let rows: Vec<Workflow> = running()
        .filter(workflows::id.eq_any(&wanted))
        .order(workflows::id)
        .select(Workflow::as_select())
        .for_no_key_update()
        .skip_locked()
        .load(conn)
        .await?;
    // One that was just archived is missing too: the events are taken with the next turn.
    let all = rows.len() == wanted.len();
    Ok(all.then(|| rows.into_iter().filter(Workflow::listens).collect()))
}

pub(super) async fn delete_events(conn: &mut Conn, account: AccountId, events: &[QueuedEvent]) -> Result<()> {
    let ids: Vec<Uuid> = events.iter().map(|event| event.event_id).collect();
    diesel::delete(workflow_events::table)
        .filter(workflow_events::account_id.eq(account))
        .filter(workflow_events::event_id.eq_any(ids))
        .execute(conn)
        .await?;
    Ok(())
}

/// The runs that a contact has had in a workflow.
#[derive(Debug, Default)]
pub(super) struct EarlierRuns {
    pub any: bool,
    pub running: bool,
    /// Those of this batch that started one.
    pub events: SeenEvents,
}

#[derive(QueryableByName)]
struct EarlierRow {
    #[diesel(sql_type = SqlUuid)]
    workflow_id: WorkflowId,
    #[diesel(sql_type = SqlUuid)]
    contact_id: ContactId,
    #[diesel(sql_type = Bool)]
    running: bool,
}

impl EarlierRuns {
    pub(super) async fn read(
        conn: &mut Conn,
        account: AccountId,
        workflows: &[WorkflowId],
        contacts: &[ContactId],
    ) -> Result<HashMap<Pair, Self>> {
        let rows: Vec<EarlierRow> = sql::statement(
            "select workflow_id, contact_id, bool_or(status = 'RUNNING') as running from workflow_runs \
             where account_id = ? and workflow_id = any(?) and contact_id = any(?) group by workflow_id, contact_id",
        )
        .bind::<SqlUuid, _>(account)
        .bind::<Array<SqlUuid>, _>(workflows.to_vec())
        .bind::<Array<SqlUuid>, _>(contacts.to_vec())
        .load(conn)
        .await?;
        let earlier = |row: EarlierRow| {
            let runs = Self {
                any: true,
                running: row.running,
                events: SeenEvents::new(),
            };
            ((row.workflow_id, row.contact_id), runs)
        };
        Ok(rows.into_iter().map(earlier).collect())
    }
}

/// A run that waits for an event.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = workflow_runs)]
pub(super) struct WaitingRun {
    pub id: WorkflowRunId,
    pub workflow_id: WorkflowId,
    pub version: i32,
    pub contact_id: ContactId,
    pub step_key: String,
    pub waits_after: Option<i64>,
}

impl WaitingRun {
    pub(super) async fn read(
        conn: &mut Conn,
        account: AccountId,
        workflows: &[WorkflowId],
        contacts: &[ContactId],
    ) -> Result<Vec<Self>> {
        Ok(workflow_runs::table
            .filter(workflow_runs::account_id.eq(account))
            .filter(workflow_runs::contact_id.eq_any(contacts))
            .filter(workflow_runs::workflow_id.eq_any(workflows))
            .filter(workflow_runs::waits_for.is_not_null())
            .select(Self::as_select())
            .load(conn)
            .await?)
    }
}

/// Ends the running runs of contacts who joined.
pub(super) async fn end_joined(
    conn: &mut Conn,
    account: AccountId,
    pairs: &HashSet<Pair>,
    now: DateTime<Utc>,
) -> Result<Vec<WorkflowId>> {
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let (workflows, contacts): (Vec<WorkflowId>, Vec<ContactId>) = pairs.iter().copied().unzip();
    let ended: Vec<Owner> = sql::statement(
        "update workflow_runs set status = 'STOPPED', end_reason = ?, ended_at = ?, due_at = null, waits_for = null \
         where account_id = ? and status = 'RUNNING' and (workflow_id, contact_id) in (select * from unnest(?, ?)) \
         returning workflow_id",
    )
    .bind::<Text, _>(WorkflowEndReason::Joined)
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(account)
    .bind::<Array<SqlUuid>, _>(workflows)
    .bind::<Array<SqlUuid>, _>(contacts)
    .load(conn)
    .await?;
    Ok(ended.into_iter().map(|row| row.workflow_id).collect())
}

/// Makes runs due whose event came. One that another worker has just taken on waits no more.
pub(super) async fn wake(
    conn: &mut Conn,
    account: AccountId,
    runs: &HashSet<WorkflowRunId>,
    now: DateTime<Utc>,
) -> Result<Vec<WorkflowId>> {
    if runs.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<WorkflowRunId> = runs.iter().copied().collect();
    Ok(diesel::update(workflow_runs::table)
        .filter(workflow_runs::account_id.eq(account))
        .filter(workflow_runs::id.eq_any(ids))
        .filter(workflow_runs::status.eq(WorkflowRunStatus::Running))
        .filter(workflow_runs::waits_for.is_not_null())
        .set((
            workflow_runs::due_at.eq(now),
            workflow_runs::woken.eq(true),
            workflow_runs::waits_for.eq(None::<String>),
        ))
        .returning(workflow_runs::workflow_id)
        .get_results(conn)
        .await?)
}

/// A run to insert.
#[derive(Clone, Debug)]
pub(super) struct NewRun {
    pub workflow: WorkflowId,
    pub version: i32,
    pub contact: ContactId,
    pub event: Uuid,
    pub trigger: WorkflowTrigger,
    pub subject: Option<Uuid>,
    pub step_key: String,
    pub resting: bool,
    pub generation: i32,
    /// Set if it ends as it begins.
    pub ended: Option<WorkflowEndReason>,
}

impl NewRun {
    /// An event that started a run already starts no other.
    pub(super) async fn insert(
        conn: &mut Conn,
        account: AccountId,
        runs: &[Self],
        moment: &Moment,
    ) -> Result<()> {
        if runs.is_empty() {
            return Ok(());
        }
        let column = |value: fn(&Self) -> Uuid| runs.iter().map(value).collect::<Vec<Uuid>>();
        let ended = |run: &Self| run.ended.map(WorkflowEndReason::as_str);
        sql::statement(
            "insert into workflow_runs (account_id, id, workflow_id, version, contact_id, event_id, trigger, subject_id, status, step_key, \
                visit, due_at, resting, generation, started_at, ended_at, end_reason) \
             select ?, r.id, r.workflow, r.version, r.contact, r.event, r.trigger, r.subject, \
                case when r.ended is null then 'RUNNING' else 'STOPPED' end, r.step_key, 1, \
                case when r.ended is null then n.now end, r.resting, r.generation, n.now, \
                case when r.ended is not null then n.now end, r.ended \
             from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
                as r (id, workflow, version, contact, event, trigger, subject, step_key, resting, generation, ended), \
                (select ?::timestamptz as now) n \
             on conflict (account_id, workflow_id, contact_id, event_id) do nothing",
        )
        .bind::<SqlUuid, _>(account)
        .bind::<Array<SqlUuid>, _>(runs.iter().map(|_| WorkflowRunId::new(moment)).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(column(|run| run.workflow.0))
        .bind::<Array<Integer>, _>(runs.iter().map(|run| run.version).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(column(|run| run.contact.0))
        .bind::<Array<SqlUuid>, _>(column(|run| run.event))
        .bind::<Array<Text>, _>(runs.iter().map(|run| run.trigger).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(runs.iter().map(|run| run.subject).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(runs.iter().map(|run| &run.step_key[..]).collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(runs.iter().map(|run| run.resting).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(runs.iter().map(|run| run.generation).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(runs.iter().map(ended).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(moment.now)
        .execute(conn)
        .await?;
        Ok(())
    }
}
