//! The read replica of `DATABASE_READ_URL`: a standby of the same cluster, for what may be a few seconds old. It is used only
//! while the last check found it usable ([`check`]). Otherwise, and if it fails, the primary is read.
//!
//! To let a field read the replica: [`Reader::run`], with `ctx.reader()` in a resolver. Only what nobody expects to show their own
//! last change at once; docs/operate/production.md lists these fields.

mod check;
mod primary_log;
mod server_state;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadpool::managed::Pool;
use tokio::time::timeout;

use super::pool::{ConnectionManager, PoolState, PooledConnection, build_pool};
use super::{CHECKOUT_TIMEOUT, Db, quota};
use crate::base::error::{Code, Result};
pub(crate) use check::MAX_LAG;
use server_state::{Required, ServerState};

/// How long a read waits for a connection of the replica, and for its state, before the primary is read.
const REPLICA_TIMEOUT: Duration = Duration::from_secs(1);

/// Why the replica is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReplicaProblem {
    #[error("it was not checked yet")]
    Unchecked,
    #[error("the primary can't be reached to compare it with: {0}")]
    NoPrimary(String),
    #[error("it can't be reached: {0}")]
    Unreachable(String),
    #[error("it is not a copy of the database of DATABASE_URL: another cluster or another database")]
    OtherDatabase,
    #[error("it is not a standby: it accepts writes")]
    NotStandby,
    #[error("it is more than {} seconds behind the primary", MAX_LAG.num_seconds())]
    Behind,
}

pub(super) struct Replica {
    pool: Pool<ConnectionManager>,
    state: Arc<PoolState>,
    /// What a connection must have replayed to be used, as of the last check.
    usable: Mutex<Result<Required, ReplicaProblem>>,
}

impl Replica {
    fn new(url: &str, connection_count: usize) -> Result<Self> {
        let state = Arc::new(PoolState::new(url.into()));
        Ok(Self {
            pool: build_pool(Arc::clone(&state), connection_count, REPLICA_TIMEOUT)?,
            state,
            usable: Mutex::new(Err(ReplicaProblem::Unchecked)),
        })
    }

    fn set_usable(&self, usable: Result<Required, ReplicaProblem>) {
        if usable.is_err() {
            self.state.invalidate_idle();
        }
        *self.usable.lock().unwrap_or_else(PoisonError::into_inner) = usable;
    }

    fn required(&self) -> Option<Required> {
        let usable = self.usable.lock().unwrap_or_else(PoisonError::into_inner);
        usable.as_ref().ok().copied()
    }

    /// A connection that may be read now; `None` if there is none. Each connection is asked for its own state: an address may stand
    /// for several servers, and a server may have been promoted since it was checked.
    async fn conn(&self) -> Result<Option<PooledConnection>> {
        let Some(required) = self.required() else {
            return Ok(None);
        };
        let permit = quota::acquire(CHECKOUT_TIMEOUT).await?;
        let Ok(inner) = self.pool.get().await else {
            return Ok(None);
        };
        let mut conn = PooledConnection::new(inner, Arc::clone(&self.state), permit);
        let state = timeout(REPLICA_TIMEOUT, ServerState::read(&mut conn)).await;
        let usable = matches!(state, Ok(Ok(state)) if state.check_replica(&required).is_ok());
        if !usable {
            self.state.invalidate_idle();
        }
        Ok(usable.then_some(conn))
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }
}

/// Runs queries, on the replica if what they read may be a few seconds old.
#[derive(Clone)]
pub struct Reader {
    db: Db,
    replica: Option<Arc<Replica>>,
}

impl Reader {
    /// Runs a query that changes nothing. If the replica fails, such as by a conflict with recovery or a lost connection, the query runs
    /// once more, on the primary.
    pub(crate) async fn run<T, F>(&self, mut query: impl FnMut(PooledConnection) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        if let Some(replica) = &self.replica {
            if let Some(conn) = replica.conn().await? {
                match query(conn).await {
                    Err(error) if matches!(error.code, Code::Unavailable | Code::Conflict) => {}
                    done => return done,
                }
            }
            self.db.metrics.replica_fallbacks.inc();
        }
        query(self.db.conn().await?).await
    }
}

impl Db {
    /// The same database with a replica, which is used once [`Db::watch_replica`] has found it usable.
    pub fn with_replica(mut self, url: &str, connection_count: usize) -> Result<Self> {
        self.replica = Some(Arc::new(Replica::new(url, connection_count)?));
        Ok(self)
    }

    /// For what may be a few seconds old.
    pub(crate) fn reader(&self) -> Reader {
        Reader {
            db: self.clone(),
            replica: self.replica.clone(),
        }
    }

    /// For what must be up to date.
    pub(crate) fn primary_reader(&self) -> Reader {
        Reader {
            db: self.clone(),
            replica: None,
        }
    }
}
