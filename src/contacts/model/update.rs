//! Updating the details of a contact.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{Contact, ContactDetails};
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::contacts;
use crate::base::error::Result;
use crate::base::ids::SessionId;
use crate::magic_links::model::MagicLink;

/// A contact after an update.
#[derive(Debug)]
pub(crate) struct UpdatedContact {
    pub contact: Contact,
    /// The sessions that ended because the address changed; the caller nudges for each.
    pub ended: Vec<SessionId>,
}

impl Contact {
    /// Replaces the details of a contact whose row is locked, and records what changed; `None` if another contact has the
    /// address. This is the only place where an address changes: everything that depends on the old address, or the old phone
    /// number, ends here.
    pub(crate) async fn update(
        &self,
        conn: &mut Conn,
        details: &ContactDetails,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Option<UpdatedContact>> {
        let email_key = details.email.as_ref().map(|email| &email.key);
        let address_changed = email_key != self.email_key.as_ref();
        let result = diesel::update(contacts::table.find((self.account_id, self.id)))
            .set((
                contacts::email.eq(details.email.as_ref().map(|email| &email.text)),
                contacts::email_key.eq(email_key),
                contacts::phone.eq(&details.phone),
                contacts::first_name.eq(&details.first_name),
                contacts::last_name.eq(&details.last_name),
                contacts::tags.eq(&details.tags),
                contacts::timezone.eq(&details.timezone),
                contacts::locale.eq(&details.locale),
                contacts::updated_at.eq(moment.now),
                contacts::email_proved_at.eq(self.email_proved_at.filter(|_| !address_changed)),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await;
        let contact: Self = match result {
            Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => return Ok(None),
            other => other?,
        };
        let event = self.updated_event(&contact);
        record(conn, self.account_id, requester, event.as_slice(), moment).await?;
        if self.phone.is_some() && self.phone != contact.phone {
            MagicLink::revoke_texted(conn, self.account_id, self.id, moment.now).await?;
        }
        let ended = if address_changed {
            self.end_previous_address(conn, &contact, requester, moment)
                .await?
        } else {
            Vec::new()
        };
        Ok(Some(UpdatedContact { contact, ended }))
    }

    /// The event of their creation, with their tags.
    pub(super) fn created_event(&self) -> NewEvent {
        let event = NewEvent::for_contact(EventKind::ContactCreated, self.id);
        if self.tags.is_empty() {
            return event;
        }
        event.with(json!({ "tagsAdded": self.tags }))
    }

    /// The event of a change to `after`; `None` if the details are the same.
    pub(super) fn updated_event(&self, after: &Self) -> Option<NewEvent> {
        let fields = [
            ("email", self.email != after.email),
            ("phone", self.phone != after.phone),
            ("firstName", self.first_name != after.first_name),
            ("lastName", self.last_name != after.last_name),
            ("tags", self.tags != after.tags),
            ("timezone", self.timezone != after.timezone),
            ("locale", self.locale != after.locale),
        ];
        let changed: Vec<&str> = (fields.iter().filter(|(_, changed)| *changed))
            .map(|(name, _)| *name)
            .collect();
        let event = NewEvent::for_contact(EventKind::ContactUpdated, self.id);
        let mut detail = json!({ "changed": changed });
        for (name, more, fewer) in [("tagsAdded", after, self), ("tagsRemoved", self, after)] {
            let tags: Vec<&String> = more.tags.iter().filter(|tag| !fewer.tags.contains(tag)).collect();
            if !tags.is_empty() {
                detail[name] = json!(tags);
            }
        }
        (!changed.is_empty()).then(|| event.with(detail))
    }
}
