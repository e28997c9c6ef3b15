#![doc = include_str!("../README.md")]
//!
//! # What a failure means
//!
//! [`SendError`] has a variant for each thing that a caller can do. By the provider's error code, which is the same in the answer to
//! a request and in a report of delivery ([`callback::StatusUpdate`]):
//!
//! | code | meaning here |
//! | --- | --- |
//! | no answer, TLS, 401, 403, 20003, 20005, 20404 (no such account), 20008 (test credentials) | Unreachable |
//! | 429, 5xx, 20429, 14107, 21611, 30001, 30022 (too fast or queue full), 30002, 30003 (handset off), 30008, 30017 (congestion), 30410 (timeout) | Retry |
//! | 21212, 21603, 21606, 21659, 21660, 21703, 21704, 21705 (the sender's number or service) | Retry: about the sender, so no reason to give up the recipient |
//! | 21211, 21214, 21217, 21401, 21614, 30005, 30006 (no such number, or none that receives texts) | InvalidNumber |
//! | 21610 (the recipient answered STOP) | Unsubscribed |
//! | everything else, such as 21408 (country not permitted), 21602 and 21617 (text), 21608 (trial), 30004 and 30007 (blocked) | Unsendable |
//!
//! Twilio's API has no key against repeats: if an answer is lost after the request was sent, a [`SendError::Retry`] may send the text
//! twice.

pub mod callback;
mod classify;
mod keyword;
mod memory;
mod message;
mod outbox;
mod phone_number;
mod redact;
mod segments;
mod twilio;

use std::path::PathBuf;
use std::time::Duration;

pub use self::keyword::Keyword;
pub use self::memory::MemoryPhone;
pub use self::message::{MAX_BODY_CHARS, Sender, Sent, TextMessage};
pub use self::outbox::{Outbox, StoredMessage};
pub use self::phone_number::{PhoneNumber, PhoneNumberError};
pub use self::segments::{Encoding, Segments, segments};
pub use self::twilio::{AuthToken, ProviderUrl, ProviderUrlError, Twilio};

/// How messages are sent.
#[derive(Clone, Debug)]
pub struct SmsSettings {
    /// The provider; without one, messages are stored as files.
    pub provider: Option<ProviderUrl>,
    /// Directory of the files.
    pub outbox_dir: PathBuf,
    /// Time limit for one message, from connecting to the end of the answer.
    pub timeout: Duration,
}

impl SmsSettings {
    /// Stores files in `outbox_dir`; for a provider, 15 s.
    pub fn new(outbox_dir: impl Into<PathBuf>) -> Self {
        Self {
            provider: None,
            outbox_dir: outbox_dir.into(),
            timeout: Duration::from_secs(15),
        }
    }
}

/// Why no sender could be created. Never contains credentials.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("the client of the provider's API can't be set up")]
    Client(#[source] reqwest::Error),
    #[error("the outbox folder can't be used")]
    Outbox(#[source] std::io::Error),
}

/// Why a message was not accepted, or not delivered. `reason` is one line of at most 300 characters, with numbers masked and links
/// removed: the sender's staff may read it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The provider can't be reached or refuses the credentials. Nothing was sent, and nothing else can be.
    #[error("{reason}")]
    Unreachable { reason: String },
    /// A temporary failure, or one that is not about the recipient: try again later, not before `after`.
    #[error("{reason}")]
    Retry { reason: String, after: Option<Duration> },
    /// The number does not exist or can't receive texts: send nothing to it.
    #[error("{reason}")]
    InvalidNumber { reason: String },
    /// The recipient answered STOP to this sender.
    #[error("{reason}")]
    Unsubscribed { reason: String },
    /// This message can't be sent: a retry doesn't help.
    #[error("{reason}")]
    Unsendable { reason: String },
}

impl SendError {
    /// The reason, for the sender's staff.
    pub fn reason(&self) -> &str {
        match self {
            Self::Unreachable { reason }
            | Self::Retry { reason, .. }
            | Self::InvalidNumber { reason }
            | Self::Unsubscribed { reason }
            | Self::Unsendable { reason } => reason,
        }
    }
}

/// Sends messages by a provider, to files (the local outbox) or to memory (for tests).
///
/// All three refuse a message that can't be sent. Cheap to clone: clones share connections and memory.
#[derive(Clone, Debug)]
pub enum SmsSender {
    Twilio(Twilio),
    Files(Outbox),
    Memory(MemoryPhone),
}

impl SmsSender {
    /// The provider if the settings name one, else files. Opens no connection.
    pub fn new(settings: &SmsSettings) -> Result<Self, SetupError> {
        match &settings.provider {
            Some(url) => Twilio::new(url, settings.timeout)
                .map(Self::Twilio)
                .map_err(SetupError::Client),
            None => Outbox::new(&settings.outbox_dir)
                .map(Self::Files)
                .map_err(SetupError::Outbox),
        }
    }

    /// Stores messages in memory, for tests.
    pub fn memory() -> Self {
        Self::Memory(MemoryPhone::default())
    }

    /// Sends the message; `Ok` means that the provider (or the disk) took responsibility for it.
    pub async fn send(&self, message: &TextMessage) -> Result<Sent, SendError> {
        message.check()?;
        match self {
            Self::Twilio(twilio) => twilio.send(message).await,
            Self::Files(outbox) => outbox.store(message).await,
            Self::Memory(phone) => phone.store(message),
        }
    }

    /// A health check: asks the provider about the account, or writes and removes a file.
    pub async fn check(&self) -> Result<(), SendError> {
        match self {
            Self::Twilio(twilio) => twilio.check().await,
            Self::Files(outbox) => outbox.check().await,
            Self::Memory(_) => Ok(()),
        }
    }

    /// The files, if messages are stored as files.
    pub fn outbox(&self) -> Option<&Outbox> {
        match self {
            Self::Files(outbox) => Some(outbox),
            Self::Twilio(_) | Self::Memory(_) => None,
        }
    }

    /// The messages in memory, for tests.
    pub fn phone(&self) -> Option<&MemoryPhone> {
        match self {
            Self::Memory(phone) => Some(phone),
            Self::Twilio(_) | Self::Files(_) => None,
        }
    }
}
