//! Publishing a draft: the next version, and what happens to the runs of earlier ones.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::definition::{Definition, Step};
use super::event::LAST_POSITION;
use super::named::Named;
use super::run::{WorkflowEndReason, WorkflowRunStatus};
use super::version::WorkflowVersion;
use super::{Workflow, WorkflowStatus};
use crate::base::actor::Actor;
use crate::base::clock::Moment;
use crate::base::db::schema::{workflow_runs, workflows};
use crate::base::db::{Conn, sql};
use crate::base::error::{Error, Result};
use crate::base::ids::{MailingId, WorkflowRunId};
use crate::base::text_enum::text_enum;
use crate::mailings::model::{Mailing, NewMailing};
use crate::templates::trigger::WorkflowTrigger;

text_enum! {
    /// What happens to runs of earlier versions when another one is published.
    #[derive(async_graphql::Enum)]
    WorkflowInFlight {
        /// They finish on their version.
        Finish = "FINISH",
        /// They go on with the new version, from the step with the same key. Those whose step or trigger is not in it are stopped.
        Move = "MOVE",
        /// They are stopped.
        Stop = "STOP",
    }
}

/// How many runs of earlier versions go on, and how many are stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InFlightCounts {
    pub finishing: i64,
    pub moved: i64,
    pub stopped: i64,
}

#[derive(QueryableByName)]
struct RunningRow {
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    trigger: WorkflowTrigger,
    #[diesel(sql_type = Text)]
    step_key: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl Workflow {
    async fn running(&self, conn: &mut Conn) -> Result<Vec<RunningRow>> {
        Ok(sql::statement(
            "select version, trigger, step_key, count(*) as count from workflow_runs \
             where account_id = ? and workflow_id = ? and status = 'RUNNING' group by version, trigger, step_key",
        )
        .bind::<SqlUuid, _>(self.account_id)
        .bind::<SqlUuid, _>(self.id)
        .load(conn)
        .await?)
    }

    pub(crate) async fn has_earlier_runs(&self, conn: &mut Conn) -> Result<bool> {
        let running = self.running(conn).await?;
        Ok(running
            .iter()
            .any(|row| Some(row.version) != self.published_version))
    }

    /// Locks the running runs, so that none takes a step meanwhile.
    pub(crate) async fn lock_runs(&self, conn: &mut Conn) -> Result<()> {
        let ids = workflow_runs::table
            .filter(workflow_runs::account_id.eq(self.account_id))
            .filter(workflow_runs::workflow_id.eq(self.id))
            .filter(workflow_runs::status.eq(WorkflowRunStatus::Running))
            .order(workflow_runs::id)
            .select(workflow_runs::id)
            .for_update();
        let _locked: Vec<WorkflowRunId> = ids.load(conn).await?;
        Ok(())
    }

    /// What publishing this definition would do to the runs.
    pub(crate) async fn count_in_flight(
        &self,
        conn: &mut Conn,
        definition: &Definition,
        in_flight: WorkflowInFlight,
    ) -> Result<InFlightCounts> {
        let mut counts = InFlightCounts::default();
        let kinds = definition.kinds();
        for row in self.running(conn).await? {
            match in_flight {
                WorkflowInFlight::Finish => counts.finishing += row.count,
                WorkflowInFlight::Move
                    if definition.step(&row.step_key).is_some() && kinds.contains(&row.trigger) =>
                {
                    counts.moved += row.count
                }
                WorkflowInFlight::Move | WorkflowInFlight::Stop => counts.stopped += row.count,
            }
        }
        Ok(counts)
    }

    /// Whether this definition is what was published last, and the templates that it sends say what they said then.
    pub(crate) async fn is_published(
        &self,
        conn: &mut Conn,
        (definition, named): (&Definition, &Named),
    ) -> Result<bool> {
        let Some(version) = self.published_version else {
            return Ok(false);
        };
        let version = WorkflowVersion::find(conn, self.account_id, (self.id, version)).await?;
        let version = version.ok_or_else(|| Error::internal("a workflow without its version"))?;
        if version.definition()? != *definition {
            return Ok(false);
        }
        let mailings = version.mailings(conn, self.account_id, definition).await?;
        let same = |step: &Step| {
            let Some((_, template)) = step.template() else {
                return true;
            };
            let sent = version.mailing(&step.key);
            let sent = mailings.iter().find(|mailing| Some(mailing.id) == sent);
            let template = named.templates.get(&template);
            sent.zip(template)
                .is_some_and(|(sent, template)| sent.content() == template.content)
        };
        Ok(definition.steps.iter().all(same))
    }

    /// Publishes a definition that was checked. The row of the workflow is locked.
    pub(crate) async fn publish(
        &self,
        conn: &mut Conn,
        (definition, named): (&Definition, &Named),
        in_flight: WorkflowInFlight,
        (author, moment): (Actor, &Moment),
    ) -> Result<Self> {
        let version = self.published_version.unwrap_or(0) + 1;
        let mailings = self
            .write_mailings(conn, definition, named, (author, moment))
            .await?;
        let key = (self.id, version);
        WorkflowVersion::add(
            conn,
            self.account_id,
            key,
            (definition, &mailings),
            (author, moment),
        )
        .await?;
        // What happened before the first version starts nothing.
        let skips_until = match self.published_version {
            None => sql::fragment::<BigInt>(LAST_POSITION),
            Some(_) => sql::fragment::<BigInt>("skips_until"),
        };
        let published: Self = diesel::update(workflows::table.find((self.account_id, self.id)))
            .set((
                workflows::status.eq(WorkflowStatus::Published),
                workflows::published_version.eq(version),
                workflows::paused_at.eq(None::<DateTime<Utc>>),
                workflows::skips_until.eq(skips_until),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        match in_flight {
            WorkflowInFlight::Finish => {}
            WorkflowInFlight::Move => self.move_runs(conn, definition, version, moment.now).await?,
            WorkflowInFlight::Stop => {
                let reason = WorkflowEndReason::Replaced;
                self.stop_runs(conn, None, reason, moment.now).await?;
            }
        }
        let published = self.end_pause(conn, published, moment.now).await?;
        published.listen(conn).await?;
        published.set_timers(conn, definition, moment.now).await?;
        Ok(published)
    }

    /// Keeps what the steps send, as the templates say it now.
    async fn write_mailings(
        &self,
        conn: &mut Conn,
        definition: &Definition,
        named: &Named,
        by: (Actor, &Moment),
    ) -> Result<HashMap<String, MailingId>> {
        let mut mailings = HashMap::new();
        for step in &definition.steps {
            let Some((channel, id)) = step.template() else {
                continue;
            };
            let template = named.templates.get(&id);
            let template = template.ok_or_else(|| Error::internal("a template that was not checked"))?;
            let new = NewMailing {
                channel,
                uses_login_url: named.with_login_url.contains(&id),
                content: template.content.clone(),
                template: Some((id, template.row.version)),
                marketing: step.marketing(),
                quiet_hours: definition.settings.quiet_hours,
            };
            let mailing = Mailing::create(conn, self.account_id, &new, by).await?;
            mailings.insert(step.key.clone(), mailing.id);
        }
        Ok(mailings)
    }

    /// Takes the running runs, which are locked, to the new version. A step that does something else there begins anew.
    async fn move_runs(
        &self,
        conn: &mut Conn,
        definition: &Definition,
        version: i32,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let kept: Vec<&str> = definition.steps.iter().map(|step| &step.key[..]).collect();
        let running = workflow_runs::table
            .filter(workflow_runs::account_id.eq(self.account_id))
            .filter(workflow_runs::workflow_id.eq(self.id))
            .filter(workflow_runs::status.eq(WorkflowRunStatus::Running));
        let lacking = running.filter(workflow_runs::trigger.ne_all(definition.kinds()));
        diesel::update(lacking)
            .set(super::state::ended(WorkflowEndReason::TriggerRemoved, now))
            .execute(conn)
            .await?;
        diesel::update(running.filter(workflow_runs::step_key.ne_all(kept)))
            .set(super::state::ended(WorkflowEndReason::StepRemoved, now))
            .execute(conn)
            .await?;
        let earlier: HashSet<i32> = self.running(conn).await?.iter().map(|row| row.version).collect();
        let keys: Vec<_> = earlier.into_iter().map(|version| (self.id, version)).collect();
        for earlier in WorkflowVersion::find_many(conn, self.account_id, &keys).await? {
            let before = earlier.definition()?;
            let same = |key: &str| {
                let action = |of: &Definition| of.step(key).map(|step| step.action.clone());
                action(&before) == action(definition)
            };
            let changed = definition.steps.iter().filter(|step| !same(&step.key));
            let changed: Vec<&str> = changed.map(|step| &step.key[..]).collect();
            let of_version = running.filter(workflow_runs::version.eq(earlier.version));
            diesel::update(of_version.filter(workflow_runs::step_key.eq_any(changed)))
                .set((
                    workflow_runs::waiting.eq(false),
                    workflow_runs::woken.eq(false),
                    workflow_runs::waits_for.eq(None::<String>),
                    workflow_runs::due_at.eq(now),
                ))
                .execute(conn)
                .await?;
        }
        diesel::update(running)
            .set(workflow_runs::version.eq(version))
            .execute(conn)
            .await?;
        Ok(())
    }
}
