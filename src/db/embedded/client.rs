//! What is asked of the server over its socket.

use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error, NoTls};

use super::{DATABASE, PrivatePostgresError};

/// Made by `initdb`. The service itself connects as a role that is no superuser: a fault in one of its
/// statements can't reach files or programs.
pub(super) const SUPERUSER: &str = "postgres";

const ANSWER_WITHIN: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    /// It runs, but is still replaying what a crash left.
    NotYet,
    No,
}

pub(super) fn url(socket: &Path, database: &str) -> String {
    format!(
        "host={} user={DATABASE} dbname={}",
        quoted(&socket.to_string_lossy()),
        quoted(database)
    )
}

fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

pub(super) async fn ask(socket: &Path) -> Answer {
    let asked = async { connect(socket).await?.simple_query("select 1").await.map(drop) };
    match timeout(ANSWER_WITHIN, asked).await {
        Ok(Ok(())) => Answer::Yes,
        Ok(Err(error)) if error.code() == Some(&SqlState::CANNOT_CONNECT_NOW) => Answer::NotYet,
        // All sessions taken, the reserved ones too: it runs.
        Ok(Err(error)) if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS) => Answer::Yes,
        _ => Answer::No,
    }
}

pub(super) async fn ensure_database(socket: &Path) -> Result<(), PrivatePostgresError> {
    make_database(socket)
        .await
        .map_err(PrivatePostgresError::Database)
}

/// A command may do the same at this moment.
async fn make_database(socket: &Path) -> Result<(), Error> {
    let client = connect(socket).await?;
    if client
        .query_opt("select from pg_roles where rolname = $1", &[&DATABASE])
        .await?
        .is_none()
    {
        made(
            client
                .batch_execute(&format!("create role {DATABASE} login createdb"))
                .await,
        )?;
    }
    if client
        .query_opt("select from pg_database where datname = $1", &[&DATABASE])
        .await?
        .is_none()
    {
        made(
            client
                .batch_execute(&format!("create database {DATABASE} owner {DATABASE}"))
                .await,
        )?;
    }
    Ok(())
}

fn made(result: Result<(), Error>) -> Result<(), Error> {
    let there = [
        SqlState::DUPLICATE_OBJECT,
        SqlState::DUPLICATE_DATABASE,
        SqlState::UNIQUE_VIOLATION,
    ];
    match result {
        Err(error) if error.code().is_some_and(|code| there.contains(code)) => Ok(()),
        other => other,
    }
}

async fn connect(socket: &Path) -> Result<Client, Error> {
    let mut config = Config::new();
    config
        .host_path(socket)
        .user(SUPERUSER)
        .dbname("postgres")
        .connect_timeout(ANSWER_WITHIN);
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!("a connection to the private PostgreSQL ended: {error}");
        }
    });
    Ok(client)
}
