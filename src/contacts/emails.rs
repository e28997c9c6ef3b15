//! The email to the previous address of a contact.

use chrono::{DateTime, Utc};

use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::contacts::model::address_change::new_address;
use crate::messages::emails::plain::one_line;
use crate::messages::emails::{EmailContext, SystemEmail, system_email};

/// The contact has another address now, masked here, or none.
pub(crate) struct AddressChangedEmail {
    pub at: DateTime<Utc>,
    pub new_address: Option<String>,
}

impl AddressChangedEmail {
    pub(crate) async fn load(conn: &mut Conn, context: &EmailContext<'_>) -> Result<Self> {
        let address = new_address(conn, context.message).await?;
        Ok(Self {
            at: context.message.created_at,
            new_address: address.as_deref().map(one_line),
        })
    }

    fn new_address(&self, locale: &Locale) -> String {
        let none = || locale.text("address-changed-none").to_string();
        self.new_address.clone().unwrap_or_else(none)
    }
}

system_email!(
    AddressChangedEmail,
    "contacts/address_changed.html",
    "contacts/address_changed.txt"
);

impl SystemEmail for AddressChangedEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale.text("address-changed-subject")
    }
}
