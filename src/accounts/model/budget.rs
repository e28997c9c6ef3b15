//! The account's daily budget of messages. It counts messages, not requests. Emails that contacts request themselves have limits of
//! their own and don't count here; codes to sign up do, because any address can be typed.

use chrono::{DateTime, Days, NaiveTime, Utc};
use diesel::prelude::*;
use diesel::query_dsl::methods::FilterDsl;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use crate::base::db::Conn;
use crate::base::db::schema::message_days;
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;

/// Today's budget doesn't cover the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BudgetSpent {
    pub renews_at: DateTime<Utc>,
}

impl BudgetSpent {
    pub(crate) fn refusal(self, now: DateTime<Utc>) -> Error {
        let seconds = (self.renews_at - now).num_seconds().max(1).unsigned_abs();
        Error::rate_limited(
            "This would go over the account's daily budget of messages. It renews at midnight UTC.",
            seconds,
        )
    }
}

/// Takes `count` messages from today's budget: all or none.
pub(crate) async fn take(
    conn: &mut Conn,
    account: AccountId,
    count: usize,
    daily: i64,
    now: DateTime<Utc>,
) -> Result<Result<(), BudgetSpent>> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    if count == 0 {
        return Ok(Ok(()));
    }
    let spent = Err(BudgetSpent {
        renews_at: next_day(now),
    });
    if count > daily {
        return Ok(spent);
    }
    let taken = add(conn, account, count, daily, now).await?;
    Ok(if taken { Ok(()) } else { spent })
}

/// Adds to the messages of today as far as the budget covers them; `false` if it doesn't. Zero takes the same statement.
pub(crate) async fn add(
    conn: &mut Conn,
    account: AccountId,
    count: i64,
    daily: i64,
    now: DateTime<Utc>,
) -> Result<bool> {
    let added = diesel::insert_into(message_days::table)
        .values((
            message_days::account_id.eq(account),
            message_days::day.eq(now.date_naive()),
            message_days::message_count.eq(count),
        ))
        .on_conflict((message_days::account_id, message_days::day))
        .do_update()
        .set(
            message_days::message_count
                .eq(message_days::message_count + excluded(message_days::message_count)),
        )
        .filter(message_days::message_count.le(daily - count))
        .execute(conn)
        .await?;
    Ok(added == 1)
}

/// Refuses messages that [`take`] would refuse. Nothing is taken.
pub(crate) async fn check(
    conn: &mut Conn,
    account: AccountId,
    count: i32,
    daily: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    if i64::from(count) <= left(conn, account, daily, now).await? {
        return Ok(());
    }
    let spent = BudgetSpent {
        renews_at: next_day(now),
    };
    Err(spent.refusal(now))
}

/// What is left of today's budget.
pub(crate) async fn left(conn: &mut Conn, account: AccountId, daily: i64, now: DateTime<Utc>) -> Result<i64> {
    let taken: Option<i64> = message_days::table
        .find((account, now.date_naive()))
        .select(message_days::message_count)
        .first(conn)
        .await
        .optional()?;
    Ok((daily - taken.unwrap_or(0)).max(0))
}

fn next_day(now: DateTime<Utc>) -> DateTime<Utc> {
    let tomorrow = now
        .date_naive()
        .checked_add_days(Days::new(1))
        .unwrap_or(now.date_naive());
    tomorrow.and_time(NaiveTime::MIN).and_utc()
}
