//! The finished message.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::mask;

/// An address with the name shown beside it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Shown by mail programs instead of the address.
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

/// A name is as personal as an address, so only the masked address is shown.
impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask::address(&self.address))
    }
}

/// Who set the message off (RFC 3834, section 5). Responders leave automatic messages unanswered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Automatic {
    /// A program on behalf of staff: invitations, workflows.
    Generated,
    /// The recipient, who asked for it a moment ago.
    Replied,
    /// A human being writes to this one person.
    No,
}

/// One message to one person, complete: nothing is looked up or filled in any more.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    /// Folder of the outbox: `[a-z0-9_]`.
    pub account: String,
    /// File name in the outbox: `[a-z0-9_]`.
    pub key: String,
    /// Also the envelope's sender: bounces go there.
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    pub to: Mailbox,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// `left@right`, without angle brackets (RFC 5322, section 3.6.4).
    pub message_id: String,
    pub date: DateTime<Utc>,
    pub automatic: Automatic,
    /// The address that ends such messages. With `https:` it takes the one-click `POST` of RFC 8058.
    pub list_unsubscribe: Option<String>,
}

/// Shows neither what the message says nor whom it is for: both may hold secrets.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Email")
            .field("account", &self.account)
            .field("key", &self.key)
            .field("from", &self.from)
            .field("to", &self.to)
            .field("message_id", &self.message_id)
            .field("date", &self.date)
            .field("automatic", &self.automatic)
            .field("list_unsubscribe", &self.list_unsubscribe.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use crate::delivery::email::{Automatic, Email, Mailbox};
    use chrono::DateTime;

    /// An invitation as the worker would hand it over.
    pub(crate) fn email() -> Email {
        Email {
            account: "acme".into(),
            key: "msg_01".into(),
            from: Mailbox::named("Acme", "portal@mail.acme.example"),
            reply_to: Some(Mailbox::named("Acme help", "help@acme.example")),
            to: Mailbox::named("Maria Perez", "maria@example.com"),
            subject: "Acme invites you to its portal".into(),
            text: "Hello Maria,\n\nhttps://portal.acme.example/l/sEcReT\n".into(),
            html: "<p>Hello Maria</p>".into(),
            message_id: "msg_01@mail.acme.example".into(),
            date: DateTime::from_timestamp(1_763_892_000, 0).expect("a time in 2025"),
            automatic: Automatic::Generated,
            list_unsubscribe: None,
        }
    }

    #[test]
    fn debug_shows_nothing_of_the_message() {
        let mut email = email();
        email.list_unsubscribe = Some("https://portal.acme.example/u/sEcReT".into());
        let shown = format!("{email:?} {email:#?}");
        for hidden in ["sEcReT", "Hello", "invites", "Maria", "maria@", "portal@"] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
        assert!(shown.contains("m***@example.com"), "{shown}");
    }
}
