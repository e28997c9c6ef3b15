//! Files that may hold secrets: `<root>/<folder>/<key>.<extension>`, folders with mode 0700, files with 0600. A file is written whole or
//! not at all, even if the process dies.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

const MAX_NAME_LENGTH: usize = 100;

/// Whether it can name a folder or a key. Allows neither dots nor slashes: a name can't leave its folder.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=MAX_NAME_LENGTH).contains(&name.len()) && name.bytes().all(byte)
}

/// The files below a root. Clones share it.
///
/// `keys` and `read` block: call them on a thread that may block.
#[derive(Clone, Debug)]
pub struct PrivateFiles {
    root: Arc<Path>,
    extension: &'static str,
}

impl PrivateFiles {
    /// Creates the folder if it is missing. `extension` is without its dot.
    pub fn new(root: &Path, extension: &'static str) -> io::Result<Self> {
        create_folder(root)?;
        Ok(Self {
            root: root.into(),
            extension,
        })
    }

    /// The keys of a folder, the last written first. An unknown folder has none.
    pub fn keys(&self, folder: &str) -> io::Result<Vec<String>> {
        if !is_name(folder) {
            return Ok(Vec::new());
        }
        let entries = match fs::read_dir(self.root.join(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = entries
            .filter_map(|entry| self.file(entry).transpose())
            .collect::<io::Result<Vec<_>>>()?;
        files.sort_unstable_by(|a, b| b.cmp(a));
        Ok(files.into_iter().map(|(_, key)| key).collect())
    }

    /// One file, if it exists. It may be removed after `keys` named it.
    pub fn read(&self, folder: &str, key: &str) -> io::Result<Option<Vec<u8>>> {
        if !is_name(folder) || !is_name(key) {
            return Ok(None);
        }
        match fs::read(self.path(folder, key)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a file, in place of one with the same key.
    pub async fn write(&self, folder: &str, key: &str, bytes: Vec<u8>) -> io::Result<()> {
        if !is_name(folder) || !is_name(key) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let path = self.path(folder, key);
        run_blocking(move || write(&path, &bytes)).await
    }

    /// Whether files can be written.
    pub async fn check(&self) -> io::Result<()> {
        let root = Arc::clone(&self.root);
        run_blocking(move || {
            create_folder(&root)?;
            let probe = temporary_path(&root);
            write_new(&probe, b"")?;
            fs::remove_file(&probe)
        })
        .await
    }

    fn path(&self, folder: &str, key: &str) -> PathBuf {
        self.root.join(folder).join(format!("{key}.{}", self.extension))
    }

    /// Modification time and key of a whole file; `None` for others.
    fn file(&self, entry: io::Result<fs::DirEntry>) -> io::Result<Option<(SystemTime, String)>> {
        let entry = entry?;
        let path = entry.path();
        let key = path
            .file_stem()
            .and_then(OsStr::to_str)
            .filter(|key| is_name(key));
        let Some(key) = key.filter(|_| path.extension() == Some(OsStr::new(self.extension))) else {
            return Ok(None);
        };
        match entry.metadata() {
            Ok(metadata) => Ok(Some((metadata.modified()?, key.to_owned()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn create_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Writes to a temporary name first, so that no reader sees a partial file, even after a crash.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    create_folder(folder)?;
    let partial = temporary_path(folder);
    let written = write_new(&partial, bytes).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        // The first error is the one to report.
        fs::remove_file(&partial).ok();
    }
    written
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

async fn run_blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> io::Result<()> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_cannot_leave_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = PrivateFiles::new(&folder.path().join("files"), "txt").expect("a root");
        fs::write(folder.path().join("secret.txt"), "secret").expect("a file");
        for name in ["..", "", "a/b", "A", &"a".repeat(101)] {
            assert!(!is_name(name), "{name}");
            assert_eq!(files.read(name, "secret").expect("no error"), None);
            assert_eq!(files.keys(name).expect("no error"), [""; 0]);
            let refused = files.write(name, "key", Vec::new()).await.expect_err("refused");
            assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
        }
    }

    #[tokio::test]
    async fn a_repeated_key_replaces_the_file_and_other_files_are_not_listed() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = PrivateFiles::new(folder.path(), "txt").expect("a root");
        files.check().await.expect("writable");
        for bytes in ["one", "two"] {
            files.write("a", "key", bytes.into()).await.expect("written");
        }
        for other in [".1-2.tmp", "key.eml", "K.txt"] {
            fs::write(folder.path().join("a").join(other), "").expect("a file");
        }
        assert_eq!(files.keys("a").expect("a list"), ["key"]);
        assert_eq!(
            files.read("a", "key").expect("readable").as_deref(),
            Some(&b"two"[..])
        );
    }
}
