//! Messages stored as `.eml` files, for applications without a mail server.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use mail_parser::{Address, Message, MessageParser};

use super::redact::redact;
use super::{Email, SendError};

const NAME_MAX: usize = 100;

/// `<root>/<folder>/<key>.eml`, folders with mode 0700, files with 0600: messages may hold secrets.
///
/// `list` and `read` block: call them on a blocking thread.
#[derive(Clone, Debug)]
pub struct Outbox {
    root: Arc<Path>,
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
        create_folder(root)?;
        Ok(Self { root: root.into() })
    }

    /// The newest messages of a folder, newest first. The list of an unknown folder is empty.
    pub fn list(&self, folder: &str, limit: usize) -> io::Result<Vec<OutboxEntry>> {
        if !is_name(folder) {
            return Ok(Vec::new());
        }
        let mut files = match fs::read_dir(self.root.join(folder)) {
            Ok(entries) => entries
                .filter_map(|entry| message_file(entry).transpose())
                .collect::<io::Result<Vec<_>>>()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        files.sort_unstable_by(|a, b| b.cmp(a));
        let mut list = Vec::with_capacity(limit.min(files.len()));
        for (_, key) in files {
            if list.len() == limit {
                break;
            }
            // A file may be removed between listing and reading.
            if let Some(mail) = self.read(folder, &key)? {
                list.push(OutboxEntry {
                    key,
                    to: mail.to,
                    subject: mail.subject,
                    date: mail.date,
                });
            }
        }
        Ok(list)
    }

    /// One message, if it exists.
    pub fn read(&self, folder: &str, key: &str) -> io::Result<Option<StoredEmail>> {
        if !is_name(folder) || !is_name(key) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        match File::open(self.path(folder, key)) {
            Ok(mut file) => file.read_to_end(&mut bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
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
        let (outbox, path) = (self.clone(), self.path(&email.folder, &email.key));
        run_blocking(move || outbox.write(&path, text.as_bytes())).await
    }

    pub(super) async fn check(&self) -> Result<(), SendError> {
        let outbox = self.clone();
        run_blocking(move || {
            create_folder(&outbox.root)?;
            let probe = temporary_path(&outbox.root);
            write_new(&probe, b"")?;
            fs::remove_file(&probe)
        })
        .await
    }

    /// Writes to a temporary name first, so that no reader sees a partial message, even after a crash.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.root);
        create_folder(folder)?;
        let partial = temporary_path(folder);
        let written = write_new(&partial, bytes).and_then(|()| fs::rename(&partial, path));
        if written.is_err() {
            // The first error is the one to report.
            fs::remove_file(&partial).ok();
        }
        written
    }

    fn path(&self, folder: &str, key: &str) -> PathBuf {
        self.root.join(folder).join(format!("{key}.eml"))
    }
}

/// Allows neither dots nor slashes: a name can't leave its folder.
fn is_name(name: &str) -> bool {
    let byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(byte)
}

fn create_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn temporary_path(folder: &Path) -> PathBuf {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    folder.join(format!(".{}-{number}.tmp", process::id()))
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A crash may have left a file of this name, from a process with the same id.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?
        .write_all(bytes)
}

async fn run_blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), SendError> {
    let error = match tokio::task::spawn_blocking(work).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    Err(SendError::Retry {
        reason: redact(&format!("the outbox folder can't be written: {error}"), None),
    })
}

/// Modification time and key of a complete message; `None` for other files.
fn message_file(entry: io::Result<fs::DirEntry>) -> io::Result<Option<(SystemTime, String)>> {
    let entry = entry?;
    let path = entry.path();
    let key = path
        .file_stem()
        .and_then(OsStr::to_str)
        .filter(|key| is_name(key));
    let Some(key) = key.filter(|_| path.extension() == Some(OsStr::new("eml"))) else {
        return Ok(None);
    };
    match entry.metadata() {
        Ok(metadata) => Ok(Some((metadata.modified()?, key.to_owned()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
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
