//! Deletes rows that are no longer needed, in small batches. Each batch is a transaction of the caller, so no lock is held for
//! long.
//!
//! To add a table: a line in [`RULES`], and a test in `tests/portal/sweep.rs`.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::base::audit::AuditEvent;
use crate::base::db::schema::accounts;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::idempotency;
use crate::base::ids::AccountId;

/// The advisory lock of the instance that sweeps.
const LOCK: i64 = 0x7665_7374_7377_6565;

/// What one task deletes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SweepTask {
    Rule(RetentionRule),
    /// Expired responses of idempotent requests.
    IdempotentResponses,
    /// What ended runs of workflows did at their steps.
    WorkflowSteps,
    /// Entries of an account's audit log that are older than this number of days.
    AuditLog(AccountId, i16),
}

/// Deletes the rows of a table whose time is older than `age`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetentionRule {
    table: &'static str,
    /// With one `?` for the time.
    condition: &'static str,
    age: TimeDelta,
}

const fn rule(table: &'static str, condition: &'static str, age: TimeDelta) -> RetentionRule {
    RetentionRule {
        table,
        condition,
        age,
    }
}

/// How long the steps of runs that ended are kept.
const WORKFLOW_STEPS_AGE: TimeDelta = TimeDelta::days(400);

const RULES: [RetentionRule; 15] = [
    // A password is disabled after a hundred failed attempts (NIST SP 800-63B-4, 3.2.2), so higher counts are kept longer than
    // an attacker is likely to pause.
    rule(
        "attempts",
        "failed_count < 10 and last_failed_at < ?",
        TimeDelta::days(30),
    ),
    rule("attempts", "last_failed_at < ?", TimeDelta::days(400)),
    rule("used_id_tokens", "expires_at < ?", TimeDelta::zero()),
    rule("idempotency_keys", "expires_at < ?", TimeDelta::zero()),
    rule("challenges", "created_at < ?", TimeDelta::days(1)),
    rule("password_resets", "created_at < ?", TimeDelta::days(1)),
    rule("revocations", "at < ?", TimeDelta::hours(1)),
    // Together with their refresh tokens. A session can end before it expires: the earlier time counts.
    rule("sessions", "least(ended_at, expires_at) < ?", TimeDelta::days(30)),
    rule("staff_links", "created_at < ?", TimeDelta::days(30)),
    rule("suppressions", "expires_at < ?", TimeDelta::zero()),
    rule("test_messages", "created_at < ?", TimeDelta::days(1)),
    rule("affiliate_visitors", "seen_at < ?", TimeDelta::days(2)),
    // Codes to sign up that were not used; their reader could report them for as long.
    rule(
        "messages",
        "contact_id is null and team_member_id is null and created_at < ?",
        TimeDelta::days(7),
    ),
    rule("portal_views", "created_at < ?", TimeDelta::days(1)),
    // Events that a paused workflow keeps.
    rule(
        "workflow_runs",
        "begun_at is null and resting and status = 'RUNNING' and started_at < ?",
        TimeDelta::days(7),
    ),
];

#[derive(QueryableByName)]
struct LockAttempt {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

/// Locks until the transaction ends; `false` if another instance is sweeping.
pub(crate) async fn lock(conn: &mut Conn) -> Result<bool> {
    let row: LockAttempt = sql::statement("select pg_try_advisory_xact_lock(?) as locked")
        .bind::<BigInt, _>(LOCK)
        .get_result(conn)
        .await?;
    Ok(row.locked)
}

impl SweepTask {
    pub(crate) async fn all(conn: &mut Conn) -> Result<Vec<Self>> {
        let logs: Vec<(AccountId, Option<i16>)> = accounts::table
            .filter(accounts::audit_days.is_not_null())
            .select((accounts::id, accounts::audit_days))
            .load(conn)
            .await?;
        let logs = logs
            .into_iter()
            .filter_map(|(account, days)| Some(Self::AuditLog(account, days?)));
        let rules = RULES.iter().copied().map(Self::Rule);
        Ok(rules.chain([Self::WorkflowSteps]).chain(logs).collect())
    }

    /// Deletes up to `limit` rows and returns their number; within a transaction.
    pub(crate) async fn sweep(self, conn: &mut Conn, limit: i64, now: DateTime<Utc>) -> Result<usize> {
        match self {
            Self::Rule(rule) => rule.sweep(conn, limit, now).await,
            Self::IdempotentResponses => idempotency::delete_expired_responses(conn, limit, now).await,
            Self::WorkflowSteps => sweep_workflow_steps(conn, now - WORKFLOW_STEPS_AGE, limit).await,
            Self::AuditLog(account, days) => {
                sweep_audit_log(conn, account, now - TimeDelta::days(days.into()), limit).await
            }
        }
    }
}

impl RetentionRule {
    async fn sweep(&self, conn: &mut Conn, limit: i64, now: DateTime<Utc>) -> Result<usize> {
        let Self { table, condition, .. } = self;
        // Rows that are locked now are left to the next run.
        let statement = format!(
            "delete from {table} where ctid = any(array(select ctid from {table} where {condition} limit ? \
             for update skip locked))"
        );
        Ok(sql::statement(statement)
            .bind::<Timestamptz, _>(now - self.age)
            .bind::<BigInt, _>(limit)
            .execute(conn)
            .await?)
    }
}

/// A trigger allows the deletion of audit events only before the time that the transaction sets.
async fn sweep_audit_log(
    conn: &mut Conn,
    account: AccountId,
    horizon: DateTime<Utc>,
    limit: i64,
) -> Result<usize> {
    sql::statement("select set_config('vestibule.audit_horizon', ?, true)")
        .bind::<Text, _>(horizon.to_rfc3339())
        .execute(conn)
        .await?;
    // Ids contain the time in milliseconds.
    let last = AuditEvent::first_id_at(horizon + TimeDelta::milliseconds(1));
    Ok(sql::statement(
        "delete from audit_events where account_id = ? and id in \
         (select id from audit_events where account_id = ? and id < ? and at < ? order by id limit ?)",
    )
    .bind::<SqlUuid, _>(account)
    .bind::<SqlUuid, _>(account)
    .bind::<SqlUuid, _>(last)
    .bind::<Timestamptz, _>(horizon)
    .bind::<BigInt, _>(limit)
    .execute(conn)
    .await?)
}

#[derive(QueryableByName)]
struct SweptSteps {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Deletes the steps of runs that ended before this time, up to about `limit` of them, and returns how many. The runs stay, because
/// they say who may enter again, and the steps that sent a message, because it shows what their event is about.
async fn sweep_workflow_steps(conn: &mut Conn, before: DateTime<Utc>, limit: i64) -> Result<usize> {
    let swept: SweptSteps = sql::statement(
        "with due as (select account_id, id, ended_at, step_count + 1 as steps from workflow_runs \
            where ended_at < ? and not steps_deleted order by ended_at limit ? for update skip locked), \
         runs as (select account_id, id, steps from \
            (select *, sum(steps) over (order by ended_at, id) - steps as earlier from due) as sized where earlier < ?), \
         deleted as (delete from workflow_steps s using runs where s.account_id = runs.account_id and s.run_id = runs.id \
            and s.message_id is null), \
         marked as (update workflow_runs r set steps_deleted = true from runs where r.account_id = runs.account_id and r.id = runs.id) \
         select coalesce(sum(steps), 0)::int8 as count from runs",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(limit)
    .bind::<BigInt, _>(limit)
    .get_result(conn)
    .await?;
    Ok(usize::try_from(swept.count).unwrap_or(usize::MAX))
}
