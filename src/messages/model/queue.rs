//! The queue of messages: claim with a lease, then mark with the outcome.
//!
//! While a message is being sent, its `due_at` is the end of the lease: if the worker dies, the message becomes due again.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::{count_star, min};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Message, MessageStatus};
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::schema::messages;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, MessageId};
use crate::base::pairs::paired;
use crate::messages::model::suppression;

/// How long a worker holds a message before another may claim it.
pub(crate) const LEASE: TimeDelta = TimeDelta::seconds(60);

/// The condition of the partial index of due messages, exactly as it is there.
const WAITING: &str = "status in ('QUEUED', 'DEFERRED', 'SENDING')";

const MARK: &str = "update messages m set status = s.status, due_at = s.due_at, lease_owner = null, \
     subject = s.subject, last_error = s.reason, sent_at = case when s.status in ('SENT', 'KEPT') then ? end \
     from unnest(?, ?, ?, ?, ?, ?) as s (account_id, id, status, due_at, subject, reason) \
     where m.account_id = s.account_id and m.id = s.id and m.lease_owner = ? and m.status = 'SENDING' \
     returning m.id";

#[derive(QueryableByName)]
struct Marked {
    #[diesel(sql_type = SqlUuid)]
    id: MessageId,
}

/// The outcome of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Sent {
        subject: String,
    },
    /// No mail server is configured: it is stored as a file.
    Kept {
        subject: String,
    },
    /// Retried later, until the message expires.
    Deferred {
        reason: String,
    },
    /// The address can't receive mail: it is suppressed.
    Bounced {
        reason: String,
    },
    Failed {
        reason: String,
    },
    Suppressed,
    /// The object that it is about is no longer valid.
    Cancelled,
}

impl Outcome {
    fn subject(&self) -> Option<&str> {
        match self {
            Self::Sent { subject } | Self::Kept { subject } => Some(subject),
            _ => None,
        }
    }

    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Deferred { reason } | Self::Bounced { reason } | Self::Failed { reason } => Some(reason),
            Self::Sent { .. } | Self::Kept { .. } | Self::Suppressed | Self::Cancelled => None,
        }
    }
}

impl Message {
    /// Takes up to `limit` due messages for `owner`, the most urgent first; within a transaction.
    pub(crate) async fn claim(
        conn: &mut Conn,
        owner: Uuid,
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<Self>> {
        let due: Vec<(AccountId, MessageId)> = messages::table
            .filter(sql::fragment::<Bool>(WAITING))
            .filter(messages::due_at.le(now))
            .order((messages::priority, messages::due_at))
            .limit(limit)
            .select((messages::account_id, messages::id))
            .for_update()
            .skip_locked()
            .load(conn)
            .await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let positions: HashMap<MessageId, usize> = due
            .iter()
            .enumerate()
            .map(|(position, (_, id))| (*id, position))
            .collect();
        let mut claimed: Vec<Self> = diesel::update(messages::table)
            .filter(paired!(due.into_iter()))
            .set((
                messages::status.eq(MessageStatus::Sending),
                messages::due_at.eq(now + LEASE),
                messages::lease_owner.eq(owner),
                messages::attempt_count.eq(messages::attempt_count + 1),
            ))
            .returning(Self::as_returning())
            .get_results(conn)
            .await?;
        claimed.sort_by_key(|message| positions.get(&message.id).copied());
        Ok(claimed)
    }

    /// Deletes the messages without a recipient, and returns the others.
    pub(crate) async fn delete_without_recipient(conn: &mut Conn, claimed: Vec<Self>) -> Result<Vec<Self>> {
        let (unsent, addressed): (Vec<Self>, Vec<Self>) = claimed
            .into_iter()
            .partition(|message| message.contact_id.is_none() && message.team_member_id.is_none());
        if !unsent.is_empty() {
            let keys = unsent.iter().map(|message| (message.account_id, message.id));
            diesel::delete(messages::table)
                .filter(paired!(keys))
                .execute(conn)
                .await?;
        }
        Ok(addressed)
    }

    /// Writes the outcomes of messages that `owner` has claimed, in one statement. Skips messages that another worker has claimed
    /// meanwhile.
    pub(crate) async fn mark(
        conn: &mut Conn,
        owner: Uuid,
        done: &[(Self, Outcome)],
        moment: &Moment,
    ) -> Result<()> {
        let marked = Self::write_outcomes(conn, owner, done, moment.now).await?;
        let mut events: BTreeMap<AccountId, Vec<NewEvent>> = BTreeMap::new();
        for (message, outcome) in done.iter().filter(|(message, _)| marked.contains(&message.id)) {
            if let Outcome::Bounced { reason } = outcome {
                let key = message.address.to_ascii_lowercase();
                suppression::suppress(conn, message.account_id, &key, reason, moment).await?;
            }
            if let Some(event) = message.event(outcome, moment.now) {
                events.entry(message.account_id).or_default().push(event);
            }
        }
        for (account, events) in events {
            record(conn, account, &Requester::system(), &events, moment).await?;
        }
        Ok(())
    }

    async fn write_outcomes(
        conn: &mut Conn,
        owner: Uuid,
        done: &[(Self, Outcome)],
        now: DateTime<Utc>,
    ) -> Result<HashSet<MessageId>> {
        let next: Vec<_> = done
            .iter()
            .map(|(message, outcome)| message.status_after(outcome, now))
            .collect();
        let subjects = done.iter().map(|(_, outcome)| outcome.subject());
        let reasons = done.iter().map(|(_, outcome)| outcome.reason());
        let marked: Vec<Marked> = sql::statement(MARK)
            .bind::<Timestamptz, _>(now)
            .bind::<Array<SqlUuid>, _>(
                done.iter()
                    .map(|(message, _)| message.account_id)
                    .collect::<Vec<_>>(),
            )
            .bind::<Array<SqlUuid>, _>(done.iter().map(|(message, _)| message.id).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(next.iter().map(|(status, _)| *status).collect::<Vec<_>>())
            .bind::<Array<Timestamptz>, _>(next.iter().map(|(_, due_at)| *due_at).collect::<Vec<_>>())
            .bind::<Array<Nullable<Text>>, _>(subjects.collect::<Vec<_>>())
            .bind::<Array<Nullable<Text>>, _>(reasons.collect::<Vec<_>>())
            .bind::<SqlUuid, _>(owner)
            .load(conn)
            .await?;
        Ok(marked.into_iter().map(|marked| marked.id).collect())
    }

    fn event(&self, outcome: &Outcome, now: DateTime<Utc>) -> Option<NewEvent> {
        let contact = self.contact_id?;
        let kind = match outcome {
            Outcome::Sent { .. } => EventKind::MessageSent,
            Outcome::Kept { .. } => EventKind::MessageKept,
            Outcome::Bounced { .. } => EventKind::MessageBounced,
            Outcome::Failed { .. } => EventKind::MessageFailed,
            Outcome::Deferred { .. } if self.status_after(outcome, now).0 == MessageStatus::Failed => {
                EventKind::MessageFailed
            }
            Outcome::Deferred { .. } | Outcome::Suppressed | Outcome::Cancelled => return None,
        };
        Some(NewEvent::for_contact(kind, contact).on(self.id))
    }

    /// Returns the claimed messages of a stopping worker to the queue.
    pub(crate) async fn release(conn: &mut Conn, owner: Uuid, now: DateTime<Utc>) -> Result<usize> {
        Ok(diesel::update(messages::table)
            .filter(
                messages::lease_owner
                    .eq(owner)
                    .and(messages::status.eq(MessageStatus::Sending)),
            )
            .set((
                messages::status.eq(MessageStatus::Queued),
                messages::due_at.eq(now),
                messages::lease_owner.eq(None::<Uuid>),
                messages::attempt_count.eq(messages::attempt_count - 1),
            ))
            .execute(conn)
            .await?)
    }

    /// The number of messages that are not sent yet in all accounts, and when the oldest was created.
    pub(crate) async fn waiting(conn: &mut Conn) -> Result<(i64, Option<DateTime<Utc>>)> {
        Ok(messages::table
            .filter(sql::fragment::<Bool>(WAITING))
            .select((count_star(), min(messages::created_at)))
            .first(conn)
            .await?)
    }
}
