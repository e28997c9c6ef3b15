//! The emails that the system sends: their common parts, and the registry of all of them.
//!
//! To add an email: *An email* in `docs/extend/adding-a-feature.md`. The templates of an email see only the fields of
//! its struct ([`system_email!`]) and of the [`Frame`].
//!
//! No email loads anything from the network, tracks its readers, or holds the matching number of a sign-in: an attacker who
//! can only read the mailbox must not have everything that a sign-in needs. No subject contains a code: lock screens show subjects.

pub(crate) mod parts;
pub(crate) mod plain;
pub(crate) mod render;

use crate::accounts::model::Account;
use crate::accounts::urls::Addresses;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::contacts::emails::AddressChangedEmail;
use crate::invitations::emails::InvitationEmail;
use crate::magic_links::emails::{LoginEmail, MagicLinkEmail};
use crate::messages::model::link_batch::{LinkToMail, mint_links};
use crate::messages::model::queue::Outcome;
use crate::messages::model::{Message, MessageKind};
use crate::sign_in::challenge::emails::{LoginCodeEmail, RequestedLoginEmail, StaffLoginEmail};
use crate::sign_in::challenge::model::mailed_link::create_requested_link;
use crate::sign_in::keys::Keys;
use crate::sign_in::password::emails::{PasswordChangedEmail, PasswordResetEmail};
use crate::sign_in::person::Person;
use crate::sign_in::sessions::emails::NewDeviceEmail;
use crate::team::emails::TeamInvitationEmail;

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

/// A message that is ready to be rendered and sent, with no transaction open.
pub(crate) struct PreparedEmail {
    pub message: Message,
    pub account: Account,
    pub recipient: Person,
    pub email: Box<dyn SystemEmail>,
    /// The URL to report "This wasn't me".
    not_me: String,
}

/// A claimed message that can be sent, or its outcome if it can't.
pub(crate) enum Prepared {
    Email(Box<PreparedEmail>),
    NotSent(Box<Message>, Outcome),
}

/// The registry: the email of each kind. `None` if the object that it is about is no longer valid.
async fn load(
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
        MessageKind::StaffLogin => StaffLoginEmail::load(conn, context).await?,
        MessageKind::PasswordReset => boxed(PasswordResetEmail::load(conn, context).await?),
        MessageKind::PasswordChanged => boxed(Some(PasswordChangedEmail::load(conn, context).await?)),
        MessageKind::NewDevice => boxed(NewDeviceEmail::load(conn, context).await?),
        MessageKind::TeamInvitation => boxed(TeamInvitationEmail::load(conn, context).await?),
        MessageKind::AddressChanged => boxed(Some(AddressChangedEmail::load(conn, context).await?)),
    })
}

pub(crate) fn boxed<E: SystemEmail + 'static>(email: Option<E>) -> Option<Box<dyn SystemEmail>> {
    email.map(|email| Box::new(email) as Box<dyn SystemEmail>)
}

/// Decides which of the claimed messages may still be sent and mints their secrets; within a transaction.
pub(crate) async fn prepare(
    conn: &mut Conn,
    claimed: Vec<Message>,
    secrets: EmailSecrets<'_>,
) -> Result<Vec<Prepared>> {
    let (mut with_link, mut prepared) = (Vec::new(), Vec::new());
    for mut message in claimed {
        let link_missing = message.kind == MessageKind::RequestedLogin && message.magic_link_id.is_none();
        if link_missing && !Box::pin(create_requested_link(conn, &mut message, secrets.moment)).await? {
            prepared.push(Prepared::NotSent(Box::new(message), Outcome::Cancelled));
        } else if message.kind.properties().carries_magic_link {
            with_link.push(message);
        } else {
            prepared.push(Box::pin(prepare_one(conn, message, secrets)).await?);
        }
    }
    for (message, minted) in Box::pin(mint_links(conn, with_link, secrets.moment)).await? {
        prepared.push(Box::pin(prepare_link(conn, message, minted, secrets)).await?);
    }
    Ok(prepared)
}

async fn prepare_link(
    conn: &mut Conn,
    message: Message,
    minted: Result<LinkToMail, Outcome>,
    secrets: EmailSecrets<'_>,
) -> Result<Prepared> {
    match minted {
        Ok(link) => {
            let (account, recipient) = (link.account.clone(), Person::Contact(link.contact.clone()));
            finish(conn, message, account, recipient, Some(&link), secrets).await
        }
        Err(outcome) => Ok(Prepared::NotSent(Box::new(message), outcome)),
    }
}

/// Messages without a contact's link are few, so each is looked up on its own.
async fn prepare_one(conn: &mut Conn, message: Message, secrets: EmailSecrets<'_>) -> Result<Prepared> {
    match message.recipient(conn, secrets.moment.now).await? {
        Ok(recipient) => {
            let account = Account::find(conn, message.account_id).await?;
            finish(conn, message, account, recipient, None, secrets).await
        }
        Err(outcome) => Ok(Prepared::NotSent(Box::new(message), outcome)),
    }
}

async fn finish(
    conn: &mut Conn,
    message: Message,
    account: Account,
    recipient: Person,
    link: Option<&LinkToMail>,
    secrets: EmailSecrets<'_>,
) -> Result<Prepared> {
    let context = EmailContext {
        message: &message,
        account: &account,
        recipient: &recipient,
        secrets,
    };
    let Some(email) = Box::pin(load(conn, &context, link)).await? else {
        return Ok(Prepared::NotSent(Box::new(message), Outcome::Cancelled));
    };
    let not_me = context.not_me();
    Ok(Prepared::Email(Box::new(PreparedEmail {
        message,
        account,
        recipient,
        email,
        not_me,
    })))
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

impl PreparedEmail {
    pub(crate) fn render(&self) -> std::result::Result<Rendered, EmailError> {
        let frame = Frame::from(FrameSource {
            portal: &self.account.name,
            accent: self.account.accent(),
            audience: self.recipient.holder().audience(),
            greeting: self.recipient.greeting(),
            support: self.account.reply_to.as_deref(),
            not_me: &self.not_me,
        });
        render(&*self.email, &frame)
    }
}

#[cfg(test)]
mod safety_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
