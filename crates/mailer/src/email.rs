//! A message, ready to send.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use crate::dkim::DkimKey;
use crate::mask;

/// An address with the name shown beside it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Mail programs show it instead of the address.
    pub name: Option<String>,
    /// `local@domain`, the domain in its ASCII form.
    pub address: String,
}

impl Mailbox {
    /// An address without a name.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            name: None,
            address: address.into(),
        }
    }

    /// An address with a name.
    pub fn named(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            address: address.into(),
        }
    }
}

/// The text is not an email address, alone or with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an email address; write anna@example.com or Anna Smith <anna@example.com>")]
pub struct MailboxError;

impl FromStr for Mailbox {
    type Err = MailboxError;

    /// A mailbox of RFC 5322, section 3.4: an address alone, or in angle brackets after a name, quoted or not.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mailbox: lettre::message::Mailbox = text.parse().map_err(|_| MailboxError)?;
        Ok(Self {
            name: mailbox.name,
            address: mailbox.email.to_string(),
        })
    }
}

/// Shows only the masked address: the name is personal data as well.
impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask::address(&self.address))
    }
}

/// What caused the message (RFC 3834, section 5). Autoresponders don't reply to automatic messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoSubmitted {
    /// A program, as for newsletters and notifications.
    Generated,
    /// The recipient's own request.
    Replied,
    /// A person who writes to this recipient only.
    No,
}

/// One complete message to one recipient.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    /// Folder in the file outbox, such as the tenant's id: `[a-z0-9_]`.
    pub folder: String,
    /// File name in the file outbox: `[a-z0-9_]`. A message with the same key replaces the file.
    pub key: String,
    pub from: Mailbox,
    /// The envelope's sender, which receives bounces; `from` if there is none.
    pub envelope_from: Option<String>,
    pub reply_to: Option<Mailbox>,
    pub to: Mailbox,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// `left@right`, without angle brackets (RFC 5322, section 3.6.4).
    pub message_id: String,
    pub date: DateTime<Utc>,
    pub auto_submitted: AutoSubmitted,
    /// The URL for unsubscribing. An `https:` URL must accept the one-click `POST` of RFC 8058.
    pub list_unsubscribe: Option<String>,
    /// Signs the message.
    pub dkim: Option<DkimKey>,
}

/// Shows neither contents nor names: both may hold secrets.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Email")
            .field("folder", &self.folder)
            .field("key", &self.key)
            .field("from", &self.from)
            .field("envelope_from", &self.envelope_from.as_deref().map(mask::address))
            .field("to", &self.to)
            .field("message_id", &self.message_id)
            .field("date", &self.date)
            .field("auto_submitted", &self.auto_submitted)
            .field("list_unsubscribe", &self.list_unsubscribe.is_some())
            .field("dkim", &self.dkim)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{AutoSubmitted, Email, Mailbox, MailboxError};
    use chrono::DateTime;

    /// An invitation.
    pub(crate) fn email() -> Email {
        Email {
            folder: "acme".into(),
            key: "msg_01".into(),
            from: Mailbox::named("Acme", "portal@mail.acme.example"),
            envelope_from: None,
            reply_to: Some(Mailbox::named("Acme help", "help@acme.example")),
            to: Mailbox::named("Maria Perez", "maria@example.com"),
            subject: "Acme invites you to its portal".into(),
            text: "Hello Maria,\n\nhttps://portal.acme.example/l/sEcReT\n".into(),
            html: "<p>Hello Maria</p>".into(),
            message_id: "msg_01@mail.acme.example".into(),
            date: DateTime::from_timestamp(1_763_892_000, 0).expect("a time in 2025"),
            auto_submitted: AutoSubmitted::Generated,
            list_unsubscribe: None,
            dkim: None,
        }
    }

    #[test]
    fn a_mailbox_is_parsed_with_and_without_a_name() {
        for (text, mailbox) in [
            ("anna@x.example", Mailbox::new("anna@x.example")),
            ("<anna@x.example>", Mailbox::new("anna@x.example")),
            (
                "Anna Smith <anna@x.example>",
                Mailbox::named("Anna Smith", "anna@x.example"),
            ),
            (
                "\"Smith, Anna\" <anna@x.example>",
                Mailbox::named("Smith, Anna", "anna@x.example"),
            ),
        ] {
            assert!(text.parse() == Ok(mailbox), "{text}");
        }
        for text in [
            "",
            "Anna",
            "Anna <anna@x.example",
            "a@x.example, b@x.example",
            "Anna\r\nBcc: x <anna@x.example>",
        ] {
            assert!(text.parse::<Mailbox>() == Err(MailboxError), "{text:?}");
        }
    }

    #[test]
    fn debug_output_does_not_show_the_message() {
        let mut email = email();
        email.list_unsubscribe = Some("https://portal.acme.example/u/sEcReT".into());
        let shown = format!("{email:?} {email:#?}");
        for hidden in ["sEcReT", "Hello", "invites", "Maria", "maria@", "portal@"] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
        assert!(shown.contains("m***@example.com"), "{shown}");
    }
}
