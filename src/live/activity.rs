//! New events of watched accounts. Ids are made before the commit, so a lower one may become visible later: a window of
//! time is read again and what was seen is left out.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{Stream, stream};
use tokio::sync::{Notify, broadcast};

use super::{GATHER, Live, Outage, REPAIR};
use crate::base::audit::AuditEvent;
use crate::base::error::Result;
use crate::base::ids::{AccountId, EventId};

/// Transactions of ours take less than this.
const WINDOW: TimeDelta = TimeDelta::seconds(60);
/// So many batches wait for a slow subscriber; beyond, it misses events: their history is `recentActivity`.
const BACKLOG: usize = 256;

struct Watched {
    sender: broadcast::Sender<Arc<[EventId]>>,
    seen: BTreeSet<EventId>,
    /// Where the first reading begins: what was written before anybody watched is no news.
    begins: Option<EventId>,
}

#[derive(Default)]
pub(crate) struct Activity {
    watched: Mutex<HashMap<AccountId, Watched>>,
    dirty: Mutex<HashSet<AccountId>>,
    wake: Notify,
}

impl Activity {
    pub(crate) fn mark(&self, account: AccountId) {
        if self
            .watched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(&account)
        {
            self.dirty
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(account);
            self.wake.notify_one();
        }
    }

    pub(crate) fn mark_all(&self) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|_, watched| watched.sender.receiver_count() > 0);
        self.dirty
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(watched.keys());
        drop(watched);
        self.wake.notify_one();
    }

    pub(crate) fn watch(
        &self,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> impl Stream<Item = Arc<[EventId]>> + Send + use<> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Watched {
            sender: broadcast::Sender::new(BACKLOG),
            seen: BTreeSet::new(),
            begins: Some(AuditEvent::first_id_at(now)),
        };
        let receiver = watched.entry(account).or_insert_with(fresh).sender.subscribe();
        drop(watched);
        self.mark(account);
        stream::unfold(receiver, |mut receiver| async move {
            loop {
                match receiver.recv().await {
                    Ok(ids) => return Some((ids, receiver)),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        })
    }

    fn take_dirty(&self) -> Vec<AccountId> {
        self.dirty
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain()
            .collect()
    }

    /// Hands on what is new among the events of the window.
    fn publish(&self, account: AccountId, window: &[EventId]) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(watched) = watched.get_mut(&account) else {
            return;
        };
        let begins = watched.begins.take();
        let fresh: Arc<[EventId]> = window
            .iter()
            .filter(|id| !watched.seen.contains(id) && begins.is_none_or(|begins| **id >= begins))
            .copied()
            .collect();
        watched.seen = window.iter().copied().collect();
        if !fresh.is_empty() {
            // No subscriber is no fault.
            let _ = watched.sender.send(fresh);
        }
    }
}

pub(crate) async fn run(live: Live) {
    let mut repair = tokio::time::interval(REPAIR);
    repair.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut outage = Outage::new("activity");
    loop {
        tokio::select! {
            () = live.0.activity.wake.notified() => {}
            _ = repair.tick() => live.0.activity.mark_all(),
        }
        for account in live.0.activity.take_dirty() {
            if outage.watch(read(&live, account)).await.is_none() {
                live.0
                    .activity
                    .dirty
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(account);
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
        }
        tokio::time::sleep(GATHER).await;
    }
}

async fn read(live: &Live, account: AccountId) -> Result<()> {
    let since: DateTime<Utc> = live.0.clock.now() - WINDOW;
    let mut conn = live.0.db.conn().await?;
    let window = AuditEvent::ids_since(&mut conn, account, since).await?;
    live.0.activity.publish(account, &window);
    Ok(())
}
