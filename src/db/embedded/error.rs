use std::io;
use std::path::{Path, PathBuf};

/// What keeps the private PostgreSQL from running, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrivatePostgresError {
    /// There are no programs to run.
    #[error(
        "PostgreSQL 15 or newer is not installed{seen}. Install it (Debian, Ubuntu: apt install postgresql; \
         Fedora, RHEL: dnf install postgresql-server; Alpine: apk add postgresql; macOS: brew install postgresql), \
         or set DATABASE_URL to a server of yours"
    )]
    NotInstalled {
        /// The versions found that are too old, as an insertion; or nothing.
        seen: String,
    },
    /// The cluster was made by another major version.
    #[error(
        "the database in {} was made by PostgreSQL {made_by}, which is not installed{seen}. \
         Install that version, or move the data with pg_upgrade", cluster.display()
    )]
    OtherVersion {
        /// Where the cluster is.
        cluster: PathBuf,
        /// The major version that made it.
        made_by: u32,
        /// The versions found, as an insertion; or nothing.
        seen: String,
    },
    /// Another process serves this data folder.
    #[error(
        "another vestibule ({holder}) is using the data folder {}. Stop it first, or choose another folder with \
         --data-dir", data_dir.display()
    )]
    AlreadyServing {
        /// The data folder.
        data_dir: PathBuf,
        /// What the lock's holder wrote of itself: its work and its process id.
        holder: String,
    },
    /// The cluster belongs to a user as which we can't or won't run it.
    #[error(
        "the database in {} belongs to the user {owner}. Run vestibule as that user, or as root if root made it",
        cluster.display()
    )]
    OtherOwner {
        /// Where the cluster is.
        cluster: PathBuf,
        /// Name or number of the owner.
        owner: String,
    },
    /// Root has nobody to run PostgreSQL as.
    #[error(
        "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody. \
         Make one (useradd --system postgres), or run vestibule as a normal user"
    )]
    NoUser,
    /// The cluster is there, but its user can no longer get to it.
    #[error(
        "the user {user} can't reach the database in {}. Give that user the way through the folders above it \
         (chmod o+x)", cluster.display()
    )]
    Unreachable {
        /// Where the cluster is.
        cluster: PathBuf,
        /// As whom PostgreSQL runs.
        user: String,
    },
    /// No folder is fit for the socket.
    #[error("there is no private folder for the database's socket: {reasons}")]
    NoSocketFolder {
        /// Each folder tried, and what is wrong with it.
        reasons: String,
    },
    /// `initdb` failed.
    #[error("initdb could not make the database in {}: {output}", cluster.display())]
    Initdb {
        /// Where it was to be.
        cluster: PathBuf,
        /// What it said, its end.
        output: String,
    },
    /// `postgres` ended while it was starting.
    #[error("PostgreSQL did not start; the end of {}: {tail}", log.display())]
    NotStarted {
        /// Its log.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// `postgres` runs, but gives no answer.
    #[error("PostgreSQL gave no answer within {seconds} seconds; see {}", log.display())]
    NotReady {
        /// Its log.
        log: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The database `vestibule` could not be made.
    #[error("the database vestibule could not be made in the private PostgreSQL")]
    Database(#[source] tokio_postgres::Error),
    /// A file or a program could not be used.
    #[error("can't {doing} {}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl PrivatePostgresError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            doing,
            path: path.to_owned(),
            source,
        }
    }
}
