//! Queries the server over its socket.

use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error as SqlError, NoTls};

use crate::Error;

/// Created by `initdb`. The application connects as an ordinary role, so that an injected statement can't reach files or
/// programs.
pub(crate) const SUPERUSER: &str = "postgres";

const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readiness {
    Ready,
    /// Running, but still in crash recovery.
    Recovering,
    NoResponse,
}

pub(crate) fn url(socket: &Path, role: &str, database: &str) -> String {
    format!(
        "host={} user={role} dbname={}",
        quote(&socket.to_string_lossy()),
        quote(database)
    )
}

fn quote(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

pub(crate) async fn probe(socket: &Path) -> Readiness {
    let query = async { connect(socket).await?.simple_query("select 1").await.map(drop) };
    match timeout(RESPONSE_TIMEOUT, query).await {
        Ok(Ok(())) => Readiness::Ready,
        Ok(Err(error)) if error.code() == Some(&SqlState::CANNOT_CONNECT_NOW) => Readiness::Recovering,
        // All sessions are in use, including the reserved ones: the server runs.
        Ok(Err(error)) if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS) => Readiness::Ready,
        _ => Readiness::NoResponse,
    }
}

pub(crate) async fn ensure_database(socket: &Path, name: &str) -> Result<(), Error> {
    create_database(socket, name).await.map_err(Error::Database)
}

/// Another process may create them at the same time.
async fn create_database(socket: &Path, name: &str) -> Result<(), SqlError> {
    let client = connect(socket).await?;
    if client
        .query_opt("select from pg_roles where rolname = $1", &[&name])
        .await?
        .is_none()
    {
        ignore_existing(
            client
                .batch_execute(&format!("create role \"{name}\" login createdb"))
                .await,
        )?;
    }
    if client
        .query_opt("select from pg_database where datname = $1", &[&name])
        .await?
        .is_none()
    {
        ignore_existing(
            client
                .batch_execute(&format!("create database \"{name}\" owner \"{name}\""))
                .await,
        )?;
    }
    Ok(())
}

fn ignore_existing(result: Result<(), SqlError>) -> Result<(), SqlError> {
    let existing = [
        SqlState::DUPLICATE_OBJECT,
        SqlState::DUPLICATE_DATABASE,
        SqlState::UNIQUE_VIOLATION,
    ];
    match result {
        Err(error) if error.code().is_some_and(|code| existing.contains(code)) => Ok(()),
        other => other,
    }
}

async fn connect(socket: &Path) -> Result<Client, SqlError> {
    let mut config = Config::new();
    config
        .host_path(socket)
        .user(SUPERUSER)
        .dbname("postgres")
        .connect_timeout(RESPONSE_TIMEOUT);
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!("a connection to the private PostgreSQL ended: {error}");
        }
    });
    Ok(client)
}
