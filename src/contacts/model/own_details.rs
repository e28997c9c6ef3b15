//! What contacts change about themselves in the portal.

use chrono_tz::Tz;

use super::Contact;
use super::details::RawDetails;
use crate::base::actor::Requester;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, ContactId};

/// As received. `None` keeps a detail, `Some(None)` clears it.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnDetails {
    pub first_name: Option<Option<String>>,
    pub last_name: Option<Option<String>>,
    pub timezone: Option<Option<String>>,
    pub locale: Option<Option<String>>,
}

impl OwnDetails {
    fn merge(self, current: RawDetails) -> RawDetails {
        RawDetails {
            first_name: self.first_name.unwrap_or(current.first_name),
            last_name: self.last_name.unwrap_or(current.last_name),
            timezone: self.timezone.unwrap_or(current.timezone),
            locale: self.locale.unwrap_or(current.locale),
            ..current
        }
    }

    /// Changes the details of this contact. An error names a field below `input`.
    pub(crate) async fn save(
        self,
        conn: &mut Conn,
        (account, id): (AccountId, ContactId),
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Contact> {
        if let Some(Some(zone)) = &self.timezone {
            zone.parse::<Tz>()
                .map_err(|_| Error::bad_input("input.timezone", "There is no such time zone."))?;
        }
        let contact = Contact::lock(conn, account, id)
            .await?
            .ok_or_else(Error::unauthenticated)?;
        let details = self
            .merge(RawDetails::of(&contact))
            .parse_changes(&contact, "input")?;
        // The address is not among the changes, so that no other contact can have it.
        let updated = contact.update(conn, &details, requester, moment).await?;
        Ok(updated.map_or(contact, |updated| updated.contact))
    }
}
