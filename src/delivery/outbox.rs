//! Messages kept as `.eml` files: what a server without SMTP does instead of sending.

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

use super::reason::scrub;
use super::{Email, SendError};

const NAME_MAX: usize = 100;

/// `<folder>/<account>/<key>.eml`, folders 0700, files 0600: whoever reads them can sign in.
///
/// `list` and `read` block; call them off the async threads.
#[derive(Clone, Debug)]
pub struct Outbox {
    folder: Arc<Path>,
}

/// One kept message in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    pub key: String,
    pub to: String,
    pub subject: String,
    pub date: Option<DateTime<Utc>>,
}

/// One kept message, decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct ReadMail {
    pub from: String,
    pub to: String,
    pub subject: String,
    pub date: Option<DateTime<Utc>>,
    pub text: String,
    pub html: String,
    /// Names and values as they stand in the file, unfolded.
    pub headers: Vec<(String, String)>,
}

impl std::fmt::Debug for ReadMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadMail")
            .field("date", &self.date)
            .finish_non_exhaustive()
    }
}

impl Outbox {
    /// Makes the folder where it is missing.
    pub fn new(folder: &Path) -> io::Result<Self> {
        make_folder(folder)?;
        Ok(Self {
            folder: folder.into(),
        })
    }

    /// The newest messages of an account, newest first. An account without any has an empty list.
    pub fn list(&self, account: &str, limit: usize) -> io::Result<Vec<OutboxEntry>> {
        if !is_name(account) {
            return Ok(Vec::new());
        }
        let mut files = match fs::read_dir(self.folder.join(account)) {
            Ok(entries) => entries
                .filter_map(|entry| kept(entry).transpose())
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
            // A file may go between the listing and the reading.
            if let Some(mail) = self.read(account, &key)? {
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

    /// One message, or none under this name.
    pub fn read(&self, account: &str, key: &str) -> io::Result<Option<ReadMail>> {
        if !is_name(account) || !is_name(key) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        match File::open(self.path(account, key)) {
            Ok(mut file) => file.read_to_end(&mut bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(MessageParser::default()
            .parse(&bytes)
            .map(|message| decoded(&message)))
    }

    pub(super) async fn keep(&self, email: &Email, text: String) -> Result<(), SendError> {
        if !is_name(&email.account) || !is_name(&email.key) {
            let reason = "account and key must be 1 to 100 characters of a-z, 0-9 and _".to_owned();
            return Err(SendError::Unsendable { reason });
        }
        let (outbox, path) = (self.clone(), self.path(&email.account, &email.key));
        blocking(move || outbox.write(&path, text.as_bytes())).await
    }

    pub(super) async fn check(&self) -> Result<(), SendError> {
        let outbox = self.clone();
        blocking(move || {
            make_folder(&outbox.folder)?;
            let probe = temporary(&outbox.folder);
            write_new(&probe, b"")?;
            fs::remove_file(&probe)
        })
        .await
    }

    /// Under a temporary name first, so that a reader or a crash never meets half a message.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.folder);
        make_folder(folder)?;
        let unfinished = temporary(folder);
        let written = write_new(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, path));
        if written.is_err() {
            // The first error is the one to tell.
            fs::remove_file(&unfinished).ok();
        }
        written
    }

    fn path(&self, account: &str, key: &str) -> PathBuf {
        self.folder.join(account).join(format!("{key}.eml"))
    }
}

/// Neither dots nor slashes: a name can't leave its folder.
fn is_name(name: &str) -> bool {
    let byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(byte)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn temporary(folder: &Path) -> PathBuf {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    folder.join(format!(".{}-{number}.tmp", process::id()))
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A crash may have left the name behind under the same process id.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?
        .write_all(bytes)
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), SendError> {
    let done = tokio::task::spawn_blocking(work).await;
    let error = match done {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    Err(SendError::Retry {
        reason: scrub(&format!("the outbox folder can't be written: {error}"), None),
    })
}

/// Time of change and key of a finished message; nothing for other files.
fn kept(entry: io::Result<fs::DirEntry>) -> io::Result<Option<(SystemTime, String)>> {
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

fn decoded(message: &Message<'_>) -> ReadMail {
    let part = |body: Option<std::borrow::Cow<'_, str>>| {
        body.map(|body| body.replace("\r\n", "\n")).unwrap_or_default()
    };
    ReadMail {
        from: person(message.from()),
        to: person(message.to()),
        subject: message.subject().unwrap_or_default().to_owned(),
        date: message
            .date()
            .and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0)),
        text: part(message.body_text(0)),
        html: part(message.body_html(0)),
        headers: message
            .headers_raw()
            .map(|(name, value)| (name.to_owned(), unfolded(value)))
            .collect(),
    }
}

fn person(address: Option<&Address<'_>>) -> String {
    let Some(first) = address.and_then(Address::first) else {
        return String::new();
    };
    match (first.name(), first.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (_, address) => address.unwrap_or_default().to_owned(),
    }
}

fn unfolded(value: &str) -> String {
    value
        .split(['\r', '\n'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests;
