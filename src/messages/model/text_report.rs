//! What the SMS provider reports about a text message that it accepted. A report is believed because its signature covers the URL of
//! the one message.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use sms::SendError;
use sms::callback::{MessageStatus as Progress, StatusUpdate};
use uuid::Uuid;

use super::{Channel, Message, MessageStatus, suppression};
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::messages;
use crate::base::error::Result;
use crate::base::ids::{AccountId, MessageId};

/// What a report says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TextReport {
    /// The network has the message.
    Sent,
    Delivered,
    /// The number can't receive texts.
    Bounced {
        reason: String,
    },
    /// The recipient has answered STOP.
    Stopped,
    Failed {
        reason: String,
    },
}

impl TextReport {
    /// `None` if there is nothing new in it.
    pub(crate) fn of(update: StatusUpdate) -> Option<Self> {
        match update.status {
            Progress::Queued => None,
            Progress::Sent => Some(Self::Sent),
            Progress::Delivered | Progress::Read => Some(Self::Delivered),
            Progress::Canceled => Some(Self::Failed {
                reason: "the provider cancelled the message".to_owned(),
            }),
            Progress::Undelivered | Progress::Failed => update.error.map(Self::of_error),
        }
    }

    fn of_error(error: SendError) -> Self {
        match error {
            SendError::InvalidNumber { reason } => Self::Bounced { reason },
            SendError::Unsubscribed { .. } => Self::Stopped,
            SendError::Unreachable { reason }
            | SendError::Retry { reason, .. }
            | SendError::Unsendable { reason } => Self::Failed { reason },
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Bounced { reason } | Self::Failed { reason } => Some(reason),
            Self::Sent | Self::Delivered | Self::Stopped => None,
        }
    }

    /// Why nothing more is sent to the number, if so.
    fn suppresses_for(&self) -> Option<&str> {
        match self {
            Self::Bounced { reason } => Some(reason),
            Self::Stopped => Some(suppression::STOPPED),
            Self::Sent | Self::Delivered | Self::Failed { .. } => None,
        }
    }
}

impl Message {
    /// A text message, locked; within a transaction.
    pub(crate) async fn lock_text(
        conn: &mut Conn,
        account: AccountId,
        id: MessageId,
    ) -> Result<Option<Self>> {
        Ok(messages::table
            .find((account, id))
            .filter(messages::channel.eq(Channel::Sms))
            .select(Self::as_select())
            .for_update()
            .first(conn)
            .await
            .optional()?)
    }

    /// Changes a message that `lock_text` returned. Reports come in any order and more than once: one that is no news changes
    /// nothing. Returns whether it was news.
    pub(crate) async fn apply_text_report(
        &self,
        conn: &mut Conn,
        report: &TextReport,
        moment: &Moment,
    ) -> Result<bool> {
        let Some((status, event)) = self.after_report(report) else {
            return Ok(false);
        };
        let sent = matches!(report, TextReport::Sent | TextReport::Delivered);
        let sent_at = self.sent_at.or(sent.then_some(moment.now));
        diesel::update(messages::table.find((self.account_id, self.id)))
            .set((
                messages::status.eq(status),
                messages::last_error.eq(report.reason()),
                messages::sent_at.eq(sent_at),
                messages::due_at.eq(moment.now),
                // A worker that still waits for the provider's answer has nothing to record any more.
                messages::lease_owner.eq(None::<Uuid>),
            ))
            .execute(conn)
            .await?;
        if let Some(reason) = report.suppresses_for() {
            suppression::suppress(conn, self.account_id, &self.address, reason, moment).await?;
        }
        if let Some(kind) = event {
            let mut event = NewEvent::new(kind).on(self.id);
            event.contact = self.contact_id;
            record(conn, self.account_id, &Requester::system(), &[event], moment).await?;
        }
        Ok(true)
    }

    /// The status after a report, and the event. The provider reports only what it has accepted: if that was not recorded, because the
    /// answer was lost or the worker died, the message counts as sent from now on and is not sent again.
    fn after_report(&self, report: &TextReport) -> Option<(MessageStatus, Option<EventKind>)> {
        use MessageStatus::{
            Bounced, Cancelled, Deferred, Delivered, Failed, Kept, Queued, Sending, Sent, Suppressed,
        };
        let recorded = match self.status {
            Sent => true,
            Queued | Deferred | Sending if self.attempt_count > 0 => false,
            Queued | Deferred | Sending | Delivered | Kept | Bounced | Failed | Suppressed | Cancelled => {
                return None;
            }
        };
        let sent = (!recorded).then_some(EventKind::MessageSent);
        Some(match report {
            TextReport::Sent if recorded => return None,
            TextReport::Sent => (Sent, sent),
            TextReport::Delivered => (Delivered, sent),
            TextReport::Bounced { .. } => (Bounced, Some(EventKind::MessageBounced)),
            TextReport::Stopped => (Suppressed, Some(EventKind::MessageSuppressed)),
            TextReport::Failed { .. } => (Failed, Some(EventKind::MessageFailed)),
        })
    }
}
