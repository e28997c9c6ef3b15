//! Recent revocations in memory, for slightly longer than the lifetime of an access token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Notify, OnceCell, watch};
use uuid::Uuid;

use super::{BATCH_INTERVAL, Live, Outage};
use crate::base::db::{Conn, deadline};
use crate::base::error::{Code, Error, Result};
use crate::sign_in::sessions::model::revocation;

/// An access token lives 10 minutes; a cached API key one minute. The clocks of the instances that issued the token and that revoked it
/// may differ by [`TOLERATED_DIFFERENCE`](crate::base::clock::TOLERATED_DIFFERENCE), here and below.
const RETENTION: TimeDelta = TimeDelta::minutes(12);
/// A row may be committed a minute later than its time.
const OVERLAP: TimeDelta = TimeDelta::seconds(150);
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// A revocation takes effect on every instance within this time: what was read earlier proves nothing any more.
const MAX_AGE: Duration = Duration::from_secs(2);
/// Without a read for this long, streams end. A database that recovers from a crash is back by then: nothing was revoked meanwhile, and
/// not all clients have to connect again at once.
const STREAM_MAX_AGE: Duration = Duration::from_secs(10);
const STREAM_CHECK_INTERVAL: Duration = Duration::from_millis(500);
/// Without a read for this long, the instance is not ready.
const READY_AGE: Duration = Duration::from_secs(10);

/// A read that all callers share who find the last one out of date.
type SharedRead = Arc<OnceCell<std::result::Result<(), Code>>>;

pub(crate) struct Revocations {
    revoked: Mutex<HashMap<Uuid, DateTime<Utc>>>,
    last_read: Mutex<Option<LastRead>>,
    next: Mutex<SharedRead>,
    /// Asks the loop for a read.
    wanted: Notify,
    /// `false` ends all streams of authenticated callers. Also changes with each new revocation.
    readable: watch::Sender<bool>,
}

/// When the last successful read began: it found all that was committed before.
#[derive(Clone, Copy)]
struct LastRead {
    instant: Instant,
    time: DateTime<Utc>,
}

impl Default for Revocations {
    fn default() -> Self {
        Self {
            revoked: Mutex::default(),
            last_read: Mutex::default(),
            next: Mutex::default(),
            wanted: Notify::new(),
            readable: watch::Sender::new(true),
        }
    }
}

impl Revocations {
    pub(crate) fn add(&self, subject: Uuid, at: DateTime<Utc>) {
        self.revoked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(subject, at);
        self.readable.send_modify(|_| ());
    }

    /// Has the revocations read at once, at most once per [`BATCH_INTERVAL`].
    pub(crate) fn read_soon(&self) {
        self.wanted.notify_one();
    }

    pub(crate) fn any(&self, ids: &[Uuid]) -> bool {
        let revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        !revoked.is_empty() && ids.iter().any(|id| revoked.contains_key(id))
    }

    /// Resolves when one of these is revoked, or might be: revocations can't be read.
    pub(crate) async fn wait(&self, ids: &[Uuid]) {
        if ids.is_empty() {
            return std::future::pending().await;
        }
        let mut changes = self.readable.subscribe();
        drop(changes.wait_for(|readable| !readable || self.any(ids)).await);
    }

    pub(crate) fn ready(&self) -> bool {
        self.read_within(READY_AGE)
    }

    fn read_within(&self, age: Duration) -> bool {
        self.last_read().is_some_and(|last| last.instant.elapsed() < age)
    }

    fn last_read(&self) -> Option<LastRead> {
        *self.last_read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a read that begins now starts.
    fn since(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.last_read()
            .map_or(now - RETENTION, |last| last.time - OVERLAP)
    }

    fn merge(&self, found: Vec<(Uuid, DateTime<Utc>)>, began: LastRead) {
        let mut revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        revoked.retain(|_, at| began.time - *at < RETENTION);
        let count_before = revoked.len();
        revoked.extend(found);
        let has_new = revoked.len() > count_before;
        drop(revoked);
        let mut last = self.last_read.lock().unwrap_or_else(PoisonError::into_inner);
        // Two reads may overlap.
        if last.is_none_or(|last| last.instant < began.instant) {
            *last = Some(began);
        }
        drop(last);
        self.readable
            .send_if_modified(|readable| !std::mem::replace(readable, true) || has_new);
    }

    /// Makes sure that everything revoked more than [`MAX_AGE`] ago is known. While polling fails, callers share a read of
    /// their own; if that fails too, nothing in memory is trusted.
    pub(crate) async fn ensure_recent(&self, live: &Live) -> Result<()> {
        if self.read_within(MAX_AGE) {
            return Ok(());
        }
        let next = Arc::clone(&self.next());
        let read = Box::pin(next.get_or_init(|| self.read_for_callers(live)));
        read.await
            .map_err(|_| Error::unavailable("the revocations could not be read"))
    }

    async fn read_for_callers(&self, live: &Live) -> std::result::Result<(), Code> {
        let work = async { read(live, &mut *live.0.db.conn().await?).await };
        let outcome = deadline::within(MAX_AGE, work).await;
        *self.next() = SharedRead::default();
        outcome.map_err(|error| {
            error.report();
            error.code
        })
    }

    fn next(&self) -> MutexGuard<'_, SharedRead> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) async fn run(live: Live) {
    let mut outage = Outage::new("revocations");
    // A connection of its own: revocations must be known even while the pool is exhausted.
    let mut conn = None;
    loop {
        conn = Box::pin(outage.run(poll(&live, conn.take()))).await;
        tokio::time::sleep(BATCH_INTERVAL).await;
        // Without a request for a read, it times out.
        let _ = tokio::time::timeout(POLL_INTERVAL, live.0.revocations.wanted.notified()).await;
    }
}

/// Ends streams when revocations can no longer be read. Reads them itself first, as requests do.
pub(crate) async fn guard_streams(live: Live) {
    let revocations = &live.0.revocations;
    loop {
        tokio::time::sleep(STREAM_CHECK_INTERVAL).await;
        let ended = !*revocations.readable.borrow();
        if ended || revocations.ensure_recent(&live).await.is_ok() {
            continue;
        }
        if !revocations.read_within(STREAM_MAX_AGE) {
            revocations.readable.send_replace(false);
        }
    }
}

/// Reads, and returns the connection for the next poll.
async fn poll(live: &Live, conn: Option<Conn>) -> Result<Conn> {
    let mut conn = match conn {
        Some(conn) => conn,
        None => live.0.db.connect_unpooled().await?,
    };
    read(live, &mut conn).await?;
    Ok(conn)
}

async fn read(live: &Live, conn: &mut Conn) -> Result<()> {
    let revocations = &live.0.revocations;
    let began = LastRead {
        instant: Instant::now(),
        time: live.0.clock.now(),
    };
    let found = revocation::since(conn, revocations.since(began.time)).await?;
    revocations.merge(found, began);
    Ok(())
}
