//! Deleting what is no longer needed. Small batches, each a transaction of its caller, so that no lock is held for long.
//!
//! To add a table: a line in [`RULES`], with its number and a test at it in `tests/portal/sweep.rs`.

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

/// Whoever sweeps holds this lock of the database: one instance at a time.
const LOCK: i64 = 0x7665_7374_7377_6565;

/// One thing to sweep.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Chore {
    Rule(Rule),
    /// Answers that were kept for a repeat, once their time is over.
    Answers,
    /// The audit log of an account, as far as it is older than so many days.
    Log(AccountId, i16),
}

/// What of a table goes, once its time is this long ago.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub table: &'static str,
    /// With one `?` for the time.
    condition: &'static str,
    age: TimeDelta,
}

const fn rule(table: &'static str, condition: &'static str, age: TimeDelta) -> Rule {
    Rule {
        table,
        condition,
        age,
    }
}

const RULES: [Rule; 10] = [
    // A password is disabled after a hundred failed tries (NIST SP 800-63B-4, 3.2.2), so those that failed often are kept
    // for longer than anybody rests.
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
    // With their refresh tokens. A session that has ended ends no more: the earlier time counts.
    rule("sessions", "least(ended_at, expires_at) < ?", TimeDelta::days(30)),
    rule("staff_links", "created_at < ?", TimeDelta::days(30)),
    rule("suppressions", "expires_at < ?", TimeDelta::zero()),
];

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

/// Until the transaction ends; `false` where another instance sweeps.
pub(crate) async fn lock(conn: &mut Conn) -> Result<bool> {
    let row: Locked = sql::statement("select pg_try_advisory_xact_lock(?) as locked")
        .bind::<BigInt, _>(LOCK)
        .get_result(conn)
        .await?;
    Ok(row.locked)
}

impl Chore {
    pub(crate) async fn all(conn: &mut Conn) -> Result<Vec<Self>> {
        let logs: Vec<(AccountId, Option<i16>)> = accounts::table
            .filter(accounts::audit_days.is_not_null())
            .select((accounts::id, accounts::audit_days))
            .load(conn)
            .await?;
        let logs = logs
            .into_iter()
            .filter_map(|(account, days)| Some(Self::Log(account, days?)));
        Ok(RULES.iter().copied().map(Self::Rule).chain(logs).collect())
    }

    /// Deletes up to `limit` rows, and says how many there were; within a transaction.
    pub(crate) async fn sweep(self, conn: &mut Conn, limit: i64, now: DateTime<Utc>) -> Result<usize> {
        match self {
            Self::Rule(rule) => rule.sweep(conn, limit, now).await,
            Self::Answers => idempotency::delete_expired_answers(conn, limit, now).await,
            Self::Log(account, days) => {
                sweep_log(conn, account, now - TimeDelta::days(days.into()), limit).await
            }
        }
    }
}

impl Rule {
    async fn sweep(&self, conn: &mut Conn, limit: i64, now: DateTime<Utc>) -> Result<usize> {
        let Self { table, condition, .. } = self;
        // Rows that are locked at the moment are left to the next run.
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

/// Rows of the audit log only go when the transaction names the time before which they may.
async fn sweep_log(conn: &mut Conn, account: AccountId, horizon: DateTime<Utc>, limit: i64) -> Result<usize> {
    sql::statement("select set_config('vestibule.audit_horizon', ?, true)")
        .bind::<Text, _>(horizon.to_rfc3339())
        .execute(conn)
        .await?;
    // Ids know the time to the millisecond.
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
