//! A mail with one button that signs a contact in, sent by staff or a server.

use chrono::{DateTime, Utc};

use crate::accounts::model::budget;
use crate::accounts::model::budget::BudgetSpent;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::contacts::model::Contact;
use crate::invitations::model::Offer;
use crate::invitations::model::recipients::{Chosen, SkipReason};
use crate::magic_links::model::{MagicLink, NewLink, Purpose};
use crate::messages::model::suppression;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::sessions::model::Holder;

/// Sends one to each of the chosen contacts, whose rows are locked.
pub(crate) async fn send(
    conn: &mut Conn,
    offer: &Offer<'_>,
    chosen: &mut Chosen,
    moment: &Moment,
) -> Result<Result<Vec<Message>, BudgetSpent>> {
    let account = offer.account.id;
    leave_out(conn, account, chosen, moment.now).await?;
    if let Err(spent) = budget::take(
        conn,
        account,
        chosen.contacts.len(),
        offer.daily_messages,
        moment.now,
    )
    .await?
    {
        return Ok(Err(spent));
    }
    let contacts: Vec<&Contact> = chosen.contacts.iter().map(|(_, contact)| contact).collect();
    let plans: Vec<NewLink> = contacts
        .iter()
        .map(|contact| NewLink {
            email_key: contact.email_key.clone(),
            ..NewLink::new(contact.id, Purpose::LoginEmail, offer.section)
        })
        .collect();
    let links = MagicLink::create_many(conn, account, offer.acting, &plans, moment).await?;
    let new: Vec<NewMessage<'_>> = links
        .iter()
        .zip(&contacts)
        .map(|(link, contact)| NewMessage {
            link: Some(link),
            bulk_job: offer.bulk_job,
            ..NewMessage::new(
                MessageKind::LoginEmail,
                contact.email.as_deref().unwrap_or_default(),
                Some(Holder::Contact(contact.id)),
            )
        })
        .collect();
    let messages = Message::queue_many(conn, account, &new, offer.acting.actor, moment).await?;
    let events: Vec<NewEvent> = links
        .iter()
        .map(|link| NewEvent::to(EventKind::LoginEmailQueued, link.contact_id).on(link.id))
        .collect();
    record(conn, account, offer.acting, &events, moment).await?;
    Ok(Ok(messages))
}

/// Moves those that can't have one from the chosen to the skipped.
pub(crate) async fn leave_out(
    conn: &mut Conn,
    account: AccountId,
    chosen: &mut Chosen,
    now: DateTime<Utc>,
) -> Result<()> {
    let keys: Vec<&str> = chosen
        .contacts
        .iter()
        .filter_map(|(_, contact)| contact.email_key.as_deref())
        .collect();
    let suppressed = suppression::among(conn, account, &keys, now).await?;
    for (place, contact) in std::mem::take(&mut chosen.contacts) {
        let reason = match &contact.email_key {
            _ if contact.revoked_at.is_some() => Some(SkipReason::Revoked),
            None => Some(SkipReason::NoEmail),
            Some(key) if suppressed.contains(key) => Some(SkipReason::Suppressed),
            Some(_) => None,
        };
        match reason {
            Some(reason) => chosen.skip(place, Some(contact.id), contact.email, reason),
            None => chosen.contacts.push((place, contact)),
        }
    }
    Ok(())
}
