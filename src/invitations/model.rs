//! The standing offer to a contact to join. One row a contact: its id survives resends.

mod finding;
pub(crate) mod recipients;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use futures_util::try_join;

use crate::accounts::model::Account;
use crate::accounts::model::budget;
use crate::accounts::model::budget::BudgetSpent;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::Acting;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::schema::invitations;
use crate::base::db::{Conn, Wire};
use crate::base::error::Result;
use crate::base::ids::{AccountId, BulkJobId, ContactId, InvitationId};
use crate::base::text_enum::text_enum;
use crate::contacts::model::Contact;
use crate::invitations::model::recipients::{Chosen, SkipReason};
use crate::magic_links::model::{MagicLink, NewLink, Purpose};
use crate::messages::model::suppression;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::sessions::model::Holder;

text_enum! {
    /// The status of an invitation.
    #[derive(async_graphql::Enum)]
    InvitationStatus {
        /// It can be accepted.
        Open = "OPEN",
        /// The contact has joined.
        Accepted = "ACCEPTED",
        /// It has expired; it can be sent again.
        Expired = "EXPIRED",
        /// Staff cancelled it; it can be sent again.
        Cancelled = "CANCELLED",
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct Invitation {
    pub account_id: AccountId,
    pub id: InvitationId,
    pub contact_id: ContactId,
    pub section: PortalSection,
    pub note: Option<String>,
    pub invited_by: String,
    pub created_at: DateTime<Utc>,
    pub sent_count: i32,
    pub last_sent_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub cancelled_at: Option<DateTime<Utc>>,
}

/// What is offered, by whom.
#[derive(Clone, Debug)]
pub(crate) struct Offer<'a> {
    pub account: &'a Account,
    pub section: PortalSection,
    pub note: Option<&'a str>,
    pub acting: &'a Acting,
    pub bulk_job: Option<BulkJobId>,
    /// Messages that the account may send in a day.
    pub daily_messages: i64,
}

#[derive(Insertable)]
#[diesel(table_name = invitations)]
struct NewRow<'a> {
    account_id: AccountId,
    id: InvitationId,
    contact_id: ContactId,
    section: PortalSection,
    note: Option<&'a str>,
    invited_by: &'a str,
    created_at: DateTime<Utc>,
    last_sent_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl Invitation {
    pub(crate) fn status(&self, now: DateTime<Utc>) -> InvitationStatus {
        if self.accepted_at.is_some() {
            InvitationStatus::Accepted
        } else if self.cancelled_at.is_some() {
            InvitationStatus::Cancelled
        } else if self.expires_at <= now {
            InvitationStatus::Expired
        } else {
            InvitationStatus::Open
        }
    }

    /// Invites the chosen contacts, whose rows are locked: those it can't stay behind as skipped, with the reason.
    pub(crate) async fn issue(
        conn: &mut Conn,
        offer: &Offer<'_>,
        chosen: &mut Chosen,
        moment: &Moment,
    ) -> Result<Result<Vec<Self>, BudgetSpent>> {
        Self::leave_out(conn, offer.account.id, chosen, moment.now).await?;
        let contacts: Vec<&Contact> = chosen.contacts.iter().map(|(_, contact)| contact).collect();
        if contacts.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let taken = budget::take(
            conn,
            offer.account.id,
            contacts.len(),
            offer.daily_messages,
            moment.now,
        )
        .await?;
        if let Err(spent) = taken {
            return Ok(Err(spent));
        }
        let invitations = Self::open(conn, offer, &contacts, moment).await?;
        let ids: Vec<ContactId> = contacts.iter().map(|contact| contact.id).collect();
        Contact::mark_invited(conn, offer.account.id, &ids, moment.now).await?;
        Self::send(conn, offer, &invitations, &contacts, moment).await?;
        let events: Vec<NewEvent> = invitations
            .iter()
            .map(|one| NewEvent::to(EventKind::Invited, one.contact_id).on(one.id))
            .collect();
        record(conn, offer.account.id, offer.acting, &events, moment).await?;
        Ok(Ok(invitations))
    }

    /// Moves those that can't be invited from the chosen to the skipped.
    pub(crate) async fn leave_out(
        conn: &mut Conn,
        account: AccountId,
        chosen: &mut Chosen,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let ids: Vec<ContactId> = chosen.contacts.iter().map(|(_, contact)| contact.id).collect();
        let keys: Vec<&str> = chosen
            .contacts
            .iter()
            .filter_map(|(_, c)| c.email_key.as_deref())
            .collect();
        let before = Self::of_contacts(conn, account, &ids).await?;
        let suppressed = suppression::among(conn, account, &keys, now).await?;
        let reason = |contact: &Contact| {
            let open = before
                .get(&contact.id)
                .is_some_and(|one| one.status(now) == InvitationStatus::Open);
            match &contact.email_key {
                _ if contact.revoked_at.is_some() => Some(SkipReason::Revoked),
                _ if contact.joined_at.is_some() => Some(SkipReason::AlreadyActive),
                _ if open => Some(SkipReason::AlreadyInvited),
                None => Some(SkipReason::NoEmail),
                Some(key) if suppressed.contains(key) => Some(SkipReason::Suppressed),
                Some(_) => None,
            }
        };
        for (place, contact) in std::mem::take(&mut chosen.contacts) {
            match reason(&contact) {
                Some(reason) => chosen.skip(place, Some(contact.id), contact.email, reason),
                None => chosen.contacts.push((place, contact)),
            }
        }
        Ok(())
    }

    async fn open(
        conn: &mut Conn,
        offer: &Offer<'_>,
        contacts: &[&Contact],
        moment: &Moment,
    ) -> Result<Vec<Self>> {
        let invited_by = offer.acting.actor.to_string();
        let rows: Vec<NewRow<'_>> = contacts
            .iter()
            .map(|contact| NewRow {
                account_id: offer.account.id,
                id: InvitationId::new(moment),
                contact_id: contact.id,
                section: offer.section,
                note: offer.note,
                invited_by: &invited_by,
                created_at: moment.now,
                last_sent_at: moment.now,
                expires_at: moment.now + offer.account.invitation_lifetime(),
            })
            .collect();
        let mut opened: Vec<Self> = diesel::insert_into(invitations::table)
            .values(&rows)
            .on_conflict((invitations::account_id, invitations::contact_id))
            .do_update()
            .set((
                invitations::section.eq(excluded(invitations::section)),
                invitations::note.eq(excluded(invitations::note)),
                invitations::invited_by.eq(excluded(invitations::invited_by)),
                invitations::last_sent_at.eq(excluded(invitations::last_sent_at)),
                invitations::expires_at.eq(excluded(invitations::expires_at)),
                invitations::sent_count.eq(invitations::sent_count + 1),
                invitations::accepted_at.eq(None::<DateTime<Utc>>),
                invitations::cancelled_at.eq(None::<DateTime<Utc>>),
            ))
            .returning(Self::as_returning())
            .get_results(conn)
            .await?;
        let places: HashMap<ContactId, usize> = contacts
            .iter()
            .enumerate()
            .map(|(place, contact)| (contact.id, place))
            .collect();
        opened.sort_by_key(|one| places.get(&one.contact_id).copied());
        Ok(opened)
    }

    /// A new link for each, and the message that will carry it; the older links then say that a newer one was sent.
    async fn send(
        conn: &mut Conn,
        offer: &Offer<'_>,
        invitations: &[Self],
        contacts: &[&Contact],
        moment: &Moment,
    ) -> Result<()> {
        let emails: HashMap<ContactId, &Contact> =
            contacts.iter().map(|contact| (contact.id, *contact)).collect();
        let plans: Vec<NewLink> = invitations
            .iter()
            .map(|one| NewLink {
                invitation: Some(one.id),
                expires_at: Some(one.expires_at),
                email_key: emails
                    .get(&one.contact_id)
                    .and_then(|contact| contact.email_key.clone()),
                ..NewLink::new(one.contact_id, Purpose::Invitation, one.section)
            })
            .collect();
        let links = MagicLink::create_many(conn, offer.account.id, offer.acting, &plans, moment).await?;
        let new: Vec<NewMessage<'_>> = links
            .iter()
            .filter_map(|link| {
                let email = emails.get(&link.contact_id)?.email.as_deref()?;
                Some(NewMessage {
                    link: Some(link),
                    bulk_job: offer.bulk_job,
                    ..NewMessage::new(
                        MessageKind::Invitation,
                        email,
                        Some(Holder::Contact(link.contact_id)),
                    )
                })
            })
            .collect();
        Message::queue_many(conn, offer.account.id, &new, offer.acting.actor, moment).await?;
        Ok(())
    }

    /// Sends an open or expired invitation anew: same id, new link.
    pub(crate) async fn resend(
        &self,
        conn: &mut Conn,
        offer: &Offer<'_>,
        contact: &Contact,
        moment: &Moment,
    ) -> Result<Result<Self, BudgetSpent>> {
        if let Err(spent) = budget::take(conn, self.account_id, 1, offer.daily_messages, moment.now).await? {
            return Ok(Err(spent));
        }
        let resent: Self = diesel::update(invitations::table.find((self.account_id, self.id)))
            .set((
                invitations::last_sent_at.eq(moment.now),
                invitations::sent_count.eq(invitations::sent_count + 1),
                invitations::expires_at.eq(moment.now + offer.account.invitation_lifetime()),
                invitations::cancelled_at.eq(None::<DateTime<Utc>>),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        Contact::mark_invited(conn, self.account_id, &[contact.id], moment.now).await?;
        Self::send(conn, offer, std::slice::from_ref(&resent), &[contact], moment).await?;
        let event = NewEvent::to(EventKind::InvitationResent, contact.id).on(self.id);
        record(conn, self.account_id, offer.acting, &[event], moment).await?;
        Ok(Ok(resent))
    }

    /// Takes the offer back: its links die, what was not sent yet is not sent, and the contact counts as not invited.
    pub(crate) async fn cancel(&self, conn: &mut Conn, acting: &Acting, moment: &Moment) -> Result<Self> {
        let cancelled = diesel::update(invitations::table.find((self.account_id, self.id)))
            .filter(invitations::accepted_at.is_null())
            .set(invitations::cancelled_at.eq(moment.now))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        MagicLink::revoke_of_invitation(conn, self.account_id, self.contact_id, moment.now).await?;
        Message::cancel_of_contact(conn, self.account_id, self.contact_id, &[MessageKind::Invitation])
            .await?;
        Contact::mark_uninvited(conn, self.account_id, self.contact_id).await?;
        let event = NewEvent::to(EventKind::InvitationCancelled, self.contact_id).on(self.id);
        record(conn, self.account_id, acting, &[event], moment).await?;
        Ok(cancelled)
    }

    /// The contact joined, whichever way: an invitation that was open is accepted, and its other links die.
    pub(crate) async fn joined(conn: &mut Conn, contact: &Contact, now: DateTime<Utc>) -> Result<()> {
        if contact.invited_at.is_none() {
            return Ok(());
        }
        let (mut one, mut two) = (&*conn, &*conn);
        try_join!(
            Self::accept(&mut one, contact.account_id, contact.id, now),
            MagicLink::revoke_of_invitation(&mut two, contact.account_id, contact.id, now),
        )?;
        Ok(())
    }

    async fn accept(
        conn: &mut impl Wire,
        account: AccountId,
        contact: ContactId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(invitations::table)
            .filter(
                invitations::account_id
                    .eq(account)
                    .and(invitations::contact_id.eq(contact)),
            )
            .filter(
                invitations::accepted_at
                    .is_null()
                    .and(invitations::cancelled_at.is_null()),
            )
            .set(invitations::accepted_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }
}
