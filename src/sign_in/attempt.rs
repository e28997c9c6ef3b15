//! Attempts at a secret that can be guessed. They are counted in the database before the secret is compared. The count
//! holds for all instances and survives restarts, so an attacker gains no attempts with GraphQL aliases, batches or many
//! connections.
//!
//! A target is what is guessed, such as a password, whether or not it exists. After [`FREE_ATTEMPTS`] failed attempts in a
//! row the waits grow from 30 s to 1 h; after [`MAX_ATTEMPTS`] no attempt is accepted (NIST SP 800-63B-4, 3.2.2). A source,
//! an IPv4 address or an IPv6 /64, has a limit per window.

mod source;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Integer, Interval, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::base::actor::Client;
use crate::base::db::schema::attempts;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::base::secrets::SecretHash;

pub use source::count_email_request;
pub(crate) use source::{count_or_refuse, refund_source, sign_in_source};

/// Failed attempts in a row before the first wait.
pub(crate) const FREE_ATTEMPTS: i32 = 10;
/// Failed attempts in a row after which the credential is disabled.
pub(crate) const MAX_ATTEMPTS: i32 = 100;

/// What attempts are counted against, as a hash, which doesn't disclose a person or an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target(SecretHash);

impl Target {
    /// The kind separates targets that have the same parts.
    pub(crate) fn of(kind: &str, parts: &[&str]) -> Self {
        let mut bytes: Vec<&[u8]> = vec![kind.as_bytes()];
        for part in parts {
            bytes.push(b"\0");
            bytes.push(part.as_bytes());
        }
        Self(SecretHash::of(&bytes))
    }

    /// The network of a request; `None` for a request from inside the process.
    pub(crate) fn source(kind: &str, client: &Client) -> Option<Self> {
        let source = client.source()?;
        Some(Self::of("source", &[kind, &source]))
    }
}

/// What an attempt is counted against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Targets {
    /// `None` for a request from inside the process.
    pub source: Option<Target>,
    pub target: Target,
}

/// How many attempts a source has in a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub max: i32,
    pub length: TimeDelta,
}

/// Failed sign-ins of one source at one account.
pub(crate) const SIGN_IN_WINDOW: Window = Window {
    max: 300,
    length: TimeDelta::hours(1),
};

/// Emails that one source requests at one account.
pub(crate) const EMAIL_REQUEST_WINDOW: Window = Window {
    max: 100,
    length: TimeDelta::hours(1),
};

/// The result of counting an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttemptCount {
    /// Counted as failed, until it turns out to be right. `failed_count` is how many failed in a row, including this one.
    Counted { failed_count: i32 },
    /// Not accepted before this many seconds; `None` if never.
    Blocked { retry_after: Option<u64> },
}

#[derive(QueryableByName)]
struct FailedCount {
    #[diesel(sql_type = Integer)]
    failed_count: i32,
}

#[derive(QueryableByName)]
struct AttemptRow {
    #[diesel(sql_type = Integer)]
    failed_count: i32,
    #[diesel(sql_type = Timestamptz)]
    first_failed_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    blocked_until: Option<DateTime<Utc>>,
}

const COUNT: &str = "insert into attempts as a (account_id, target, failed_count, first_failed_at, last_failed_at) \
     values (?, ?, 1, ?, ?) on conflict (account_id, target) do update set \
     failed_count = a.failed_count + 1, last_failed_at = excluded.last_failed_at, \
     blocked_until = case when a.failed_count + 1 >= ? then excluded.last_failed_at \
       + least(30 * 2 ^ least(a.failed_count + 1 - ?, 10), 3600) * interval '1 second' end \
     where a.failed_count < ? and (a.blocked_until is null or a.blocked_until <= excluded.last_failed_at) \
     returning failed_count";

const COUNT_IN_WINDOW: &str = "insert into attempts as a (account_id, target, failed_count, first_failed_at, last_failed_at) \
     values (?, ?, 1, ?, ?) on conflict (account_id, target) do update set \
     failed_count = case when a.first_failed_at <= excluded.last_failed_at - ? then 1 else a.failed_count + 1 end, \
     first_failed_at = case when a.first_failed_at <= excluded.last_failed_at - ? then excluded.last_failed_at \
       else a.first_failed_at end, \
     last_failed_at = excluded.last_failed_at \
     where a.failed_count < ? or a.first_failed_at <= excluded.last_failed_at - ? returning failed_count";

const FIND: &str =
    "select failed_count, first_failed_at, blocked_until from attempts where account_id = ? and target = ?";

/// Counts an attempt before the secret is compared. The statement commits by itself: what follows may take long, and must not
/// undo it.
pub(crate) async fn count(
    conn: &mut Conn,
    account: AccountId,
    target: Target,
    now: DateTime<Utc>,
) -> Result<AttemptCount> {
    let counted: Option<FailedCount> = sql::statement(COUNT)
        .bind::<SqlUuid, _>(account)
        .bind::<Binary, _>(target.0)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now)
        .bind::<Integer, _>(FREE_ATTEMPTS)
        .bind::<Integer, _>(FREE_ATTEMPTS)
        .bind::<Integer, _>(MAX_ATTEMPTS)
        .get_result(conn)
        .await
        .optional()?;
    if let Some(counted) = counted {
        return Ok(AttemptCount::Counted {
            failed_count: counted.failed_count,
        });
    }
    let row = find(conn, account, target).await?;
    Ok(AttemptCount::Blocked {
        retry_after: row
            .filter(|row| row.failed_count < MAX_ATTEMPTS)
            .and_then(|row| row.blocked_until)
            .map(|until| whole_seconds(until - now)),
    })
}

/// [`count`] for a source. Its window begins with its first attempt.
pub(crate) async fn count_in_window(
    conn: &mut Conn,
    account: AccountId,
    source: Target,
    window: Window,
    now: DateTime<Utc>,
) -> Result<AttemptCount> {
    let counted: Option<FailedCount> = sql::statement(COUNT_IN_WINDOW)
        .bind::<SqlUuid, _>(account)
        .bind::<Binary, _>(source.0)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now)
        .bind::<Interval, _>(window.length)
        .bind::<Interval, _>(window.length)
        .bind::<Integer, _>(window.max)
        .bind::<Interval, _>(window.length)
        .get_result(conn)
        .await
        .optional()?;
    if let Some(counted) = counted {
        return Ok(AttemptCount::Counted {
            failed_count: counted.failed_count,
        });
    }
    let row = find(conn, account, source).await?;
    Ok(AttemptCount::Blocked {
        retry_after: row.map(|row| whole_seconds(row.first_failed_at + window.length - now)),
    })
}

/// What blocks an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub by: Target,
    /// Not accepted before this many seconds; `None` if never.
    pub retry_after: Option<u64>,
}

/// Counts an attempt of a source at a target. Returns how many failed in a row at the target, including this one.
pub(crate) async fn count_source_and_target(
    conn: &mut Conn,
    account: AccountId,
    targets: Targets,
    now: DateTime<Utc>,
) -> Result<std::result::Result<i32, Block>> {
    let Targets { source, target } = targets;
    if let Some(by) = source {
        let counted = count_in_window(conn, account, by, SIGN_IN_WINDOW, now).await?;
        if let AttemptCount::Blocked { retry_after } = counted {
            return Ok(Err(Block { by, retry_after }));
        }
    }
    Ok(match count(conn, account, target, now).await? {
        AttemptCount::Counted { failed_count } => Ok(failed_count),
        AttemptCount::Blocked { retry_after } => Err(Block {
            by: target,
            retry_after,
        }),
    })
}

/// Counts a refusal of something that can't be guessed, only to limit its audit events: the reason stays the same. Returns
/// whether to log the refusal: each one within the limits, the first one of each wait beyond them.
pub(crate) async fn count_refusal(
    conn: &mut Conn,
    account: AccountId,
    targets: Targets,
    now: DateTime<Utc>,
) -> Result<bool> {
    match count_source_and_target(conn, account, targets, now).await? {
        Ok(_) => Ok(true),
        Err(block) => mark_block_logged(conn, account, block.by, now).await,
    }
}

/// Until when no attempt against the target is accepted, if it was ever blocked.
pub(crate) async fn blocked_until(
    conn: &mut Conn,
    account: AccountId,
    target: Target,
) -> Result<Option<DateTime<Utc>>> {
    let row = find(conn, account, target).await?;
    Ok(row.and_then(|row| row.blocked_until))
}

async fn find(conn: &mut Conn, account: AccountId, target: Target) -> Result<Option<AttemptRow>> {
    Ok(sql::statement(FIND)
        .bind::<SqlUuid, _>(account)
        .bind::<Binary, _>(target.0)
        .get_result(conn)
        .await
        .optional()?)
}

fn whole_seconds(left: TimeDelta) -> u64 {
    left.num_seconds().max(1).unsigned_abs()
}

/// Marks the current wait as logged; `false` if it was logged before, so that further attempts can't fill the audit log.
pub(crate) async fn mark_block_logged(
    conn: &mut Conn,
    account: AccountId,
    target: Target,
    now: DateTime<Utc>,
) -> Result<bool> {
    let not_logged = attempts::noted_at
        .is_null()
        .or(attempts::noted_at.lt(attempts::last_failed_at.nullable()));
    let marked = diesel::update(attempts::table.find((account, target.0)))
        .filter(not_logged)
        .set(attempts::noted_at.eq(now))
        .execute(conn)
        .await?;
    Ok(marked == 1)
}

/// Resets the failed attempts in a row, after a right one.
pub(crate) async fn reset(conn: &mut Conn, account: AccountId, target: Target) -> Result<()> {
    diesel::delete(attempts::table.find((account, target.0)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes an attempt off the count: it was right, or could not be compared.
pub(crate) async fn refund(conn: &mut Conn, account: AccountId, source: Target) -> Result<()> {
    diesel::update(attempts::table.find((account, source.0)))
        .filter(attempts::failed_count.gt(0))
        .set(attempts::failed_count.eq(attempts::failed_count - 1))
        .execute(conn)
        .await?;
    Ok(())
}
