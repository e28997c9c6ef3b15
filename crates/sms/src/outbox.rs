//! Messages stored as files, for applications without a provider.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::message::is_name;
use crate::redact::redact;
use crate::{SendError, Sent, TextMessage};

/// `<root>/<folder>/<key>.json`, folders with mode 0700, files with 0600: messages may hold secrets.
///
/// `list` and `read` block: call them on a blocking thread.
#[derive(Clone, Debug)]
pub struct Outbox {
    root: Arc<Path>,
}

/// A message as it was stored. `Debug` shows only its key.
#[derive(Clone, Deserialize, PartialEq, Eq, Serialize)]
pub struct StoredMessage {
    pub key: String,
    pub from: String,
    pub to: String,
    pub body: String,
    pub segments: usize,
    pub date: DateTime<Utc>,
}

impl std::fmt::Debug for StoredMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredMessage")
            .field("key", &self.key)
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
    pub fn list(&self, folder: &str, limit: usize) -> io::Result<Vec<StoredMessage>> {
        if !is_name(folder) {
            return Ok(Vec::new());
        }
        let entries = match fs::read_dir(self.root.join(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = entries
            .filter_map(|entry| message_file(entry).transpose())
            .collect::<io::Result<Vec<_>>>()?;
        files.sort_unstable_by(|a, b| b.cmp(a));
        // A file may be removed between listing and reading.
        let read = files
            .into_iter()
            .filter_map(|(_, key)| self.read(folder, &key).transpose());
        read.take(limit).collect()
    }

    /// One message, if it exists.
    pub fn read(&self, folder: &str, key: &str) -> io::Result<Option<StoredMessage>> {
        if !is_name(folder) || !is_name(key) {
            return Ok(None);
        }
        match fs::read(self.path(folder, key)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn store(&self, message: &TextMessage) -> Result<Sent, SendError> {
        let segments = message.segments().segments;
        let stored = StoredMessage {
            key: message.key.clone(),
            from: message.from.as_str().to_owned(),
            to: message.to.as_str().to_owned(),
            body: message.body.clone(),
            segments,
            date: message.date,
        };
        let (outbox, path) = (self.clone(), self.path(&message.folder, &message.key));
        run_blocking(move || outbox.write(&path, &serde_json::to_vec_pretty(&stored)?)).await?;
        Ok(Sent {
            provider_id: None,
            segments,
        })
    }

    pub(crate) async fn check(&self) -> Result<(), SendError> {
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
        self.root.join(folder).join(format!("{key}.json"))
    }
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
        reason: redact(&format!("the outbox folder can't be written: {error}")),
        after: None,
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
    let Some(key) = key.filter(|_| path.extension() == Some(OsStr::new("json"))) else {
        return Ok(None);
    };
    match entry.metadata() {
        Ok(metadata) => Ok(Some((metadata.modified()?, key.to_owned()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::message::tests::message;
    use crate::{SmsSender, SmsSettings};

    #[tokio::test]
    async fn messages_are_private_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let sms = SmsSender::new(&SmsSettings::new(folder.path().join("sms"))).expect("a sender");
        sms.check().await.expect("writable");
        for key in ["a", "b", "a"] {
            let message = TextMessage {
                key: key.to_owned(),
                ..message()
            };
            let sent = sms.send(&message).await.expect("stored");
            assert_eq!((sent.provider_id, sent.segments), (None, 1));
        }
        let outbox = sms.outbox().expect("an outbox");
        let mut keys: Vec<_> = outbox
            .list("acme", 10)
            .expect("a list")
            .into_iter()
            .map(|m| m.key)
            .collect();
        keys.sort();
        assert_eq!(keys, ["a", "b"]);
        assert_eq!(outbox.list("acme", 1).expect("a list").len(), 1);
        let stored = outbox.read("acme", "a").expect("readable").expect("a message");
        assert_eq!(
            (stored.to.as_str(), stored.body),
            ("+4915123456789", message().body)
        );
        let mode = fs::metadata(folder.path().join("sms/acme/a.json"))
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_name_cannot_leave_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("secret.json"), "{}").expect("a file");
        let outbox = Outbox::new(&folder.path().join("sms")).expect("an outbox");
        assert_eq!(outbox.read("..", "secret").expect("no error"), None);
        assert_eq!(outbox.list("..", 10).expect("no error"), []);
        assert_eq!(outbox.list("nothing", 10).expect("no error"), []);
    }
}
