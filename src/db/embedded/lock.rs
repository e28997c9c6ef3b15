//! `serve.lock`: one owner per data folder. The kernel gives it back when its holder dies, however that was.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::PrivatePostgresError;

/// How long `serve` waits for a command that started the database for itself.
const COMMAND_ENDS_WITHIN: Duration = Duration::from_secs(30);
/// The text in the file is written just after the lock is taken: believe it only when it has stayed a while.
const TEXT_SETTLES_WITHIN: Duration = Duration::from_millis(300);

#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Serve,
    Command,
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Command => "command",
        }
    }
}

/// Held for as long as a cluster of ours runs.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    pub(super) async fn take(data_dir: &Path, purpose: Purpose) -> Result<Self, PrivatePostgresError> {
        let began = Instant::now();
        loop {
            if let Some(lock) = Self::try_take(data_dir, purpose)? {
                return Ok(lock);
            }
            let holder = holder(data_dir);
            let patience = if holder.starts_with(Purpose::Command.word()) {
                COMMAND_ENDS_WITHIN
            } else {
                TEXT_SETTLES_WITHIN
            };
            if began.elapsed() > patience {
                return Err(PrivatePostgresError::AlreadyServing {
                    data_dir: data_dir.to_owned(),
                    holder,
                });
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) fn try_take(data_dir: &Path, purpose: Purpose) -> Result<Option<Self>, PrivatePostgresError> {
        let path = data_dir.join("serve.lock");
        let error = |source| PrivatePostgresError::Io {
            doing: "lock",
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
        let text = format!("{} {}\n", purpose.word(), std::process::id());
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
    if let Ok(file) = File::open(data_dir.join("serve.lock")) {
        // At most a word and a number; what can't be read is not worth failing for.
        let _unread = file.take(64).read_to_string(&mut text);
    }
    match text.trim() {
        "" => "of unknown process id".to_owned(),
        known => known.to_owned(),
    }
}
