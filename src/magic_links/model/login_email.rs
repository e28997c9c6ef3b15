//! Login emails: one button that signs a contact in, sent by staff or a server.

use chrono::{DateTime, Utc};

use crate::accounts::model::budget;
use crate::accounts::model::budget::BudgetSpent;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::contacts::model::Contact;
use crate::invitations::model::SendRequest;
use crate::invitations::model::recipients::ResolvedRecipients;
use crate::invitations::model::skipped::SkipReason;
use crate::magic_links::model::{MagicLink, NewLink, Purpose};
use crate::messages::model::suppression;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::sessions::model::Holder;

/// Queues one for each contact, whose rows are locked. Those that can't get one are moved to the skipped recipients.
pub(crate) async fn send(
    conn: &mut Conn,
    request: &SendRequest<'_>,
    resolved: &mut ResolvedRecipients,
    moment: &Moment,
) -> Result<Result<Vec<Message>, BudgetSpent>> {
    let account = request.account.id;
    skip_ineligible(conn, account, resolved, moment.now).await?;
    if let Err(spent) = budget::take(
        conn,
        account,
        resolved.contacts.len(),
        request.daily_messages,
        moment.now,
    )
    .await?
    {
        return Ok(Err(spent));
    }
    let contacts: Vec<&Contact> = resolved.contacts.iter().map(|(_, contact)| contact).collect();
    let new_links: Vec<NewLink> = contacts
        .iter()
        .map(|contact| NewLink {
            email_key: contact.email_key.clone(),
            ..NewLink::new(contact.id, Purpose::LoginEmail, request.section)
        })
        .collect();
    let links = MagicLink::create_many(conn, account, request.requester, &new_links, moment).await?;
    let new_messages: Vec<NewMessage<'_>> = links
        .iter()
        .zip(&contacts)
        .map(|(link, contact)| NewMessage {
            link: Some(link),
            bulk_job: request.bulk_job,
            ..NewMessage::new(
                MessageKind::LoginEmail,
                contact.email.as_deref().unwrap_or_default(),
                Some(Holder::Contact(contact.id)),
            )
        })
        .collect();
    let messages = Message::queue_many(conn, account, &new_messages, request.requester.actor, moment).await?;
    let events: Vec<NewEvent> = links
        .iter()
        .map(|link| NewEvent::for_contact(EventKind::LoginEmailQueued, link.contact_id).on(link.id))
        .collect();
    record(conn, account, request.requester, &events, moment).await?;
    Ok(Ok(messages))
}

/// Moves the contacts that can't get one to the skipped recipients.
pub(crate) async fn skip_ineligible(
    conn: &mut Conn,
    account: AccountId,
    resolved: &mut ResolvedRecipients,
    now: DateTime<Utc>,
) -> Result<()> {
    let keys: Vec<&str> = resolved
        .contacts
        .iter()
        .filter_map(|(_, contact)| contact.email_key.as_deref())
        .collect();
    let suppressed = suppression::among(conn, account, &keys, now).await?;
    resolved.skip_where(|contact| match &contact.email_key {
        _ if contact.revoked_at.is_some() => Some(SkipReason::Revoked),
        None => Some(SkipReason::NoEmail),
        Some(key) if suppressed.contains(key) => Some(SkipReason::Suppressed),
        Some(_) => None,
    });
    Ok(())
}
