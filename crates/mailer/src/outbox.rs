//! Messages stored as `.eml` files, for applications without a mail server.

use std::io;
use std::path::Path;

use chrono::{DateTime, Utc};
use mail_parser::{Address, Message, MessageParser};
use private_files::{PrivateFiles, is_name};

use super::redact::redact;
use super::{Email, SendError};

/// `<root>/<folder>/<key>.eml`, folders with mode 0700, files with 0600: messages may hold secrets.
///
/// `list` and `read` block: call them on a blocking thread.
#[derive(Clone, Debug)]
pub struct Outbox {
    files: PrivateFiles,
}

/// A message in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    pub key: String,
    pub to: String,
    pub subject: String,
    pub date: Option<DateTime<Utc>>,
}

/// A decoded message.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredEmail {
    pub from: String,
    pub to: String,
    pub subject: String,
    pub date: Option<DateTime<Utc>>,
    pub text: String,
    pub html: String,
    /// Names and values as in the file, unfolded.
    pub headers: Vec<(String, String)>,
}

impl std::fmt::Debug for StoredEmail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredEmail")
            .field("date", &self.date)
            .finish_non_exhaustive()
    }
}

impl Outbox {
    /// Creates the folder if it is missing.
    pub fn new(root: &Path) -> io::Result<Self> {
        let files = PrivateFiles::new(root, "eml")?;
        Ok(Self { files })
    }

    /// The newest messages of a folder, newest first. The list of an unknown folder is empty.
    pub fn list(&self, folder: &str, limit: usize) -> io::Result<Vec<OutboxEntry>> {
        let entry = |key: String| {
            // A file may be removed between listing and reading.
            let mail = self.read(folder, &key).transpose()?;
            Some(mail.map(|mail| OutboxEntry {
                key,
                to: mail.to,
                subject: mail.subject,
                date: mail.date,
            }))
        };
        let keys = self.files.keys(folder)?;
        keys.into_iter().filter_map(entry).take(limit).collect()
    }

    /// One message, if it exists.
    pub fn read(&self, folder: &str, key: &str) -> io::Result<Option<StoredEmail>> {
        let Some(bytes) = self.files.read(folder, key)? else {
            return Ok(None);
        };
        Ok(MessageParser::default()
            .parse(&bytes)
            .map(|message| decode(&message)))
    }

    pub(super) async fn store(&self, email: &Email, text: String) -> Result<(), SendError> {
        if !is_name(&email.folder) || !is_name(&email.key) {
            let reason = "folder and key must be 1 to 100 characters of a-z, 0-9 and _".to_owned();
            return Err(SendError::Unsendable { reason });
        }
        let stored = self.files.write(&email.folder, &email.key, text.into_bytes());
        stored.await.map_err(unwritable)
    }

    pub(super) async fn check(&self) -> Result<(), SendError> {
        self.files.check().await.map_err(unwritable)
    }
}

fn unwritable(error: io::Error) -> SendError {
    SendError::Retry {
        reason: redact(&format!("the outbox folder can't be written: {error}"), None),
    }
}

fn decode(message: &Message<'_>) -> StoredEmail {
    let part = |body: Option<std::borrow::Cow<'_, str>>| {
        body.map(|body| body.replace("\r\n", "\n")).unwrap_or_default()
    };
    StoredEmail {
        from: display_address(message.from()),
        to: display_address(message.to()),
        subject: message.subject().unwrap_or_default().to_owned(),
        date: message
            .date()
            .and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0)),
        text: part(message.body_text(0)),
        html: part(message.body_html(0)),
        headers: message
            .headers_raw()
            .map(|(name, value)| (name.to_owned(), unfold(value)))
            .collect(),
    }
}

fn display_address(address: Option<&Address<'_>>) -> String {
    let Some(first) = address.and_then(Address::first) else {
        return String::new();
    };
    match (first.name(), first.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (_, address) => address.unwrap_or_default().to_owned(),
    }
}

fn unfold(value: &str) -> String {
    value
        .split(['\r', '\n'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests;
