//! The waiting messages of bulk jobs of the kind `MESSAGE`. Pausing the job holds them back, and cancelling it cancels them.
//!
//! A message that was claimed meanwhile is stopped when it is prepared. One that is prepared is sent.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::new_message::{PRIORITY_BULK, PRIORITY_HELD};
use super::{Message, MessageStatus, retry};
use crate::base::db::schema::messages;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, BulkJobId, MessageId};

/// As in the index `messages_waiting_of_jobs`.
const WAITING: &str = "bulk_job_id is not null and status in ('QUEUED', 'DEFERRED', 'SENDING')";

const STOPPED: &str = "select m.id, j.status from unnest(?, ?) as c (account_id, id) \
     join messages m on m.account_id = c.account_id and m.id = c.id \
     join bulk_jobs j on j.account_id = m.account_id and j.id = m.bulk_job_id \
     where j.kind = 'MESSAGE' and j.status in ('PAUSED', 'CANCELLED')";

/// Locks the jobs, so that none is resumed before its messages are held back. A job that was resumed meanwhile holds back nothing.
const HOLD: &str = "with claimed as (select * from unnest(?, ?) as c (account_id, id)), \
     paused as materialized (select j.account_id, j.id from bulk_jobs j where j.status = 'PAUSED' and (j.account_id, j.id) in \
      (select m.account_id, m.bulk_job_id from messages m join claimed c on m.account_id = c.account_id and m.id = c.id) \
      order by j.account_id, j.id for share) \
     update messages m set status = 'QUEUED', priority = 3, lease_owner = null, due_at = ?, \
      attempt_count = greatest(m.attempt_count - 1, 0) \
     from claimed c, paused p where m.account_id = c.account_id and m.id = c.id and m.status = 'SENDING' \
     and p.account_id = m.account_id and p.id = m.bulk_job_id returning m.id";

#[derive(QueryableByName)]
struct Stopped {
    #[diesel(sql_type = SqlUuid)]
    id: MessageId,
    #[diesel(sql_type = Text)]
    status: String,
}

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = SqlUuid)]
    id: MessageId,
}

/// The messages of a job that wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WaitingOfJob {
    pub count: i64,
    /// When the next of them may be done; the past if one is being sent.
    pub next_at: Option<DateTime<Utc>>,
}

/// Claimed messages, sorted by what their jobs say now.
pub(crate) struct ByJob {
    pub going_on: Vec<Message>,
    pub cancelled: Vec<Message>,
}

impl Message {
    pub(crate) async fn waiting_of_job(
        conn: &mut Conn,
        account: AccountId,
        job: BulkJobId,
    ) -> Result<WaitingOfJob> {
        let next = "min(case status when 'SENDING' then created_at else due_at end)";
        let (count, next_at) = messages::table
            .filter(messages::account_id.eq(account).and(messages::bulk_job_id.eq(job)))
            .filter(sql::fragment::<Bool>(WAITING))
            .select((
                sql::fragment::<BigInt>("count(*)"),
                sql::fragment::<Nullable<Timestamptz>>(next),
            ))
            .first(conn)
            .await?;
        Ok(WaitingOfJob { count, next_at })
    }

    /// Holds back the waiting messages of a job, whose row is locked.
    pub(crate) async fn hold_of_job(conn: &mut Conn, account: AccountId, job: BulkJobId) -> Result<()> {
        diesel::update(messages::table)
            .filter(messages::account_id.eq(account).and(messages::bulk_job_id.eq(job)))
            .filter(messages::status.eq_any([MessageStatus::Queued, MessageStatus::Deferred]))
            .set(messages::priority.eq(PRIORITY_HELD))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Lets the messages go on that were held back. Each has the whole time to be sent.
    pub(crate) async fn go_on_of_job(
        conn: &mut Conn,
        account: AccountId,
        job: BulkJobId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let give_up_at = sql::fragment::<Timestamptz>("greatest(due_at, ?) + interval '1 second' * ?")
            .bind::<Timestamptz, _>(now)
            .bind::<BigInt, _>(retry::GIVE_UP_AFTER.num_seconds());
        diesel::update(messages::table)
            .filter(messages::account_id.eq(account).and(messages::bulk_job_id.eq(job)))
            .filter(messages::priority.eq(PRIORITY_HELD))
            .filter(messages::status.eq_any([MessageStatus::Queued, MessageStatus::Deferred]))
            .set((
                messages::priority.eq(PRIORITY_BULK),
                messages::give_up_at.eq(give_up_at),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    pub(crate) async fn cancel_of_job(conn: &mut Conn, account: AccountId, job: BulkJobId) -> Result<()> {
        diesel::update(messages::table)
            .filter(messages::account_id.eq(account).and(messages::bulk_job_id.eq(job)))
            .filter(messages::status.eq_any([MessageStatus::Queued, MessageStatus::Deferred]))
            .set(messages::status.eq(MessageStatus::Cancelled))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Returns claimed messages to the queue whose job was paused since, and separates those whose job was cancelled.
    pub(crate) async fn stop_by_job(
        conn: &mut Conn,
        claimed: Vec<Self>,
        now: DateTime<Utc>,
    ) -> Result<ByJob> {
        let of = |messages: &[&Self]| -> (Vec<AccountId>, Vec<MessageId>) {
            messages.iter().map(|one| (one.account_id, one.id)).unzip()
        };
        let (accounts, ids) = of(&claimed.iter().collect::<Vec<_>>());
        let stopped: Vec<Stopped> = sql::statement(STOPPED)
            .bind::<Array<SqlUuid>, _>(accounts)
            .bind::<Array<SqlUuid>, _>(ids)
            .load(conn)
            .await?;
        let stopped: HashMap<MessageId, String> =
            stopped.into_iter().map(|one| (one.id, one.status)).collect();
        let with = |status: &str| {
            let stopped = claimed.iter().filter(|one| stopped.get(&one.id).is_some_and(|found| found == status));
            stopped.collect::<Vec<&Self>>()
        };
        let (paused, cancelled) = (with("PAUSED"), with("CANCELLED"));
        let cancelled: HashSet<MessageId> = cancelled.iter().map(|one| one.id).collect();
        let held = if paused.is_empty() {
            HashSet::new()
        } else {
            let (accounts, ids) = of(&paused);
            Self::hold(conn, accounts, ids, now).await?
        };
        let (cancelled, others): (Vec<Self>, Vec<Self>) =
            claimed.into_iter().partition(|one| cancelled.contains(&one.id));
        Ok(ByJob {
            going_on: others.into_iter().filter(|one| !held.contains(&one.id)).collect(),
            cancelled,
        })
    }

    async fn hold(
        conn: &mut Conn,
        accounts: Vec<AccountId>,
        ids: Vec<MessageId>,
        now: DateTime<Utc>,
    ) -> Result<HashSet<MessageId>> {
        let held: Vec<Held> = sql::statement(HOLD)
            .bind::<Array<SqlUuid>, _>(accounts)
            .bind::<Array<SqlUuid>, _>(ids)
            .bind::<Timestamptz, _>(now)
            .load(conn)
            .await?;
        Ok(held.into_iter().map(|one| one.id).collect())
    }
}
