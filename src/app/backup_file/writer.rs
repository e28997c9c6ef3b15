//! Writes a backup beside its final name, and renames it when it is complete and on the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryWriter, Header};

use crate::base::clock::Moment;

use super::{MANIFEST, Manifest, Part};

/// Dropped before `finish`, it leaves no file.
pub(crate) struct BackupWriter {
    tar: Builder<File>,
    header: Header,
    partial: PathBuf,
    target: PathBuf,
    pub parts: Vec<Part>,
}

/// A part while it is written; its size does not have to be known before.
pub(crate) struct PartWriter<'a> {
    name: String,
    entry: EntryWriter<'a>,
    bytes: u64,
    hash: Sha256,
    parts: &'a mut Vec<Part>,
}

impl BackupWriter {
    /// Creates the unfinished file, for its owner only.
    pub(crate) fn create(target: &Path, moment: &Moment) -> io::Result<Self> {
        if target.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let number = u64::from_be_bytes(moment.random());
        let partial = format!(".{}.{number:x}.partial", name.to_string_lossy());
        let partial = target.with_file_name(partial);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&partial)?;
        Ok(Self {
            tar: Builder::new(file),
            header: Header::new_gnu(),
            partial,
            target: target.to_owned(),
            parts: Vec::new(),
        })
    }

    pub(crate) fn part(&mut self, name: &str, modified: DateTime<Utc>) -> io::Result<PartWriter<'_>> {
        self.header = header(modified);
        Ok(PartWriter {
            name: name.to_owned(),
            entry: self.tar.append_writer(&mut self.header, name)?,
            bytes: 0,
            hash: Sha256::new(),
            parts: &mut self.parts,
        })
    }

    pub(crate) fn copy(
        &mut self,
        name: &str,
        modified: DateTime<Utc>,
        from: &mut impl Read,
    ) -> io::Result<()> {
        let mut part = self.part(name, modified)?;
        io::copy(from, &mut part)?;
        part.finish()
    }

    /// Writes the manifest, which lists the parts. An existing file of the final name is replaced. Returns the size.
    pub(crate) fn finish(mut self, manifest: &Manifest) -> io::Result<u64> {
        let json = serde_json::to_vec_pretty(manifest)?;
        self.copy(MANIFEST, manifest.created_at, &mut &json[..])?;
        self.tar.finish()?;
        let file = self.tar.get_ref();
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        fs::rename(&self.partial, &self.target)?;
        let folder = self
            .target
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(bytes)
    }
}

impl Drop for BackupWriter {
    fn drop(&mut self) {
        // After `finish` it is gone.
        let _renamed = fs::remove_file(&self.partial);
    }
}

impl PartWriter<'_> {
    pub(crate) fn finish(self) -> io::Result<()> {
        self.entry.finish()?;
        self.parts.push(Part {
            name: self.name,
            bytes: self.bytes,
            sha256: hex(&self.hash.finalize()),
        });
        Ok(())
    }
}

impl Write for PartWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.entry.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.entry.flush()
    }
}

fn header(modified: DateTime<Utc>) -> Header {
    let mut header = Header::new_gnu();
    header.set_mode(0o600);
    header.set_mtime(modified.timestamp().try_into().unwrap_or_default());
    header
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
