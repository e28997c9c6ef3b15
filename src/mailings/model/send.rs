//! Queues the messages of a mailing.

use chrono::{DateTime, Utc};

use super::Mailing;
use crate::accounts::model::budget;
use crate::accounts::model::budget::BudgetSpent;
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::contacts::model::Contact;
use crate::invitations::model::recipients::ResolvedRecipients;
use crate::invitations::model::skipped::{SkipReason, deliverable_address};
use crate::messages::model::suppression;
use crate::messages::model::{Channel, Message, MessageKind, NewMessage};
use crate::sign_in::sessions::model::Holder;

/// What to send, and for whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MailingRequest<'a> {
    pub mailing: &'a Mailing,
    pub requester: &'a Requester,
    pub daily_messages: i64,
}

/// Queues a message for each contact, whose rows are locked. Those that can't get one are moved to the skipped recipients.
pub(crate) async fn send(
    conn: &mut Conn,
    request: MailingRequest<'_>,
    resolved: &mut ResolvedRecipients,
    moment: &Moment,
) -> Result<Result<Vec<Message>, BudgetSpent>> {
    let (account, channel) = (request.mailing.account_id, request.mailing.channel);
    skip_ineligible(conn, (account, channel), resolved, moment.now).await?;
    let (count, daily) = (resolved.contacts.len(), request.daily_messages);
    if let Err(spent) = budget::take(conn, account, count, daily, moment.now).await? {
        return Ok(Err(spent));
    }
    let new: Vec<NewMessage<'_>> = resolved
        .contacts
        .iter()
        .map(|(_, contact)| NewMessage {
            channel,
            about: Some(request.mailing.id.0),
            ..NewMessage::new(
                MessageKind::Written,
                deliverable_address(contact, channel).unwrap_or_default(),
                Some(Holder::Contact(contact.id)),
            )
        })
        .collect();
    let messages = Message::queue_many(conn, account, &new, request.requester.actor, moment).await?;
    let events: Vec<NewEvent> = messages
        .iter()
        .filter_map(|message| {
            let contact = message.contact_id?;
            Some(NewEvent::for_contact(EventKind::MessageQueued, contact).on(message.id))
        })
        .collect();
    record(conn, account, request.requester, &events, moment).await?;
    Ok(Ok(messages))
}

/// What the address of a contact is compared by.
pub(super) fn address_key(contact: &Contact, channel: Channel) -> Option<&str> {
    match channel {
        Channel::Email => contact.email_key.as_deref(),
        Channel::Sms => contact.phone.as_deref(),
    }
}

/// Moves the contacts that can't get a message to the skipped recipients.
pub(crate) async fn skip_ineligible(
    conn: &mut Conn,
    (account, channel): (AccountId, Channel),
    resolved: &mut ResolvedRecipients,
    now: DateTime<Utc>,
) -> Result<()> {
    let contacts = resolved.contacts.iter();
    let keys: Vec<&str> = contacts
        .filter_map(|(_, contact)| address_key(contact, channel))
        .collect();
    let suppressed = suppression::among(conn, account, &keys, now).await?;
    resolved.skip_where(|contact| {
        if contact.revoked_at.is_some() {
            return Some(SkipReason::Revoked);
        }
        let suppressed = || address_key(contact, channel).is_some_and(|key| suppressed.contains(key));
        match deliverable_address(contact, channel) {
            Err(reason) => Some(reason),
            Ok(_) => suppressed().then_some(SkipReason::Suppressed),
        }
    });
    Ok(())
}
