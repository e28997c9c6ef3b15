//! The connections of the pool. If a connection is dropped in the middle of a statement, as when a client disconnects, the
//! statement is cancelled and the connection leaves the pool: its next user would have to wait for the old statement.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool::managed::{Manager, Metrics, Object, Pool, RecycleError, RecycleResult};
use diesel::ConnectionError;
use diesel::connection::InstrumentationEvent;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::AsyncConnection;
use diesel_async::pooled_connection::PoolableConnection;
use tokio::sync::OwnedSemaphorePermit;

use super::statement_span::OpenStatements;
use super::{Conn, connect, deadline, quota};
use crate::base::error::{Error, Result as BaseResult};

/// Opens and recycles the connections of the pool.
pub(crate) struct ConnectionManager(pub Arc<PoolState>);

/// A pool whose connections are opened on demand. A caller waits this long for one.
pub(super) fn build_pool(
    state: Arc<PoolState>,
    connection_count: usize,
    wait: Duration,
) -> BaseResult<Pool<ConnectionManager>> {
    Pool::builder(ConnectionManager(state))
        .max_size(connection_count)
        .wait_timeout(Some(wait))
        .create_timeout(Some(wait))
        .recycle_timeout(Some(wait))
        .runtime(deadpool::Runtime::Tokio1)
        .build()
        .map_err(Error::internal)
}

/// What all connections of a pool share.
pub(crate) struct PoolState {
    pub url: Arc<str>,
    pub statement_count: AtomicU64,
    /// Connections that were last used before this are closed instead of reused.
    invalid_before: Mutex<Option<Instant>>,
}

impl PoolState {
    pub(crate) fn new(url: Arc<str>) -> Self {
        Self {
            url,
            statement_count: AtomicU64::new(0),
            invalid_before: Mutex::new(None),
        }
    }

    /// Called when a statement timed out or found its session read-only, and when a replica can't be used. The idle connections are probably in the same state,
    /// and each would cost a request to find out.
    pub(super) fn invalidate_idle(&self) {
        *self.invalid_before.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn is_valid(&self, metrics: &Metrics) -> bool {
        let last_used = metrics.recycled.unwrap_or(metrics.created);
        let invalid_before = self.invalid_before.lock().unwrap_or_else(PoisonError::into_inner);
        invalid_before.is_none_or(|instant| last_used > instant)
    }
}

/// A connection with the number of its unfinished statements.
pub(crate) struct TrackedConnection {
    conn: Conn,
    unfinished_count: Arc<AtomicUsize>,
}

/// A connection of the pool; dropping it returns it.
pub struct PooledConnection {
    /// `Some` until the drop.
    inner: Option<Object<ConnectionManager>>,
    state: Arc<PoolState>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Manager for ConnectionManager {
    type Type = TrackedConnection;
    type Error = ConnectionError;

    async fn create(&self) -> Result<TrackedConnection, ConnectionError> {
        let mut conn = Box::pin(connect::connect(&self.0.url))
            .await
            .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
        let unfinished_count = Arc::new(AtomicUsize::new(0));
        let (count, state) = (Arc::clone(&unfinished_count), Arc::clone(&self.0));
        let mut open = OpenStatements::default();
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::StartQuery { .. } => {
                state.statement_count.fetch_add(1, Ordering::Relaxed);
                quota::count_statement();
                count.fetch_add(1, Ordering::Relaxed);
                open.start();
            }
            InstrumentationEvent::FinishQuery { query, error, .. } => {
                count.fetch_sub(1, Ordering::Relaxed);
                open.finish(query, error);
                deadline::backend_responded(error.is_none());
                if let Some(DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _)) = error {
                    state.invalidate_idle();
                }
            }
            _ => {}
        });
        Ok(TrackedConnection {
            conn,
            unfinished_count,
        })
    }

    /// Sends no query: a failed connection is already marked as broken.
    async fn recycle(
        &self,
        tracked: &mut TrackedConnection,
        metrics: &Metrics,
    ) -> RecycleResult<ConnectionError> {
        if tracked.conn.is_broken() {
            return Err(RecycleError::message("broken"));
        }
        if !self.0.is_valid(metrics) {
            return Err(RecycleError::message("as old as a connection that timed out"));
        }
        Ok(())
    }
}

impl PooledConnection {
    pub(crate) fn new(
        inner: Object<ConnectionManager>,
        state: Arc<PoolState>,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            inner: Some(inner),
            state,
            _permit: permit,
        }
    }
}

impl Deref for PooledConnection {
    type Target = Conn;

    #[expect(clippy::expect_used, reason = "only the drop takes it out")]
    fn deref(&self) -> &Conn {
        &self.inner.as_ref().expect("not dropped").conn
    }
}

impl DerefMut for PooledConnection {
    #[expect(clippy::expect_used, reason = "only the drop takes it out")]
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.inner.as_mut().expect("not dropped").conn
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        let Some(inner) = self.inner.take() else { return };
        if inner.unfinished_count.load(Ordering::Relaxed) == 0 {
            return;
        }
        if deadline::passed() {
            self.state.invalidate_idle();
        }
        let tracked = Object::take(inner);
        let token = tracked.conn.cancel_token();
        let state = Arc::clone(&self.state);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // The socket stays open until the cancel request is sent: the request names a process id, which PostgreSQL may
                // give to another connection later.
                if let Err(error) = connect::cancel(&state.url, &token).await {
                    tracing::debug!(%error, "a statement could not be cancelled");
                }
                drop(tracked);
            });
        }
    }
}
