//! The states of watched sign-ins. One statement reads all that were nudged. All are read at an interval too, in case a nudge was
//! lost or a sign-in has expired. Any number of subscribers of one sign-in share its reads.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::{Stream, stream};
use tokio::sync::{Notify, watch};

use super::{BATCH_INTERVAL, Live, Outage};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId};
use crate::sign_in::challenge::model::{Challenge, ChallengeState};

/// The delay of a lost nudge.
const REFRESH_INTERVAL: Duration = Duration::from_secs(2);

type Key = (AccountId, ChallengeId);

#[derive(Default)]
pub(crate) struct Challenges {
    watched: Mutex<HashMap<Key, watch::Sender<Option<ChallengeState>>>>,
    dirty: Mutex<HashSet<Key>>,
    wake: Notify,
}

impl Challenges {
    pub(crate) fn mark(&self, account: AccountId, id: ChallengeId) {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.contains_key(&(account, id)) {
            self.mark_dirty([(account, id)]);
        }
    }

    pub(crate) fn mark_all(&self) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|_, sender| sender.receiver_count() > 0);
        if !watched.is_empty() {
            self.mark_dirty(watched.keys().copied());
        }
    }

    fn mark_dirty(&self, keys: impl IntoIterator<Item = Key>) {
        let mut dirty = self.dirty.lock().unwrap_or_else(PoisonError::into_inner);
        dirty.extend(keys);
        drop(dirty);
        self.wake.notify_one();
    }

    /// The current state, then each change, until the sign-in has ended; a slow reader skips to the newest.
    pub(crate) fn watch(
        &self,
        account: AccountId,
        id: ChallengeId,
    ) -> impl Stream<Item = ChallengeState> + Send + use<> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || watch::Sender::new(None);
        let mut receiver = watched.entry((account, id)).or_insert_with(new).subscribe();
        drop(watched);
        // A new subscriber gets the last known state at once.
        receiver.mark_changed();
        self.mark_dirty([(account, id)]);
        stream::unfold((receiver, None), |(mut receiver, last)| async move {
            if last.is_some_and(ChallengeState::ended) {
                return None;
            }
            loop {
                receiver.changed().await.ok()?;
                let now = *receiver.borrow_and_update();
                if now.is_some() && now != last {
                    return now.map(|state| (state, (receiver, now)));
                }
            }
        })
    }

    fn publish(&self, key: Key, state: ChallengeState) {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = watched.get(&key) {
            sender.send_if_modified(|current| current.replace(state) != Some(state));
        }
    }
}

pub(crate) async fn run(live: Live) {
    let mut tick = tokio::time::interval(REFRESH_INTERVAL);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut outage = Outage::new("sign-ins");
    let challenges = &live.0.challenges;
    loop {
        tokio::select! {
            () = challenges.wake.notified() => {}
            _ = tick.tick() => challenges.mark_all(),
        }
        let dirty: Vec<Key> = {
            let mut dirty = challenges.dirty.lock().unwrap_or_else(PoisonError::into_inner);
            dirty.drain().collect()
        };
        if !dirty.is_empty() && outage.run(read(&live, &dirty)).await.is_none() {
            challenges.mark_dirty(dirty);
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        tokio::time::sleep(BATCH_INTERVAL).await;
    }
}

async fn read(live: &Live, keys: &[Key]) -> Result<()> {
    let mut conn = live.0.db.conn().await?;
    let found = Challenge::find_many(&mut conn, keys).await?;
    drop(conn);
    let now = live.0.clock.now();
    let found: HashMap<Key, ChallengeState> = found
        .iter()
        .map(|challenge| ((challenge.account_id, challenge.id), challenge.state(now)))
        .collect();
    for key in keys {
        // A missing challenge was deleted with its contact.
        let state = found.get(key).copied().unwrap_or(ChallengeState::Expired);
        live.0.challenges.publish(*key, state);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;

    #[test]
    fn a_mark_of_a_sign_in_that_is_not_watched_leaves_nothing() {
        let (challenges, moment) = (Challenges::default(), Clock::System.moment());
        challenges.mark(AccountId::new(&moment), ChallengeId::new(&moment));
        assert!(challenges.dirty.lock().expect("not poisoned").is_empty());
    }
}
