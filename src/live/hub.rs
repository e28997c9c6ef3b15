//! The counts of watched accounts: all that were nudged are read by one statement, at most once per short interval.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{Stream, stream};
use tokio::sync::{Notify, OnceCell, watch};

use super::{GATHER, Live, Outage, REPAIR};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::AccountId;
use crate::contacts::model::portal_stats::PortalStats;

type Shared = Arc<OnceCell<std::result::Result<PortalStats, Code>>>;

/// The readings of one account: one at a time, and one more that is waited for by all who ask meanwhile.
#[derive(Default)]
struct Lane {
    turn: tokio::sync::Mutex<()>,
    next: Mutex<Shared>,
}

#[derive(Default)]
pub(crate) struct Hub {
    watched: Mutex<HashMap<AccountId, watch::Sender<Option<PortalStats>>>>,
    dirty: Mutex<HashSet<AccountId>>,
    wake: Notify,
    lanes: Mutex<HashMap<AccountId, Arc<Lane>>>,
}

impl Hub {
    pub(crate) fn mark(&self, account: AccountId) {
        if locked(&self.watched).contains_key(&account) {
            locked(&self.dirty).insert(account);
            self.wake.notify_one();
        }
    }

    pub(crate) fn mark_all(&self) {
        let mut watched = locked(&self.watched);
        watched.retain(|_, sender| sender.receiver_count() > 0);
        locked(&self.dirty).extend(watched.keys());
        drop(watched);
        self.wake.notify_one();
    }

    pub(crate) fn watch(&self, account: AccountId) -> impl Stream<Item = PortalStats> + Send + use<> {
        let mut watched = locked(&self.watched);
        let mut receiver = watched
            .entry(account)
            .or_insert_with(|| watch::Sender::new(None))
            .subscribe();
        drop(watched);
        receiver.mark_changed();
        self.mark(account);
        stream::unfold(
            (receiver, None::<PortalStats>),
            |(mut receiver, last)| async move {
                loop {
                    receiver.changed().await.ok()?;
                    let Some(now) = receiver.borrow_and_update().clone() else {
                        continue;
                    };
                    if last
                        .as_ref()
                        .is_none_or(|last| now.version > last.version && !now.same_counts(last))
                    {
                        return Some((now.clone(), (receiver, Some(now))));
                    }
                }
            },
        )
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

    /// One reading for all who ask before it begins; while one runs, the next one waits and gathers.
    pub(crate) async fn read(&self, live: &Live, account: AccountId) -> Result<PortalStats> {
        let lane = Arc::clone(locked(&self.lanes).entry(account).or_default());
        let cell = Arc::clone(&locked(&lane.next));
        let read = cell.get_or_init(|| async {
            let _turn = lane.turn.lock().await;
            let conn = live.0.db.conn().await;
            // From here on it is too late to join: who comes now may have seen a change that this reading misses.
            *locked(&lane.next) = Shared::default();
            let stats = async { PortalStats::read(&mut *conn?, account, live.0.clock.now()).await };
            stats.await.map_err(|error| {
                error.report();
                error.code
            })
        });
        let read = read.await.clone();
        drop(lane);
        self.forget(account);
        read.map_err(|code| match code {
            Code::Unavailable => Error::unavailable("a shared reading failed"),
            _ => Error::internal("a shared reading failed"),
        })
    }

    /// A lane without waiters is not kept.
    fn forget(&self, account: AccountId) {
        let mut lanes = locked(&self.lanes);
        if lanes
            .get(&account)
            .is_some_and(|lane| Arc::strong_count(lane) == 1)
        {
            lanes.remove(&account);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads what was nudged, and once a second everything that is watched.
pub(crate) async fn run(live: Live) {
    let mut repair = tokio::time::interval(REPAIR);
    repair.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut outage = Outage::new("counts");
    loop {
        tokio::select! {
            () = live.0.hub.wake.notified() => {}
            _ = repair.tick() => live.0.hub.mark_all(),
        }
        let accounts = live.0.hub.take_dirty();
        if accounts.is_empty() {
            continue;
        }
        if outage.watch(read(&live, &accounts)).await.is_none() {
            locked(&live.0.hub.dirty).extend(accounts);
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        tokio::time::sleep(GATHER).await;
    }
}

async fn read(live: &Live, accounts: &[AccountId]) -> Result<()> {
    let mut conn = live.0.db.conn().await?;
    let read = PortalStats::read_many(&mut conn, accounts, live.0.clock.now()).await?;
    for (account, stats) in read {
        live.0.hub.publish(account, stats);
    }
    Ok(())
}
