//! The file of a backup: a tar of `database.dump`, `secret`, `mail/…`, `sms/…` and `signing-keys/…`, and last `manifest.json`, which
//! holds the size and the SHA-256 of each part. A file is complete or does not exist, and it is read as a whole before anything
//! of it is used.
//!
//! To add a part: its name in [`part_is_known`], its writing in `cli/commands/backup.rs`, its reading in
//! `cli/commands/restore.rs`, and a higher [`FORMAT`] if older programs must not restore without it.

mod reader;
#[cfg(test)]
mod tests;
mod writer;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::base::db::inventory::Inventory;
use crate::base::secrets::ServerKey;
pub(crate) use reader::BackupFile;
pub(crate) use writer::BackupWriter;

/// Programs restore backups of this format and of older ones.
pub(crate) const FORMAT: u32 = 1;

const MANIFEST: &str = "manifest.json";
pub(crate) const DATABASE: &str = "database.dump";
pub(crate) const SECRET: &str = "secret";
/// The folders of kept messages, and how the names of their files end.
pub(crate) const OUTBOXES: [(&str, &str); 2] = [(MAIL, ".eml"), (SMS, ".json")];
pub(crate) const MAIL: &str = "mail/";
pub(crate) const SMS: &str = "sms/";
pub(crate) const SIGNING_KEYS: &str = "signing-keys/";

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    pub format: u32,
    /// The version of the program that made the backup.
    pub vestibule: String,
    pub created_at: DateTime<Utc>,
    pub database: DatabaseManifest,
    /// See [`secret_fingerprint`].
    pub secret_fingerprint: String,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DatabaseManifest {
    /// The version of the server, as it reports it.
    pub postgres: String,
    pub postgres_major: u32,
    pub pg_dump_major: u32,
    /// The versions of the migrations it has run, the newest last.
    pub migrations: Vec<String>,
    /// On the disk of its server.
    pub size_bytes: u64,
}

impl DatabaseManifest {
    pub(crate) fn of(inventory: Inventory, pg_dump_major: u32) -> Self {
        Self {
            postgres: inventory.postgres,
            postgres_major: inventory.postgres_major,
            pg_dump_major,
            migrations: inventory.migrations,
            size_bytes: inventory.size_bytes,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
}

/// Tells whether two secrets are the same, and nothing else about them.
pub(crate) fn secret_fingerprint(secret: &str) -> String {
    let key = ServerKey::new(secret.as_bytes()).for_use("backup fingerprint");
    key.tag(&[b"vestibule"])
}

/// Each name is fixed, or made of parts that can't leave the data directory or replace another file of it.
pub(crate) fn part_is_known(name: &str) -> bool {
    if let Some(file) = name.strip_prefix(SIGNING_KEYS) {
        return is_key_path(file);
    }
    let in_outbox = OUTBOXES.iter().find_map(|(folder, suffix)| {
        let file = name.strip_prefix(folder)?;
        Some(is_kept_message(file, suffix))
    });
    in_outbox.unwrap_or(matches!(name, DATABASE | SECRET))
}

fn is_kept_message(path: &str, suffix: &str) -> bool {
    matches!(path.split('/').collect::<Vec<_>>()[..], [account, file]
        if is_word(account) && file.strip_suffix(suffix).is_some_and(is_word))
}

/// As the outboxes name their folders and files.
fn is_word(name: &str) -> bool {
    let byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=100).contains(&name.len()) && name.bytes().all(byte)
}

/// The path of a key in the data directory.
pub(crate) fn is_key_path(path: &str) -> bool {
    let byte = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    let component = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(byte);
    let taken = [
        "secret",
        "mail",
        "sms",
        "uploads",
        "public_url",
        "restoring",
        "postgres",
        "socket",
        "serve.lock",
    ];
    let first = path.split('/').next().unwrap_or_default();
    path.len() <= 200
        && path.split('/').all(component)
        && !taken.contains(&first)
        && !first.starts_with("postgres.")
}
