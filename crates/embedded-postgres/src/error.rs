use std::io;
use std::path::{Path, PathBuf};

/// Why the embedded PostgreSQL can't run, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// [`Options::name`](crate::Options::name) can't name a database and its role.
    #[error(
        "the name must have 1 to 32 characters of a-z, 0-9 and _, begin with a letter, and not be one of PostgreSQL's own"
    )]
    InvalidName,
    /// No suitable programs were found.
    #[error(
        "PostgreSQL 15 or newer is not installed{found}. Install it (Debian, Ubuntu: apt install postgresql; \
         Fedora, RHEL: dnf install postgresql-server; Alpine: apk add postgresql; macOS: brew install postgresql)"
    )]
    NotInstalled {
        /// The versions found that are too old, as in ` (found: 14)`, or empty.
        found: String,
    },
    /// The cluster was created by another major version.
    #[error(
        "the database in {} was created by PostgreSQL {created_by}, which is not installed{found}. \
         Install that version: several can be installed side by side", cluster.display()
    )]
    OtherVersion {
        /// The cluster's directory.
        cluster: PathBuf,
        /// The major version that created it.
        created_by: u32,
        /// The versions found, as in ` (found: 15, 16)`, or empty.
        found: String,
    },
    /// Another process serves this data directory.
    #[error("another process ({holder}) is using the data directory {}", data_dir.display())]
    AlreadyServing {
        /// The data directory.
        data_dir: PathBuf,
        /// What the lock's holder wrote to it: its purpose and its process id.
        holder: String,
    },
    /// The cluster belongs to a user that can't or must not run it.
    #[error(
        "the database in {} belongs to the user {owner}. Run this program as that user, or as root if root created it",
        cluster.display()
    )]
    OtherOwner {
        /// The cluster's directory.
        cluster: PathBuf,
        /// Name or number of the owner.
        owner: String,
    },
    /// The program runs as root, and there is no user to run PostgreSQL as.
    #[error(
        "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody. \
         Create one (useradd --system postgres), or run this program as a normal user"
    )]
    NoUser,
    /// The cluster exists, but its user can no longer reach it.
    #[error(
        "the user {user} can't reach the database in {}. Let that user traverse the parent directories \
         (chmod o+x)", cluster.display()
    )]
    Unreachable {
        /// The cluster's directory.
        cluster: PathBuf,
        /// The user PostgreSQL runs as.
        user: String,
    },
    /// No directory is suitable for the socket.
    #[error("there is no private directory for the database's socket: {reasons}")]
    NoSocketDirectory {
        /// Each directory that was tried, and why it was refused.
        reasons: String,
    },
    /// `initdb` failed.
    #[error("initdb could not create the database in {}: {output}", cluster.display())]
    Initdb {
        /// The cluster's directory.
        cluster: PathBuf,
        /// The end of its output.
        output: String,
    },
    /// `postgres` exited while it was starting.
    #[error("PostgreSQL did not start; the end of {}: {tail}", log.display())]
    NotStarted {
        /// The server's log file.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// `postgres` runs, but does not respond.
    #[error("PostgreSQL did not respond within {seconds} seconds; see {}", log.display())]
    NotReady {
        /// The server's log file.
        log: PathBuf,
        /// The time waited.
        seconds: u64,
    },
    /// The role or the database could not be created.
    #[error("the database could not be created in the private PostgreSQL")]
    Database(#[source] tokio_postgres::Error),
    /// `pg_dump` and `pg_restore` are missing, or too old for the database.
    #[error(
        "pg_dump and pg_restore of PostgreSQL {at_least} or newer are not installed{found}. Install them (Debian, Ubuntu: \
         apt install postgresql-client; Fedora, RHEL: dnf install postgresql; Alpine: apk add postgresql-client; \
         macOS: brew install libpq)"
    )]
    NoClientPrograms {
        /// The oldest major version that is sufficient.
        at_least: u32,
        /// The versions found, as in ` (found: 15, 16)`, or empty.
        found: String,
    },
    /// `pg_dump` or `pg_restore` failed.
    #[error("{program} failed: {output}")]
    ClientProgram {
        /// Its name.
        program: &'static str,
        /// Its error messages, without the data they are about.
        output: String,
    },
    /// The file of a dump could not be written or read.
    #[error("the dump of the database could not be {action}")]
    Dump {
        /// `written` or `read`.
        action: &'static str,
        /// The cause.
        source: io::Error,
    },
    /// A file or a program could not be used.
    #[error("can't {action} {}", path.display())]
    Io {
        /// The operation, as in `read` or `create the directory`.
        action: &'static str,
        /// The file, directory or program.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
