//! The emails that carry a link which staff created.

use chrono::{DateTime, Utc};

use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::magic_links::model::MagicLink;
use crate::messages::emails::parts::destination;
use crate::messages::emails::{EmailContext, SystemEmail, system_email};
use crate::messages::model::link_batch::LinkToMail;

/// A login email that staff sent.
pub(crate) struct LoginEmail {
    pub link: String,
    pub destination: &'static str,
    pub expires_at: DateTime<Utc>,
}

impl LoginEmail {
    pub(crate) fn new(context: &EmailContext<'_>, minted: &LinkToMail) -> Self {
        Self::of_link(context.magic_link(minted), &minted.link)
    }

    pub(crate) fn of_link(url: String, link: &MagicLink) -> Self {
        Self {
            link: url,
            destination: destination(link.section),
            expires_at: link.expires_at,
        }
    }
}

system_email!(
    LoginEmail,
    "magic_links/login_email.html",
    "magic_links/login_email.txt"
);

impl SystemEmail for LoginEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale.text("login-email-subject")
    }

    fn link(&self) -> Option<&str> {
        Some(&self.link)
    }
}

/// A magic link that staff created and sent by email.
pub(crate) struct MagicLinkEmail {
    pub link: String,
    pub destination: &'static str,
    pub expires_at: DateTime<Utc>,
}

impl MagicLinkEmail {
    pub(crate) fn new(context: &EmailContext<'_>, minted: &LinkToMail) -> Self {
        Self::of_link(context.magic_link(minted), &minted.link)
    }

    pub(crate) fn of_link(url: String, link: &MagicLink) -> Self {
        Self {
            link: url,
            destination: destination(link.section),
            expires_at: link.expires_at,
        }
    }
}

system_email!(
    MagicLinkEmail,
    "magic_links/magic_link.html",
    "magic_links/magic_link.txt"
);

impl SystemEmail for MagicLinkEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale
            .text("magic-link-subject")
            .arg("destination", self.destination)
    }

    fn link(&self) -> Option<&str> {
        Some(&self.link)
    }
}
