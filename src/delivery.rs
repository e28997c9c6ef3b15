//! Sends finished messages: knows no database, no models, no account's settings.
//!
//! [`Mailer`] is one of three backends: SMTP, files (the local outbox), memory (tests). Each builds the
//! same bytes, so what can't be built is refused by all of them alike.
//!
//! # What a failure means
//!
//! Only a refusal that speaks about the recipient's mailbox is a bounce ([`SendError::Rejected`], the
//! address gets suppressed). Everything else is tried again: the relay, the network, our credentials and
//! our reputation are not the contact's fault, and the worker gives up after a day by itself.
//!
//! Connections speak each command by themselves, so the stage of a refusal is known. A reply counts as the
//! recipient's only after `RCPT`, or after the message's end (some servers look for the mailbox only
//! then). Enhanced codes are those of RFC 3463, with the additions of the IANA registry.
//!
//! | reply | RFC 3463 | meaning here |
//! | --- | --- | --- |
//! | 4xx, no answer, refused or broken connection, TLS | 2 | Retry |
//! | anything at the greeting, `EHLO`, `STARTTLS`, `AUTH` (530, 534, 535, 538), `MAIL`, `DATA` | | Retry |
//! | 5.1.7, 5.1.8 (the sender's address), 5.1.4 (ambiguous), or a text that names the sender's address | 3.2 | Retry |
//! | other 5.1.x (no such mailbox, bad domain, moved; 5.1.10 null MX, RFC 7505) | 3.2 | Rejected |
//! | 5.2.0, 5.2.1 (mailbox disabled) | 3.3 | Rejected |
//! | 5.2.2 (full), 5.2.3 (too long), 5.2.4 (list expansion) | 3.3 | Retry |
//! | 5.3.x (the other mail system) | 3.4 | Retry |
//! | 5.4.1, 5.4.4 after `RCPT` (no host to route to; 5.4.1 is Exchange Online's unknown recipient) | 3.5 | Rejected |
//! | other 5.4.x (loops, congestion, expiry) | 3.5 | Retry |
//! | 5.5.0 with 550 after `RCPT` (Outlook.com's unknown mailbox) | 3.6 | Rejected |
//! | other 5.5.x (protocol) | 3.6 | Retry |
//! | 5.6.x (content, 5.6.7 SMTPUTF8) | 3.7 | Retry |
//! | 5.7.17, 5.7.18 (mailbox or domain has a new owner, RFC 7293) | 3.8 | Rejected |
//! | other 5.7.x (policy, relaying denied, spam, credentials) | 3.8 | Retry |
//! | none, after `RCPT`: 501, 550, 551, 553, 554, 556 (RFC 7504) | | Rejected, unless the text names relaying, authentication, the sender or a block list |
//! | none, after `RCPT`: 552 (storage exceeded), others | | Retry |
//! | none, after the message's end | | Retry |

mod email;
pub mod letters;
mod memory;
pub mod metrics;
mod mime;
mod outbox;
mod reason;
mod smtp;
mod verdict;

use std::path::PathBuf;
use std::time::Duration;

pub use self::email::{Automatic, Email, Mailbox};
pub use self::memory::MemoryMailbox;
pub use self::outbox::{Outbox, OutboxEntry, ReadMail};
pub use self::smtp::{ServerState, Smtp, SmtpUrl, SmtpUrlError};

/// How messages leave.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The server that takes them; files without one.
    pub smtp_url: Option<SmtpUrl>,
    /// Where the files go.
    pub outbox_dir: PathBuf,
    /// Connections at once, and so messages at once.
    pub pool_size: u32,
    /// For one message, from the connection to the server's last word. Waiting for a free connection
    /// comes on top.
    pub timeout: Duration,
}

impl MailSettings {
    /// Files in `outbox_dir`, 8 connections, 30 s.
    pub fn new(outbox_dir: impl Into<PathBuf>) -> Self {
        let outbox_dir = outbox_dir.into();
        Self {
            smtp_url: None,
            outbox_dir,
            pool_size: 8,
            timeout: Duration::from_secs(30),
        }
    }
}

/// Why no mailer could be made. Never holds the credentials.
#[derive(Debug, thiserror::Error)]
pub enum MailSetupError {
    #[error("the pool needs at least one connection")]
    NoConnections,
    #[error("the time limit of a message must be more than zero")]
    NoTime,
    #[error("TLS can't be set up")]
    Tls(#[source] lettre::transport::smtp::Error),
    #[error("the outbox folder can't be used")]
    Outbox(#[source] std::io::Error),
}

/// Why a message was not taken. `reason` is for staff: one line, at most 300 characters, addresses masked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Not the recipient's fault: try again later.
    #[error("{reason}")]
    Retry { reason: String },
    /// The recipient's server refuses this recipient: a bounce.
    #[error("{reason}")]
    Rejected { reason: String },
    /// The message itself can't be built or carried: no retry helps.
    #[error("{reason}")]
    Unsendable { reason: String },
}

impl SendError {
    /// What staff may read.
    pub fn reason(&self) -> &str {
        match self {
            Self::Retry { reason } | Self::Rejected { reason } | Self::Unsendable { reason } => reason,
        }
    }
}

/// The way out. Cheap to clone; clones share connections and mailbox.
#[derive(Clone, Debug)]
pub enum Mailer {
    Smtp(Smtp),
    Files(Outbox),
    Memory(MemoryMailbox),
}

impl Mailer {
    /// SMTP where a server is named, else files. Opens no connection.
    pub fn new(settings: &MailSettings) -> Result<Self, MailSetupError> {
        match &settings.smtp_url {
            Some(url) => Smtp::new(url, settings.pool_size, settings.timeout).map(Self::Smtp),
            None => Outbox::new(&settings.outbox_dir)
                .map(Self::Files)
                .map_err(MailSetupError::Outbox),
        }
    }

    /// Keeps messages in memory, for tests.
    pub fn memory() -> Self {
        Self::Memory(MemoryMailbox::default())
    }

    /// Hands the message over; `Ok` means that the server (or the disk) took responsibility for it.
    ///
    /// A lost answer after the message's end is a `Retry`, so a message may arrive twice, under the same
    /// `Message-ID` (RFC 5321, section 6.1).
    pub async fn send(&self, email: &Email) -> Result<(), SendError> {
        let built = mime::build(email)?;
        match self {
            Self::Smtp(smtp) => smtp.send(built).await,
            Self::Files(outbox) => outbox.keep(email, built.text).await,
            Self::Memory(mailbox) => mailbox.keep(email),
        }
    }

    /// For `doctor`: connects, greets, signs in and quits; or writes and removes a file.
    pub async fn check(&self) -> Result<(), SendError> {
        match self {
            Self::Smtp(smtp) => smtp.check().await,
            Self::Files(outbox) => outbox.check().await,
            Self::Memory(_) => Ok(()),
        }
    }

    /// How the mail server was lately; none without one.
    pub fn server_state(&self) -> Option<ServerState> {
        match self {
            Self::Smtp(smtp) => Some(smtp.state()),
            Self::Files(_) | Self::Memory(_) => None,
        }
    }

    /// The kept files, where there are any.
    pub fn outbox(&self) -> Option<&Outbox> {
        match self {
            Self::Files(outbox) => Some(outbox),
            Self::Smtp(_) | Self::Memory(_) => None,
        }
    }

    /// What was sent, in tests.
    pub fn mailbox(&self) -> Option<&MemoryMailbox> {
        match self {
            Self::Memory(mailbox) => Some(mailbox),
            Self::Smtp(_) | Self::Files(_) => None,
        }
    }

    /// Lets messages in flight end, says `QUIT` on the idle connections, and sends nothing more.
    pub async fn close(&self) {
        if let Self::Smtp(smtp) = self {
            smtp.close().await;
        }
    }
}
