//! In which folder the cluster lives, and as which user it runs.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use nix::unistd::{Gid, Uid, User};
use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::PrivatePostgresError;

/// Where clusters of root live whose data folder PostgreSQL's user can't reach.
const STATE: &str = "/var/lib/vestibule";

/// All that PostgreSQL's programs may see of our environment: it holds keys and passwords, and the programs
/// may run as a user who shares them.
const PASSED_ON: [&str; 3] = ["PATH", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"];

/// As whom PostgreSQL runs.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) uid: Uid,
    pub(super) gid: Gid,
    pub(super) name: String,
    /// Whether that is somebody else than we: we are root then.
    pub(super) other: bool,
}

impl Account {
    fn own() -> Self {
        let uid = Uid::effective();
        Self {
            uid,
            gid: Gid::effective(),
            name: user_name(uid),
            other: false,
        }
    }

    fn unprivileged() -> Option<Self> {
        let user = ["postgres", "nobody"]
            .iter()
            .find_map(|name| User::from_name(name).ok().flatten())?;
        Some(Self {
            uid: user.uid,
            gid: user.gid,
            name: user.name,
            other: true,
        })
    }

    fn owner_of(meta: &fs::Metadata) -> Self {
        let uid = Uid::from_raw(meta.uid());
        Self {
            uid,
            gid: Gid::from_raw(meta.gid()),
            name: user_name(uid),
            other: uid != Uid::effective(),
        }
    }

    /// A command that runs as this account, with nothing of ours but what it needs.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::null());
        command.envs(
            PASSED_ON
                .iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        );
        if self.other {
            command.uid(self.uid.as_raw()).gid(self.gid.as_raw());
        }
        command
    }

    /// Makes a folder that only this account can enter.
    pub(super) fn make_private(&self, folder: &Path) -> std::io::Result<()> {
        DirBuilder::new().mode(0o700).create(folder)?;
        self.give(folder)
    }

    pub(super) fn give(&self, folder: &Path) -> std::io::Result<()> {
        if !self.other {
            return Ok(());
        }
        std::os::unix::fs::lchown(folder, Some(self.uid.as_raw()), Some(self.gid.as_raw()))
    }

    /// Asked of the kernel, because modes alone don't tell (access lists, mounts).
    async fn reaches(&self, folder: &Path) -> Result<bool, PrivatePostgresError> {
        let mut command = self.command("/bin/sh");
        command.args(["-c", "exit 0"]).current_dir(folder);
        match command.status().await {
            Ok(status) => Ok(status.success()),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(false),
            Err(error) => Err(PrivatePostgresError::io("enter", folder)(error)),
        }
    }
}

/// Where everything is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) data_dir: PathBuf,
    pub(super) cluster: PathBuf,
    pub(super) log: PathBuf,
    pub(super) account: Account,
}

impl Place {
    pub(super) async fn prepare(data_dir: &Path) -> Result<Self, PrivatePostgresError> {
        let root = Uid::effective().is_root();
        // Passable for PostgreSQL's user, but not for reading what is in it.
        make_folders(data_dir, if root { 0o711 } else { 0o700 })?;
        let found = data_dir
            .canonicalize()
            .map_err(PrivatePostgresError::io("find", data_dir))?;
        if root {
            Self::of_root(found).await
        } else {
            Self::of_user(found)
        }
    }

    fn new(data_dir: PathBuf, base: &Path, account: Account) -> Self {
        Self {
            data_dir,
            cluster: base.join("postgres"),
            log: base.join("postgres.log"),
            account,
        }
    }

    fn of_user(data_dir: PathBuf) -> Result<Self, PrivatePostgresError> {
        let base = data_dir.clone();
        let place = Self::new(data_dir, &base, Account::own());
        match fs::symlink_metadata(&place.cluster) {
            Ok(meta) if Uid::from_raw(meta.uid()) != place.account.uid => {
                Err(other_owner(&place.cluster, &meta))
            }
            _ => Ok(place),
        }
    }

    /// What is there already decides: a cluster must not get lost because a folder above it changed its mode.
    async fn of_root(data_dir: PathBuf) -> Result<Self, PrivatePostgresError> {
        let usual = Account::unprivileged().ok_or(PrivatePostgresError::NoUser)?;
        let state = Path::new(STATE).join(&fingerprint(&data_dir)[..16]);
        for base in [&data_dir, &state] {
            let cluster = base.join("postgres");
            let Some(meta) = existing(&cluster) else { continue };
            let account = Self::trusted(&cluster, &meta, &data_dir, &usual)?;
            if !account.reaches(base).await? {
                return Err(PrivatePostgresError::Unreachable {
                    cluster,
                    user: account.name,
                });
            }
            return Ok(Self::new(data_dir.clone(), base, account));
        }
        if usual.reaches(&data_dir).await? {
            let base = data_dir.clone();
            return Ok(Self::new(data_dir, &base, usual));
        }
        make_folders(&state, 0o711)?;
        Ok(Self::new(data_dir, &state, usual))
    }

    /// Root runs a cluster as its owner, where that is the usual user or the data folder's owner: never as
    /// root, and not as just anybody who put a folder there.
    fn trusted(
        cluster: &Path,
        meta: &fs::Metadata,
        data_dir: &Path,
        usual: &Account,
    ) -> Result<Account, PrivatePostgresError> {
        let owner = Account::owner_of(meta);
        if owner.uid == usual.uid {
            return Ok(usual.clone());
        }
        let folder = fs::metadata(data_dir).map_err(PrivatePostgresError::io("look at", data_dir))?;
        let known = owner.name == "nobody" || owner.uid.as_raw() == folder.uid();
        if owner.uid.is_root() || !known {
            Err(other_owner(cluster, meta))
        } else {
            Ok(owner)
        }
    }
}

/// `pg_control` is what makes a folder a cluster: without it nothing in there can be read.
pub(super) fn existing(cluster: &Path) -> Option<fs::Metadata> {
    let meta = fs::symlink_metadata(cluster).ok().filter(fs::Metadata::is_dir)?;
    cluster.join("global/pg_control").exists().then_some(meta)
}

/// A short name for a path, the same each time.
pub(super) fn fingerprint(path: &Path) -> String {
    Sha256::digest(path.as_os_str().as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn other_owner(cluster: &Path, meta: &fs::Metadata) -> PrivatePostgresError {
    let owner = user_name(Uid::from_raw(meta.uid()));
    PrivatePostgresError::OtherOwner {
        cluster: cluster.to_owned(),
        owner,
    }
}

fn user_name(uid: Uid) -> String {
    User::from_uid(uid)
        .ok()
        .flatten()
        .map_or_else(|| uid.to_string(), |user| user.name)
}

fn make_folders(folder: &Path, mode: u32) -> Result<(), PrivatePostgresError> {
    let made = DirBuilder::new().recursive(true).mode(mode).create(folder);
    made.map_err(PrivatePostgresError::io("make the folder", folder))
}
