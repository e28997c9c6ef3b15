//! The private PostgreSQL that `vestibule serve` starts when no `DATABASE_URL` is set.
//!
//! What lies where:
//!
//! - `place`: in which folder the cluster lives and as which user it runs;
//! - `lock`: one owner per data folder;
//! - `programs`: finding `initdb` and `postgres`;
//! - `cluster`: making a cluster, whole or not at all;
//! - `socket`: the short, private folder of the Unix socket;
//! - `launch`: the settings, and starting or adopting a postmaster with them;
//! - `postmaster`: a running one, ours or left over, and how it ends;
//! - `keeper`: starting it again when it dies;
//! - `client`: what is asked of it over the socket.

mod client;
mod cluster;
mod error;
mod keeper;
mod launch;
mod lock;
mod place;
mod postmaster;
mod programs;
mod socket;

use std::path::{Path, PathBuf};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use tokio::time::{Instant, sleep};

pub use error::PrivatePostgresError;

use keeper::Keeper;
use launch::Launch;
use lock::{Lock, Purpose};
use place::Place;

/// How long a command waits for the database of a `serve` that is just starting it.
const ATTACH_WITHIN: Duration = Duration::from_secs(30);

/// The database and the role of this name are what [`PrivatePostgres::url`] leads to.
const DATABASE: &str = "vestibule";

/// How the private PostgreSQL is to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data folder; the cluster lives in its `postgres`, where the user PostgreSQL runs as can reach it.
    pub data_dir: PathBuf,
    /// False only in tests: commits then don't wait for the disk, and a crash of the machine may lose
    /// everything.
    pub durable: bool,
    /// Sessions at once, at least 10.
    pub max_connections: u16,
}

/// A running private PostgreSQL; started again when it dies, for as long as this value lives.
///
/// End it with [`stop`](Self::stop). Dropped instead, a server that it started is told to stop, and nobody
/// waits.
#[derive(Debug)]
pub struct PrivatePostgres {
    cluster: PathBuf,
    socket: PathBuf,
    url: String,
    restarts: Counter,
    keeper: Option<Keeper>,
}

impl PrivatePostgres {
    /// Finds the programs, makes the cluster if there is none, starts it or adopts the one a killed `serve`
    /// left running, makes the database `vestibule`, and supervises it.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from running, said so that the reader can mend it;
    /// [`AlreadyServing`](PrivatePostgresError::AlreadyServing) while another process serves this data
    /// folder.
    pub async fn start(options: Options) -> Result<Self, PrivatePostgresError> {
        let place = Place::prepare(&options.data_dir).await?;
        let lock = Lock::take(&place.data_dir, Purpose::Serve).await?;
        Self::own(place, lock, &options).await
    }

    /// For commands beside a running `serve`: uses the running cluster of that folder, else starts one that
    /// stops with this value. A cluster that it found running is never stopped by it, nor supervised.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), but for another `serve`, which is what it hopes for.
    pub async fn attach_or_start(options: Options) -> Result<Self, PrivatePostgresError> {
        let place = Place::prepare(&options.data_dir).await?;
        let deadline = Instant::now() + ATTACH_WITHIN;
        loop {
            if let Some(attached) = Self::attach(&place).await? {
                return Ok(attached);
            }
            match Lock::try_take(&place.data_dir, Purpose::Command)? {
                // Between the look and the lock another may have started it and gone.
                Some(lock) if postmaster::running(&place.cluster)?.is_none() => {
                    return Self::own(place, lock, &options).await;
                }
                _ if Instant::now() > deadline => {
                    return Err(PrivatePostgresError::NotReady {
                        log: place.log,
                        seconds: ATTACH_WITHIN.as_secs(),
                    });
                }
                _ => sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// tokio-postgres' connection string for the database `vestibule`, in its `key=value` form.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same for another database of this cluster. The role may create databases; it is no superuser.
    #[must_use]
    pub fn url_for(&self, database: &str) -> String {
        client::url(&self.socket, database)
    }

    /// How often it was started again after it died.
    #[must_use]
    pub fn restarts(&self) -> Counter {
        self.restarts.clone()
    }

    /// Where the cluster is, for messages to people.
    #[must_use]
    pub fn cluster(&self) -> &Path {
        &self.cluster
    }

    /// Stops it in order: sessions end, a checkpoint is written; after a bounded wait it is stopped at once,
    /// which loses nothing either. Does nothing where [`attach_or_start`](Self::attach_or_start) found it
    /// running.
    pub async fn stop(mut self) {
        if let Some(keeper) = self.keeper.take() {
            keeper.stop().await;
        }
    }

    async fn own(place: Place, lock: Lock, options: &Options) -> Result<Self, PrivatePostgresError> {
        let programs = cluster::make_if_missing(&place, options.durable).await?;
        let socket = socket::prepare(&place)?;
        let launch = Launch::new(place, programs, socket, options);
        let postmaster = launch.adopt_or_start().await?;
        client::ensure_database(&launch.socket).await?;
        let running = Self::at(&launch.place, launch.socket.clone());
        Ok(Self {
            keeper: Some(Keeper::watch(launch, postmaster, lock, running.restarts.clone())),
            ..running
        })
    }

    async fn attach(place: &Place) -> Result<Option<Self>, PrivatePostgresError> {
        let Some(running) = postmaster::running(&place.cluster)? else {
            return Ok(None);
        };
        // Without a socket it is still starting: it writes that line when it listens.
        let Some(socket) = running.socket else {
            return Ok(None);
        };
        socket::verify(&socket, &place.account)?;
        if client::ask(&socket).await != client::Answer::Yes {
            return Ok(None);
        }
        client::ensure_database(&socket).await?;
        Ok(Some(Self::at(place, socket)))
    }

    fn at(place: &Place, socket: PathBuf) -> Self {
        let url = client::url(&socket, DATABASE);
        Self {
            cluster: place.cluster.clone(),
            socket,
            url,
            restarts: Counter::default(),
            keeper: None,
        }
    }
}

#[cfg(test)]
mod tests;
