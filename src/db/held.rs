//! A connection that somebody holds. Dropped in the middle of a statement, as when a client goes away, the statement is
//! cancelled and the connection leaves the pool: the next to come would wait for the old statement's end.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use deadpool::managed::{Manager, Metrics, Object, RecycleError, RecycleResult};
use diesel::ConnectionError;
use diesel::connection::InstrumentationEvent;
use diesel_async::AsyncConnection;
use diesel_async::pooled_connection::PoolableConnection;
use tokio::sync::OwnedSemaphorePermit;

use super::{Conn, share, tls};

/// What the pool makes connections with.
pub(super) struct Connections {
    pub url: Arc<str>,
    pub statement_count: Arc<AtomicU64>,
}

/// A connection, and how many statements of it were begun and not ended.
pub(super) struct Line {
    conn: Conn,
    running: Arc<AtomicUsize>,
}

/// A connection of the pool, until it is dropped.
pub struct Held {
    /// Always there, until the drop.
    line: Option<Object<Connections>>,
    url: Arc<str>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Manager for Connections {
    type Type = Line;
    type Error = ConnectionError;

    async fn create(&self) -> Result<Line, ConnectionError> {
        let mut conn = Box::pin(tls::connect(&self.url))
            .await
            .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
        let running = Arc::new(AtomicUsize::new(0));
        let (count, statements) = (Arc::clone(&running), Arc::clone(&self.statement_count));
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::StartQuery { .. } => {
                statements.fetch_add(1, Ordering::Relaxed);
                share::count_statement();
                count.fetch_add(1, Ordering::Relaxed);
            }
            InstrumentationEvent::FinishQuery { .. } => {
                count.fetch_sub(1, Ordering::Relaxed);
            }
            _ => {}
        });
        Ok(Line { conn, running })
    }

    /// Without a query: a connection that failed is known as such.
    async fn recycle(&self, line: &mut Line, _: &Metrics) -> RecycleResult<ConnectionError> {
        if line.conn.is_broken() {
            return Err(RecycleError::message("broken"));
        }
        Ok(())
    }
}

impl Held {
    pub(super) fn new(line: Object<Connections>, url: Arc<str>, place: Option<OwnedSemaphorePermit>) -> Self {
        Self {
            line: Some(line),
            url,
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
        let line = Object::take(line);
        let token = line.conn.cancel_token();
        let url = Arc::clone(&self.url);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // The socket stays open until the cancel was sent: it names a process, which may be another's later.
                if let Err(error) = tls::cancel(&url, &token).await {
                    tracing::debug!(%error, "a statement could not be cancelled");
                }
                drop(line);
            });
        }
    }
}
