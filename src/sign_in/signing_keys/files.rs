//! Keys in PEM files. A file that is added, removed or rewritten takes effect without a restart.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::KeyPair;

/// The files in the order of the setting. A folder stands for its `.pem` files, in descending order of their names.
#[derive(Debug)]
pub(crate) struct KeyFiles {
    paths: Vec<PathBuf>,
    seen: Vec<FileStamp>,
}

/// What changes when a file does.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FileStamp {
    file: PathBuf,
    modified: Option<SystemTime>,
    len: u64,
}

/// Why keys can't be read. The message contains the file's name and none of its content.
#[derive(Debug, thiserror::Error)]
#[error("VESTIBULE_SIGNING_KEYS: {0}")]
pub(crate) struct KeyFileError(String);

impl KeyFileError {
    fn at(file: &Path, error: impl std::fmt::Display) -> Self {
        Self(format!("{}: {error}", file.display()))
    }
}

impl KeyFiles {
    /// Each path must exist.
    pub(crate) fn open(paths: &[PathBuf]) -> Result<(Self, Vec<KeyPair>), KeyFileError> {
        for path in paths {
            path.metadata().map_err(|error| KeyFileError::at(path, error))?;
        }
        let seen = stamps(paths);
        let keys = read(&seen)?;
        let files = Self {
            paths: paths.to_vec(),
            seen,
        };
        Ok((files, keys))
    }

    /// The keys, if a file has changed since the last poll. Removing a file removes its key; removing the last one is an
    /// error.
    pub(crate) fn poll(&mut self) -> Option<Result<Vec<KeyPair>, KeyFileError>> {
        let now = stamps(&self.paths);
        if now == self.seen {
            return None;
        }
        let keys = read(&now);
        self.seen = now;
        Some(keys)
    }
}

/// The file, or the files of the folder.
pub(crate) fn files_of(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = path.read_dir() else {
        return vec![path.to_owned()];
    };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|file| file.extension().is_some_and(|end| end == "pem"))
        .collect();
    files.sort();
    files.reverse();
    files
}

/// The stamps of the files that exist.
fn stamps(paths: &[PathBuf]) -> Vec<FileStamp> {
    let stamp = |file: PathBuf| {
        let found = file.metadata().ok()?;
        Some(FileStamp {
            modified: found.modified().ok(),
            len: found.len(),
            file,
        })
    };
    paths
        .iter()
        .flat_map(|path| files_of(path))
        .filter_map(stamp)
        .collect()
}

fn read(stamps: &[FileStamp]) -> Result<Vec<KeyPair>, KeyFileError> {
    if stamps.is_empty() {
        return Err(KeyFileError("there is no key file left".to_owned()));
    }
    let key = |stamp: &FileStamp| {
        let invalid = |error: String| KeyFileError::at(&stamp.file, error);
        let pem = std::fs::read_to_string(&stamp.file).map_err(|error| invalid(error.to_string()))?;
        let pair = KeyPair::from_pem(&pem).map_err(|error| invalid(error.to_string()))?;
        Ok(KeyPair {
            created_at: stamp.modified.map(Into::into),
            ..pair
        })
    };
    stamps.iter().map(key).collect()
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use ed25519_dalek::pkcs8::EncodePrivateKey;
    use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;

    use super::*;

    fn write(file: &Path, seed: u8) -> String {
        let secret = SigningKey::from_bytes(&[seed; 32]);
        let pem = secret.to_pkcs8_pem(LineEnding::LF).expect("a PEM");
        std::fs::write(file, pem.as_bytes()).expect("a file");
        KeyPair::from_pem(&pem).expect("a key").kid
    }

    fn kids(keys: &[KeyPair]) -> Vec<String> {
        keys.iter().map(|key| key.kid.clone()).collect()
    }

    #[test]
    fn added_removed_and_renamed_files_take_effect() {
        let folder = tempfile::tempdir().expect("a folder");
        let (a, b) = (folder.path().join("a.pem"), folder.path().join("b.pem"));
        let old = write(&a, 1);
        let (mut files, keys) = KeyFiles::open(&[folder.path().to_owned()]).expect("a key");
        assert_eq!(kids(&keys), [&old[..]]);
        assert!(files.poll().is_none(), "nothing has changed");
        let new = write(&b, 2);
        let keys = files.poll().expect("a change").expect("keys");
        assert_eq!(kids(&keys), [new.clone(), old.clone()]);
        std::fs::rename(&a, folder.path().join("c.pem")).expect("a renamed file");
        let keys = files.poll().expect("a change").expect("keys");
        assert_eq!(kids(&keys), [old, new.clone()]);
        std::fs::remove_file(folder.path().join("c.pem")).expect("a removed file");
        let keys = files.poll().expect("a change").expect("keys");
        assert_eq!(kids(&keys), [new]);
    }

    #[test]
    fn an_invalid_file_is_reported_once_without_its_content() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("key.pem");
        write(&file, 1);
        let (mut files, _) = KeyFiles::open(std::slice::from_ref(&file)).expect("a key");
        std::fs::write(&file, "hunter2").expect("a file");
        let error = files
            .poll()
            .expect("a change")
            .expect_err("an invalid file")
            .to_string();
        assert!(error.contains("key.pem") && !error.contains("hunter2"), "{error}");
        assert!(files.poll().is_none(), "an unchanged file is not read again");
        std::fs::remove_file(&file).expect("a removed file");
        assert!(files.poll().expect("a change").is_err(), "the last file is gone");
        let error = KeyFiles::open(&[file]).expect_err("a missing file").to_string();
        assert!(error.contains("key.pem"), "{error}");
    }
}
