//! The outcome of an attempt to send a message, and what it changes.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Message, MessageStatus, suppression};
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, MessageId};

const MARK: &str = "update messages m set status = s.status, due_at = s.due_at, lease_owner = null, \
     subject = coalesce(s.subject, m.subject), last_error = case s.uncounted when 1 then coalesce(s.reason, m.last_error) else s.reason end, \
     attempt_count = m.attempt_count - s.uncounted, sent_at = case when s.status in ('SENT', 'KEPT') then ? end \
     from unnest(?, ?, ?, ?, ?, ?, ?) as s (account_id, id, status, due_at, subject, reason, uncounted) \
     where m.account_id = s.account_id and m.id = s.id and m.lease_owner = ? and m.status = 'SENDING' \
     returning m.id";

/// Most characters of a subject and of a reason that are stored.
const MAX_CHARS: usize = 1_000;

#[derive(QueryableByName)]
struct Marked {
    #[diesel(sql_type = SqlUuid)]
    id: MessageId,
}

/// The outcome of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Sent {
        /// None: a text message has none.
        subject: Option<String>,
    },
    /// No mail server or SMS provider is configured: it is stored as a file.
    Kept {
        subject: Option<String>,
    },
    /// Retried later, until the message expires.
    Deferred {
        reason: String,
        /// The server asked to wait this long.
        after: Option<Duration>,
    },
    /// The address can't receive messages: it is suppressed.
    Bounced {
        reason: String,
    },
    Failed {
        reason: String,
    },
    /// Nothing was sent, for a reason that is not about this message. It is not counted as an attempt.
    Returned {
        /// None: it only waited too long.
        reason: Option<String>,
    },
    /// Its link was used, so an earlier attempt reached the recipient.
    Delivered,
    Suppressed,
    /// The recipient has answered STOP, as the SMS provider says: the number is suppressed.
    Stopped,
    /// The object that it is about is no longer valid.
    Cancelled,
}

impl Outcome {
    fn subject(&self) -> Option<&str> {
        match self {
            Self::Sent { subject } | Self::Kept { subject } => subject.as_deref(),
            _ => None,
        }
    }

    /// Why nothing more is sent to the address, if so.
    fn suppresses_for(&self) -> Option<&str> {
        match self {
            Self::Bounced { reason } => Some(reason),
            Self::Stopped => Some(suppression::STOPPED),
            Self::Sent { .. }
            | Self::Kept { .. }
            | Self::Deferred { .. }
            | Self::Failed { .. }
            | Self::Returned { .. }
            | Self::Delivered
            | Self::Suppressed
            | Self::Cancelled => None,
        }
    }

    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Deferred { reason, .. } | Self::Bounced { reason } | Self::Failed { reason } => {
                Some(reason)
            }
            Self::Returned { reason } => reason.as_deref(),
            Self::Sent { .. }
            | Self::Kept { .. }
            | Self::Delivered
            | Self::Suppressed
            | Self::Stopped
            | Self::Cancelled => None,
        }
    }
}

/// What servers and templates wrote, as a column can hold it.
fn storable(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(MAX_CHARS).collect()
}

impl Message {
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
            if let Some(reason) = outcome.suppresses_for() {
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
        let subjects = done.iter().map(|(_, outcome)| outcome.subject().map(storable));
        let reasons = done.iter().map(|(_, outcome)| outcome.reason().map(storable));
        let uncounted = done
            .iter()
            .map(|(_, outcome)| i32::from(matches!(outcome, Outcome::Returned { .. })));
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
            .bind::<Array<Integer>, _>(uncounted.collect::<Vec<_>>())
            .bind::<SqlUuid, _>(owner)
            .load(conn)
            .await?;
        Ok(marked.into_iter().map(|marked| marked.id).collect())
    }

    fn event(&self, outcome: &Outcome, now: DateTime<Utc>) -> Option<NewEvent> {
        let contact = self.contact_id?;
        let kind = match outcome {
            Outcome::Sent { .. } | Outcome::Delivered => EventKind::MessageSent,
            Outcome::Kept { .. } => EventKind::MessageKept,
            Outcome::Bounced { .. } => EventKind::MessageBounced,
            Outcome::Failed { .. } => EventKind::MessageFailed,
            Outcome::Deferred { .. } | Outcome::Returned { .. }
                if self.status_after(outcome, now).0 == MessageStatus::Failed =>
            {
                EventKind::MessageFailed
            }
            Outcome::Suppressed | Outcome::Stopped => EventKind::MessageSuppressed,
            Outcome::Deferred { .. } | Outcome::Returned { .. } | Outcome::Cancelled => return None,
        };
        Some(NewEvent::for_contact(kind, contact).on(self.id))
    }
}
