//! `serve.lock`: one owner per data directory. The kernel releases it when its holder dies, however it dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Error;

/// How long `start` waits for a command that started the server for itself.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// The holder writes its text just after it acquires the lock: until this time has passed, the text may be the
/// previous holder's.
const HOLDER_TEXT_DELAY: Duration = Duration::from_millis(300);

pub(crate) const FILE: &str = "serve.lock";

/// What the data directory is locked for. The lock file says it as well.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Serve,
    Command,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Command => "command",
        }
    }
}

/// Held as long as a server of this process runs.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    pub(crate) async fn acquire(data_dir: &Path, purpose: Purpose) -> Result<Self, Error> {
        let started_at = Instant::now();
        loop {
            if let Some(lock) = Self::try_acquire(data_dir, purpose)? {
                return Ok(lock);
            }
            let holder = holder(data_dir);
            let limit = if holder.starts_with(Purpose::Command.as_str()) {
                COMMAND_TIMEOUT
            } else {
                HOLDER_TEXT_DELAY
            };
            if started_at.elapsed() > limit {
                return Err(Error::AlreadyServing {
                    data_dir: data_dir.to_owned(),
                    holder,
                });
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) fn try_acquire(data_dir: &Path, purpose: Purpose) -> Result<Option<Self>, Error> {
        let path = data_dir.join(FILE);
        let error = |source| Error::Io {
            action: "lock",
            path: path.clone(),
            source,
        };
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(error)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(source)) => return Err(error(source)),
        }
        let text = format!("{} {}\n", purpose.as_str(), std::process::id());
        let written = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(text.as_bytes()));
        written.map_err(error)?;
        Ok(Some(Self { _file: file }))
    }
}

fn holder(data_dir: &Path) -> String {
    let mut text = String::new();
    if let Ok(file) = File::open(data_dir.join(FILE)) {
        // A word and a number. If they can't be read, the holder stays unknown.
        let _unread = file.take(64).read_to_string(&mut text);
    }
    match text.trim() {
        "" => "of unknown process id".to_owned(),
        text => text.to_owned(),
    }
}
