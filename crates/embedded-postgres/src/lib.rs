#![doc = include_str!("../README.md")]
//!
//! # Modules
//!
//! - `data_directory`: where the cluster is stored and as which user it runs;
//! - `lock`: one owner per data directory;
//! - `binaries`: finds `initdb` and `postgres`;
//! - `cluster`: creates a cluster, completely or not at all;
//! - `socket`: the short, private directory of the Unix socket;
//! - `launcher`: the server's settings; starts or adopts a postmaster with them;
//! - `postmaster`: a running server, started or adopted, and how it is stopped;
//! - `supervisor`: restarts it when it dies;
//! - `client`: queries the server over its socket;
//! - `client_programs`: runs `pg_dump` and `pg_restore`.

mod binaries;
mod client;
mod client_programs;
mod cluster;
mod data_directory;
mod error;
mod launcher;
mod lock;
mod postmaster;
mod socket;
mod supervisor;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::time::{Instant, sleep};

pub use client_programs::{ClientPrograms, Database};
pub use error::Error;

use data_directory::DataDirectory;
use launcher::Launcher;
use lock::{Lock, Purpose};
use supervisor::Supervisor;

/// How long a command waits for the server of another process that is just starting.
const ATTACH_TIMEOUT: Duration = Duration::from_secs(30);

/// How the embedded PostgreSQL runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// The application's name: 1 to 32 characters of `a-z`, `0-9` and `_`, beginning with a letter. Names the database,
    /// the role, the socket's directory and, for root, the directory in `/var/lib`.
    pub name: String,
    /// The cluster is in its subdirectory `postgres`, unless PostgreSQL's user can't reach it there.
    pub data_dir: PathBuf,
    /// `false` is for tests only: commits don't wait for the disk, and a crash of the machine may lose everything.
    pub durable: bool,
    /// Maximum number of sessions; raised to 10 if it is lower.
    pub max_connections: u16,
}

/// A running PostgreSQL, restarted when it dies, as long as this value lives.
///
/// Call [`stop`](Self::stop) to end it. Dropping the value instead tells a server that it started to stop, without waiting
/// for it.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    name: String,
    cluster: PathBuf,
    socket: PathBuf,
    url: String,
    restart_count: Arc<AtomicU64>,
    supervisor: Option<Supervisor>,
}

impl EmbeddedPostgres {
    /// Finds the programs, creates the cluster if there is none, starts the server (or adopts one that a killed process
    /// left running), creates the database, and supervises the server.
    ///
    /// # Errors
    ///
    /// Any reason the server can't run; [`Error::AlreadyServing`] while another process serves this data
    /// directory.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let directory = DataDirectory::prepare(&options).await?;
        let lock = Lock::acquire(&directory.path, Purpose::Serve).await?;
        Self::start_owned(directory, lock, &options).await
    }

    /// For commands that run beside a serving process: connects to the running server of that data directory, or starts
    /// one that stops with this value. A server that was already running is neither stopped nor supervised.
    ///
    /// # Errors
    ///
    /// Same as [`start`](Self::start), except for [`Error::AlreadyServing`].
    pub async fn attach_or_start(options: Options) -> Result<Self, Error> {
        let directory = DataDirectory::prepare(&options).await?;
        let deadline = Instant::now() + ATTACH_TIMEOUT;
        loop {
            if let Some(attached) = Self::attach(&directory).await? {
                return Ok(attached);
            }
            match Lock::try_acquire(&directory.path, Purpose::Command)? {
                // Between the check and the lock another process may have started a server and exited.
                Some(lock) if postmaster::running(&directory.cluster)?.is_none() => {
                    return Self::start_owned(directory, lock, &options).await;
                }
                _ if Instant::now() > deadline => {
                    return Err(Error::NotReady {
                        log: directory.log,
                        seconds: ATTACH_TIMEOUT.as_secs(),
                    });
                }
                _ => sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// Whether a cluster exists for this data directory. Creates nothing.
    #[must_use]
    pub fn exists(options: &Options) -> bool {
        DataDirectory::has_cluster(options)
    }

    /// Deletes the cluster of a data directory with all its data, its log and its lock.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyServing`] while a process uses the directory, and any file that can't be deleted.
    pub async fn delete(options: &Options) -> Result<(), Error> {
        let directory = DataDirectory::prepare(options).await?;
        let _lock = Lock::acquire(&directory.path, Purpose::Command).await?;
        cluster::delete(&directory)
    }

    /// The connection string of the database, in tokio-postgres' `key=value` form.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The connection string of another database in this cluster. The role may create databases, but is not a superuser.
    #[must_use]
    pub fn url_for(&self, database: &str) -> String {
        client::url(&self.socket, &self.name, database)
    }

    /// How often the server was restarted after it died. The counter is shared and updated while this value lives.
    #[must_use]
    pub fn restart_count(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.restart_count)
    }

    /// The cluster's directory.
    #[must_use]
    pub fn cluster(&self) -> &Path {
        &self.cluster
    }

    /// Shuts the server down: sessions end, a checkpoint is written. After a bounded wait it is stopped immediately,
    /// which loses nothing either. Does nothing if [`attach_or_start`](Self::attach_or_start) found it running.
    pub async fn stop(mut self) {
        if let Some(supervisor) = self.supervisor.take() {
            supervisor.stop().await;
        }
    }

    async fn start_owned(directory: DataDirectory, lock: Lock, options: &Options) -> Result<Self, Error> {
        let binaries = cluster::create_if_missing(&directory, options.durable).await?;
        let socket = socket::prepare(&directory)?;
        let launcher = Launcher::new(directory, binaries, socket, options);
        let postmaster = launcher.adopt_or_start().await?;
        client::ensure_database(&launcher.socket, &options.name).await?;
        let running = Self::unsupervised(&launcher.directory, launcher.socket.clone());
        let restart_count = running.restart_count();
        Ok(Self {
            supervisor: Some(Supervisor::spawn(launcher, postmaster, lock, restart_count)),
            ..running
        })
    }

    async fn attach(directory: &DataDirectory) -> Result<Option<Self>, Error> {
        let Some(running) = postmaster::running(&directory.cluster)? else {
            return Ok(None);
        };
        // The server writes the line of its socket when it listens: without it, it is still starting.
        let Some(socket) = running.socket else {
            return Ok(None);
        };
        socket::verify(&socket, &directory.user)?;
        if client::probe(&socket).await != client::Readiness::Ready {
            return Ok(None);
        }
        client::ensure_database(&socket, &directory.name).await?;
        Ok(Some(Self::unsupervised(directory, socket)))
    }

    fn unsupervised(directory: &DataDirectory, socket: PathBuf) -> Self {
        let name = directory.name.clone();
        Self {
            url: client::url(&socket, &name, &name),
            name,
            cluster: directory.cluster.clone(),
            socket,
            restart_count: Arc::default(),
            supervisor: None,
        }
    }
}
