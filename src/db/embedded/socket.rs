//! The folder of the Unix socket: short, and nobody else's.
//!
//! Whoever can enter it is the database's superuser, and whoever can put another socket there is the
//! database.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::PrivatePostgresError;
use super::place::{Account, Place, fingerprint};

/// PostgreSQL's file in the folder, for its default port, which is the client's default as well.
pub(super) const FILE: &str = ".s.PGSQL.5432";
/// `sun_path` less its NUL; on macOS it is 4 bytes shorter.
const LONGEST_PATH: usize = 103;

/// `/tmp` first: `$XDG_RUNTIME_DIR` goes away when its user signs out. Anybody can take the name there
/// beforehand, so there is a second one beside the cluster.
pub(super) fn prepare(place: &Place) -> Result<PathBuf, PrivatePostgresError> {
    let name = format!(
        "vestibule-{}-{}",
        place.account.uid,
        &fingerprint(&place.cluster)[..8]
    );
    prepare_first(
        &[
            Path::new("/tmp").join(name),
            place.cluster.with_file_name("socket"),
        ],
        &place.account,
    )
}

pub(super) fn prepare_first(folders: &[PathBuf], account: &Account) -> Result<PathBuf, PrivatePostgresError> {
    let mut reasons = Vec::new();
    for folder in folders {
        match make(folder, account) {
            Ok(()) => return Ok(folder.clone()),
            Err(reason) => reasons.push(format!("{} {reason}", folder.display())),
        }
    }
    Err(PrivatePostgresError::NoSocketFolder {
        reasons: reasons.join("; "),
    })
}

/// For a folder named by the `postmaster.pid` of a running cluster.
pub(super) fn verify(folder: &Path, account: &Account) -> Result<(), PrivatePostgresError> {
    check(folder, account).map_err(|reason| PrivatePostgresError::NoSocketFolder {
        reasons: format!("{} {reason}", folder.display()),
    })
}

fn make(folder: &Path, account: &Account) -> Result<(), String> {
    fits(folder)?;
    match account.make_private(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(format!("can't be made: {error}")),
    }
    // Root's own, if we were killed between making it and giving it away.
    if account.other
        && owner(folder) == Some(0)
        && fs::symlink_metadata(folder).is_ok_and(|meta| meta.is_dir())
    {
        account
            .give(folder)
            .map_err(|error| format!("can't be given to {}: {error}", account.name))?;
    }
    check(folder, account)
}

/// Commas and quotes would divide the list of folders and the connection string.
fn fits(folder: &Path) -> Result<(), String> {
    let bytes = folder.join(FILE).as_os_str().as_bytes().to_owned();
    if bytes.len() > LONGEST_PATH {
        return Err("is too long a path for a socket".to_owned());
    }
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+@ ".contains(byte);
    if bytes.iter().all(plain) {
        Ok(())
    } else {
        Err("has unusual characters in its path".to_owned())
    }
}

fn owner(folder: &Path) -> Option<u32> {
    fs::symlink_metadata(folder).ok().map(|meta| meta.uid())
}

fn check(folder: &Path, account: &Account) -> Result<(), String> {
    let meta = fs::symlink_metadata(folder).map_err(|error| format!("can't be looked at: {error}"))?;
    if !meta.is_dir() {
        return Err("is not a folder".to_owned());
    }
    if meta.uid() != account.uid.as_raw() {
        return Err(format!("belongs to another user than {}", account.name));
    }
    if meta.mode() & 0o077 != 0 {
        Err("is open to other users".to_owned())
    } else {
        Ok(())
    }
}
