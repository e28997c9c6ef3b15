//! The email to the previous address of a contact.

use crate::base::db::Conn;
use crate::base::error::Result;
use crate::contacts::model::address_change::new_address;
use crate::messages::emails::parts::Time;
use crate::messages::emails::plain::one_line;
use crate::messages::emails::{EmailContext, SystemEmail, system_email};

/// The contact has another address now, masked here, or none.
pub(crate) struct AddressChangedEmail {
    pub at: Time,
    pub new_address: String,
}

impl AddressChangedEmail {
    pub(crate) async fn load(conn: &mut Conn, context: &EmailContext<'_>) -> Result<Self> {
        let address = new_address(conn, context.message).await?;
        Ok(Self {
            at: Time(context.message.created_at),
            new_address: one_line(address.as_deref().unwrap_or("none")),
        })
    }
}

system_email!(
    AddressChangedEmail,
    "contacts/address_changed.html",
    "contacts/address_changed.txt"
);

impl SystemEmail for AddressChangedEmail {
    fn subject_pattern(&self) -> String {
        "Your email address for {portal} was changed".to_owned()
    }
}
