//! The data folder: the server's secret, and other files kept outside of the database.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::config::Config;
use crate::base::clock::Clock;
use crate::base::error::{Code, Error, Result};

fn fault(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        Code::Unavailable,
        format!("VESTIBULE_DATA_DIR: {}: {error}", path.display()),
    )
}

/// Creates a folder that other users can pass through, but not list: the private PostgreSQL runs as a user of its own.
pub(crate) fn make(path: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o711)
        .create(path)
        .map_err(|error| fault(path, &error))
}

const SECRET: &str = "secret";

/// Whether [`secret`] would find one, instead of creating it.
pub(crate) fn has_secret(config: &Config) -> bool {
    config.secret.is_some() || config.data_dir.join(SECRET).exists()
}

/// `VESTIBULE_SECRET`, or the one kept in the data folder, created at the first start.
pub(crate) fn secret(config: &Config) -> Result<String> {
    if let Some(secret) = &config.secret {
        return Ok(secret.clone());
    }
    make(&config.data_dir)?;
    let path = config.data_dir.join(SECRET);
    match std::fs::read_to_string(&path) {
        Ok(secret) if secret.trim().len() >= 32 => Ok(secret.trim().to_owned()),
        Ok(_) => Err(Error::new(
            Code::Unavailable,
            format!("{}: it is too short to be the server's secret", path.display()),
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => make_secret(&path),
        Err(error) => Err(fault(&path, &error)),
    }
}

/// Written under another name and then linked: two servers that start at once agree on one, and a crash leaves no partial
/// file.
fn make_secret(path: &Path) -> Result<String> {
    let made = URL_SAFE_NO_PAD.encode(Clock::System.moment().random::<32>());
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(made.as_bytes())?;
        file.sync_all()?;
        match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => std::fs::remove_file(&draft),
        }
    };
    write().map_err(|error| fault(path, &error))?;
    std::fs::read_to_string(path).map_err(|error| fault(path, &error))
}

const PUBLIC_URL: &str = "public_url";

/// Stores the public URL of this server, for the commands that run beside it.
pub(crate) fn store_public_url(config: &Config) -> Result<()> {
    let path = config.data_dir.join(PUBLIC_URL);
    std::fs::write(&path, &config.addresses.public).map_err(|error| fault(&path, &error))
}

/// The public URL of the server that ran last in this folder.
pub(crate) fn stored_public_url(data_dir: &Path) -> Option<String> {
    std::fs::read_to_string(data_dir.join(PUBLIC_URL)).ok()
}
