#![doc = include_str!("../README.md")]
//!
//! # What a failure means
//!
//! Only a refusal of the recipient's mailbox is a bounce ([`SendError::Rejected`]): the caller should stop
//! sending to that address. If the session does not get as far as the message ([`SendError::Unreachable`]), other messages
//! would fail as well: the caller should wait until [`Mailer::check`] succeeds. Everything else is [`SendError::Retry`]: the
//! cause may be the relay, the network or the sender's reputation. The caller decides when to give up.
//!
//! The client sends each command separately, so it knows the stage of a refusal. A reply can only be about the recipient
//! after `RCPT`, or after the end of the message (some servers look up the mailbox only then). Enhanced codes are those
//! of RFC 3463, with the additions of the IANA registry.
//!
//! | reply | RFC 3463 | meaning here |
//! | --- | --- | --- |
//! | refused connection, no greeting, TLS; anything at the greeting (unless other sessions are open: then one of them is awaited), `EHLO`, `STARTTLS`, `AUTH` (530, 534, 535, 538) | | Unreachable |
//! | 4xx, no answer, broken connection | 2 | Retry |
//! | anything at `MAIL`, `DATA` | | Retry |
//! | 5.1.7, 5.1.8 (the sender's address), 5.1.4 (ambiguous), or a text that names the sender's address | 3.2 | Retry |
//! | other 5.1.x (no such mailbox, bad domain, moved; 5.1.10 null MX, RFC 7505) | 3.2 | Rejected |
//! | 5.2.0, 5.2.1 (mailbox disabled) | 3.3 | Rejected |
//! | 5.2.2 (full), 5.2.3 (too long), 5.2.4 (list expansion) | 3.3 | Retry |
//! | 5.3.x (the other mail system) | 3.4 | Retry |
//! | 5.4.1, 5.4.4 after `RCPT` (no host to route to; 5.4.1 is Exchange Online's unknown recipient) | 3.5 | Rejected |
//! | other 5.4.x (loops, congestion, expiry) | 3.5 | Retry |
//! | 5.5.0 with 550 after `RCPT` (Outlook.com's unknown mailbox) | 3.6 | Rejected |
//! | other 5.5.x (protocol) | 3.6 | Retry |
//! | 5.6.x (content) | 3.7 | Retry |
//! | 5.7.17, 5.7.18 (mailbox or domain has a new owner, RFC 7293) | 3.8 | Rejected |
//! | other 5.7.x (policy, relaying denied, spam, credentials) | 3.8 | Retry |
//! | none, after `RCPT`: 501, 550, 551, 553, 554, 556 (RFC 7504) | | Rejected, unless the text names relaying, authentication, the sender or a block list |
//! | none, after `RCPT`: 552 (storage exceeded), others | | Retry |
//! | none, after the message's end | | Retry |
//!
//! A delivery report ([`report`]) is classified by its status in the same way, as after `RCPT`; one without an enhanced code is
//! a Retry.

mod classify;
mod dkim;
mod email;
pub mod mask;
mod memory;
mod mime;
mod outbox;
mod redact;
pub mod report;
mod smtp;

use std::path::PathBuf;
use std::time::Duration;

pub use self::dkim::{DkimKey, DkimKeyError, DkimKeyPair};
pub use self::email::{AutoSubmitted, Email, Mailbox, MailboxError};
pub use self::memory::MemoryMailbox;
use self::mime::EncodedMessage;
pub use self::outbox::{Outbox, OutboxEntry, StoredEmail};
pub use self::smtp::{ServerState, Smtp, SmtpUrl, SmtpUrlError};

/// Connections to a mail server, unless its URL says otherwise.
pub const DEFAULT_CONNECTIONS: u16 = 32;

/// How messages are sent.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The mail server; without one, messages are stored as files.
    pub smtp_url: Option<SmtpUrl>,
    /// Directory of the files.
    pub outbox_dir: PathBuf,
    /// Time limit for one message, from connecting to the server's last reply. Waiting for a free connection is not
    /// included.
    pub timeout: Duration,
}

impl MailSettings {
    /// Stores files in `outbox_dir`; for SMTP, 30 s.
    pub fn new(outbox_dir: impl Into<PathBuf>) -> Self {
        let outbox_dir = outbox_dir.into();
        Self {
            smtp_url: None,
            outbox_dir,
            timeout: Duration::from_secs(30),
        }
    }
}

/// Why no mailer could be created. Never contains credentials.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("the time limit of a message must be more than zero")]
    ZeroTimeout,
    #[error("TLS can't be set up")]
    Tls(#[source] lettre::transport::smtp::Error),
    #[error("the outbox folder can't be used")]
    Outbox(#[source] std::io::Error),
}

/// Why a message was not accepted. `reason` is one line of at most 300 characters, with addresses masked: the sender's
/// staff may read it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The mail server can't be reached, does not speak TLS, or refuses the session. Nothing was sent, and nothing else can be.
    #[error("{reason}")]
    Unreachable { reason: String },
    /// A temporary failure, or one that is not about the recipient: try again later.
    #[error("{reason}")]
    Retry { reason: String },
    /// The recipient's server refuses this recipient: a bounce.
    #[error("{reason}")]
    Rejected { reason: String },
    /// The message can't be encoded: a retry doesn't help.
    #[error("{reason}")]
    Unsendable { reason: String },
}

impl SendError {
    /// The reason, for the sender's staff.
    pub fn reason(&self) -> &str {
        match self {
            Self::Unreachable { reason }
            | Self::Retry { reason }
            | Self::Rejected { reason }
            | Self::Unsendable { reason } => reason,
        }
    }
}

/// Sends messages by SMTP, to files (the local outbox) or to memory (for tests).
///
/// All three encode the same bytes, so each refuses a message that can't be encoded. Cheap to clone: clones share
/// connections and mailbox.
#[derive(Clone, Debug)]
pub enum Mailer {
    Smtp(Smtp),
    Files(Outbox),
    Memory(MemoryMailbox),
}

impl Mailer {
    /// SMTP if the settings name a server, else files. Opens no connection.
    pub fn new(settings: &MailSettings) -> Result<Self, SetupError> {
        match &settings.smtp_url {
            Some(url) => Smtp::new(url, settings.timeout).map(Self::Smtp),
            None => Outbox::new(&settings.outbox_dir)
                .map(Self::Files)
                .map_err(SetupError::Outbox),
        }
    }

    /// Stores messages in memory, for tests.
    pub fn memory() -> Self {
        Self::Memory(MemoryMailbox::default())
    }

    /// Sends the message; `Ok` means that the server (or the disk) took responsibility for it.
    ///
    /// A reply lost after the end of the message is a `Retry`, so a message may arrive twice, with the same `Message-ID`
    /// (RFC 5321, section 6.1).
    pub async fn send(&self, email: &Email) -> Result<(), SendError> {
        let message = encode(email).await?;
        match self {
            Self::Smtp(smtp) => smtp.send(message).await,
            Self::Files(outbox) => outbox.store(email, message.content).await,
            Self::Memory(mailbox) => mailbox.store(email).await,
        }
    }

    /// How many messages can be in flight at once.
    pub fn connections(&self) -> usize {
        match self {
            Self::Smtp(smtp) => smtp.connections(),
            Self::Files(_) | Self::Memory(_) => usize::from(DEFAULT_CONNECTIONS),
        }
    }

    /// A health check: connects, signs in and quits; or writes and removes a file.
    pub async fn check(&self) -> Result<(), SendError> {
        match self {
            Self::Smtp(smtp) => smtp.check().await,
            Self::Files(outbox) => outbox.check().await,
            Self::Memory(_) => Ok(()),
        }
    }

    /// The state of the mail server; `None` without one.
    pub fn server_state(&self) -> Option<ServerState> {
        match self {
            Self::Smtp(smtp) => Some(smtp.state()),
            Self::Files(_) | Self::Memory(_) => None,
        }
    }

    /// The files, if messages are stored as files.
    pub fn outbox(&self) -> Option<&Outbox> {
        match self {
            Self::Files(outbox) => Some(outbox),
            Self::Smtp(_) | Self::Memory(_) => None,
        }
    }

    /// The messages in memory, for tests.
    pub fn mailbox(&self) -> Option<&MemoryMailbox> {
        match self {
            Self::Memory(mailbox) => Some(mailbox),
            Self::Smtp(_) | Self::Files(_) => None,
        }
    }

    /// Waits for messages in flight, sends `QUIT` on the idle connections, and refuses further messages.
    pub async fn close(&self) {
        if let Self::Smtp(smtp) = self {
            smtp.close().await;
        }
    }
}

/// A signature takes milliseconds, so it is made on a thread that may block.
async fn encode(email: &Email) -> Result<EncodedMessage, SendError> {
    if email.dkim.is_none() {
        return mime::encode(email);
    }
    let email = email.clone();
    let encoded = tokio::task::spawn_blocking(move || mime::encode(&email)).await;
    encoded.unwrap_or_else(|_| {
        Err(SendError::Retry {
            reason: "the message could not be signed".to_owned(),
        })
    })
}
