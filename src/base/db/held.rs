//! A connection taken from the pool. Dropped in the middle of a statement, as when a client goes away, the statement is
//! cancelled and the connection leaves the pool: the next to come would wait for the old statement's end.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use deadpool::managed::{Manager, Metrics, Object, RecycleError, RecycleResult};
use diesel::ConnectionError;
use diesel::connection::InstrumentationEvent;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::AsyncConnection;
use diesel_async::pooled_connection::PoolableConnection;
use tokio::sync::OwnedSemaphorePermit;

use super::{Conn, deadline, share, tls};

/// What the pool makes connections with.
pub(crate) struct Connections(pub Arc<Source>);

/// Where connections lead, and what is known of them all.
pub(crate) struct Source {
    pub url: Arc<str>,
    pub statement_count: AtomicU64,
    /// Connections that were last handed out before this are not handed out again.
    distrusted: Mutex<Option<Instant>>,
}

impl Source {
    pub(crate) fn new(url: Arc<str>) -> Self {
        Self {
            url,
            statement_count: AtomicU64::new(0),
            distrusted: Mutex::new(None),
        }
    }

    /// A statement got no answer in time, or found its session read-only: the idle connections are of the same age, and each
    /// would cost a request to find out.
    fn distrust(&self) {
        *self.distrusted.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn trusts(&self, metrics: &Metrics) -> bool {
        let last_used = metrics.recycled.unwrap_or(metrics.created);
        let distrusted = self.distrusted.lock().unwrap_or_else(PoisonError::into_inner);
        distrusted.is_none_or(|since| last_used > since)
    }
}

/// A connection, and how many statements of it were begun and not ended.
pub(crate) struct Line {
    conn: Conn,
    running: Arc<AtomicUsize>,
}

/// A connection of the pool, until it is dropped.
pub struct Held {
    /// Always there, until the drop.
    line: Option<Object<Connections>>,
    source: Arc<Source>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Manager for Connections {
    type Type = Line;
    type Error = ConnectionError;

    async fn create(&self) -> Result<Line, ConnectionError> {
        let mut conn = Box::pin(tls::connect(&self.0.url))
            .await
            .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
        let running = Arc::new(AtomicUsize::new(0));
        let (count, source) = (Arc::clone(&running), Arc::clone(&self.0));
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::StartQuery { .. } => {
                source.statement_count.fetch_add(1, Ordering::Relaxed);
                share::count_statement();
                count.fetch_add(1, Ordering::Relaxed);
            }
            InstrumentationEvent::FinishQuery { error, .. } => {
                count.fetch_sub(1, Ordering::Relaxed);
                deadline::backend_responded(error.is_none());
                if let Some(DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _)) = error {
                    source.distrust();
                }
            }
            _ => {}
        });
        Ok(Line { conn, running })
    }

    /// Without a query: a connection that failed is known as such.
    async fn recycle(&self, line: &mut Line, metrics: &Metrics) -> RecycleResult<ConnectionError> {
        if line.conn.is_broken() {
            return Err(RecycleError::message("broken"));
        }
        if !self.0.trusts(metrics) {
            return Err(RecycleError::message("as old as one that gave no answer"));
        }
        Ok(())
    }
}

impl Held {
    pub(crate) fn new(
        line: Object<Connections>,
        source: Arc<Source>,
        place: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            line: Some(line),
            source,
            _place: place,
        }
    }
}

impl Deref for Held {
    type Target = Conn;

    #[expect(clippy::expect_used, reason = "only the drop takes it out")]
    fn deref(&self) -> &Conn {
        &self.line.as_ref().expect("it is held").conn
    }
}

impl DerefMut for Held {
    #[expect(clippy::expect_used, reason = "only the drop takes it out")]
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.line.as_mut().expect("it is held").conn
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(line) = self.line.take() else { return };
        if line.running.load(Ordering::Relaxed) == 0 {
            return;
        }
        if deadline::passed() {
            self.source.distrust();
        }
        let line = Object::take(line);
        let token = line.conn.cancel_token();
        let source = Arc::clone(&self.source);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // The socket stays open until the cancel was sent: it names a process, which may be another's later.
                if let Err(error) = tls::cancel(&source.url, &token).await {
                    tracing::debug!(%error, "a statement could not be cancelled");
                }
                drop(line);
            });
        }
    }
}
