//! Messages stored as files, for applications without a provider.

use std::io;
use std::path::Path;

use chrono::{DateTime, Utc};
use private_files::PrivateFiles;
use serde::{Deserialize, Serialize};

use crate::redact::redact;
use crate::{SendError, Sent, TextMessage};

/// `<root>/<folder>/<key>.json`, folders with mode 0700, files with 0600: messages may hold secrets.
///
/// `list` and `read` block: call them on a blocking thread.
#[derive(Clone, Debug)]
pub struct Outbox {
    files: PrivateFiles,
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
        let files = PrivateFiles::new(root, "json")?;
        Ok(Self { files })
    }

    /// The newest messages of a folder, newest first. The list of an unknown folder is empty.
    pub fn list(&self, folder: &str, limit: usize) -> io::Result<Vec<StoredMessage>> {
        // A file may be removed between listing and reading.
        let keys = self.files.keys(folder)?.into_iter();
        let read = keys.filter_map(|key| self.read(folder, &key).transpose());
        read.take(limit).collect()
    }

    /// One message, if it exists.
    pub fn read(&self, folder: &str, key: &str) -> io::Result<Option<StoredMessage>> {
        let bytes = self.files.read(folder, key)?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
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
        let bytes = serde_json::to_vec_pretty(&stored).map_err(|error| unwritable(error.into()))?;
        let written = self.files.write(&message.folder, &message.key, bytes);
        written.await.map_err(unwritable)?;
        Ok(Sent {
            provider_id: None,
            segments,
        })
    }

    pub(crate) async fn check(&self) -> Result<(), SendError> {
        self.files.check().await.map_err(unwritable)
    }
}

fn unwritable(error: io::Error) -> SendError {
    SendError::Retry {
        reason: redact(&format!("the outbox folder can't be written: {error}")),
        after: None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
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
