//! Sending a new link to its contact, by email or as a text message.

use crate::accounts::model::budget;
use crate::base::actor::Requester;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::contacts::model::Contact;
use crate::invitations::model::skipped::{SkipReason, deliverable_address};
use crate::magic_links::model::MagicLink;
use crate::messages::model::suppression::Suppression;
use crate::messages::model::{Channel, Message, MessageKind, NewMessage};
use crate::sign_in::sessions::model::Holder;

/// What became of `sendBy`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sending {
    Queued(Channel),
    Skipped(Channel, SkipReason),
}

impl Sending {
    pub(super) fn skipped(&self) -> Option<SkipReason> {
        match self {
            Self::Queued(_) => None,
            Self::Skipped(_, reason) => Some(*reason),
        }
    }

    pub(super) fn sentence(&self) -> &'static str {
        match self {
            Self::Queued(Channel::Email) => " It is also on its way by email.",
            Self::Queued(Channel::Sms) => " It is also on its way as a text message.",
            Self::Skipped(_, SkipReason::NoPhone) => {
                " It was not sent as a text message, because the contact has no phone number."
            }
            Self::Skipped(_, SkipReason::InvalidPhone) => {
                " It was not sent as a text message, because the contact's phone number is not valid."
            }
            Self::Skipped(Channel::Email, _) => {
                " It was not emailed, because email to the contact's address is stopped."
            }
            Self::Skipped(Channel::Sms, _) => {
                " It was not sent as a text message, because text messages to the contact's number are stopped."
            }
        }
    }
}

/// A link to send to its contact.
#[derive(Clone, Copy)]
pub(super) struct LinkToSend<'a> {
    pub contact: &'a Contact,
    pub link: &'a MagicLink,
    pub channel: Channel,
    /// How many messages the account may send in a day.
    pub daily_messages: i64,
}

/// Queues the message with the link, unless something speaks against it.
pub(super) async fn send(
    conn: &mut Conn,
    to_send: LinkToSend<'_>,
    requester: &Requester,
    moment: &Moment,
) -> Result<Sending> {
    let LinkToSend {
        contact,
        link,
        channel,
        daily_messages,
    } = to_send;
    let address = match deliverable_address(contact, channel) {
        Ok(address) => address,
        Err(reason) => return Ok(Sending::Skipped(channel, reason)),
    };
    if Suppression::stops(
        conn,
        contact.account_id,
        &address.to_ascii_lowercase(),
        moment.now,
    )
    .await?
    {
        return Ok(Sending::Skipped(channel, SkipReason::Suppressed));
    }
    let taken = budget::take(conn, contact.account_id, 1, daily_messages, moment.now).await?;
    taken.map_err(|spent| spent.refusal(moment.now))?;
    let message = NewMessage {
        channel,
        link: Some(link),
        // A link that lives from its sending on may wait as long as other messages.
        give_up_at: (channel == Channel::Email).then_some(link.expires_at),
        ..NewMessage::new(MessageKind::MagicLink, address, Some(Holder::Contact(contact.id)))
    };
    Message::queue(conn, contact.account_id, &message, requester.actor, moment).await?;
    Ok(Sending::Queued(channel))
}
