//! How many contacts of a filter would get a message, counted in one statement.

use chrono::{DateTime, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::contacts::model::list::Filter;
use crate::invitations::model::skipped::SkipReason;
use crate::messages::model::Channel;

const REVOKED: &str = "count(*) filter (where revoked_at is not null)";
const NO_EMAIL: &str = "count(*) filter (where revoked_at is null and email is null)";
const SUPPRESSED: &str = "count(*) filter (where revoked_at is null and email_key in (select s.email_key from suppressions s \
     where s.account_id = ? and (s.expires_at is null or s.expires_at > ?)))";
/// Those of marketing emails.
const UNSUBSCRIBED: &str = "count(*) filter (where revoked_at is null \
     and email_key in (select o.email_key from marketing_opt_outs o where ? and o.account_id = ?) \
     and email_key not in (select s.email_key from suppressions s \
      where s.account_id = ? and (s.expires_at is null or s.expires_at > ?)))";
const NO_PHONE: &str = "count(*) filter (where revoked_at is null and phone is null)";
/// As far as its form shows: PostgreSQL doesn't know which numbers a country has.
const INVALID_PHONE: &str = "count(*) filter (where revoked_at is null and phone !~ '^\\+[1-9][0-9]{6,14}$')";
const STOPPED: &str = "count(*) filter (where revoked_at is null and phone ~ '^\\+[1-9][0-9]{6,14}$' \
     and phone in (select s.email_key from suppressions s where s.account_id = ? and (s.expires_at is null or s.expires_at > ?)))";

/// How many contacts would get a message, and how many would not for each reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AudienceCounts {
    pub ready: i64,
    pub skipped: Vec<(SkipReason, i64)>,
}

impl AudienceCounts {
    pub(crate) async fn read(
        conn: &mut Conn,
        account: AccountId,
        filter: &Filter,
        (channel, marketing): (Channel, bool),
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let (total, skipped) = match channel {
            Channel::Email => emails(conn, account, (filter, marketing), now).await?,
            Channel::Sms => texts(conn, account, filter, now).await?,
        };
        Ok(Self {
            ready: total - skipped.iter().map(|(_, count)| count).sum::<i64>(),
            skipped: skipped.into_iter().filter(|(_, count)| *count > 0).collect(),
        })
    }
}

type Counted = (i64, Vec<(SkipReason, i64)>);

async fn emails(
    conn: &mut Conn,
    account: AccountId,
    (filter, marketing): (&Filter, bool),
    now: DateTime<Utc>,
) -> Result<Counted> {
    let unsubscribed = sql::fragment::<BigInt>(UNSUBSCRIBED)
        .bind::<Bool, _>(marketing)
        .bind::<SqlUuid, _>(account)
        .bind::<SqlUuid, _>(account)
        .bind::<Timestamptz, _>(now);
    let suppressed = sql::fragment::<BigInt>(SUPPRESSED)
        .bind::<SqlUuid, _>(account)
        .bind::<Timestamptz, _>(now);
    let columns = (
        count_star(),
        sql::fragment::<BigInt>(REVOKED),
        sql::fragment::<BigInt>(NO_EMAIL),
        suppressed,
        unsubscribed,
    );
    let (total, revoked, without, suppressed, unsubscribed) = filter
        .query(account)
        .select(columns)
        .first::<(i64, i64, i64, i64, i64)>(conn)
        .await?;
    let skipped = [
        (SkipReason::Revoked, revoked),
        (SkipReason::NoEmail, without),
        (SkipReason::Suppressed, suppressed),
        (SkipReason::Unsubscribed, unsubscribed),
    ];
    Ok((total, skipped.to_vec()))
}

async fn texts(conn: &mut Conn, account: AccountId, filter: &Filter, now: DateTime<Utc>) -> Result<Counted> {
    let stopped = sql::fragment::<BigInt>(STOPPED)
        .bind::<SqlUuid, _>(account)
        .bind::<Timestamptz, _>(now);
    let columns = (
        count_star(),
        sql::fragment::<BigInt>(REVOKED),
        sql::fragment::<BigInt>(NO_PHONE),
        sql::fragment::<BigInt>(INVALID_PHONE),
        stopped,
    );
    let (total, revoked, without, invalid, stopped) = filter
        .query(account)
        .select(columns)
        .first::<(i64, i64, i64, i64, i64)>(conn)
        .await?;
    let skipped = [
        (SkipReason::Revoked, revoked),
        (SkipReason::NoPhone, without),
        (SkipReason::InvalidPhone, invalid),
        (SkipReason::Suppressed, stopped),
    ];
    Ok((total, skipped.to_vec()))
}
