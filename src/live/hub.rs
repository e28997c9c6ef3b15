//! The counts of watched accounts: all that were nudged are read by one statement, at most once per short interval.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{Stream, stream};
use tokio::sync::{Notify, OnceCell, watch};

use super::{GATHER, Live, Outage, REPAIR};
use crate::error::{Code, Error, Result};
use crate::ids::AccountId;
use crate::models::portal_stats::PortalStats;

type Shared = Arc<OnceCell<std::result::Result<PortalStats, Code>>>;

#[derive(Default)]
pub struct Hub {
    watched: Mutex<HashMap<AccountId, watch::Sender<Option<PortalStats>>>>,
    dirty: Mutex<HashSet<AccountId>>,
    wake: Notify,
    /// Readings that have not begun yet, to be joined.
    reads: Mutex<HashMap<AccountId, Shared>>,
}

impl Hub {
    pub fn mark(&self, account: AccountId) {
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

    pub fn mark_all(&self) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|_, sender| sender.receiver_count() > 0);
        self.dirty
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(watched.keys());
        drop(watched);
        self.wake.notify_one();
    }

    pub fn watch(&self, account: AccountId) -> impl Stream<Item = PortalStats> + Send + use<> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
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
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
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
        self.dirty
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain()
            .collect()
    }

    /// One reading for all who ask before it begins.
    pub async fn read(&self, live: &Live, account: AccountId) -> Result<PortalStats> {
        let cell = {
            let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(reads.entry(account).or_default())
        };
        let read = cell.get_or_init(|| async {
            let conn = live.0.db.conn().await;
            // From here on it is too late to join: who comes now may have seen a change that this reading misses.
            self.reads
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&account);
            let stats = async { PortalStats::read(&mut *conn?, account, live.0.clock.now()).await };
            stats.await.map_err(|error| {
                error.report();
                error.code
            })
        });
        read.await.clone().map_err(|code| match code {
            Code::Unavailable => Error::unavailable("a shared reading failed"),
            _ => Error::internal("a shared reading failed"),
        })
    }
}

/// Reads what was nudged, and once a second everything that is watched.
pub async fn run(live: Live) {
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
        if outage.note(read(&live, &accounts).await).is_none() {
            live.0
                .hub
                .dirty
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(accounts);
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
