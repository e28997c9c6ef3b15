//! The counts of a portal. Triggers keep them: each count is a sum over up to 16 rows, or over day buckets.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::AccountId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalStats {
    pub invited: i64,
    pub active: i64,
    pub invited_total: i64,
    pub active_last_30_days: i64,
    pub version: i64,
    pub as_of: DateTime<Utc>,
}

const READ: &str = "select c.account_id, sum(c.invited)::bigint as invited, sum(c.active)::bigint as active, \
    sum(c.invited_total)::bigint as invited_total, sum(c.version)::bigint as version, \
    coalesce((select sum(d.active)::bigint from account_seen_days d where d.account_id = c.account_id and d.day >= ?), 0) \
        as active_last_30_days \
    from account_counts c where c.account_id = any(?) group by c.account_id";

const READ_VERSIONS: &str = "select c.account_id, sum(c.version)::bigint as version \
    from account_counts c where c.account_id = any(?) group by c.account_id";

#[derive(QueryableByName)]
struct VersionRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: AccountId,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    account_id: AccountId,
    #[diesel(sql_type = BigInt)]
    invited: i64,
    #[diesel(sql_type = BigInt)]
    active: i64,
    #[diesel(sql_type = BigInt)]
    invited_total: i64,
    #[diesel(sql_type = BigInt)]
    active_last_30_days: i64,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

impl Row {
    fn at(&self, now: DateTime<Utc>) -> PortalStats {
        PortalStats {
            invited: self.invited,
            active: self.active,
            invited_total: self.invited_total,
            active_last_30_days: self.active_last_30_days,
            version: self.version,
            as_of: now,
        }
    }
}

impl PortalStats {
    /// The counts of one account, read by one statement.
    pub async fn read(conn: &mut Conn, account: AccountId, now: DateTime<Utc>) -> Result<Self> {
        let mut stats = Self::read_many(conn, &[account], now).await?;
        Ok(stats.pop().map_or_else(|| Self::zero(now), |(_, stats)| stats))
    }

    /// The counts of several accounts, read by one statement. An account without contacts has zeros.
    pub(crate) async fn read_many(
        conn: &mut Conn,
        accounts: &[AccountId],
        now: DateTime<Utc>,
    ) -> Result<Vec<(AccountId, Self)>> {
        let rows: Vec<Row> = sql::statement(READ)
            .bind::<Date, _>(first_day(now))
            .bind::<Array<SqlUuid>, _>(accounts)
            .load(conn)
            .await?;
        let found: HashMap<AccountId, Self> = rows
            .into_iter()
            .map(|row| (row.account_id, row.at(now)))
            .collect();
        Ok(accounts
            .iter()
            .map(|id| (*id, found.get(id).cloned().unwrap_or_else(|| Self::zero(now))))
            .collect())
    }

    /// The versions of those accounts that have counts.
    pub(crate) async fn versions(conn: &mut Conn, accounts: &[AccountId]) -> Result<Vec<(AccountId, i64)>> {
        let rows: Vec<VersionRow> = sql::statement(READ_VERSIONS)
            .bind::<Array<SqlUuid>, _>(accounts)
            .load(conn)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.account_id, row.version))
            .collect())
    }

    fn zero(now: DateTime<Utc>) -> Self {
        Self {
            invited: 0,
            active: 0,
            invited_total: 0,
            active_last_30_days: 0,
            version: 0,
            as_of: now,
        }
    }

    /// 20 digits, so that the order of the text is the order of the numbers.
    pub(crate) fn version_text(&self) -> String {
        format!("{:020}", self.version)
    }

    pub(crate) fn same_counts(&self, other: &Self) -> bool {
        let counts = |stats: &Self| {
            (
                stats.invited,
                stats.active,
                stats.invited_total,
                stats.active_last_30_days,
            )
        };
        counts(self) == counts(other)
    }

    /// Accounts whose stored counts differ from their rows; there should be none.
    pub async fn drifted(conn: &mut Conn) -> Result<Vec<AccountId>> {
        #[derive(QueryableByName)]
        struct Drifted {
            #[diesel(sql_type = SqlUuid)]
            id: AccountId,
        }
        let rows: Vec<Drifted> = diesel::sql_query(
            "with stored as (
                 select account_id, sum(invited) i, sum(active) a, sum(invited_total) t
                 from account_counts group by account_id),
             counted as (
                 select account_id, count(*) filter (where status = 1) i, count(*) filter (where status = 2) a,
                     count(*) filter (where first_invited_at is not null) t
                 from contacts group by account_id)
             select a.id from accounts a
             left join stored s on s.account_id = a.id left join counted c on c.account_id = a.id
             where (coalesce(s.i, 0), coalesce(s.a, 0), coalesce(s.t, 0))
                 is distinct from (coalesce(c.i, 0), coalesce(c.a, 0), coalesce(c.t, 0))",
        )
        .load(conn)
        .await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }
}

/// Today and the 29 UTC days before it.
fn first_day(now: DateTime<Utc>) -> NaiveDate {
    let today = now.date_naive();
    today.checked_sub_days(Days::new(29)).unwrap_or(today)
}

/// Sends a notification on a PostgreSQL channel.
pub(crate) async fn notify(conn: &mut Conn, channel: &str, payload: &str) -> Result<()> {
    sql::statement("select pg_notify(?, ?)")
        .bind::<Text, _>(channel)
        .bind::<Text, _>(payload)
        .execute(conn)
        .await?;
    Ok(())
}
