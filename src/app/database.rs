//! The database that a command works with: the configured one, or a private PostgreSQL in the data directory.

mod dump;

use embedded_postgres::{EmbeddedPostgres, Options};

use super::config::Config;
use super::data_dir;
use crate::base::db::{Db, address_of};
use crate::base::error::{Code, Error, Result};
pub(crate) use dump::DumpPrograms;

/// Connections of the private database in addition to the pool's: for other commands, and for connections that are closing.
const OTHER_SESSIONS: u16 = 44;

pub(crate) struct Database {
    pub db: Db,
    pub url: String,
    private: Option<EmbeddedPostgres>,
}

impl Database {
    /// For `serve`: starts the private database unless `DATABASE_URL` is set, and runs the migrations.
    pub(crate) async fn open_for_server(config: &Config) -> Result<Self> {
        data_dir::check_restored(config)?;
        Self::start(config).await?.migrated().await
    }

    /// For the other commands, which may run while `serve` does.
    pub(crate) async fn open_for_command(config: &Config) -> Result<Self> {
        data_dir::check_restored(config)?;
        Self::attach(config).await?.migrated().await
    }

    /// As `open_for_command`, but creates nothing: a wrong data directory is an error.
    pub(crate) async fn open_existing(config: &Config) -> Result<Self> {
        if Self::exists(config) {
            return Self::open_for_command(config).await;
        }
        let folder = config.data_dir.display();
        let message = format!(
            "There is no database in {folder}. Use the settings of `serve`, or name its data directory with --data-dir."
        );
        Err(Error::new(Code::BadUserInput, message))
    }

    /// As `open_for_command`, but changes nothing: a backup is made before the migrations of a new version.
    pub(crate) async fn open_for_backup(config: &Config) -> Result<Self> {
        data_dir::check_restored(config)?;
        let database = Self::attach(config).await?;
        database.log_place(config);
        Ok(database)
    }

    /// As `open_for_server`, but without migrations: an empty database stays empty.
    pub(crate) async fn open_for_restore(config: &Config) -> Result<Self> {
        Self::start(config).await
    }

    /// Whether a database is configured, or the private one was created already.
    pub(crate) fn exists(config: &Config) -> bool {
        config.database_url.is_some() || EmbeddedPostgres::exists(&private_database(config))
    }

    /// Deletes the private database, which no process may use.
    pub(crate) async fn delete_private(config: &Config) -> Result<()> {
        Ok(EmbeddedPostgres::delete(&private_database(config)).await?)
    }

    pub(crate) async fn close(self) {
        self.db.close();
        if let Some(private) = self.private {
            private.stop().await;
        }
    }

    async fn start(config: &Config) -> Result<Self> {
        let Some(url) = &config.database_url else {
            data_dir::create(&config.data_dir)?;
            let database = Self::private(config, EmbeddedPostgres::start(private_database(config)).await?)?;
            database.log_place(config);
            return Ok(database);
        };
        Self::at(config, url)
    }

    async fn attach(config: &Config) -> Result<Self> {
        let Some(url) = &config.database_url else {
            data_dir::create(&config.data_dir)?;
            let options = private_database(config);
            return Self::private(config, EmbeddedPostgres::attach_or_start(options).await?);
        };
        Self::at(config, url)
    }

    fn at(config: &Config, url: &str) -> Result<Self> {
        let connection_count = usize::from(config.database_connections);
        let mut db = Db::new(url, connection_count)?;
        if let Some(replica) = &config.database_read_url {
            // Fewer: reports are rarer than requests.
            db = db.with_replica(replica, connection_count / 2)?;
        }
        Ok(Self {
            db,
            url: url.to_owned(),
            private: None,
        })
    }

    fn private(config: &Config, private: EmbeddedPostgres) -> Result<Self> {
        let mut database = Self::at(config, private.url())?;
        database.db.metrics.restart_count = private.restart_count();
        database.private = Some(private);
        Ok(database)
    }

    /// A private PostgreSQL has stopped before an error is returned.
    async fn migrated(self) -> Result<Self> {
        match self.db.migrate().await {
            Ok(_) => Ok(self),
            Err(error) => {
                let error = unreachable(error, &self.url);
                self.close().await;
                Err(error)
            }
        }
    }

    /// Says where the private database is if that is not the data directory: whoever copies the directory has to know.
    fn log_place(&self, config: &Config) {
        let Some(private) = &self.private else { return };
        let data_dir = config.data_dir.canonicalize().unwrap_or_default();
        if !private.cluster().starts_with(&data_dir) {
            let database = private.cluster().display();
            tracing::info!(%database, "the private database is outside of the data directory");
        }
    }
}

fn private_database(config: &Config) -> Options {
    Options {
        name: "vestibule".to_owned(),
        data_dir: config.data_dir.clone(),
        durable: true,
        max_connections: config.database_connections + OTHER_SESSIONS,
    }
}

/// Names the database that can't be used, without its user and password.
pub(crate) fn unreachable(error: Error, url: &str) -> Error {
    error.saying(format!("The database {} can't be used.", address_of(url)))
}
