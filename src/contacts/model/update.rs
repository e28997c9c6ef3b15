//! Updating the details of a contact.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::RunQueryDsl;

use super::{Contact, ContactDetails};
use crate::base::actor::Requester;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::contacts;
use crate::base::error::Result;
use crate::base::ids::SessionId;

/// A contact after an update.
#[derive(Debug)]
pub(crate) struct UpdatedContact {
    pub contact: Contact,
    /// The sessions that ended because the address changed; the caller nudges for each.
    pub ended: Vec<SessionId>,
}

impl Contact {
    /// Replaces the details of a contact whose row is locked; `None` if another contact has the address. This is the only place
    /// where an address changes: everything that depends on the old address ends here.
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
        let ended = if address_changed {
            self.end_previous_address(conn, &contact, requester, moment)
                .await?
        } else {
            Vec::new()
        };
        Ok(Some(UpdatedContact { contact, ended }))
    }
}
