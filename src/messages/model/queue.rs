//! The queue of messages: find due flows ([`super::due`]), claim with a lease, then write the outcome ([`super::outcome`]).
//!
//! While a message is being sent, its `due_at` is the end of the lease: if the worker dies, the message becomes due again.
//! [`super::lease`] makes that happen at once if the worker is known to be dead.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::{count_star, min};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::due::{Flow, domain};
use super::new_message::PRIORITY_HELD;
use super::{Message, MessageKind, MessageStatus};
use crate::base::db::schema::messages;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, MessageId};
use crate::base::pairs::paired;

/// How long a worker holds a message before another may claim it.
pub(crate) const LEASE: TimeDelta = TimeDelta::seconds(120);

/// The condition of the partial index of due messages, exactly as it is there.
const WAITING: &str = "status in ('QUEUED', 'DEFERRED', 'SENDING')";

const CLAIM: &str = concat!(
    "with due as materialized ( \
     select m.account_id, m.id from unnest(?, ?, ?) as flow (account_id, domain, room) cross join lateral ( \
      select account_id, id from messages \
      where status in ('QUEUED', 'DEFERRED', 'SENDING') and priority = ? and account_id = flow.account_id and ",
    domain!(),
    " = flow.domain and due_at <= ? and give_up_at > ? \
      order by due_at limit flow.room for update skip locked) m) \
     update messages m set status = 'SENDING', due_at = ?, lease_owner = ?, attempt_count = m.attempt_count + 1 \
     from due where m.account_id = due.account_id and m.id = due.id returning m.*"
);

/// The flows to claim from, and how many messages of each.
pub(crate) type Claims = Vec<(Flow, usize)>;

impl Message {
    /// Takes due messages of these flows for `owner`, the oldest first; within a transaction.
    pub(crate) async fn claim(
        conn: &mut Conn,
        owner: Uuid,
        priority: i16,
        claims: &[(Flow, usize)],
        now: DateTime<Utc>,
    ) -> Result<Vec<Self>> {
        let accounts: Vec<AccountId> = claims.iter().map(|(flow, _)| flow.account_id).collect();
        let domains: Vec<&str> = claims.iter().map(|(flow, _)| flow.domain.as_str()).collect();
        let rooms: Vec<i64> = claims.iter().map(|(_, room)| *room as i64).collect();
        let mut claimed: Vec<Self> = sql::statement(CLAIM)
            .bind::<Array<SqlUuid>, _>(accounts)
            .bind::<Array<Text>, _>(domains)
            .bind::<Array<BigInt>, _>(rooms)
            .bind::<SmallInt, _>(priority)
            .bind::<Timestamptz, _>(now)
            .bind::<Timestamptz, _>(now)
            .bind::<Timestamptz, _>(now + LEASE)
            .bind::<SqlUuid, _>(owner)
            .load(conn)
            .await?;
        claimed.sort_by_key(|message| message.id);
        Ok(claimed)
    }

    /// Takes messages that could not be sent in time, to record that they failed; within a transaction.
    pub(crate) async fn claim_overdue(
        conn: &mut Conn,
        owner: Uuid,
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<Self>> {
        let overdue: Vec<(AccountId, MessageId)> = messages::table
            .filter(sql::fragment::<Bool>(WAITING))
            .filter(
                messages::due_at
                    .le(now)
                    .or(messages::status.ne(MessageStatus::Sending)),
            )
            .filter(messages::give_up_at.le(now))
            .filter(messages::priority.ne(PRIORITY_HELD))
            .limit(limit)
            .select((messages::account_id, messages::id))
            .for_update()
            .skip_locked()
            .load(conn)
            .await?;
        if overdue.is_empty() {
            return Ok(Vec::new());
        }
        Ok(diesel::update(messages::table)
            .filter(paired!(overdue.into_iter()))
            .set((
                messages::status.eq(MessageStatus::Sending),
                messages::due_at.eq(now + LEASE),
                messages::lease_owner.eq(owner),
            ))
            .returning(Self::as_returning())
            .get_results(conn)
            .await?)
    }

    fn has_recipient(&self) -> bool {
        self.contact_id.is_some() || self.team_member_id.is_some() || self.kind == MessageKind::SignUpCode
    }

    /// Deletes the messages without a recipient, and returns the others.
    pub(crate) async fn delete_without_recipient(conn: &mut Conn, claimed: Vec<Self>) -> Result<Vec<Self>> {
        let (unsent, addressed): (Vec<Self>, Vec<Self>) =
            claimed.into_iter().partition(|message| !message.has_recipient());
        if !unsent.is_empty() {
            let keys = unsent.iter().map(|message| (message.account_id, message.id));
            diesel::delete(messages::table)
                .filter(paired!(keys))
                .execute(conn)
                .await?;
        }
        Ok(addressed)
    }

    /// Returns messages to the queue that `owner` claimed with a lease that ends by `ends_by`, except these.
    pub(crate) async fn release(
        conn: &mut Conn,
        owner: Uuid,
        except: &[MessageId],
        ends_by: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<usize> {
        Ok(diesel::update(messages::table)
            .filter(
                messages::lease_owner
                    .eq(owner)
                    .and(messages::status.eq(MessageStatus::Sending)),
            )
            .filter(messages::due_at.le(ends_by))
            .filter(messages::id.ne_all(except))
            .set((
                messages::status.eq(MessageStatus::Queued),
                messages::due_at.eq(now),
                messages::lease_owner.eq(None::<Uuid>),
                // An overdue message was not counted when it was claimed.
                messages::attempt_count.eq(sql::fragment::<Integer>("greatest(attempt_count - 1, 0)")),
            ))
            .execute(conn)
            .await?)
    }

    /// The number of messages that are not sent yet in all accounts, without those of paused jobs, and when the oldest was created.
    pub(crate) async fn waiting(conn: &mut Conn) -> Result<(i64, Option<DateTime<Utc>>)> {
        Ok(messages::table
            .filter(sql::fragment::<Bool>(WAITING))
            .filter(messages::priority.ne(PRIORITY_HELD))
            .select((count_star(), min(messages::created_at)))
            .first(conn)
            .await?)
    }
}
