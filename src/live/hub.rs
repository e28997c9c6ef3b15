//! The counts of watched accounts. One statement reads all that were nudged, at most once per [`BATCH_INTERVAL`].

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{Stream, stream};
use tokio::sync::{Notify, OnceCell, watch};

use super::{BATCH_INTERVAL, Live, Outage, REFRESH_INTERVAL};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::AccountId;
use crate::contacts::model::portal_stats::PortalStats;

type SharedRead = Arc<OnceCell<std::result::Result<PortalStats, Code>>>;

/// The reads of one account: at most one runs, and callers that arrive meanwhile share the next one.
#[derive(Default)]
struct AccountReads {
    running: tokio::sync::Mutex<()>,
    next: Mutex<SharedRead>,
}

#[derive(Default)]
pub(crate) struct Hub {
    watched: Mutex<HashMap<AccountId, watch::Sender<Option<PortalStats>>>>,
    dirty: Mutex<HashSet<AccountId>>,
    wake: Notify,
    refresh: Notify,
    reads: Mutex<HashMap<AccountId, Arc<AccountReads>>>,
}

impl Hub {
    pub(crate) fn mark(&self, account: AccountId) {
        if locked(&self.watched).contains_key(&account) {
            locked(&self.dirty).insert(account);
            self.wake.notify_one();
        }
    }

    /// Nudges were missed: looks for changes of all watched accounts soon.
    pub(crate) fn refresh(&self) {
        self.refresh.notify_one();
    }

    /// The watched accounts with the versions that were published last.
    fn versions(&self) -> HashMap<AccountId, Option<i64>> {
        let mut watched = locked(&self.watched);
        watched.retain(|_, sender| sender.receiver_count() > 0);
        let version = |stats: &Option<PortalStats>| stats.as_ref().map(|stats| stats.version);
        watched
            .iter()
            .map(|(account, sender)| (*account, version(&sender.borrow())))
            .collect()
    }

    /// The counts that were read last, if any, and each that is read later.
    pub(crate) fn watch(&self, account: AccountId) -> impl Stream<Item = PortalStats> + Send + use<> {
        let mut watched = locked(&self.watched);
        let mut receiver = watched
            .entry(account)
            .or_insert_with(|| watch::Sender::new(None))
            .subscribe();
        drop(watched);
        receiver.mark_changed();
        stream::unfold(receiver, async |mut receiver| {
            loop {
                receiver.changed().await.ok()?;
                let stats = receiver.borrow_and_update().clone();
                if let Some(stats) = stats {
                    return Some((stats, receiver));
                }
            }
        })
    }

    fn publish(&self, account: AccountId, stats: PortalStats) {
        let watched = locked(&self.watched);
        if let Some(sender) = watched.get(&account) {
            sender.send_if_modified(|before| {
                let newer = before
                    .as_ref()
                    .is_none_or(|before| stats.version > before.version);
                if newer {
                    *before = Some(stats);
                }
                newer
            });
        }
    }

    fn take_dirty(&self) -> Vec<AccountId> {
        locked(&self.dirty).drain().collect()
    }

    /// Reads the counts. Callers that arrive before a read starts share it; while one runs, the next one collects callers.
    pub(crate) async fn read(&self, live: &Live, account: AccountId) -> Result<PortalStats> {
        let reads = Arc::clone(locked(&self.reads).entry(account).or_default());
        let next = Arc::clone(&locked(&reads.next));
        let read = next.get_or_init(|| {
            Box::pin(async {
                let _running = reads.running.lock().await;
                let conn = live.0.db.conn().await;
                // Later callers must not share this read: they may know of a change that it misses.
                *locked(&reads.next) = SharedRead::default();
                let stats = async { PortalStats::read(&mut *conn?, account, live.0.clock.now()).await };
                stats.await.map_err(|error| {
                    error.report();
                    error.code
                })
            })
        });
        let read = read.await.clone();
        drop(reads);
        self.remove_unused(account);
        read.map_err(|code| match code {
            Code::Unavailable => Error::unavailable("a shared read failed"),
            _ => Error::internal("a shared read failed"),
        })
    }

    fn remove_unused(&self, account: AccountId) {
        let mut all = locked(&self.reads);
        if all
            .get(&account)
            .is_some_and(|reads| Arc::strong_count(reads) == 1)
        {
            all.remove(&account);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the nudged accounts, and once a second those of the watched ones whose version has changed without a nudge.
pub(crate) async fn run(live: Live) {
    let mut refresh = tokio::time::interval(REFRESH_INTERVAL);
    refresh.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut outage = Outage::new("counts");
    loop {
        tokio::select! {
            () = live.0.hub.wake.notified() => {}
            () = live.0.hub.refresh.notified() => find_changed(&live, &mut outage).await,
            _ = refresh.tick() => find_changed(&live, &mut outage).await,
        }
        let accounts = live.0.hub.take_dirty();
        if accounts.is_empty() {
            continue;
        }
        if outage.run(read(&live, &accounts)).await.is_none() {
            locked(&live.0.hub.dirty).extend(accounts);
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        tokio::time::sleep(BATCH_INTERVAL).await;
    }
}

async fn find_changed(live: &Live, outage: &mut Outage) {
    // If it fails, the next tick tries again.
    let _ = outage.run(mark_changed(live)).await;
}

/// Reading the versions of 10,000 accounts takes a tenth of the time of reading their counts.
async fn mark_changed(live: &Live) -> Result<()> {
    let published = live.0.hub.versions();
    if published.is_empty() {
        return Ok(());
    }
    let accounts: Vec<AccountId> = published.keys().copied().collect();
    let mut conn = live.0.db.conn().await?;
    let versions = PortalStats::versions(&mut conn, &accounts).await?;
    let versions: HashMap<AccountId, i64> = versions.into_iter().collect();
    // An account without counts has no version, but zeros that must be published once.
    let changed = published.into_iter().filter(|(account, published)| {
        *published != Some(versions.get(account).copied().unwrap_or_default())
    });
    locked(&live.0.hub.dirty).extend(changed.map(|(account, _)| account));
    Ok(())
}

async fn read(live: &Live, accounts: &[AccountId]) -> Result<()> {
    let mut conn = live.0.db.conn().await?;
    let read = PortalStats::read_many(&mut conn, accounts, live.0.clock.now()).await?;
    for (account, stats) in read {
        live.0.hub.publish(account, stats);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;

    #[test]
    fn a_mark_of_an_account_that_is_not_watched_leaves_nothing() {
        let hub = Hub::default();
        hub.mark(AccountId::new(&Clock::System.moment()));
        assert!(hub.take_dirty().is_empty() && locked(&hub.watched).is_empty());
    }
}
