//! The email that invites a contact.

use chrono::{DateTime, Utc};

use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::invitations::model::Invitation;
use crate::magic_links::model::MagicLink;
use crate::messages::emails::parts::destination;
use crate::messages::emails::plain::lines;
use crate::messages::emails::{EmailContext, SystemEmail, system_email};
use crate::messages::model::link_batch::LinkToMail;

/// Staff invites a contact, perhaps with a note (plain text).
pub(crate) struct InvitationEmail {
    pub link: String,
    pub destination: &'static str,
    pub note: Vec<String>,
    pub expires_at: DateTime<Utc>,
}

impl InvitationEmail {
    pub(crate) fn new(context: &EmailContext<'_>, minted: &LinkToMail) -> Self {
        Self::of_link(
            context.magic_link(minted),
            &minted.link,
            minted.invitation.as_ref(),
        )
    }

    pub(crate) fn of_link(url: String, link: &MagicLink, invitation: Option<&Invitation>) -> Self {
        let note = invitation.and_then(|invitation| invitation.note.as_deref());
        Self {
            link: url,
            destination: destination(link.section),
            note: note.map(lines).unwrap_or_default(),
            expires_at: link.expires_at,
        }
    }
}

system_email!(
    InvitationEmail,
    "invitations/invitation.html",
    "invitations/invitation.txt"
);

impl SystemEmail for InvitationEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale.text("invitation-subject")
    }

    fn link(&self) -> Option<&str> {
        Some(&self.link)
    }
}
