//! The triggers that time fires: they queue events for their workflow.
//!
//! A timer is checked from where it was checked last, so that publishing a workflow does not start it for all that was due before. The id
//! of an event follows from what it is about: however often it is queued, it starts one run.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::WorkflowStatus;
use crate::base::db::schema::{workflow_timers, workflows};
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, WorkflowId};
use crate::templates::trigger::WorkflowTrigger;

/// How often a timer is checked.
const INTERVAL: TimeDelta = TimeDelta::minutes(1);

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = workflow_timers)]
struct Timer {
    account_id: AccountId,
    workflow_id: WorkflowId,
    trigger: WorkflowTrigger,
    days: i32,
    checked_until: DateTime<Utc>,
}

/// Contacts whose invitation was sent so long ago, and who have not joined: once for an invitation, however often it is sent.
const UNANSWERED: &str = "select i.contact_id, i.id::text as about from invitations i \
    join contacts c on c.account_id = i.account_id and c.id = i.contact_id \
    where i.account_id = ? and i.last_sent_at > ? and i.last_sent_at <= ? and i.accepted_at is null and i.cancelled_at is null \
       and c.joined_at is null and c.revoked_at is null";

/// Contacts who have joined and were last seen so long ago: once for each time that they stay away.
const INACTIVE: &str = "select c.id as contact_id, c.id::text || extract(epoch from c.last_seen_at)::text as about from contacts c \
    where c.account_id = ? and c.last_seen_at > ? and c.last_seen_at <= ? and c.joined_at is not null and c.revoked_at is null";

/// Queues what has become due for a timer. Returns whether any timer was to be checked.
pub(crate) async fn check_next(conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
    let listening = workflows::table
        .filter(workflows::account_id.eq(workflow_timers::account_id))
        .filter(workflows::id.eq(workflow_timers::workflow_id))
        .filter(
            workflows::status
                .eq(WorkflowStatus::Published)
                .or(workflows::status
                    .eq(WorkflowStatus::Paused)
                    .and(workflows::keeps_events)),
        );
    let timer: Option<Timer> = workflow_timers::table
        .filter(workflow_timers::checked_until.le(now - INTERVAL))
        .filter(diesel::dsl::exists(listening))
        .order(workflow_timers::checked_until)
        .select(Timer::as_select())
        .for_update()
        .skip_locked()
        .first(conn)
        .await
        .optional()?;
    let Some(timer) = timer else { return Ok(false) };
    timer.queue(conn, now).await?;
    let key = (
        timer.account_id,
        timer.workflow_id,
        timer.trigger.as_str(),
        timer.days,
    );
    diesel::update(workflow_timers::table.find(key))
        .set(workflow_timers::checked_until.eq(now))
        .execute(conn)
        .await?;
    Ok(true)
}

impl Timer {
    async fn queue(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
        let due = match self.trigger {
            WorkflowTrigger::InvitationUnanswered => UNANSWERED,
            WorkflowTrigger::ContactInactive => INACTIVE,
            _ => return Ok(()),
        };
        let ago = TimeDelta::days(self.days.into());
        sql::statement(format!(
            "insert into workflow_events (account_id, event_id, contact_id, kind, detail, at, generation) \
             select t.account_id, md5(t.workflow_id || ' ' || t.days || ' ' || due.about)::uuid, due.contact_id, t.kind, \
                jsonb_build_object('workflowId', t.workflow_id, 'days', t.days), t.now, 0 \
             from ({due}) as due, \
                (select ?::uuid as account_id, ?::text as workflow_id, ?::int as days, ?::text as kind, ?::timestamptz as now) as t \
             on conflict do nothing"
        ))
        .bind::<SqlUuid, _>(self.account_id)
        .bind::<Timestamptz, _>(self.checked_until - ago)
        .bind::<Timestamptz, _>(now - ago)
        .bind::<SqlUuid, _>(self.account_id)
        .bind::<Text, _>(self.workflow_id.to_string())
        .bind::<Integer, _>(self.days)
        .bind::<Text, _>(self.trigger)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await?;
        Ok(())
    }
}
