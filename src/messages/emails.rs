//! The emails that the system sends: their common parts, and the registry of all of them.
//!
//! To add an email: *An email* in `docs/extend/adding-a-feature.md`. The templates of an email see only the fields of
//! its struct ([`system_email!`]) and of the [`Frame`].
//!
//! No email loads anything from the network, tracks its readers, or holds the matching number of a sign-in: an attacker who
//! can only read the mailbox must not have everything that a sign-in needs. No subject contains a code: lock screens show subjects.

pub(crate) mod masked;
pub(crate) mod parts;
pub(crate) mod plain;
mod prepare;
pub(crate) mod render;

use crate::accounts::model::Account;
use crate::accounts::urls::Addresses;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::contacts::emails::{AddressChangedEmail, ContactsMergedEmail};
use crate::invitations::emails::InvitationEmail;
use crate::magic_links::emails::{LoginEmail, MagicLinkEmail, magic_link_text};
use crate::magic_links::model::MagicLink;
use crate::messages::model::link_batch::LinkToMail;
use crate::messages::model::{Message, MessageKind};
use crate::sign_in::challenge::emails::{
    LoginCodeEmail, RequestedLoginEmail, SignUpCodeEmail, StaffLoginEmail,
};
use crate::sign_in::keys::Keys;
use crate::sign_in::password::emails::{PasswordChangedEmail, PasswordResetEmail};
use crate::sign_in::person::Person;
use crate::sign_in::sessions::emails::NewDeviceEmail;
use crate::team::emails::TeamInvitationEmail;
use crate::templates::emails::TestEmail;

pub(crate) use self::prepare::{Content, EmailBody, Prepared, PreparedEmail, PreparedMessage, prepare};
pub(crate) use self::render::{EmailError, Frame, FrameSource, Rendered, SystemEmail, render, system_email};

/// What the links and codes of emails are derived from.
#[derive(Clone, Copy)]
pub(crate) struct EmailSecrets<'a> {
    pub keys: &'a Keys,
    pub addresses: &'a Addresses,
    pub moment: &'a Moment,
}

/// The data for building an email.
pub(crate) struct EmailContext<'a> {
    pub message: &'a Message,
    pub account: &'a Account,
    pub recipient: &'a Person,
    pub secrets: EmailSecrets<'a>,
}

/// The registry: the email of each kind. `None` if the object that it is about is no longer valid.
async fn email_for(
    conn: &mut Conn,
    context: &EmailContext<'_>,
    link: Option<&LinkToMail>,
) -> Result<Option<Box<dyn SystemEmail>>> {
    Ok(match context.message.kind {
        MessageKind::Invitation => boxed(link.map(|link| InvitationEmail::new(context, link))),
        MessageKind::LoginEmail => boxed(link.map(|link| LoginEmail::new(context, link))),
        MessageKind::MagicLink => boxed(link.map(|link| MagicLinkEmail::new(context, link))),
        MessageKind::RequestedLogin => boxed(link.map(|link| RequestedLoginEmail::new(context, link))),
        MessageKind::LoginCode => boxed(LoginCodeEmail::load(conn, context).await?),
        MessageKind::SignUpCode => boxed(SignUpCodeEmail::load(conn, context).await?),
        MessageKind::StaffLogin => StaffLoginEmail::load(conn, context).await?,
        MessageKind::PasswordReset => boxed(PasswordResetEmail::load(conn, context).await?),
        MessageKind::PasswordChanged => boxed(Some(PasswordChangedEmail::load(conn, context).await?)),
        MessageKind::NewDevice => boxed(NewDeviceEmail::load(conn, context).await?),
        MessageKind::TeamInvitation => boxed(TeamInvitationEmail::load(conn, context).await?),
        MessageKind::Test => boxed(TestEmail::load(conn, context).await?),
        MessageKind::AddressChanged => boxed(Some(AddressChangedEmail::load(conn, context).await?)),
        MessageKind::ContactsMerged => boxed(ContactsMergedEmail::load(conn, context).await?),
        // Prepared in batches, by `mailings`.
        MessageKind::Written => None,
    })
}

/// The text message of each kind that can be one, with the URL of its link. `None` if the kind can't, or if the object that it is about
/// is no longer valid. What staff wrote is rendered by `mailings`.
fn text_for(context: &EmailContext<'_>, link: Option<(&MagicLink, String)>) -> Option<String> {
    match context.message.kind {
        MessageKind::MagicLink => link.map(|(link, url)| {
            let locale = context.recipient.locale(context.account.locale(None));
            magic_link_text(&context.account.name, &url, link.lifetime_seconds, locale)
        }),
        MessageKind::Invitation
        | MessageKind::LoginEmail
        | MessageKind::RequestedLogin
        | MessageKind::LoginCode
        | MessageKind::SignUpCode
        | MessageKind::StaffLogin
        | MessageKind::PasswordReset
        | MessageKind::PasswordChanged
        | MessageKind::NewDevice
        | MessageKind::TeamInvitation
        | MessageKind::AddressChanged
        | MessageKind::ContactsMerged
        | MessageKind::Test
        | MessageKind::Written => None,
    }
}

pub(crate) fn boxed<E: SystemEmail + 'static>(email: Option<E>) -> Option<Box<dyn SystemEmail>> {
    email.map(|email| Box::new(email) as Box<dyn SystemEmail>)
}

impl EmailContext<'_> {
    fn not_me(&self) -> String {
        let key = &self.secrets.keys.not_me;
        let secret = PlainSecret::for_id(SecretKind::NotMe, self.account.id, key, self.message.id.0);
        let audience = self.recipient.holder().audience();
        (self.secrets.addresses).not_me(audience, &self.account.slug, &secret.reveal())
    }

    /// The URL of a contact's magic link.
    pub(crate) fn magic_link(&self, link: &LinkToMail) -> String {
        (self.secrets.addresses).magic_link(&self.account.slug, &link.secret.reveal())
    }
}

#[cfg(test)]
mod own_text_tests;
#[cfg(test)]
mod safety_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
