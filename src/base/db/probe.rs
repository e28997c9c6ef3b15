//! Whether the database can serve requests: it answers, is migrated and accepts writes. The check opens a connection of its own,
//! so neither an exhausted pool nor a long lock makes an instance unready.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::{Db, connect, migrate};

/// A readiness check is public: concurrent callers, and those within this time, share one result.
const CACHE_TIME: Duration = Duration::from_secs(1);

const TIMEOUT: Duration = Duration::from_secs(3);

/// An update in place would find room in an existing block; a table that was just truncated has none, so this fails if the
/// disk is full. The write is rolled back, so it leaves nothing to clean up.
const TEST_WRITE: &str = "begin; set local lock_timeout = '500ms'; truncate write_probe; \
                          insert into write_probe values (true); rollback";

/// What keeps the database from serving requests.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    #[error("the database can't be reached")]
    Unreachable,
    #[error("the database lacks {0} migrations")]
    NotMigrated(usize),
    #[error("the database doesn't accept writes: {0}")]
    NotWritable(String),
}

pub(crate) type ProbeResult = Result<(), ProbeError>;

pub(crate) type LastProbe = Mutex<Option<(Instant, ProbeResult)>>;

impl Db {
    /// The current result, at most a second old.
    pub(crate) async fn probe(&self) -> ProbeResult {
        let mut last = self.probe.lock().await;
        if let Some((at, result)) = &*last
            && at.elapsed() < CACHE_TIME
        {
            return result.clone();
        }
        let result = timeout(TIMEOUT, probe(&self.state.url)).await;
        let result = result.unwrap_or(Err(ProbeError::Unreachable));
        *last = Some((Instant::now(), result.clone()));
        result
    }
}

async fn probe(url: &str) -> ProbeResult {
    let (client, driver) = match connect::connect_listener(url).await {
        Ok(connected) => connected,
        Err(error) => return connect_failed(&*error),
    };
    tokio::select! {
        result = check(&client) => result,
        () = driver.for_each(async |_| ()) => Err(ProbeError::Unreachable),
    }
}

fn connect_failed(error: &(dyn std::error::Error + 'static)) -> ProbeResult {
    let code = error
        .downcast_ref::<tokio_postgres::Error>()
        .and_then(tokio_postgres::Error::code);
    if code == Some(&SqlState::TOO_MANY_CONNECTIONS) {
        // The database answers, and open connections still work.
        return Ok(());
    }
    tracing::warn!(error, "the readiness check could not connect to the database");
    Err(ProbeError::Unreachable)
}

async fn check(client: &Client) -> ProbeResult {
    let applied = migrate::applied_migrations(client).await;
    match migrate::pending_count(&applied.map_err(|_| ProbeError::Unreachable)?) {
        0 => {}
        count => return Err(ProbeError::NotMigrated(count)),
    }
    let Err(error) = client.batch_execute(TEST_WRITE).await else {
        return Ok(());
    };
    let cause = match error.code() {
        // Another instance runs the check at this moment, or another session holds a lock.
        Some(&SqlState::LOCK_NOT_AVAILABLE | &SqlState::QUERY_CANCELED) => return Ok(()),
        Some(&SqlState::DISK_FULL) => "its disk is full".to_owned(),
        Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => "it is read-only".to_owned(),
        Some(code) => format!("error {}", code.code()),
        None => return Err(ProbeError::Unreachable),
    };
    let code = error.code().map(SqlState::code);
    tracing::warn!(code, "the readiness check could not write to the database");
    Err(ProbeError::NotWritable(cause))
}
