//! Pausing, resuming and archiving a workflow, stopping its runs, and what it listens to. Its row is locked.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

use super::definition::Definition;
use super::event::{LAST_POSITION, audit_kinds, depends_on_time};
use super::run::{WorkflowEndReason, WorkflowRunStatus};
use super::version::{VersionKey, WorkflowVersion};
use super::{Workflow, WorkflowStatus};
use crate::base::audit::EventKind;
use crate::base::db::schema::{contacts, workflow_runs, workflow_timers, workflow_triggers, workflows};
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::WorkflowRunId;
use crate::templates::trigger::WorkflowTrigger;

type Ended = (
    diesel::dsl::Eq<workflow_runs::status, WorkflowRunStatus>,
    diesel::dsl::Eq<workflow_runs::end_reason, WorkflowEndReason>,
    diesel::dsl::Eq<workflow_runs::ended_at, DateTime<Utc>>,
    diesel::dsl::Eq<workflow_runs::due_at, Option<DateTime<Utc>>>,
    diesel::dsl::Eq<workflow_runs::waits_for, Option<String>>,
);

/// The changes of a run that is stopped.
pub(super) fn ended(reason: WorkflowEndReason, now: DateTime<Utc>) -> Ended {
    (
        workflow_runs::status.eq(WorkflowRunStatus::Stopped),
        workflow_runs::end_reason.eq(reason),
        workflow_runs::ended_at.eq(now),
        workflow_runs::due_at.eq(None::<DateTime<Utc>>),
        workflow_runs::waits_for.eq(None::<String>),
    )
}

impl Workflow {
    /// Its runs rest from now on.
    pub(crate) async fn pause(
        &self,
        conn: &mut Conn,
        keeps_events: bool,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let paused: Self = diesel::update(workflows::table.find((self.account_id, self.id)))
            .set((
                workflows::status.eq(WorkflowStatus::Paused),
                workflows::paused_at.eq(now),
                workflows::keeps_events.eq(keeps_events),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        paused.rest_runs(conn, true).await?;
        paused.listen(conn).await?;
        Ok(paused)
    }

    pub(crate) async fn resume(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<Self> {
        let resumed: Self = diesel::update(workflows::table.find((self.account_id, self.id)))
            .set((
                workflows::status.eq(WorkflowStatus::Published),
                workflows::paused_at.eq(None::<DateTime<Utc>>),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        let resumed = self.end_pause(conn, resumed, now).await?;
        resumed.listen(conn).await?;
        Ok(resumed)
    }

    /// Lets the runs of a paused workflow go on. What happened during the pause and was not kept starts nothing; who joined has joined.
    pub(super) async fn end_pause(&self, conn: &mut Conn, after: Self, now: DateTime<Utc>) -> Result<Self> {
        if !self.rests() {
            return Ok(after);
        }
        self.rest_runs(conn, false).await?;
        if self.keeps_events {
            return Ok(after);
        }
        diesel::update(workflow_timers::table)
            .filter(workflow_timers::account_id.eq(self.account_id))
            .filter(workflow_timers::workflow_id.eq(self.id))
            .set(workflow_timers::checked_until.eq(now))
            .execute(conn)
            .await?;
        after.stop_runs_of_joined(conn, now).await?;
        Ok(diesel::update(workflows::table.find((self.account_id, self.id)))
            .set((
                workflows::keeps_events.eq(true),
                workflows::skips_until.eq(sql::fragment::<BigInt>(LAST_POSITION)),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    /// Stops the runs of contacts who joined since they began, if the published version says so.
    async fn stop_runs_of_joined(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
        let Some(version) = self.published_version else {
            return Ok(());
        };
        let version = WorkflowVersion::find(conn, self.account_id, (self.id, version)).await?;
        let Some(version) = version else { return Ok(()) };
        if !version.definition()?.settings.stop_on_join {
            return Ok(());
        }
        let joined = contacts::table
            .filter(contacts::account_id.eq(workflow_runs::account_id))
            .filter(contacts::id.eq(workflow_runs::contact_id))
            .filter(contacts::joined_at.gt(workflow_runs::started_at.nullable()));
        let running = workflow_runs::table
            .filter(workflow_runs::account_id.eq(self.account_id))
            .filter(workflow_runs::workflow_id.eq(self.id))
            .filter(workflow_runs::status.eq(WorkflowRunStatus::Running));
        diesel::update(running.filter(diesel::dsl::exists(joined)))
            .set(ended(WorkflowEndReason::Joined, now))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Puts the workflow away. Returns how many runs were stopped.
    pub(crate) async fn archive(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<(Self, usize)> {
        let archived: Self = diesel::update(workflows::table.find((self.account_id, self.id)))
            .set((
                workflows::status.eq(WorkflowStatus::Archived),
                workflows::paused_at.eq(None::<DateTime<Utc>>),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        let reason = WorkflowEndReason::Archived;
        let stopped = archived.stop_runs(conn, None, reason, now).await?;
        archived.listen(conn).await?;
        archived.set_timers(conn, &Definition::default(), now).await?;
        Ok((archived, stopped))
    }

    /// Stops these runs, or all; returns how many were running.
    pub(crate) async fn stop_runs(
        &self,
        conn: &mut Conn,
        only: Option<&[WorkflowRunId]>,
        reason: WorkflowEndReason,
        now: DateTime<Utc>,
    ) -> Result<usize> {
        let running = workflow_runs::table
            .filter(workflow_runs::account_id.eq(self.account_id))
            .filter(workflow_runs::workflow_id.eq(self.id))
            .filter(workflow_runs::status.eq(WorkflowRunStatus::Running));
        Ok(match only {
            Some(ids) => {
                let named = diesel::update(running.filter(workflow_runs::id.eq_any(ids)));
                named.set(ended(reason, now)).execute(conn).await?
            }
            None => {
                let all = diesel::update(running);
                all.set(ended(reason, now)).execute(conn).await?
            }
        })
    }

    pub(super) async fn rest_runs(&self, conn: &mut Conn, resting: bool) -> Result<()> {
        diesel::update(workflow_runs::table)
            .filter(workflow_runs::account_id.eq(self.account_id))
            .filter(workflow_runs::workflow_id.eq(self.id))
            .filter(workflow_runs::status.eq(WorkflowRunStatus::Running))
            .set(workflow_runs::resting.eq(resting))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Records which events start its runs, or end the waits of runs that are under way.
    pub(super) async fn listen(&self, conn: &mut Conn) -> Result<()> {
        diesel::delete(workflow_triggers::table)
            .filter(workflow_triggers::account_id.eq(self.account_id))
            .filter(workflow_triggers::workflow_id.eq(self.id))
            .execute(conn)
            .await?;
        if !self.listens() {
            return Ok(());
        }
        let kinds = self.event_kinds(conn).await?;
        let row = |kind: &'static str| {
            (
                workflow_triggers::account_id.eq(self.account_id),
                workflow_triggers::event_kind.eq(kind),
                workflow_triggers::workflow_id.eq(self.id),
            )
        };
        let rows: Vec<_> = kinds.into_iter().map(row).collect();
        diesel::insert_into(workflow_triggers::table)
            .values(&rows)
            .execute(conn)
            .await?;
        Ok(())
    }

    async fn event_kinds(&self, conn: &mut Conn) -> Result<HashSet<&'static str>> {
        let in_flight: Vec<i32> = workflow_runs::table
            .filter(workflow_runs::account_id.eq(self.account_id))
            .filter(workflow_runs::workflow_id.eq(self.id))
            .filter(workflow_runs::status.eq(WorkflowRunStatus::Running))
            .select(workflow_runs::version)
            .distinct()
            .load(conn)
            .await?;
        let versions: HashSet<i32> = in_flight.into_iter().chain(self.published_version).collect();
        let keys: Vec<VersionKey> = versions.into_iter().map(|version| (self.id, version)).collect();
        let mut kinds = HashSet::new();
        for version in WorkflowVersion::find_many(conn, self.account_id, &keys).await? {
            let definition = version.definition()?;
            let awaited = definition.steps.iter().filter_map(|step| step.awaited());
            kinds.extend(awaited.flat_map(|rule| names_of(rule.trigger)));
            if self.published_version == Some(version.version) {
                kinds.extend(definition.kinds().into_iter().flat_map(names_of));
                let joined = definition
                    .settings
                    .stop_on_join
                    .then_some(EventKind::Joined.as_str());
                kinds.extend(joined);
            }
        }
        Ok(kinds)
    }

    /// Records the triggers that depend on time. What was due before they were published starts nothing.
    pub(super) async fn set_timers(
        &self,
        conn: &mut Conn,
        definition: &Definition,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let timed = definition
            .triggers
            .iter()
            .filter(|rule| depends_on_time(rule.trigger));
        let timed: Vec<(WorkflowTrigger, i32)> = timed
            .filter_map(|rule| Some((rule.trigger, rule.days?)))
            .collect();
        let before: Vec<(String, i32)> = workflow_timers::table
            .filter(workflow_timers::account_id.eq(self.account_id))
            .filter(workflow_timers::workflow_id.eq(self.id))
            .select((workflow_timers::trigger, workflow_timers::days))
            .load(conn)
            .await?;
        let of_definition = |(trigger, days): &(String, i32)| {
            timed
                .iter()
                .any(|(kind, rule_days)| kind.as_str() == trigger && rule_days == days)
        };
        for (trigger, days) in before.into_iter().filter(|timer| !of_definition(timer)) {
            diesel::delete(workflow_timers::table.find((self.account_id, self.id, trigger, days)))
                .execute(conn)
                .await?;
        }
        let row = |(trigger, days): &(WorkflowTrigger, i32)| {
            (
                workflow_timers::account_id.eq(self.account_id),
                workflow_timers::workflow_id.eq(self.id),
                workflow_timers::trigger.eq(trigger.as_str()),
                workflow_timers::days.eq(*days),
                workflow_timers::checked_until.eq(now),
            )
        };
        let rows: Vec<_> = timed.iter().map(row).collect();
        diesel::insert_into(workflow_timers::table)
            .values(&rows)
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
        Ok(())
    }
}

/// The kinds of queued events that a trigger listens to.
fn names_of(trigger: WorkflowTrigger) -> Vec<&'static str> {
    if depends_on_time(trigger) {
        return vec![trigger.as_str()];
    }
    audit_kinds(trigger).iter().map(|kind| kind.as_str()).collect()
}
