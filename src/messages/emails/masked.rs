//! A message as it looked to its recipient, for staff: rendered again from the rows, with a mask in place of each secret. No secret is
//! created, read or derived.

use super::prepare::{frame, or_built_in};
use super::render::fill_templates;
use super::{EmailContext, EmailSecrets, Rendered, SystemEmail, boxed, email_for, text_for};
use crate::accounts::model::Account;
use crate::base::db::Db;
use crate::base::error::{Error, Result};
use crate::base::secrets::{MASK, mask_secrets};
use crate::invitations::emails::InvitationEmail;
use crate::invitations::model::Invitation;
use crate::magic_links::emails::{LoginEmail, MagicLinkEmail};
use crate::magic_links::model::MagicLink;
use crate::mailings::emails::masked;
use crate::messages::model::{Channel, Message, MessageKind};
use crate::sign_in::challenge::emails::{LoginCodeEmail, RequestedLoginEmail, SignUpCodeEmail};
use crate::sign_in::password::emails::PasswordResetEmail;
use crate::sign_in::person::Person;
use crate::system_emails::emails::OwnEmail;
use crate::system_emails::text::OwnTexts;

/// What a message said, with its secrets masked.
#[derive(Clone, Debug)]
pub(crate) struct MaskedMessage {
    /// None: it is a text message.
    pub html: Option<String>,
    pub text: String,
}

impl MaskedMessage {
    fn of(rendered: &Rendered, channel: Channel) -> Self {
        Self {
            html: (channel == Channel::Email).then(|| mask_secrets(&rendered.html)),
            text: mask_secrets(&rendered.text),
        }
    }
}

/// A message, and the rows that it shows.
pub(crate) struct SentMessage<'a> {
    pub message: &'a Message,
    pub account: &'a Account,
    pub recipient: &'a Person,
    pub link: Option<&'a MagicLink>,
    pub invitation: Option<&'a Invitation>,
    /// Those of the account, as they are now.
    pub own_texts: &'a OwnTexts,
}

impl SentMessage<'_> {
    /// `None` if what the message is about does not exist.
    pub(crate) async fn render_masked(
        &self,
        db: &Db,
        secrets: EmailSecrets<'_>,
    ) -> Result<Option<MaskedMessage>> {
        if let (MessageKind::Written, Person::Contact(contact)) = (self.message.kind, self.recipient) {
            let of = (self.account, contact);
            let rendered = Box::pin(masked(db, self.message, of, secrets.addresses)).await?;
            return Ok(rendered.map(|rendered| MaskedMessage::of(&rendered, self.message.channel)));
        }
        match self.message.channel {
            Channel::Email => self.render_email(db, secrets).await,
            Channel::Sms => Ok(self.text(secrets).map(|text| MaskedMessage { html: None, text })),
        }
    }

    fn text(&self, secrets: EmailSecrets<'_>) -> Option<String> {
        let url = secrets.addresses.magic_link(&self.account.slug, MASK);
        text_for(&self.context(secrets), self.link.map(|link| (link, url)))
    }

    fn context<'c>(&'c self, secrets: EmailSecrets<'c>) -> EmailContext<'c> {
        EmailContext {
            message: self.message,
            account: self.account,
            recipient: self.recipient,
            secrets,
        }
    }

    async fn render_email(&self, db: &Db, secrets: EmailSecrets<'_>) -> Result<Option<MaskedMessage>> {
        let email = if self.message.kind.properties().warning {
            self.warning(db, secrets).await?
        } else {
            self.masked_email(secrets)
        };
        let Some(email) = email else { return Ok(None) };
        let audience = self.recipient.holder().audience();
        let not_me = secrets.addresses.not_me(audience, &self.account.slug, MASK);
        let frame = frame(self.account, self.recipient, &not_me);
        let built_in = fill_templates(&*email, &frame).map_err(Error::internal)?;
        let of = (self.message, self.account, self.recipient);
        let own = OwnEmail::of_message(self.own_texts, of, secrets.addresses);
        let rendered = or_built_in(own.as_ref(), &*email, &frame, built_in).await;
        // A note may contain a link that staff pasted.
        Ok(Some(MaskedMessage::of(&rendered, Channel::Email)))
    }

    /// An email that contains no secret.
    async fn warning(&self, db: &Db, secrets: EmailSecrets<'_>) -> Result<Option<Box<dyn SystemEmail>>> {
        let mut conn = db.conn().await?;
        Box::pin(email_for(&mut conn, &self.context(secrets), None)).await
    }

    fn masked_email(&self, secrets: EmailSecrets<'_>) -> Option<Box<dyn SystemEmail>> {
        let (addresses, slug) = (secrets.addresses, &self.account.slug);
        let url = addresses.magic_link(slug, MASK);
        match self.message.kind {
            MessageKind::Invitation => boxed(
                self.link
                    .map(|link| InvitationEmail::of_link(url, link, self.invitation)),
            ),
            MessageKind::LoginEmail => boxed(self.link.map(|link| LoginEmail::of_link(url, link))),
            MessageKind::MagicLink => boxed(self.link.map(|link| MagicLinkEmail::of_link(url, link))),
            MessageKind::RequestedLogin => {
                let code = self.message.about.filter(|_| self.account.code_allowed);
                let code = code.map(|_| MASK.to_owned());
                boxed(
                    self.link
                        .map(|link| RequestedLoginEmail::of_link(url, link, code)),
                )
            }
            MessageKind::LoginCode => boxed(Some(LoginCodeEmail::of_code(MASK.to_owned()))),
            MessageKind::SignUpCode => boxed(Some(SignUpCodeEmail::of_code(MASK.to_owned()))),
            MessageKind::PasswordReset => {
                let audience = self.recipient.holder().audience();
                boxed(Some(PasswordResetEmail::of_link(
                    addresses.reset(audience, slug, MASK),
                )))
            }
            // Emails to team members are not shown, and warnings hold no secret.
            MessageKind::StaffLogin
            | MessageKind::TeamInvitation
            | MessageKind::Test
            | MessageKind::PasswordChanged
            | MessageKind::NewDevice
            | MessageKind::AddressChanged
            | MessageKind::ContactsMerged
            | MessageKind::Written => None,
        }
    }
}
