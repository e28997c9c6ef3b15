//! The data directory: the server's secret, and other files that are not in the database.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::config::Config;
use crate::base::clock::Clock;
use crate::base::error::{Code, Error, Result};

fn io_error(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        Code::Unavailable,
        format!("VESTIBULE_DATA_DIR: {}: {error}", path.display()),
    )
}

/// Creates a folder that other users can traverse but not list: the private PostgreSQL may run as another user.
pub(crate) fn create(path: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o711)
        .create(path)
        .map_err(|error| io_error(path, &error))
}

const SECRET_FILE: &str = "secret";

/// Whether [`secret`] finds a secret instead of creating one.
pub(crate) fn has_secret(config: &Config) -> bool {
    config.secret.is_some() || config.data_dir.join(SECRET_FILE).exists()
}

/// `VESTIBULE_SECRET`, or the secret in the data directory, which is created at the first start.
pub(crate) fn secret(config: &Config) -> Result<String> {
    if let Some(secret) = &config.secret {
        return Ok(secret.clone());
    }
    create(&config.data_dir)?;
    let path = config.data_dir.join(SECRET_FILE);
    match std::fs::read_to_string(&path) {
        Ok(secret) if secret.trim().len() >= 32 => Ok(secret.trim().to_owned()),
        Ok(_) => Err(Error::new(
            Code::Unavailable,
            format!("{}: it is too short to be the server's secret", path.display()),
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => create_secret(&path),
        Err(error) => Err(io_error(&path, &error)),
    }
}

/// Writes a temporary file and links it: two servers that start at once use the same secret, and a crash leaves no partial file.
fn create_secret(path: &Path) -> Result<String> {
    let secret = URL_SAFE_NO_PAD.encode(Clock::System.moment().random::<32>());
    let temporary = path.with_extension(format!("{}.new", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(secret.as_bytes())?;
        file.sync_all()?;
        match std::fs::hard_link(&temporary, path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => std::fs::remove_file(&temporary),
        }
    };
    write().map_err(|error| io_error(path, &error))?;
    std::fs::read_to_string(path).map_err(|error| io_error(path, &error))
}

const PUBLIC_URL_FILE: &str = "public_url";

/// Stores the public URL of this server, for other commands.
pub(crate) fn store_public_url(config: &Config) -> Result<()> {
    let path = config.data_dir.join(PUBLIC_URL_FILE);
    std::fs::write(&path, &config.addresses.public).map_err(|error| io_error(&path, &error))
}

/// The public URL of the last server that used this folder.
pub(crate) fn stored_public_url(data_dir: &Path) -> Option<String> {
    std::fs::read_to_string(data_dir.join(PUBLIC_URL_FILE)).ok()
}

/// Marks a data directory that a restore is filling. One that was killed leaves it behind.
const RESTORING_FILE: &str = "restoring";

/// Writes the mark, and returns its path.
pub(crate) fn begin_restore(data_dir: &Path) -> Result<PathBuf> {
    let path = data_dir.join(RESTORING_FILE);
    std::fs::write(&path, "").map_err(|error| io_error(&path, &error))?;
    Ok(path)
}

pub(crate) fn end_restore(data_dir: &Path) -> Result<()> {
    let removed = std::fs::remove_file(data_dir.join(RESTORING_FILE));
    let synced = removed.and_then(|()| std::fs::File::open(data_dir)?.sync_all());
    synced.map_err(|error| io_error(data_dir, &error))
}

/// Refuses a data directory that a restore has not completed.
pub(crate) fn check_restored(config: &Config) -> Result<()> {
    if !config.data_dir.join(RESTORING_FILE).exists() {
        return Ok(());
    }
    let message = format!(
        "A restore into {} is running or was killed. If it was killed, restore into a new directory.",
        config.data_dir.display()
    );
    Err(Error::new(Code::Unavailable, message))
}
