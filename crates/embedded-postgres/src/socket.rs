//! The directory of the Unix socket: short and private.
//!
//! A user who can enter it can connect as the superuser, and one who can put another socket there can impersonate the
//! database.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::data_directory::{DataDirectory, OsUser, fingerprint};

/// The socket's file name for the default port, which is the client's default as well.
pub(crate) const FILE: &str = ".s.PGSQL.5432";
/// Size of `sun_path` without its NUL on macOS, where it is shortest.
const MAX_PATH_BYTES: usize = 103;

/// Tries `/tmp` first: `$XDG_RUNTIME_DIR` is removed when its user signs out. Another user may already have taken the
/// name there, so a directory beside the cluster is the second choice.
pub(crate) fn prepare(directory: &DataDirectory) -> Result<PathBuf, Error> {
    let name = format!(
        "{}-{}-{}",
        directory.name,
        directory.user.uid,
        &fingerprint(&directory.cluster)[..8]
    );
    prepare_first_usable(
        &[
            Path::new("/tmp").join(name),
            directory.cluster.with_file_name("socket"),
        ],
        &directory.user,
    )
}

pub(crate) fn prepare_first_usable(candidates: &[PathBuf], user: &OsUser) -> Result<PathBuf, Error> {
    let mut reasons = Vec::new();
    for path in candidates {
        match create(path, user) {
            Ok(()) => return Ok(path.clone()),
            Err(reason) => reasons.push(format!("{} {reason}", path.display())),
        }
    }
    Err(Error::NoSocketDirectory {
        reasons: reasons.join("; "),
    })
}

/// For a directory named by the `postmaster.pid` of a running cluster.
pub(crate) fn verify(path: &Path, user: &OsUser) -> Result<(), Error> {
    check(path, user).map_err(|reason| Error::NoSocketDirectory {
        reasons: format!("{} {reason}", path.display()),
    })
}

fn create(path: &Path, user: &OsUser) -> Result<(), String> {
    check_path(path)?;
    match user.create_private_dir(path) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(format!("can't be created: {error}")),
    }
    // It still belongs to root if this process was killed between creating it and changing its owner.
    if user.switch_user
        && owner(path) == Some(0)
        && fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir())
    {
        user.give_ownership(path)
            .map_err(|error| format!("can't be handed to {}: {error}", user.name))?;
    }
    check(path, user)
}

/// Commas and quotes would split the list of directories and the connection string.
fn check_path(path: &Path) -> Result<(), String> {
    let bytes = path.join(FILE).as_os_str().as_bytes().to_owned();
    if bytes.len() > MAX_PATH_BYTES {
        return Err("is too long a path for a socket".to_owned());
    }
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+@ ".contains(byte);
    if bytes.iter().all(allowed) {
        Ok(())
    } else {
        Err("has unusual characters in its path".to_owned())
    }
}

fn owner(path: &Path) -> Option<u32> {
    fs::symlink_metadata(path).ok().map(|meta| meta.uid())
}

fn check(path: &Path, user: &OsUser) -> Result<(), String> {
    let meta = fs::symlink_metadata(path).map_err(|error| format!("can't be inspected: {error}"))?;
    if !meta.is_dir() {
        return Err("is not a directory".to_owned());
    }
    if meta.uid() != user.uid.as_raw() {
        return Err(format!("belongs to another user than {}", user.name));
    }
    if meta.mode() & 0o077 != 0 {
        Err("is open to other users".to_owned())
    } else {
        Ok(())
    }
}
