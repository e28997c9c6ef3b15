//! Inviting contacts: one statement per table, however many they are.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use super::{Invitation, InvitationStatus, SendRequest};
use crate::accounts::model::budget;
use crate::accounts::model::budget::BudgetSpent;
use crate::accounts::model::section::PortalSection;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::invitations;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, InvitationId};
use crate::contacts::model::Contact;
use crate::invitations::model::recipients::ResolvedRecipients;
use crate::invitations::model::skipped::SkipReason;
use crate::magic_links::model::{MagicLink, NewLink, Purpose};
use crate::messages::model::suppression;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::sessions::model::Holder;

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
    /// Invites the contacts, whose rows are locked. Those that can't be invited are moved to the skipped recipients.
    pub(crate) async fn issue(
        conn: &mut Conn,
        request: &SendRequest<'_>,
        resolved: &mut ResolvedRecipients,
        moment: &Moment,
    ) -> Result<Result<Vec<Self>, BudgetSpent>> {
        Self::skip_ineligible(conn, request.account.id, resolved, moment.now).await?;
        let contacts: Vec<&Contact> = resolved.contacts.iter().map(|(_, contact)| contact).collect();
        if contacts.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let taken = budget::take(
            conn,
            request.account.id,
            contacts.len(),
            request.daily_messages,
            moment.now,
        )
        .await?;
        if let Err(spent) = taken {
            return Ok(Err(spent));
        }
        let invitations = Self::upsert(conn, request, &contacts, moment).await?;
        let ids: Vec<ContactId> = contacts.iter().map(|contact| contact.id).collect();
        Contact::mark_invited(conn, request.account.id, &ids, moment.now).await?;
        Self::queue_emails(conn, request, &invitations, &contacts, moment).await?;
        let events: Vec<NewEvent> = invitations
            .iter()
            .map(|one| NewEvent::for_contact(EventKind::Invited, one.contact_id).on(one.id))
            .collect();
        record(conn, request.account.id, request.requester, &events, moment).await?;
        Ok(Ok(invitations))
    }

    /// Moves the contacts that can't be invited to the skipped recipients.
    pub(crate) async fn skip_ineligible(
        conn: &mut Conn,
        account: AccountId,
        resolved: &mut ResolvedRecipients,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let keys: Vec<&str> = resolved
            .contacts
            .iter()
            .filter_map(|(_, c)| c.email_key.as_deref())
            .collect();
        let existing = Self::of_contacts(conn, account, &resolved.contact_ids()).await?;
        let suppressed = suppression::among(conn, account, &keys, now).await?;
        let reason = |contact: &Contact| {
            let open = existing
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
        resolved.skip_where(reason);
        Ok(())
    }

    /// Opens an invitation for each contact, in the order of the contacts. An earlier invitation of the contact keeps its id.
    async fn upsert(
        conn: &mut Conn,
        request: &SendRequest<'_>,
        contacts: &[&Contact],
        moment: &Moment,
    ) -> Result<Vec<Self>> {
        let invited_by = request.requester.actor.to_string();
        let rows: Vec<NewRow<'_>> = contacts
            .iter()
            .map(|contact| NewRow {
                account_id: request.account.id,
                id: InvitationId::new(moment),
                contact_id: contact.id,
                section: request.section,
                note: request.note,
                invited_by: &invited_by,
                created_at: moment.now,
                last_sent_at: moment.now,
                expires_at: moment.now + request.account.invitation_lifetime(),
            })
            .collect();
        let mut invitations: Vec<Self> = diesel::insert_into(invitations::table)
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
        let indexes: HashMap<ContactId, usize> = contacts
            .iter()
            .enumerate()
            .map(|(index, contact)| (contact.id, index))
            .collect();
        invitations.sort_by_key(|one| indexes.get(&one.contact_id).copied());
        Ok(invitations)
    }

    /// Creates a link for each invitation and queues the message with it. Older links are superseded.
    pub(super) async fn queue_emails(
        conn: &mut Conn,
        request: &SendRequest<'_>,
        invitations: &[Self],
        contacts: &[&Contact],
        moment: &Moment,
    ) -> Result<()> {
        let by_id: HashMap<ContactId, &Contact> =
            contacts.iter().map(|contact| (contact.id, *contact)).collect();
        let new_links: Vec<NewLink> = invitations
            .iter()
            .map(|one| NewLink {
                invitation: Some(one.id),
                expires_at: Some(one.expires_at),
                email_key: by_id
                    .get(&one.contact_id)
                    .and_then(|contact| contact.email_key.clone()),
                ..NewLink::new(one.contact_id, Purpose::Invitation, one.section)
            })
            .collect();
        let links =
            MagicLink::create_many(conn, request.account.id, request.requester, &new_links, moment).await?;
        let messages: Vec<NewMessage<'_>> = links
            .iter()
            .filter_map(|link| {
                let email = by_id.get(&link.contact_id)?.email.as_deref()?;
                Some(NewMessage {
                    link: Some(link),
                    bulk_job: request.bulk_job,
                    ..NewMessage::new(
                        MessageKind::Invitation,
                        email,
                        Some(Holder::Contact(link.contact_id)),
                    )
                })
            })
            .collect();
        Message::queue_many(
            conn,
            request.account.id,
            &messages,
            request.requester.actor,
            moment,
        )
        .await?;
        Ok(())
    }
}
