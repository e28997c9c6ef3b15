//! Queues the messages of a mailing.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::Mailing;
use super::opt_out::OptOut;
use crate::accounts::model::Account;
use crate::accounts::model::budget;
use crate::accounts::model::budget::BudgetSpent;
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, BulkJobId};
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
    /// The job that sends it, if any.
    pub bulk_job: Option<BulkJobId>,
    pub daily_messages: i64,
}

/// Queues a message for each contact, whose rows are locked. Those that can't get one are moved to the skipped recipients.
pub(crate) async fn send(
    conn: &mut Conn,
    request: MailingRequest<'_>,
    resolved: &mut ResolvedRecipients,
    moment: &Moment,
) -> Result<Result<Vec<Message>, BudgetSpent>> {
    let MailingRequest { mailing, .. } = request;
    let (account, channel) = (mailing.account_id, mailing.channel);
    let audience = (account, channel, mailing.marketing);
    skip_ineligible(conn, audience, resolved, moment.now).await?;
    let (count, daily) = (resolved.contacts.len(), request.daily_messages);
    if let Err(spent) = budget::take(conn, account, count, daily, moment.now).await? {
        return Ok(Err(spent));
    }
    let own = Account::find(conn, account).await?;
    let new: Vec<NewMessage<'_>> = resolved
        .contacts
        .iter()
        .map(|(_, contact)| NewMessage {
            channel,
            about: Some(mailing.id.0),
            bulk_job: request.bulk_job,
            due_at: mailing.quiet_until(&own, contact, moment.now),
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

/// Moves the contacts that can't get a message to the skipped recipients; those who unsubscribed only if it is marketing.
pub(crate) async fn skip_ineligible(
    conn: &mut Conn,
    (account, channel, marketing): (AccountId, Channel, bool),
    resolved: &mut ResolvedRecipients,
    now: DateTime<Utc>,
) -> Result<()> {
    let contacts = resolved.contacts.iter();
    let keys: Vec<&str> = contacts
        .filter_map(|(_, contact)| address_key(contact, channel))
        .collect();
    let suppressed = suppression::among(conn, account, &keys, now).await?;
    let opted_out = if marketing {
        OptOut::among(conn, &[account], &keys).await?
    } else {
        HashSet::new()
    };
    resolved.skip_where(|contact| {
        if contact.revoked_at.is_some() {
            return Some(SkipReason::Revoked);
        }
        let key = match deliverable_address(contact, channel) {
            Err(reason) => return Some(reason),
            Ok(_) => address_key(contact, channel)?,
        };
        if suppressed.contains(key) {
            return Some(SkipReason::Suppressed);
        }
        let opted_out = opted_out.contains(&(account, key.to_owned()));
        opted_out.then_some(SkipReason::Unsubscribed)
    });
    Ok(())
}
