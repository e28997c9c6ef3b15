//! Whether requests can be served: the database answers, its migrations are there, and it takes writes. Asked on a connection of
//! its own, so that neither an exhausted pool nor a long lock makes an instance unready.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::{Db, migrate, tls};

/// A readiness check is public: callers at the same time, and right after, share one look.
const FRESH: Duration = Duration::from_secs(1);

const ANSWER: Duration = Duration::from_secs(3);

/// An update in place would find room in a block that is there already; a table that was just truncated has none. The disk is
/// full where even this fails. A write that is rolled back leaves nothing to clean up.
const WRITE: &str = "begin; set local lock_timeout = '500ms'; truncate write_probe; \
                     insert into write_probe values (true); rollback";

/// What keeps the database from serving requests.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeFault {
    #[error("the database can't be reached")]
    Unreachable,
    #[error("the database lacks {0} migrations")]
    NotMigrated(usize),
    #[error("the database doesn't accept writes: {0}")]
    NotWritable(String),
}

pub(crate) type Probed = Result<(), ProbeFault>;

pub(crate) type LastProbe = Mutex<Option<(Instant, Probed)>>;

impl Db {
    /// What is true now, or was a second ago.
    pub(crate) async fn probe(&self) -> Probed {
        let mut last = self.probe.lock().await;
        if let Some((at, probed)) = &*last
            && at.elapsed() < FRESH
        {
            return probed.clone();
        }
        let probed = timeout(ANSWER, look(&self.source.url)).await;
        let probed = probed.unwrap_or(Err(ProbeFault::Unreachable));
        *last = Some((Instant::now(), probed.clone()));
        probed
    }
}

async fn look(url: &str) -> Probed {
    let (client, driver) = match tls::connect_listening(url).await {
        Ok(connected) => connected,
        Err(error) => return connecting_failed(&*error),
    };
    tokio::select! {
        probed = ask(&client) => probed,
        () = driver.for_each(async |_| ()) => Err(ProbeFault::Unreachable),
    }
}

fn connecting_failed(error: &(dyn std::error::Error + 'static)) -> Probed {
    let code = error
        .downcast_ref::<tokio_postgres::Error>()
        .and_then(tokio_postgres::Error::code);
    if code == Some(&SqlState::TOO_MANY_CONNECTIONS) {
        // It answers, and those who have connections are served.
        return Ok(());
    }
    tracing::warn!(error, "the readiness check could not connect to the database");
    Err(ProbeFault::Unreachable)
}

async fn ask(client: &Client) -> Probed {
    let missing = migrate::missing(client).await;
    match missing.map_err(|_| ProbeFault::Unreachable)? {
        0 => {}
        count => return Err(ProbeFault::NotMigrated(count)),
    }
    let Err(error) = client.batch_execute(WRITE).await else {
        return Ok(());
    };
    let words = match error.code() {
        // Another instance looks at this moment, or something else holds a lock.
        Some(&SqlState::LOCK_NOT_AVAILABLE | &SqlState::QUERY_CANCELED) => return Ok(()),
        Some(&SqlState::DISK_FULL) => "its disk is full".to_owned(),
        Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => "it is read-only".to_owned(),
        Some(code) => format!("error {}", code.code()),
        None => return Err(ProbeFault::Unreachable),
    };
    let code = error.code().map(SqlState::code);
    tracing::warn!(code, "the readiness check could not write to the database");
    Err(ProbeFault::NotWritable(words))
}
