//! The counts of a portal, as the database keeps them: sums over up to 16 rows, and over the day buckets.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::db::Conn;
use crate::db::schema::account_counts;
use crate::error::Result;
use crate::ids::AccountId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalStats {
    pub invited: i64,
    pub active: i64,
    pub invited_total: i64,
    pub active_last_30_days: i64,
    pub version: i64,
    pub as_of: DateTime<Utc>,
}

impl PortalStats {
    /// Of one account, by one statement.
    pub async fn read(conn: &mut Conn, account: AccountId, now: DateTime<Utc>) -> Result<Self> {
        let mut found = Self::read_many(conn, &[account], now).await?;
        Ok(found.pop().map_or_else(|| Self::zero(now), |(_, stats)| stats))
    }

    /// Of several, by one statement; an account without contacts has zeros.
    pub async fn read_many(
        conn: &mut Conn,
        accounts: &[AccountId],
        now: DateTime<Utc>,
    ) -> Result<Vec<(AccountId, Self)>> {
        type Row = (AccountId, i64, i64, i64, i64, i64);
        let first_day = first_day(now);
        let recent = diesel::dsl::sql::<BigInt>(
            "coalesce((select sum(d.active)::bigint from account_seen_days d \
             where d.account_id = account_counts.account_id and d.day >= ",
        )
        .bind::<Date, _>(first_day)
        .sql("), 0)");
        let rows: Vec<Row> = account_counts::table
            .filter(account_counts::account_id.eq_any(accounts))
            .group_by(account_counts::account_id)
            .select((
                account_counts::account_id,
                diesel::dsl::sql::<BigInt>("sum(invited)::bigint"),
                diesel::dsl::sql::<BigInt>("sum(active)::bigint"),
                diesel::dsl::sql::<BigInt>("sum(invited_total)::bigint"),
                recent,
                diesel::dsl::sql::<BigInt>("sum(version)::bigint"),
            ))
            .load(conn)
            .await?;
        let found: HashMap<AccountId, Self> = rows
            .into_iter()
            .map(
                |(account, invited, active, invited_total, active_last_30_days, version)| {
                    (
                        account,
                        Self {
                            invited,
                            active,
                            invited_total,
                            active_last_30_days,
                            version,
                            as_of: now,
                        },
                    )
                },
            )
            .collect();
        Ok(accounts
            .iter()
            .map(|id| (*id, found.get(id).cloned().unwrap_or_else(|| Self::zero(now))))
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
    pub fn version_text(&self) -> String {
        format!("{:020}", self.version)
    }

    pub fn same_counts(&self, other: &Self) -> bool {
        let counts = |one: &Self| {
            (
                one.invited,
                one.active,
                one.invited_total,
                one.active_last_30_days,
            )
        };
        counts(self) == counts(other)
    }

    /// Accounts whose kept counts are not those of their rows; there should be none.
    pub async fn drifted(conn: &mut Conn) -> Result<Vec<AccountId>> {
        #[derive(QueryableByName)]
        struct Drifted {
            #[diesel(sql_type = SqlUuid)]
            id: AccountId,
        }
        let rows: Vec<Drifted> = diesel::sql_query(
            "with kept as (
                 select account_id, sum(invited) i, sum(active) a, sum(invited_total) t
                 from account_counts group by account_id),
             counted as (
                 select account_id, count(*) filter (where status = 1) i, count(*) filter (where status = 2) a,
                     count(*) filter (where first_invited_at is not null) t
                 from contacts group by account_id)
             select a.id from accounts a
             left join kept k on k.account_id = a.id left join counted c on c.account_id = a.id
             where (coalesce(k.i, 0), coalesce(k.a, 0), coalesce(k.t, 0))
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

/// Says something on a channel.
pub async fn notify(conn: &mut Conn, channel: &str, payload: &str) -> Result<()> {
    diesel::sql_query("select pg_notify($1, $2)")
        .bind::<Text, _>(channel)
        .bind::<Text, _>(payload)
        .execute(conn)
        .await?;
    Ok(())
}
