//! What reports of mail servers change: a bounce or a complaint that comes back after a message was sent.
//!
//! A report is believed because it returns our `Message-ID`: the id has 74 random bits, which only the recipient's side and
//! the account's staff have seen. So a forged report can suppress no address but the one that got the message.

use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use mailer::SendError;
use mailer::report::{Action, RecipientReport, Report, ReportContent};

use super::{Message, MessageStatus, suppression};
use crate::base::actor::Requester;
use crate::base::address::EmailAddress;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::schema::messages;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, MessageId};

/// The last error of a message that its recipient complained about.
const COMPLAINT: &str = "The recipient reported this email as spam.";

/// A lookup per account in the primary key; `limit` keeps the planner from scanning all messages instead.
const ACCOUNT_OF: &str = "select a.id from accounts a cross join lateral \
     (select from messages m where m.account_id = a.id and m.id = ? limit 1) m";

#[derive(QueryableByName)]
struct FoundAccount {
    #[diesel(sql_type = SqlUuid)]
    id: AccountId,
}

/// What a report says about one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reported {
    /// The address can't receive mail.
    Bounced {
        reason: String,
    },
    /// It was not delivered, for another cause than the address.
    Failed {
        reason: String,
    },
    /// It was not delivered yet; a mail server still tries.
    Delayed {
        reason: String,
    },
    Complained,
    /// Nothing that changes the message.
    Other,
}

/// What a report changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportEffect {
    Bounced,
    Failed,
    Delayed,
    Complained,
    /// It was reported before, or its status doesn't allow the change.
    Unchanged,
    /// The message is being sent: the report must be read again later.
    TooEarly,
}

impl ReportEffect {
    fn event(self) -> Option<EventKind> {
        match self {
            Self::Bounced => Some(EventKind::MessageBounced),
            Self::Failed => Some(EventKind::MessageFailed),
            Self::Delayed => Some(EventKind::MessageDelayed),
            Self::Complained => Some(EventKind::MessageComplained),
            Self::Unchanged | Self::TooEarly => None,
        }
    }
}

impl Reported {
    pub fn of(report: &Report, address: &str) -> Self {
        match &report.content {
            ReportContent::Complaint => Self::Complained,
            ReportContent::OtherFeedback => Self::Other,
            ReportContent::Delivery(recipients) => Self::of_recipients(recipients, address),
        }
    }

    /// Takes the report of the message's address. A single recipient with another address got it by forwarding: then the
    /// message is lost, but the address of the message still receives mail.
    fn of_recipients(recipients: &[RecipientReport], address: &str) -> Self {
        let key = address.to_ascii_lowercase();
        let named = recipients.iter().find(|one| addresses(one).any(|of| of == key));
        let (recipient, forwarded) = match (named, recipients) {
            (Some(recipient), _) => (recipient, false),
            (None, [only]) => (only, addresses(only).next().is_some()),
            (None, _) => return Self::Other,
        };
        let classified = recipient.classify(address);
        let reason = classified.reason().to_owned();
        match recipient.action {
            Action::Failed if matches!(classified, SendError::Rejected { .. }) && !forwarded => {
                Self::Bounced { reason }
            }
            Action::Failed => Self::Failed { reason },
            Action::Delayed => Self::Delayed { reason },
            Action::Delivered | Action::Relayed | Action::Expanded => Self::Other,
        }
    }
}

/// The recipient's addresses, as they are compared.
fn addresses(recipient: &RecipientReport) -> impl Iterator<Item = String> {
    [&recipient.original_recipient, &recipient.final_recipient]
        .into_iter()
        .flatten()
        .map(|text| {
            EmailAddress::parse(text).map_or_else(|_| text.to_ascii_lowercase(), |address| address.key)
        })
}

impl Message {
    /// The message of a report, locked; within a transaction. Reports name no account, so this is the only lookup of a message
    /// in all accounts.
    pub async fn lock_reported(conn: &mut Conn, message_id: &str) -> Result<Option<Self>> {
        let suffix = message_id.split('@').next().unwrap_or_default();
        let Some(id) = MessageId::from_suffix(suffix) else {
            return Ok(None);
        };
        let found: Option<FoundAccount> = sql::statement(ACCOUNT_OF)
            .bind::<SqlUuid, _>(id)
            .get_result(conn)
            .await
            .optional()?;
        let Some(found) = found else {
            return Ok(None);
        };
        Ok(messages::table
            .find((found.id, id))
            .select(Self::as_select())
            .for_update()
            .first(conn)
            .await
            .optional()?)
    }

    /// Changes a message that `lock_reported` returned. A repeated report changes nothing.
    pub async fn apply_report(
        &self,
        conn: &mut Conn,
        reported: &Reported,
        moment: &Moment,
    ) -> Result<ReportEffect> {
        let Some((effect, status, note)) = self.effect_of(reported) else {
            return Ok(ReportEffect::Unchanged);
        };
        let Some(kind) = effect.event() else {
            return Ok(effect);
        };
        diesel::update(messages::table.find((self.account_id, self.id)))
            .set((messages::status.eq(status), messages::last_error.eq(&note)))
            .execute(conn)
            .await?;
        let suppressed_for = match effect {
            ReportEffect::Bounced => Some(note.as_str()),
            ReportEffect::Complained => Some(suppression::COMPLAINED),
            _ => None,
        };
        if let Some(reason) = suppressed_for {
            let key = self.address.to_ascii_lowercase();
            suppression::suppress(conn, self.account_id, &key, reason, moment).await?;
        }
        let mut event = NewEvent::new(kind).on(self.id);
        event.contact = self.contact_id;
        record(conn, self.account_id, &Requester::system(), &[event], moment).await?;
        Ok(effect)
    }

    /// The effect, the new status and the new error. A bounce shows that the message was sent, whatever its status: the worker
    /// may not have been able to record it.
    fn effect_of(&self, reported: &Reported) -> Option<(ReportEffect, MessageStatus, String)> {
        use MessageStatus::{
            Bounced, Cancelled, Deferred, Delivered, Failed, Kept, Queued, Sending, Sent, Suppressed,
        };
        let (effect, status, note) = match reported {
            Reported::Bounced { reason } => (ReportEffect::Bounced, Bounced, reason.clone()),
            Reported::Failed { reason } => (ReportEffect::Failed, Failed, reason.clone()),
            Reported::Delayed { reason } => {
                let note = format!("Delivery is delayed: {reason}");
                (ReportEffect::Delayed, Sent, note)
            }
            Reported::Complained => (ReportEffect::Complained, Sent, COMPLAINT.to_owned()),
            Reported::Other => return None,
        };
        let allowed = match self.status {
            Sending => return Some((ReportEffect::TooEarly, Sending, note)),
            // One delay per message: whoever knows its id could send reports without end.
            Sent if effect == ReportEffect::Delayed => self.last_error.is_none(),
            Sent => self.last_error.as_ref() != Some(&note),
            Queued | Deferred | Failed | Cancelled => effect == ReportEffect::Bounced,
            Kept | Bounced | Suppressed | Delivered => false,
        };
        allowed.then_some((effect, status, note))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(status: &str, action: &str, recipients: &str) -> Reported {
        let raw = format!(
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\
             Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n\
             {recipients}Action: {action}\nStatus: {status}\n--b--\n"
        );
        let report = Report::parse(raw.as_bytes()).expect("a report");
        Reported::of(&report, "Anna@example.com")
    }

    fn bounced() -> Reported {
        Reported::Bounced {
            reason: "5.1.1".to_owned(),
        }
    }

    fn failed(reason: &str) -> Reported {
        Reported::Failed {
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn the_address_is_compared_in_any_form() {
        for recipients in [
            "Final-Recipient: rfc822; anna@EXAMPLE.com\n",
            "Final-Recipient: rfc822; anna@mailbox.internal\nOriginal-Recipient: rfc822; <anna@example.com>\n",
            "",
        ] {
            assert_eq!(reported("5.1.1", "failed", recipients), bounced(), "{recipients}");
        }
    }

    #[test]
    fn a_forwarded_message_fails_and_never_bounces() {
        let other = "Final-Recipient: rfc822; ben@example.org\n";
        assert_eq!(reported("5.1.1", "failed", other), failed("5.1.1"));
    }

    #[test]
    fn only_the_address_of_the_message_counts_among_several() {
        let ben = "Final-Recipient: rfc822; ben@example.org\nAction: failed\nStatus: 5.1.1\n\n";
        let anna = "Final-Recipient: rfc822; anna@example.com\n";
        assert_eq!(
            reported("5.2.2", "failed", &format!("{ben}{anna}")),
            failed("5.2.2")
        );
        let carol = "Final-Recipient: rfc822; carol@example.org\n";
        assert_eq!(
            reported("5.1.1", "failed", &format!("{ben}{carol}")),
            Reported::Other
        );
    }

    #[test]
    fn other_actions_change_nothing() {
        for action in ["delivered", "relayed", "expanded"] {
            assert_eq!(reported("2.0.0", action, ""), Reported::Other);
        }
        let delayed = Reported::Delayed {
            reason: "4.4.1".to_owned(),
        };
        assert_eq!(reported("4.4.1", "delayed", ""), delayed);
    }
}
