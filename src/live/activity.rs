//! New events of watched accounts, read by one statement for all that were nudged. Ids are created before the commit, so a lower id may become visible later than a higher one.
//! Each read therefore covers a window of time and skips the ids that were seen before.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{Stream, stream};
use tokio::sync::{Notify, broadcast};

use super::{BATCH_INTERVAL, Live, Outage, REFRESH_INTERVAL};
use crate::base::audit::AuditEvent;
use crate::base::error::Result;
use crate::base::ids::{AccountId, EventId};

/// Longer than any transaction of this program.
const WINDOW: TimeDelta = TimeDelta::seconds(60);
/// How many batches wait for a slow subscriber. Beyond that it misses events; the query `recentActivity` has them.
const CHANNEL_CAPACITY: usize = 256;

struct Watched {
    sender: broadcast::Sender<Arc<[EventId]>>,
    seen: BTreeSet<EventId>,
    /// Where the first read starts: events before the first subscription are not new.
    first_id: Option<EventId>,
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
        let new = || Watched {
            sender: broadcast::Sender::new(CHANNEL_CAPACITY),
            seen: BTreeSet::new(),
            first_id: Some(AuditEvent::first_id_at(now)),
        };
        let receiver = watched.entry(account).or_insert_with(new).sender.subscribe();
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

    fn mark_again(&self, accounts: Vec<AccountId>) {
        self.dirty
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(accounts);
    }

    fn take_dirty(&self) -> Vec<AccountId> {
        self.dirty
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain()
            .collect()
    }

    /// Sends the new events of the window to the subscribers.
    fn publish(&self, account: AccountId, window: &[EventId]) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(watched) = watched.get_mut(&account) else {
            return;
        };
        let first_id = watched.first_id.take();
        let new: Arc<[EventId]> = window
            .iter()
            .filter(|id| !watched.seen.contains(id) && first_id.is_none_or(|first_id| **id >= first_id))
            .copied()
            .collect();
        watched.seen = window.iter().copied().collect();
        if !new.is_empty() {
            // It is no error if the last subscriber has left.
            let _ = watched.sender.send(new);
        }
    }
}

pub(crate) async fn run(live: Live) {
    let mut refresh = tokio::time::interval(REFRESH_INTERVAL);
    refresh.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut outage = Outage::new("activity");
    loop {
        tokio::select! {
            () = live.0.activity.wake.notified() => {}
            _ = refresh.tick() => live.0.activity.mark_all(),
        }
        let accounts = live.0.activity.take_dirty();
        if !accounts.is_empty() && outage.run(read(&live, &accounts)).await.is_none() {
            live.0.activity.mark_again(accounts);
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        tokio::time::sleep(BATCH_INTERVAL).await;
    }
}

async fn read(live: &Live, accounts: &[AccountId]) -> Result<()> {
    let since: DateTime<Utc> = live.0.clock.now() - WINDOW;
    let mut conn = live.0.db.conn().await?;
    let mut windows: HashMap<AccountId, Vec<EventId>> = HashMap::new();
    for (account, id) in AuditEvent::ids_since(&mut conn, accounts, since).await? {
        windows.entry(account).or_default().push(id);
    }
    for account in accounts {
        let window = windows.get(account).map_or(&[][..], Vec::as_slice);
        live.0.activity.publish(*account, window);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;

    #[test]
    fn a_mark_of_an_account_that_is_not_watched_leaves_nothing() {
        let activity = Activity::default();
        activity.mark(AccountId::new(&Clock::System.moment()));
        assert!(activity.take_dirty().is_empty());
    }
}
