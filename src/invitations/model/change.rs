//! Sending invitations again and cancelling them: one statement per table, however many they are.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Invitation, SendRequest};
use crate::accounts::model::budget;
use crate::accounts::model::budget::BudgetSpent;
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::invitations;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, InvitationId};
use crate::contacts::model::Contact;
use crate::magic_links::model::MagicLink;
use crate::messages::model::{Message, MessageKind};

impl Invitation {
    /// Sends open, expired or cancelled invitations again: same ids, new links. Their contacts have addresses, and their rows are
    /// locked.
    pub(crate) async fn resend(
        conn: &mut Conn,
        request: &SendRequest<'_>,
        invited: &[(&Self, &Contact)],
        moment: &Moment,
    ) -> Result<Result<Vec<Self>, BudgetSpent>> {
        let (account, now) = (request.account.id, moment.now);
        if let Err(spent) = budget::take(conn, account, invited.len(), request.daily_messages, now).await? {
            return Ok(Err(spent));
        }
        if invited.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let (earlier, contacts): (Vec<&Self>, Vec<&Contact>) = invited.iter().copied().unzip();
        let ids: Vec<InvitationId> = earlier.iter().map(|one| one.id).collect();
        let resent: Vec<Self> = diesel::update(invitations::table)
            .filter(invitations::account_id.eq(account))
            .filter(invitations::id.eq_any(&ids))
            .set((
                invitations::last_sent_at.eq(now),
                invitations::sent_count.eq(invitations::sent_count + 1),
                invitations::expires_at.eq(now + request.account.invitation_lifetime()),
                invitations::cancelled_at.eq(None::<DateTime<Utc>>),
            ))
            .returning(Self::as_returning())
            .get_results(conn)
            .await?;
        let resent = in_order(resent, &ids);
        let contact_ids: Vec<ContactId> = contacts.iter().map(|contact| contact.id).collect();
        Contact::mark_invited(conn, account, &contact_ids, now).await?;
        Self::queue_emails(conn, request, &resent, &contacts, moment).await?;
        let events = events(EventKind::InvitationResent, &resent);
        record(conn, account, request.requester, &events, moment).await?;
        Ok(Ok(resent))
    }

    /// Cancels the invitations, whose contacts' rows are locked: their links are revoked, unsent messages are cancelled, and the
    /// contacts count as not invited. One that is cancelled stays as it is.
    pub(crate) async fn cancel(
        conn: &mut Conn,
        account: AccountId,
        chosen: &[&Self],
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Vec<Self>> {
        let ids: Vec<InvitationId> = chosen.iter().map(|one| one.id).collect();
        let cancelled: Vec<Self> = diesel::update(invitations::table)
            .filter(invitations::account_id.eq(account))
            .filter(invitations::id.eq_any(&ids))
            .filter(invitations::accepted_at.is_null())
            .filter(invitations::cancelled_at.is_null())
            .set(invitations::cancelled_at.eq(moment.now))
            .returning(Self::as_returning())
            .get_results(conn)
            .await?;
        let contacts: Vec<ContactId> = cancelled.iter().map(|one| one.contact_id).collect();
        if !contacts.is_empty() {
            MagicLink::revoke_of_invitations(conn, account, &contacts, moment.now).await?;
            Message::cancel_of_contacts(conn, account, &contacts, &[MessageKind::Invitation]).await?;
            Contact::mark_uninvited(conn, account, &contacts, moment.now).await?;
            let events = events(EventKind::InvitationCancelled, &cancelled);
            record(conn, account, requester, &events, moment).await?;
        }
        let changed: HashMap<InvitationId, Self> = cancelled.into_iter().map(|one| (one.id, one)).collect();
        let current = |one: &&Self| changed.get(&one.id).unwrap_or(*one).clone();
        Ok(chosen.iter().map(current).collect())
    }
}

fn events(kind: EventKind, invitations: &[Invitation]) -> Vec<NewEvent> {
    let event = |one: &Invitation| NewEvent::for_contact(kind, one.contact_id).on(one.id);
    invitations.iter().map(event).collect()
}

fn in_order(mut invitations: Vec<Invitation>, ids: &[InvitationId]) -> Vec<Invitation> {
    let places: HashMap<InvitationId, usize> = ids.iter().copied().zip(0..).collect();
    invitations.sort_by_key(|one| places.get(&one.id).copied());
    invitations
}
