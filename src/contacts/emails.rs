//! The emails about a change of a contact by staff: to the previous address, and to both addresses of a merge.

use chrono::{DateTime, Utc};

use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::contacts::model::address_change::new_address;
use crate::contacts::model::merge::MergeNotice;
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

/// Two contacts became one. It goes to the address of each.
pub(crate) struct ContactsMergedEmail {
    pub at: DateTime<Utc>,
    /// The address that signs in from now on, masked; none if there is none.
    pub address: Option<String>,
    /// Whether the reader has that address.
    pub stays: bool,
}

impl ContactsMergedEmail {
    /// `None` if the event of the merge is no longer kept.
    pub(crate) async fn load(conn: &mut Conn, context: &EmailContext<'_>) -> Result<Option<Self>> {
        let notice = MergeNotice::find(conn, context.message).await?;
        Ok(notice.map(|notice| Self {
            at: context.message.created_at,
            address: notice.address.as_deref().map(one_line),
            stays: context.recipient.email_key() == Some(&context.message.address.to_ascii_lowercase()),
        }))
    }

    fn address(&self, locale: &Locale) -> String {
        let none = || locale.text("address-changed-none").to_string();
        self.address.clone().unwrap_or_else(none)
    }

    /// What it means for the reader's address.
    fn effects(&self, locale: &Locale) -> Text {
        if self.stays {
            locale.text("contacts-merged-stays")
        } else {
            locale.text("contacts-merged-gone")
        }
    }
}

system_email!(ContactsMergedEmail, "contacts/merged.html", "contacts/merged.txt");

impl SystemEmail for ContactsMergedEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale.text("contacts-merged-subject")
    }
}
