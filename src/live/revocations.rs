//! What was revoked in the last minutes, in memory: for as long as an access token may live, and a little longer.

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
const KEPT: TimeDelta = TimeDelta::minutes(11);
/// Commits may come this much later than their rows say.
const OVERLAP: TimeDelta = TimeDelta::seconds(60);
const POLL: Duration = Duration::from_secs(1);
/// Longer without a poll, and nothing here can be trusted.
const FRESH: Duration = Duration::from_secs(10);

pub(crate) struct Revocations {
    revoked: Mutex<HashMap<Uuid, DateTime<Utc>>>,
    polled: Mutex<Option<Instant>>,
    news: watch::Sender<()>,
}

impl Default for Revocations {
    fn default() -> Self {
        Self {
            revoked: Mutex::default(),
            polled: Mutex::default(),
            news: watch::Sender::new(()),
        }
    }
}

impl Revocations {
    pub(crate) fn add(&self, subject: Uuid, at: DateTime<Utc>) {
        self.revoked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(subject, at);
        self.news.send_replace(());
    }

    pub(crate) fn any(&self, subjects: &[Uuid]) -> bool {
        let revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        !revoked.is_empty() && subjects.iter().any(|subject| revoked.contains_key(subject))
    }

    pub(crate) async fn wait(&self, subjects: &[Uuid]) {
        let mut news = self.news.subscribe();
        while !self.any(subjects) {
            if news.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    pub(crate) fn fresh(&self) -> bool {
        let polled = self.polled.lock().unwrap_or_else(PoisonError::into_inner);
        polled.is_some_and(|at| at.elapsed() < FRESH)
    }

    fn take_in(&self, found: Vec<(Uuid, DateTime<Utc>)>, now: DateTime<Utc>) {
        let mut revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        revoked.retain(|_, at| now - *at < KEPT);
        let before = revoked.len();
        revoked.extend(found);
        let news = revoked.len() > before;
        drop(revoked);
        *self.polled.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        if news {
            self.news.send_replace(());
        }
    }
}

pub(crate) async fn run(live: Live) {
    let mut outage = Outage::new("revocations");
    let mut since = live.0.clock.now() - KEPT;
    // Its own: what was revoked is known while the pool is exhausted too.
    let mut conn = None;
    loop {
        let now = live.0.clock.now();
        if let Some((found, good)) = Box::pin(outage.watch(poll(&live, conn.take(), since))).await {
            conn = Some(good);
            live.0.revocations.take_in(found, now);
            since = now - OVERLAP;
        }
        tokio::time::sleep(POLL).await;
    }
}

/// What was revoked, and the connection, for the next poll.
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
