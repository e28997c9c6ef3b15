//! Attempts at a secret that can be guessed, counted before they are compared, in the database: for all instances, and past
//! restarts, so that GraphQL aliases, batches and many connections gain nothing.
//!
//! A target is a password or the like, whether it exists or not. After [`FREE`] failed attempts in a row the waits grow from
//! 30 s to 1 h; after [`MOST`] no attempt is accepted (NIST SP 800-63B-4, 3.2.2). A source, an IPv4 address or an IPv6 /64, has
//! a limit per window.

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
pub(crate) use source::{count_source, give_back_source, sign_in_source};

/// Failed attempts in a row before the first wait.
pub(crate) const FREE: i32 = 10;
/// Failed attempts in a row after which the credential is disabled.
pub(crate) const MOST: i32 = 100;

/// What an attempt is at, as a hash, which doesn't tell whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target(SecretHash);

impl Target {
    /// The kind separates targets that have the same words.
    pub(crate) fn of(kind: &str, words: &[&str]) -> Self {
        let mut parts: Vec<&[u8]> = vec![kind.as_bytes()];
        for word in words {
            parts.push(b"\0");
            parts.push(word.as_bytes());
        }
        Self(SecretHash::of(&parts))
    }

    /// Where a request came from; none inside of the process.
    pub(crate) fn source(kind: &str, client: &Client) -> Option<Self> {
        let source = client.source()?;
        Some(Self::of("source", &[kind, &source]))
    }
}

/// How many attempts a source has in a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub most: i32,
    pub length: TimeDelta,
}

/// Failed sign-ins of one source at one account.
pub(crate) const FAILURES: Window = Window {
    most: 300,
    length: TimeDelta::hours(1),
};

/// Emails that one source requests at one account.
pub(crate) const MAILS: Window = Window {
    most: 100,
    length: TimeDelta::hours(1),
};

/// Whether an attempt may be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Try {
    /// It was counted as failed; with how many failed in a row, including this one.
    Taken { failed_count: i32 },
    /// Not before this many seconds; `None` if never.
    Blocked { retry_after: Option<u64> },
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Integer)]
    failed_count: i32,
}

#[derive(QueryableByName)]
struct Stand {
    #[diesel(sql_type = Integer)]
    failed_count: i32,
    #[diesel(sql_type = Timestamptz)]
    first_failed_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    blocked_until: Option<DateTime<Utc>>,
}

const TAKE: &str = "insert into attempts as a (account_id, target, failed_count, first_failed_at, last_failed_at) \
     values (?, ?, 1, ?, ?) on conflict (account_id, target) do update set \
     failed_count = a.failed_count + 1, last_failed_at = excluded.last_failed_at, \
     blocked_until = case when a.failed_count + 1 >= ? then excluded.last_failed_at \
       + least(30 * 2 ^ least(a.failed_count + 1 - ?, 10), 3600) * interval '1 second' end \
     where a.failed_count < ? and (a.blocked_until is null or a.blocked_until <= excluded.last_failed_at) \
     returning failed_count";

const TAKE_IN_WINDOW: &str = "insert into attempts as a (account_id, target, failed_count, first_failed_at, last_failed_at) \
     values (?, ?, 1, ?, ?) on conflict (account_id, target) do update set \
     failed_count = case when a.first_failed_at <= excluded.last_failed_at - ? then 1 else a.failed_count + 1 end, \
     first_failed_at = case when a.first_failed_at <= excluded.last_failed_at - ? then excluded.last_failed_at \
       else a.first_failed_at end, \
     last_failed_at = excluded.last_failed_at \
     where a.failed_count < ? or a.first_failed_at <= excluded.last_failed_at - ? returning failed_count";

const STAND: &str =
    "select failed_count, first_failed_at, blocked_until from attempts where account_id = ? and target = ?";

/// Counts an attempt before it is compared. It commits by itself: what follows may take long, and must not undo it.
pub(crate) async fn take(
    conn: &mut Conn,
    account: AccountId,
    target: Target,
    now: DateTime<Utc>,
) -> Result<Try> {
    let counted: Option<Counted> = sql::statement(TAKE)
        .bind::<SqlUuid, _>(account)
        .bind::<Binary, _>(target.0)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now)
        .bind::<Integer, _>(FREE)
        .bind::<Integer, _>(FREE)
        .bind::<Integer, _>(MOST)
        .get_result(conn)
        .await
        .optional()?;
    if let Some(counted) = counted {
        return Ok(Try::Taken {
            failed_count: counted.failed_count,
        });
    }
    let stand = stand(conn, account, target).await?;
    Ok(Try::Blocked {
        retry_after: stand
            .filter(|stand| stand.failed_count < MOST)
            .and_then(|stand| stand.blocked_until)
            .map(|until| seconds(until - now)),
    })
}

/// The same for a source, which has so many in a window, from its first on.
pub(crate) async fn take_in_window(
    conn: &mut Conn,
    account: AccountId,
    source: Target,
    window: Window,
    now: DateTime<Utc>,
) -> Result<Try> {
    let counted: Option<Counted> = sql::statement(TAKE_IN_WINDOW)
        .bind::<SqlUuid, _>(account)
        .bind::<Binary, _>(source.0)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now)
        .bind::<Interval, _>(window.length)
        .bind::<Interval, _>(window.length)
        .bind::<Integer, _>(window.most)
        .bind::<Interval, _>(window.length)
        .get_result(conn)
        .await
        .optional()?;
    if let Some(counted) = counted {
        return Ok(Try::Taken {
            failed_count: counted.failed_count,
        });
    }
    let stand = stand(conn, account, source).await?;
    Ok(Try::Blocked {
        retry_after: stand.map(|stand| seconds(stand.first_failed_at + window.length - now)),
    })
}

/// What blocks an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub by: Target,
    /// Not before this many seconds; `None` if never.
    pub retry_after: Option<u64>,
}

/// Counts an attempt of a source at a target; returns how many failed in a row at the target, including this one.
pub(crate) async fn take_both(
    conn: &mut Conn,
    account: AccountId,
    (source, target): (Option<Target>, Target),
    now: DateTime<Utc>,
) -> Result<std::result::Result<i32, Block>> {
    if let Some(by) = source {
        let taken = take_in_window(conn, account, by, FAILURES, now).await?;
        if let Try::Blocked { retry_after } = taken {
            return Ok(Err(Block { by, retry_after }));
        }
    }
    Ok(match take(conn, account, target, now).await? {
        Try::Taken { failed_count } => Ok(failed_count),
        Try::Blocked { retry_after } => Err(Block {
            by: target,
            retry_after,
        }),
    })
}

/// Counts a refusal of something that can't be guessed, so that the reason stays the same, however often. Returns
/// whether to log it: each one within the limits, beyond them the first of each wait.
pub(crate) async fn note_refusal(
    conn: &mut Conn,
    account: AccountId,
    targets: (Option<Target>, Target),
    now: DateTime<Utc>,
) -> Result<bool> {
    match take_both(conn, account, targets, now).await? {
        Ok(_) => Ok(true),
        Err(block) => note_block(conn, account, block.by, now).await,
    }
}

async fn stand(conn: &mut Conn, account: AccountId, target: Target) -> Result<Option<Stand>> {
    Ok(sql::statement(STAND)
        .bind::<SqlUuid, _>(account)
        .bind::<Binary, _>(target.0)
        .get_result(conn)
        .await
        .optional()?)
}

fn seconds(left: TimeDelta) -> u64 {
    left.num_seconds().max(1).unsigned_abs()
}

/// Whether a blocked attempt is to be logged: the first of each wait, so that further attempts can't fill the audit log.
pub(crate) async fn note_block(
    conn: &mut Conn,
    account: AccountId,
    target: Target,
    now: DateTime<Utc>,
) -> Result<bool> {
    let unnoted = attempts::noted_at
        .is_null()
        .or(attempts::noted_at.lt(attempts::last_failed_at.nullable()));
    let noted = diesel::update(attempts::table.find((account, target.0)))
        .filter(unnoted)
        .set(attempts::noted_at.eq(now))
        .execute(conn)
        .await?;
    Ok(noted == 1)
}

/// The attempt was right: resets the count of failed ones in a row.
pub(crate) async fn forget(conn: &mut Conn, account: AccountId, target: Target) -> Result<()> {
    diesel::delete(attempts::table.find((account, target.0)))
        .execute(conn)
        .await?;
    Ok(())
}

/// The attempt was right: the source gets it back.
pub(crate) async fn give_back(conn: &mut Conn, account: AccountId, source: Target) -> Result<()> {
    diesel::update(attempts::table.find((account, source.0)))
        .filter(attempts::failed_count.gt(0))
        .set(attempts::failed_count.eq(attempts::failed_count - 1))
        .execute(conn)
        .await?;
    Ok(())
}
