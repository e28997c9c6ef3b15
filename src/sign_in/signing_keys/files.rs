//! Keys in PEM files, watched: a file that is added, removed, or rewritten takes effect without a restart.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::KeyPair;

/// Files in the order of the setting; a folder stands for its `.pem` files, the last name first.
#[derive(Debug)]
pub(crate) struct KeyFiles {
    paths: Vec<PathBuf>,
    seen: Vec<Stamp>,
}

/// What changes when a file does.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    file: PathBuf,
    modified: Option<SystemTime>,
    len: u64,
}

/// Why keys can't be read, with the file's name and nothing of what is in it.
#[derive(Debug, thiserror::Error)]
#[error("VESTIBULE_SIGNING_KEYS: {0}")]
pub(crate) struct KeyFileFault(String);

impl KeyFileFault {
    fn at(file: &Path, fault: impl std::fmt::Display) -> Self {
        Self(format!("{}: {fault}", file.display()))
    }
}

impl KeyFiles {
    /// Each of the paths must be there.
    pub(crate) fn open(paths: &[PathBuf]) -> Result<(Self, Vec<KeyPair>), KeyFileFault> {
        for path in paths {
            path.metadata().map_err(|error| KeyFileFault::at(path, error))?;
        }
        let seen = stamps(paths);
        let keys = read(&seen)?;
        let files = Self {
            paths: paths.to_vec(),
            seen,
        };
        Ok((files, keys))
    }

    /// The keys, if a file has changed since the last look. A file that is gone is a key that is gone, but for the last one.
    pub(crate) fn look(&mut self) -> Option<Result<Vec<KeyPair>, KeyFileFault>> {
        let now = stamps(&self.paths);
        if now == self.seen {
            return None;
        }
        let keys = read(&now);
        self.seen = now;
        Some(keys)
    }
}

fn files_of(path: &Path) -> Vec<PathBuf> {
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

/// Of the files that are there.
fn stamps(paths: &[PathBuf]) -> Vec<Stamp> {
    let stamp = |file: PathBuf| {
        let found = file.metadata().ok()?;
        Some(Stamp {
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

fn read(stamps: &[Stamp]) -> Result<Vec<KeyPair>, KeyFileFault> {
    if stamps.is_empty() {
        return Err(KeyFileFault("there is no key file left".to_owned()));
    }
    let key = |stamp: &Stamp| {
        let wrong = |fault: String| KeyFileFault::at(&stamp.file, fault);
        let pem = std::fs::read_to_string(&stamp.file).map_err(|error| wrong(error.to_string()))?;
        let pair = KeyPair::from_pem(&pem).map_err(|fault| wrong(fault.to_string()))?;
        Ok(KeyPair {
            made_at: stamp.modified.map(Into::into),
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
    fn files_that_come_go_and_change_places_take_effect() {
        let folder = tempfile::tempdir().expect("a folder");
        let (a, b) = (folder.path().join("a.pem"), folder.path().join("b.pem"));
        let old = write(&a, 1);
        let (mut files, keys) = KeyFiles::open(&[folder.path().to_owned()]).expect("a key");
        assert_eq!(kids(&keys), [&old[..]]);
        assert!(files.look().is_none(), "nothing has changed");
        let new = write(&b, 2);
        let keys = files.look().expect("news").expect("keys");
        assert_eq!(kids(&keys), [new.clone(), old.clone()]);
        std::fs::rename(&a, folder.path().join("c.pem")).expect("it moves");
        let keys = files.look().expect("news").expect("keys");
        assert_eq!(kids(&keys), [old, new.clone()]);
        std::fs::remove_file(folder.path().join("c.pem")).expect("it goes");
        let keys = files.look().expect("news").expect("keys");
        assert_eq!(kids(&keys), [new]);
    }

    #[test]
    fn a_broken_file_is_named_once_and_nothing_of_it_is_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("key.pem");
        write(&file, 1);
        let (mut files, _) = KeyFiles::open(std::slice::from_ref(&file)).expect("a key");
        std::fs::write(&file, "hunter2").expect("a file");
        let fault = files.look().expect("news").expect_err("it is broken").to_string();
        assert!(fault.contains("key.pem") && !fault.contains("hunter2"), "{fault}");
        assert!(files.look().is_none(), "once is enough");
        std::fs::remove_file(&file).expect("it goes");
        assert!(files.look().expect("news").is_err(), "the last one");
        let fault = KeyFiles::open(&[file]).expect_err("it must be there").to_string();
        assert!(fault.contains("key.pem"), "{fault}");
    }
}
