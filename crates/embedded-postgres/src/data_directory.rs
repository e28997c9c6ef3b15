//! Where the cluster is stored, and as which user it runs.

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

use crate::{Error, Options};

/// Parent of root's clusters whose data directory PostgreSQL's user can't reach.
const STATE_DIR: &str = "/var/lib";

/// The environment variables that PostgreSQL's programs inherit. The others may hold keys and passwords, and the programs
/// may run as a user that other services share.
const INHERITED_VARIABLES: [&str; 3] = ["PATH", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"];

/// The user PostgreSQL runs as.
#[derive(Clone, Debug)]
pub(crate) struct OsUser {
    pub(crate) uid: Uid,
    pub(crate) gid: Gid,
    pub(crate) name: String,
    /// Whether this process is root and must switch to this user.
    pub(crate) switch_user: bool,
}

impl OsUser {
    pub(crate) fn current() -> Self {
        let uid = Uid::effective();
        Self {
            uid,
            gid: Gid::effective(),
            name: user_name(uid),
            switch_user: false,
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
            switch_user: true,
        })
    }

    fn from_owner(meta: &fs::Metadata) -> Self {
        let uid = Uid::from_raw(meta.uid());
        Self {
            uid,
            gid: Gid::from_raw(meta.gid()),
            name: user_name(uid),
            switch_user: uid != Uid::effective(),
        }
    }

    /// A command that runs as this user with a minimal environment.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::null());
        command.envs(
            INHERITED_VARIABLES
                .iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        );
        if self.switch_user {
            command.uid(self.uid.as_raw()).gid(self.gid.as_raw());
        }
        command
    }

    /// Creates a directory that only this user can enter.
    pub(crate) fn create_private_dir(&self, path: &Path) -> std::io::Result<()> {
        DirBuilder::new().mode(0o700).create(path)?;
        self.give_ownership(path)
    }

    pub(crate) fn give_ownership(&self, path: &Path) -> std::io::Result<()> {
        if !self.switch_user {
            return Ok(());
        }
        std::os::unix::fs::lchown(path, Some(self.uid.as_raw()), Some(self.gid.as_raw()))
    }

    /// Tries it, because modes alone don't decide (access lists, mounts).
    async fn can_enter(&self, path: &Path) -> Result<bool, Error> {
        let mut command = self.command("/bin/sh");
        command.args(["-c", "exit 0"]).current_dir(path);
        match command.status().await {
            Ok(status) => Ok(status.success()),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(false),
            Err(error) => Err(Error::io("enter", path)(error)),
        }
    }
}

/// The paths of one data directory.
#[derive(Clone, Debug)]
pub(crate) struct DataDirectory {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) cluster: PathBuf,
    pub(crate) log: PathBuf,
    pub(crate) user: OsUser,
}

impl DataDirectory {
    pub(crate) async fn prepare(Options { name, data_dir, .. }: &Options) -> Result<Self, Error> {
        if !is_valid_name(name) {
            return Err(Error::InvalidName);
        }
        let root = Uid::effective().is_root();
        // PostgreSQL's user may traverse the directory, but not list it.
        create_directories(data_dir, if root { 0o711 } else { 0o700 })?;
        let path = data_dir.canonicalize().map_err(Error::io("find", data_dir))?;
        if root {
            Self::prepare_as_root(name, path).await
        } else {
            Self::prepare_as_user(name, path)
        }
    }

    fn new(name: &str, path: PathBuf, base: &Path, user: OsUser) -> Self {
        Self {
            name: name.to_owned(),
            path,
            cluster: base.join("postgres"),
            log: base.join("postgres.log"),
            user,
        }
    }

    pub(crate) fn has_cluster(Options { name, data_dir, .. }: &Options) -> bool {
        let Ok(path) = data_dir.canonicalize() else {
            return false;
        };
        let state = Uid::effective().is_root().then(|| state_directory(name, &path));
        let bases = std::iter::once(path).chain(state);
        bases
            .map(|base| base.join("postgres"))
            .any(|cluster| cluster_metadata(&cluster).is_some())
    }

    fn prepare_as_user(name: &str, path: PathBuf) -> Result<Self, Error> {
        let base = path.clone();
        let directory = Self::new(name, path, &base, OsUser::current());
        match fs::symlink_metadata(&directory.cluster) {
            Ok(meta) if Uid::from_raw(meta.uid()) != directory.user.uid => {
                Err(other_owner(&directory.cluster, &meta))
            }
            _ => Ok(directory),
        }
    }

    /// Prefers an existing cluster: it must not get lost because a parent directory changed its mode.
    async fn prepare_as_root(name: &str, path: PathBuf) -> Result<Self, Error> {
        let default_user = OsUser::unprivileged().ok_or(Error::NoUser)?;
        let state = state_directory(name, &path);
        for base in [&path, &state] {
            let cluster = base.join("postgres");
            let Some(meta) = cluster_metadata(&cluster) else {
                continue;
            };
            let user = Self::trusted_owner(&cluster, &meta, &path, &default_user)?;
            if !user.can_enter(base).await? {
                return Err(Error::Unreachable {
                    cluster,
                    user: user.name,
                });
            }
            return Ok(Self::new(name, path.clone(), base, user));
        }
        if default_user.can_enter(&path).await? {
            let base = path.clone();
            return Ok(Self::new(name, path, &base, default_user));
        }
        create_directories(&state, 0o711)?;
        Ok(Self::new(name, path, &state, default_user))
    }

    /// Root runs a cluster as its owner if that is the default user or the data directory's owner: never as root, and not
    /// as an arbitrary user who put a directory there.
    fn trusted_owner(
        cluster: &Path,
        meta: &fs::Metadata,
        path: &Path,
        default_user: &OsUser,
    ) -> Result<OsUser, Error> {
        let owner = OsUser::from_owner(meta);
        if owner.uid == default_user.uid {
            return Ok(default_user.clone());
        }
        let parent = fs::metadata(path).map_err(Error::io("inspect", path))?;
        let known = owner.name == "nobody" || owner.uid.as_raw() == parent.uid();
        if owner.uid.is_root() || !known {
            Err(other_owner(cluster, meta))
        } else {
            Ok(owner)
        }
    }
}

/// Where root keeps a cluster if PostgreSQL's user can't reach the data directory.
fn state_directory(name: &str, path: &Path) -> PathBuf {
    Path::new(STATE_DIR).join(name).join(&fingerprint(path)[..16])
}

/// `None` without `pg_control`: such a directory is not a usable cluster.
pub(crate) fn cluster_metadata(cluster: &Path) -> Option<fs::Metadata> {
    let meta = fs::symlink_metadata(cluster).ok().filter(fs::Metadata::is_dir)?;
    cluster.join("global/pg_control").exists().then_some(meta)
}

/// A stable name for a path.
pub(crate) fn fingerprint(path: &Path) -> String {
    Sha256::digest(path.as_os_str().as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn other_owner(cluster: &Path, meta: &fs::Metadata) -> Error {
    let owner = user_name(Uid::from_raw(meta.uid()));
    Error::OtherOwner {
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

fn create_directories(path: &Path, mode: u32) -> Result<(), Error> {
    let created = DirBuilder::new().recursive(true).mode(mode).create(path);
    created.map_err(Error::io("create the directory", path))
}

/// Valid as an SQL identifier and in paths, and not one of PostgreSQL's own roles and databases.
fn is_valid_name(name: &str) -> bool {
    let byte = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let reserved = ["postgres", "template0", "template1", "public", "none"];
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 32
        && name.bytes().all(byte)
        && !name.starts_with("pg_")
        && !reserved.contains(&name)
}
