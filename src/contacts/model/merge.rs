//! Merging a contact into another: everything that the duplicate has goes to the contact that stays, and the duplicate is deleted.
//!
//! What proves who a person is never moves. Staff could otherwise create a contact with a mailbox of their own, give it a password
//! there, and merge it into another person's: passwords, Google accounts, sessions, codes and resets of the duplicate end with its
//! row, and its links sign in without proving anything.

mod moved;

pub(crate) use moved::MovedItems;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::Contact;
use super::details::MAX_TAGS;
use crate::base::actor::Requester;
use crate::base::audit::{AuditEvent, EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::{audit_events, contacts};
use crate::base::error::{Error, Result};
use crate::base::ids::{ContactId, SessionId};
use crate::base::mask;
use crate::invitations::model::Invitation;
use crate::magic_links::model::MagicLink;
use crate::mailings::model::opt_out::OptOut;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::sessions::model::{Holder, Session};

/// The reason that is stored with the sessions that end.
const REASON: &str = "CONTACT_MERGED";

/// Two contacts that become one. Their rows are locked.
pub(crate) struct Merge<'a> {
    pub kept: &'a Contact,
    pub duplicate: &'a Contact,
}

/// What a merge makes of them.
#[derive(Debug)]
pub(crate) struct Merged {
    pub contact: Contact,
    pub moved: MovedItems,
    /// The sessions that ended; the caller nudges for each.
    pub ended: Vec<SessionId>,
}

/// The earlier of two times, where there are any.
fn earliest(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    one.into_iter().chain(other).min()
}

impl Merge<'_> {
    /// What the merge would make of them. Nothing is changed.
    pub(crate) async fn preview(&self, conn: &mut Conn) -> Result<Merged> {
        Ok(Merged {
            contact: self.result(self.kept.updated_at)?,
            moved: MovedItems::count(conn, self.duplicate).await?,
            ended: Vec::new(),
        })
    }

    /// Merges them, and tells both addresses by email.
    pub(crate) async fn run(
        &self,
        conn: &mut Conn,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Merged> {
        let after = self.result(moment.now)?;
        let first_invited_at = self.first_invited_at(conn).await?;
        let moved = MovedItems::count(conn, self.duplicate).await?;
        let ended = self.end_credentials(conn, &after, requester, moment).await?;
        self.move_items(conn, moment.now).await?;
        OptOut::carry(conn, self.duplicate, self.kept).await?;
        Contact::delete(conn, after.account_id, self.duplicate.id).await?;
        let contact = after.save_merged(conn, first_invited_at).await?;
        if contact.joined_at.is_some() {
            Invitation::accept_on_join(conn, &contact, moment.now).await?;
        }
        self.tell(conn, requester, moment).await?;
        self.record(conn, &contact, requester, moment).await?;
        Ok(Merged {
            contact,
            moved,
            ended,
        })
    }

    /// The contact that stays, as it is afterwards: with its own address and details, and those of the duplicate where it has none.
    fn result(&self, now: DateTime<Utc>) -> Result<Contact> {
        let (kept, other) = (self.kept.clone(), self.duplicate.clone());
        let mut tags = kept.tags;
        tags.extend(other.tags.into_iter().filter(|tag| !self.kept.tags.contains(tag)));
        if tags.len() > MAX_TAGS {
            let message = format!("Together they have more than {MAX_TAGS} tags: remove some first.");
            return Err(Error::bad_input("input.duplicateId", message));
        }
        Ok(Contact {
            email: kept.email.or(other.email),
            email_key: kept.email_key.or(other.email_key),
            phone: kept.phone.or(other.phone),
            first_name: kept.first_name.or(other.first_name),
            last_name: kept.last_name.or(other.last_name),
            tags,
            timezone: kept.timezone.or(other.timezone),
            locale: kept.locale.or(other.locale),
            invited_at: earliest(kept.invited_at, other.invited_at),
            joined_at: earliest(kept.joined_at, other.joined_at),
            last_seen_at: kept.last_seen_at.max(other.last_seen_at),
            revoked_at: earliest(kept.revoked_at, other.revoked_at),
            updated_at: now,
            email_proved_at: self.kept.email_proved_at.filter(|_| !self.takes_address()),
            ..self.kept.clone()
        })
    }

    /// Whether the contact that stays gets the duplicate's address, because it had none.
    fn takes_address(&self) -> bool {
        self.kept.email_key.is_none() && self.duplicate.email_key.is_some()
    }

    async fn first_invited_at(&self, conn: &mut Conn) -> Result<Option<DateTime<Utc>>> {
        let both = [self.kept.id, self.duplicate.id];
        Ok(contacts::table
            .filter(contacts::account_id.eq(self.kept.account_id))
            .filter(contacts::id.eq_any(both))
            .select(diesel::dsl::min(contacts::first_invited_at))
            .first(conn)
            .await?)
    }

    /// Ends the sessions of the duplicate and its unsent messages; of both if one was revoked. Its password, Google accounts, codes
    /// and resets are deleted with its row.
    async fn end_credentials(
        &self,
        conn: &mut Conn,
        after: &Contact,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Vec<SessionId>> {
        let (account, now) = (after.account_id, moment.now);
        let (both, duplicate) = ([self.kept.id, self.duplicate.id], [self.duplicate.id]);
        let revoked = after.revoked_at.is_some();
        let ending = if revoked { &both[..] } else { &duplicate };
        let mut ended = Session::end_all_of_contacts(conn, account, ending, REASON, now).await?;
        if revoked {
            MagicLink::revoke_of_contacts(conn, account, &both, now).await?;
        }
        if revoked || !self.takes_address() {
            Message::cancel_of_contacts(conn, account, ending, &[]).await?;
        }
        if self.takes_address() {
            // For the contact that stays this is a change of address, as any other.
            let changed = self.kept.end_previous_address(conn, after, requester, moment);
            ended.extend(changed.await?);
        }
        Ok(ended)
    }

    async fn move_items(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
        use crate::access::model::grant::AccessGrant;
        use crate::affiliates::model::Affiliate;
        use crate::bulk_jobs::model::item::BulkItem;
        use crate::courses::model::progress::LessonProgress;
        use crate::workflows::model::run::WorkflowRun;
        let account = self.kept.account_id;
        let (from, to) = (self.duplicate.id, self.kept.id);
        Invitation::move_to_contact(conn, account, from, to, now).await?;
        MagicLink::move_to_contact(conn, account, from, to).await?;
        Message::move_to_contact(conn, account, from, to, now).await?;
        AccessGrant::move_to_contact(conn, account, from, to, now).await?;
        LessonProgress::copy_to_contact(conn, account, from, to).await?;
        Affiliate::move_to_contact(conn, account, from, to).await?;
        let address = self.duplicate.email_key.as_deref();
        BulkItem::move_to_contact(conn, account, (from, address), to).await?;
        WorkflowRun::move_to_contact(conn, account, from, to, now).await?;
        AuditEvent::move_to_contact(conn, account, from, to).await
    }

    /// Queues the email to the address of each.
    async fn tell(&self, conn: &mut Conn, requester: &Requester, moment: &Moment) -> Result<()> {
        for address in [&self.kept.email, &self.duplicate.email].into_iter().flatten() {
            let holder = Holder::Contact(self.kept.id);
            let message = NewMessage {
                about: Some(self.duplicate.id.0),
                ..NewMessage::new(MessageKind::ContactsMerged, address, Some(holder))
            };
            Message::queue(conn, self.kept.account_id, &message, requester.actor, moment).await?;
        }
        Ok(())
    }

    async fn record(
        &self,
        conn: &mut Conn,
        after: &Contact,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<()> {
        let masked = |contact: &Contact| contact.email.as_deref().map(mask::address);
        let detail = json!({"from": masked(self.duplicate), "to": masked(after)});
        let merged = NewEvent::for_contact(EventKind::ContactMerged, after.id)
            .on(self.duplicate.id)
            .with(detail);
        let mut events = vec![merged];
        if after.revoked_at.is_some() && self.kept.revoked_at.is_none() {
            let event = NewEvent::for_contact(EventKind::AccessRevoked, after.id);
            events.push(
                event.with(json!({"reason": "It was merged with a contact whose access was revoked."})),
            );
        }
        record(conn, after.account_id, requester, &events, moment).await
    }
}

impl Contact {
    /// Writes the row that a merge leaves, once the duplicate is deleted and its address is free.
    async fn save_merged(&self, conn: &mut Conn, first_invited_at: Option<DateTime<Utc>>) -> Result<Self> {
        Ok(diesel::update(contacts::table.find((self.account_id, self.id)))
            .set((
                (
                    contacts::email.eq(&self.email),
                    contacts::email_key.eq(&self.email_key),
                    contacts::phone.eq(&self.phone),
                    contacts::first_name.eq(&self.first_name),
                    contacts::last_name.eq(&self.last_name),
                    contacts::tags.eq(&self.tags),
                    contacts::timezone.eq(&self.timezone),
                    contacts::locale.eq(&self.locale),
                ),
                contacts::invited_at.eq(self.invited_at),
                contacts::first_invited_at.eq(first_invited_at),
                contacts::joined_at.eq(self.joined_at),
                contacts::last_seen_at.eq(self.last_seen_at),
                contacts::revoked_at.eq(self.revoked_at),
                contacts::updated_at.eq(self.updated_at),
                contacts::email_proved_at.eq(self.email_proved_at),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }
}

/// What the email about a merge says, from the audit log.
pub(crate) struct MergeNotice {
    /// The address that signs in from now on, masked.
    pub address: Option<String>,
}

impl MergeNotice {
    pub(crate) async fn find(conn: &mut Conn, message: &Message) -> Result<Option<Self>> {
        let Some(deleted) = message.about.map(ContactId) else {
            return Ok(None);
        };
        let event: Option<AuditEvent> = audit_events::table
            .filter(audit_events::account_id.eq(message.account_id))
            .filter(audit_events::subject.eq(deleted.to_string()))
            .filter(audit_events::kind.eq(EventKind::ContactMerged))
            .select(AuditEvent::as_select())
            .first(conn)
            .await
            .optional()?;
        Ok(event.map(|event| Self {
            address: event.detail_text("to").map(str::to_owned),
        }))
    }
}
