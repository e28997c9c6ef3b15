//! Reads a backup twice: first all of it, to compare it with its manifest, then the parts that are restored.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use tar::{Archive, Entry, EntryType};

use super::writer::hex;
use super::{DATABASE, FORMAT, MANIFEST, Manifest, Part, part_is_known, secret_fingerprint};
use crate::app::backup_file::SECRET;

/// The two blocks of zeros at the end of a tar.
const END_BYTES: u64 = 1024;
const BLOCK_BYTES: u64 = 512;
const MAX_MANIFEST_BYTES: u64 = 256 * 1024 * 1024;
const MAX_SECRET_BYTES: u64 = 64 * 1024;

/// Why a file is not restored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupFileError {
    #[error("it can't be read")]
    Unreadable(#[from] io::Error),
    #[error("it is not a backup of Vestibule")]
    NotABackup,
    #[error("it is cut: its end is missing")]
    Cut,
    #[error("it was altered: {0}")]
    Altered(String),
    #[error("its format is {0}, and this program, Vestibule {version}, reads formats up to {FORMAT}: use a newer version", version = env!("CARGO_PKG_VERSION"))]
    NewerFormat(u32),
}

/// A backup whose parts are what its manifest says.
#[derive(Debug)]
pub(crate) struct BackupFile {
    file: File,
    pub manifest: Manifest,
    pub parts: Vec<StoredPart>,
    /// Absent if the server had it from its environment.
    pub secret: Option<String>,
}

/// Where a part is in the file.
#[derive(Debug)]
pub(crate) struct StoredPart {
    pub name: String,
    pub bytes: u64,
    pub modified: SystemTime,
    offset: u64,
    sha256: String,
}

/// Only to read the format of a manifest whose other fields may have changed.
#[derive(Deserialize)]
struct AnyManifest {
    format: u32,
}

impl BackupFile {
    pub(crate) fn open(path: &Path) -> Result<Self, BackupFileError> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut parts = read_parts(&file, length)?;
        let last = parts.pop().ok_or(BackupFileError::NotABackup)?;
        let first = parts.first().map(|part| &*part.name);
        if first != Some(DATABASE) {
            return Err(BackupFileError::NotABackup);
        }
        if last.name != MANIFEST || last.end() + END_BYTES > length {
            return Err(BackupFileError::Cut);
        }
        if last.end() + END_BYTES < length {
            return Err(BackupFileError::Altered("something was appended".to_owned()));
        }
        let manifest = parse_manifest(&read_small(&mut file, &last, MAX_MANIFEST_BYTES)?)?;
        compare(&parts, &manifest.parts)?;
        let mut backup = Self {
            file,
            manifest,
            parts,
            secret: None,
        };
        backup.secret = backup.read_secret()?;
        Ok(backup)
    }

    /// The content of a part.
    pub(crate) fn read(&self, part: &StoredPart) -> io::Result<impl Read> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(part.offset))?;
        Ok(file.take(part.bytes))
    }

    fn read_secret(&mut self) -> Result<Option<String>, BackupFileError> {
        let Some(part) = self.parts.iter().find(|part| part.name == SECRET) else {
            return Ok(None);
        };
        let secret = String::from_utf8(read_small(&mut self.file, part, MAX_SECRET_BYTES)?);
        let secret = secret.unwrap_or_default().trim().to_owned();
        if secret_fingerprint(&secret) == self.manifest.secret_fingerprint {
            Ok(Some(secret))
        } else {
            Err(BackupFileError::Altered("the secret is another one".to_owned()))
        }
    }
}

impl StoredPart {
    fn end(&self) -> u64 {
        self.offset + self.bytes.next_multiple_of(BLOCK_BYTES)
    }
}

fn read_parts(file: &File, length: u64) -> Result<Vec<StoredPart>, BackupFileError> {
    let mut archive = Archive::new(file);
    let mut parts: Vec<StoredPart> = Vec::new();
    for entry in archive.entries()? {
        let Ok(entry) = entry else {
            // Where a header should be is something else, or nothing.
            return Err(match parts.last() {
                None => BackupFileError::NotABackup,
                Some(last) if last.end() + BLOCK_BYTES > length => BackupFileError::Cut,
                Some(last) => BackupFileError::Altered(format!("what follows {} is damaged", last.name)),
            });
        };
        parts.push(read_part(entry)?);
    }
    Ok(parts)
}

/// Links and folders are never followed or made: only files with known names are parts.
fn read_part(mut entry: Entry<'_, &File>) -> Result<StoredPart, BackupFileError> {
    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    let regular = entry.header().entry_type() == EntryType::Regular;
    let mut hash = Sha256::new();
    let count = io::copy(&mut entry, &mut HashWriter(&mut hash))?;
    if count < entry.size() {
        return Err(BackupFileError::Cut);
    }
    Ok(StoredPart {
        name: if regular {
            name
        } else {
            format!("{name} (not a file)")
        },
        bytes: count,
        modified: SystemTime::UNIX_EPOCH + Duration::from_secs(entry.header().mtime()?),
        offset: entry.raw_file_position(),
        sha256: hex(&hash.finalize()),
    })
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn read_small(file: &mut File, part: &StoredPart, limit: u64) -> Result<Vec<u8>, BackupFileError> {
    if part.bytes > limit {
        return Err(BackupFileError::Altered(format!("{} is too large", part.name)));
    }
    let mut content = Vec::new();
    file.seek(SeekFrom::Start(part.offset))?;
    file.take(part.bytes).read_to_end(&mut content)?;
    Ok(content)
}

/// The format is known before the rest is read: a newer one may have other fields and parts.
fn parse_manifest(json: &[u8]) -> Result<Manifest, BackupFileError> {
    let damaged = |_| BackupFileError::Altered(format!("{MANIFEST} is damaged"));
    let any: AnyManifest = serde_json::from_slice(json).map_err(damaged)?;
    if any.format > FORMAT {
        return Err(BackupFileError::NewerFormat(any.format));
    }
    serde_json::from_slice(json).map_err(damaged)
}

fn compare(stored: &[StoredPart], listed: &[Part]) -> Result<(), BackupFileError> {
    if let Some(unknown) = stored.iter().find(|part| !part_is_known(&part.name)) {
        let name = unknown.name.escape_debug();
        return Err(BackupFileError::Altered(format!("it contains {name}")));
    }
    if stored.len() != listed.len() {
        let message = format!("it has {} parts, not {}", stored.len(), listed.len());
        return Err(BackupFileError::Altered(message));
    }
    for (stored, listed) in stored.iter().zip(listed) {
        if (&stored.name, stored.bytes, &stored.sha256) != (&listed.name, listed.bytes, &listed.sha256) {
            return Err(BackupFileError::Altered(format!(
                "{} is not as it was written",
                listed.name.escape_debug()
            )));
        }
    }
    Ok(())
}
