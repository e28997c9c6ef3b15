//! Changing what is known of a contact.

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

/// A contact after a change.
#[derive(Debug)]
pub(crate) struct Changed {
    pub contact: Contact,
    /// The sessions that ended with the old address; the caller nudges for each.
    pub ended: Vec<SessionId>,
}

impl Contact {
    /// Writes the details over a contact whose row is held; `None` where another contact has that address. The only way to
    /// another address: everything that goes with the old one ends here.
    pub(crate) async fn change(
        &self,
        conn: &mut Conn,
        details: &ContactDetails,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Option<Changed>> {
        let email_key = details.email.as_ref().map(|email| &email.key);
        let moved = email_key != self.email_key.as_ref();
        let written = diesel::update(contacts::table.find((self.account_id, self.id)))
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
                contacts::email_proved_at.eq(self.email_proved_at.filter(|_| !moved)),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await;
        let contact: Self = match written {
            Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => return Ok(None),
            other => other?,
        };
        let ended = if moved {
            self.leave_address(conn, &contact, requester, moment).await?
        } else {
            Vec::new()
        };
        Ok(Some(Changed { contact, ended }))
    }
}
