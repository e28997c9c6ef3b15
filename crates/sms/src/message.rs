//! A finished text message.

use std::fmt;

use chrono::{DateTime, Utc};
use private_files::is_name;
use url::Url;

use crate::{PhoneNumber, Segments, SendError, segments};

/// The longest text that the provider accepts.
pub const MAX_BODY_CHARS: usize = 1_600;

/// Who sends a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    Number(PhoneNumber),
    /// A messaging service of the provider, which chooses a number (`MG…`).
    Service(String),
    /// A name of up to 11 letters and digits, where the recipient's country permits it.
    Name(String),
}

impl Sender {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Number(number) => number.as_str(),
            Self::Service(text) | Self::Name(text) => text,
        }
    }

    /// Whether the provider may accept it.
    pub fn is_valid(&self) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Service(id) => {
                id.len() == 34 && id.starts_with("MG") && id.bytes().all(|b| b.is_ascii_alphanumeric())
            }
            Self::Name(name) => {
                (1..=11).contains(&name.len())
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ')
                    && name.bytes().any(|b| b.is_ascii_alphabetic())
            }
        }
    }
}

/// One text to one recipient. `Debug` shows neither text nor number.
#[derive(Clone, PartialEq, Eq)]
pub struct TextMessage {
    /// Folder and name of its file in an outbox: `a-z`, `0-9` and `_`.
    pub folder: String,
    pub key: String,
    pub from: Sender,
    pub to: PhoneNumber,
    pub body: String,
    /// Where the provider reports the delivery.
    pub status_callback: Option<Url>,
    pub date: DateTime<Utc>,
}

impl fmt::Debug for TextMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextMessage")
            .field("key", &self.key)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

/// What took responsibility for a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The provider's id, which its reports name.
    pub provider_id: Option<String>,
    pub segments: usize,
}

impl TextMessage {
    pub fn segments(&self) -> Segments {
        segments(&self.body)
    }

    pub(crate) fn check(&self) -> Result<(), SendError> {
        let unsendable = |reason: &str| {
            Err(SendError::Unsendable {
                reason: reason.to_owned(),
            })
        };
        if !is_name(&self.folder) || !is_name(&self.key) {
            return unsendable("folder and key must be 1 to 100 characters of a-z, 0-9 and _");
        }
        if self.body.trim().is_empty() {
            return unsendable("the text is empty");
        }
        if self.body.chars().count() > MAX_BODY_CHARS {
            return unsendable("the text has more than 1,600 characters");
        }
        if self.body.contains('\0') || !self.from.is_valid() {
            return unsendable("the sender or the text is invalid");
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn message() -> TextMessage {
        TextMessage {
            folder: "acme".to_owned(),
            key: "message_1".to_owned(),
            from: Sender::Number(PhoneNumber::parse("+1 500 555 0006", None).unwrap_or_else(|_| number())),
            to: number(),
            body: "Your code is 123456".to_owned(),
            status_callback: None,
            date: DateTime::UNIX_EPOCH,
        }
    }

    fn number() -> PhoneNumber {
        PhoneNumber::parse("+49 151 23456789", None).expect("a number")
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        assert_eq!(message().check(), Ok(()));
        let long = "x".repeat(MAX_BODY_CHARS);
        assert_eq!(
            TextMessage {
                body: long.clone(),
                ..message()
            }
            .check(),
            Ok(())
        );
        for message in [
            TextMessage {
                body: long + "x",
                ..message()
            },
            TextMessage {
                body: " \n".to_owned(),
                ..message()
            },
            TextMessage {
                body: "a\0".to_owned(),
                ..message()
            },
            TextMessage {
                key: "../x".to_owned(),
                ..message()
            },
            TextMessage {
                folder: String::new(),
                ..message()
            },
            TextMessage {
                from: Sender::Name("A much too long name".to_owned()),
                ..message()
            },
            TextMessage {
                from: Sender::Name("12345".to_owned()),
                ..message()
            },
            TextMessage {
                from: Sender::Service("MG1".to_owned()),
                ..message()
            },
        ] {
            assert!(
                matches!(message.check(), Err(SendError::Unsendable { .. })),
                "{message:?}"
            );
        }
    }

    #[test]
    fn debug_shows_neither_text_nor_number() {
        let shown = format!("{:?}", message());
        assert!(!shown.contains("123456") && !shown.contains("151"), "{shown}");
    }
}
