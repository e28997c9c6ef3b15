//! What is checked before a restore changes anything, and how a failed one is explained.

use std::path::Path;

use embedded_postgres::ClientPrograms;

use crate::app::Database;
use crate::app::backup_file::{BackupFile, DATABASE, secret_fingerprint};
use crate::app::config::Config;
use crate::base::db::address_of;
use crate::base::db::inventory::Inventory;
use crate::base::db::migrate::UnknownMigrations;
use crate::base::error::{Code, Error, Result};
use crate::cli::commands::size_text;

/// What an empty cluster and its log of changes need.
const CLUSTER_BYTES: u64 = 128 * 1024 * 1024;

pub(super) fn open(file: &Path) -> Result<BackupFile> {
    let refused = || Error::new(Code::BadUserInput, format!("{} is not restored.", file.display()));
    let backup = BackupFile::open(file).map_err(|error| refused().because(error))?;
    match UnknownMigrations::among(&backup.manifest.database.migrations) {
        Some(unknown) => Err(refused().because(unknown)),
        None => Ok(backup),
    }
}

/// With another secret, every session and pending code would end, and the signing keys could not be opened.
pub(super) fn secret(config: &Config, backup: &BackupFile) -> Result<()> {
    let message = match (&config.secret, &backup.secret) {
        (None, Some(_)) => return Ok(()),
        (None, None) => {
            "The backup contains no secret. Set VESTIBULE_SECRET to the one that the server used."
        }
        (Some(ours), _) if secret_fingerprint(ours) == backup.manifest.secret_fingerprint => return Ok(()),
        (Some(_), Some(_)) => {
            "The backup was made with another secret. Unset VESTIBULE_SECRET to use the one in the backup."
        }
        (Some(_), None) => {
            "The backup was made with another secret. Set VESTIBULE_SECRET to the one that the server used."
        }
    };
    Err(Error::new(Code::BadUserInput, message))
}

pub(super) async fn programs(backup: &BackupFile) -> Result<()> {
    let database = &backup.manifest.database;
    ClientPrograms::find(database.pg_dump_major.max(database.postgres_major)).await?;
    Ok(())
}

pub(super) fn space(config: &Config, backup: &BackupFile) -> Result<()> {
    let files: u64 = backup
        .parts
        .iter()
        .filter(|part| part.name != DATABASE)
        .map(|part| part.bytes)
        .sum();
    let database = match config.database_url {
        Some(_) => 0,
        None => backup.manifest.database.size_bytes.saturating_add(CLUSTER_BYTES),
    };
    let needed = files.saturating_add(database);
    match free_bytes(&config.data_dir) {
        Some(free) if free < needed => {
            let (needed, free) = (size_text(needed), size_text(free));
            let message = format!(
                "{}: the restored files need about {needed}, and the disk has {free} free.",
                config.data_dir.display()
            );
            Err(Error::new(Code::BadUserInput, message))
        }
        _ => Ok(()),
    }
}

/// The database that is restored into, which another process may have filled since the check.
pub(super) fn target(target: &Inventory, backup: &BackupFile, url: &str) -> Result<()> {
    let made_by = &backup.manifest.database;
    let message = if !target.empty {
        let address = address_of(url);
        format!("The database {address} is not empty: restore into a new one. Nothing was changed.")
    } else if target.postgres_major < made_by.postgres_major {
        format!(
            "The backup is of PostgreSQL {}, and this database is PostgreSQL {}: restore into {} or newer.",
            made_by.postgres, target.postgres, made_by.postgres_major
        )
    } else {
        return Ok(());
    };
    Err(Error::new(Code::BadUserInput, message))
}

/// Of the disk that holds the path, or will.
fn free_bytes(path: &Path) -> Option<u64> {
    let path = std::path::absolute(path).ok()?;
    let existing = path.ancestors().find(|path| path.exists())?;
    let disk = nix::sys::statvfs::statvfs(existing).ok()?;
    u64::try_from(u128::from(disk.blocks_available()) * u128::from(disk.fragment_size())).ok()
}

/// A database that is not ours to delete may have been filled just before the failure.
pub(super) async fn explain(error: Error, config: &Config, database: &Database) -> Error {
    if config.database_url.is_none() || error.code == Code::BadUserInput {
        return error;
    }
    let address = address_of(&database.url);
    let next = match database.db.inventory().await {
        Ok(inventory) if inventory.empty => format!("The database {address} is still empty: try again."),
        Ok(_) => {
            format!("The database {address} is not empty: drop it and create it again before you try again.")
        }
        Err(_) => format!(
            "Look whether the database {address} is empty. If not, drop it and create it again before you try again."
        ),
    };
    let message = format!("{error} {next}");
    error.saying(message)
}
