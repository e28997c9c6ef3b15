//! Recent revocations in memory, for slightly longer than the lifetime of an access token.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use uuid::Uuid;

use super::{Live, Outage};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::sign_in::sessions::model::revocation;

/// An access token lives 10 minutes.
const RETENTION: TimeDelta = TimeDelta::minutes(11);
/// A row may be committed this much later than its time.
const OVERLAP: TimeDelta = TimeDelta::seconds(60);
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Without a poll for this long, the data here is out of date.
const MAX_AGE: Duration = Duration::from_secs(10);

pub(crate) struct Revocations {
    revoked: Mutex<HashMap<Uuid, DateTime<Utc>>>,
    polled_at: Mutex<Option<Instant>>,
    added: watch::Sender<()>,
}

impl Default for Revocations {
    fn default() -> Self {
        Self {
            revoked: Mutex::default(),
            polled_at: Mutex::default(),
            added: watch::Sender::new(()),
        }
    }
}

impl Revocations {
    pub(crate) fn add(&self, subject: Uuid, at: DateTime<Utc>) {
        self.revoked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(subject, at);
        self.added.send_replace(());
    }

    pub(crate) fn any(&self, ids: &[Uuid]) -> bool {
        let revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        !revoked.is_empty() && ids.iter().any(|id| revoked.contains_key(id))
    }

    pub(crate) async fn wait(&self, ids: &[Uuid]) {
        let mut added = self.added.subscribe();
        while !self.any(ids) {
            if added.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    pub(crate) fn fresh(&self) -> bool {
        let polled_at = self.polled_at.lock().unwrap_or_else(PoisonError::into_inner);
        polled_at.is_some_and(|at| at.elapsed() < MAX_AGE)
    }

    fn merge(&self, found: Vec<(Uuid, DateTime<Utc>)>, now: DateTime<Utc>) {
        let mut revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        revoked.retain(|_, at| now - *at < RETENTION);
        let count_before = revoked.len();
        revoked.extend(found);
        let has_new = revoked.len() > count_before;
        drop(revoked);
        *self.polled_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        if has_new {
            self.added.send_replace(());
        }
    }
}

pub(crate) async fn run(live: Live) {
    let mut outage = Outage::new("revocations");
    let mut since = live.0.clock.now() - RETENTION;
    // A connection of its own: revocations must be known even while the pool is exhausted.
    let mut conn = None;
    loop {
        let now = live.0.clock.now();
        if let Some((found, reusable)) = Box::pin(outage.run(poll(&live, conn.take(), since))).await {
            conn = Some(reusable);
            live.0.revocations.merge(found, now);
            since = now - OVERLAP;
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// The revocations since then, and the connection for the next poll.
async fn poll(
    live: &Live,
    conn: Option<Conn>,
    since: DateTime<Utc>,
) -> Result<(Vec<(Uuid, DateTime<Utc>)>, Conn)> {
    let mut conn = match conn {
        Some(conn) => conn,
        None => live.0.db.connect_unpooled().await?,
    };
    let found = revocation::since(&mut conn, since).await?;
    Ok((found, conn))
}
