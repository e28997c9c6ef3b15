//! What the provider calls: reports of delivery, and replies of recipients.
//!
//! A signature has no date: whoever saw a signed request can repeat it. So a report must be applied only if it is news
//! ([`MessageStatus::follows`]), and a reply only once per [`InboundMessage::id`]. A URL of its own for each message (as
//! `status_callback`) binds a report to its message, since the signature covers the URL.

mod signature;

use crate::classify::{Refusal, classify};
use crate::twilio::is_message_id;
use crate::{Keyword, PhoneNumber, SendError};

pub use self::signature::{SIGNATURE_HEADER, verify};

/// The largest body of a callback.
pub const MAX_FORM_BYTES: usize = 64 * 1024;
const MAX_FIELDS: usize = 200;

/// The decoded fields of a callback, in their order. `Debug` shows only how many: they hold numbers and texts.
#[derive(Clone, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Form").field(&self.0.len()).finish()
    }
}

/// Why a callback can't be used. Never repeats a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    #[error("the body is too long")]
    TooLong,
    #[error("the signature is missing or wrong")]
    Unsigned,
    #[error("the callback is of another account")]
    OtherAccount,
    #[error("a field is missing or invalid")]
    Invalid,
}

impl Form {
    /// Reads a form-encoded body.
    pub fn parse(body: &[u8]) -> Result<Self, CallbackError> {
        if body.len() > MAX_FORM_BYTES {
            return Err(CallbackError::TooLong);
        }
        let fields: Vec<_> = url::form_urlencoded::parse(body)
            .into_owned()
            .take(MAX_FIELDS + 1)
            .collect();
        if fields.len() > MAX_FIELDS {
            return Err(CallbackError::TooLong);
        }
        Ok(Self(fields))
    }

    /// A field that is not empty.
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    fn message_id(&self) -> Result<String, CallbackError> {
        let id = self.get("MessageSid").or_else(|| self.get("SmsSid"));
        id.filter(|id| is_message_id(id))
            .map(str::to_owned)
            .ok_or(CallbackError::Invalid)
    }

    fn number(&self, name: &str) -> Result<PhoneNumber, CallbackError> {
        let number = self.get(name).ok_or(CallbackError::Invalid)?;
        PhoneNumber::parse(number, None).map_err(|_| CallbackError::Invalid)
    }
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageStatus {
    /// The provider has it.
    Queued,
    /// The network has it.
    Sent,
    Delivered,
    /// Read, where the channel tells.
    Read,
    Undelivered,
    Failed,
    Canceled,
}

impl MessageStatus {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "accepted" | "scheduled" | "queued" | "sending" => Self::Queued,
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "read" => Self::Read,
            "undelivered" => Self::Undelivered,
            "failed" => Self::Failed,
            "canceled" => Self::Canceled,
            _ => return None,
        })
    }

    /// Whether this is news after `previous`. Reports arrive in any order, and more than once.
    pub fn follows(self, previous: Self) -> bool {
        self.rank() > previous.rank()
    }

    fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Sent => 1,
            Self::Delivered | Self::Undelivered | Self::Failed | Self::Canceled => 2,
            Self::Read => 3,
        }
    }
}

/// A report about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusUpdate {
    /// The provider's id of the message.
    pub id: String,
    pub status: MessageStatus,
    /// Why the message was not delivered.
    pub error: Option<SendError>,
}

impl StatusUpdate {
    /// Reads a report whose signature was verified.
    pub fn parse(form: &Form, account_id: &str) -> Result<Self, CallbackError> {
        require_account(form, account_id)?;
        let status = form.get("MessageStatus").or_else(|| form.get("SmsStatus"));
        let status = status
            .and_then(MessageStatus::parse)
            .ok_or(CallbackError::Invalid)?;
        let undelivered = matches!(status, MessageStatus::Undelivered | MessageStatus::Failed);
        let error = undelivered.then(|| {
            classify(&Refusal {
                status: None,
                code: form.get("ErrorCode").and_then(|code| code.parse().ok()),
                text: form.get("ErrorMessage").unwrap_or_default(),
                retry_after: None,
            })
        });
        Ok(Self {
            id: form.message_id()?,
            status,
            error,
        })
    }
}

/// What a recipient sent. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq)]
pub struct InboundMessage {
    /// The provider's id of the message: apply each once.
    pub id: String,
    pub from: PhoneNumber,
    pub body: String,
    /// What a reply of one word asks for.
    pub keyword: Option<Keyword>,
}

impl std::fmt::Debug for InboundMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InboundMessage")
            .field("id", &self.id)
            .field("from", &self.from)
            .field("keyword", &self.keyword)
            .finish_non_exhaustive()
    }
}

impl InboundMessage {
    /// Reads a message whose signature was verified.
    pub fn parse(form: &Form, account_id: &str) -> Result<Self, CallbackError> {
        require_account(form, account_id)?;
        let body = form.get("Body").unwrap_or_default().replace('\0', "");
        // Set where the provider itself has recognised a keyword, perhaps one of the account's own.
        let keyword = match form.get("OptOutType") {
            Some("STOP") => Some(Keyword::Stop),
            Some("START") => Some(Keyword::Start),
            Some("HELP") => Some(Keyword::Help),
            Some(_) | None => Keyword::of(&body),
        };
        Ok(Self {
            id: form.message_id()?,
            from: form.number("From")?,
            body,
            keyword,
        })
    }
}

fn require_account(form: &Form, account_id: &str) -> Result<(), CallbackError> {
    if form.get("AccountSid") == Some(account_id) {
        Ok(())
    } else {
        Err(CallbackError::OtherAccount)
    }
}

#[cfg(test)]
mod tests;
