//! The database that a command works with: the configured one, or a private PostgreSQL in the data directory.

use embedded_postgres::{EmbeddedPostgres, Options};

use super::config::Config;
use super::data_dir;
use crate::base::db::{Db, address_of};
use crate::base::error::{Error, Result};

/// Connections of the private database in addition to the pool's: for other commands, and for connections that are closing.
const OTHER_SESSIONS: u16 = 44;

pub(crate) struct Database {
    pub db: Db,
    private: Option<EmbeddedPostgres>,
}

impl Database {
    /// For `serve`: starts the private database unless `DATABASE_URL` is set, and runs the migrations.
    pub(crate) async fn open_for_server(config: &Config) -> Result<Self> {
        Self::open(config, true).await
    }

    /// For the other commands, which may run while `serve` does.
    pub(crate) async fn open_for_command(config: &Config) -> Result<Self> {
        Self::open(config, false).await
    }

    /// Whether a database is configured, or the private one was created already.
    pub(crate) fn exists(config: &Config) -> bool {
        config.database_url.is_some() || EmbeddedPostgres::exists(&private_database(config))
    }

    async fn open(config: &Config, is_server: bool) -> Result<Self> {
        let (url, private) = match &config.database_url {
            Some(url) => (url.clone(), None),
            None => {
                data_dir::create(&config.data_dir)?;
                let options = private_database(config);
                let private = if is_server {
                    EmbeddedPostgres::start(options).await?
                } else {
                    EmbeddedPostgres::attach_or_start(options).await?
                };
                (private.url().to_owned(), Some(private))
            }
        };
        let mut db = Db::new(&url, usize::from(config.database_connections))?;
        if let Some(private) = &private {
            db.metrics.restart_count = private.restart_count();
        }
        db.migrate().await.map_err(|error| unreachable(error, &url))?;
        Ok(Self { db, private })
    }

    pub(crate) async fn close(self) {
        self.db.close();
        if let Some(private) = self.private {
            private.stop().await;
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
fn unreachable(error: Error, url: &str) -> Error {
    error.saying(format!("The database {} can't be used.", address_of(url)))
}
