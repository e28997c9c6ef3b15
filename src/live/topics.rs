//! Change notifications for single objects, such as a bulk job.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::{Stream, stream};
use tokio::sync::watch;

use super::Topic;
use crate::base::ids::AccountId;

/// The delay of a lost nudge.
const REFRESH_INTERVAL: Duration = Duration::from_secs(2);

#[derive(Default)]
pub(crate) struct Topics {
    watched: Mutex<HashMap<(AccountId, Topic), watch::Sender<()>>>,
}

impl Topics {
    pub(crate) fn mark(&self, account: AccountId, topic: Topic) {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = watched.get(&(account, topic)) {
            sender.send_replace(());
        }
    }

    pub(crate) fn watch(&self, account: AccountId, topic: Topic) -> impl Stream<Item = ()> + Send + use<> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|_, sender| sender.receiver_count() > 0);
        let mut receiver = watched
            .entry((account, topic))
            .or_insert_with(|| watch::Sender::new(()))
            .subscribe();
        drop(watched);
        receiver.mark_changed();
        stream::unfold(receiver, |mut receiver| async move {
            match tokio::time::timeout(REFRESH_INTERVAL, receiver.changed()).await {
                Ok(Ok(())) | Err(_) => Some(((), receiver)),
                Ok(Err(_)) => None,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;
    use crate::base::ids::BulkJobId;

    #[test]
    fn only_watched_topics_are_kept_until_the_next_subscription() {
        let (topics, moment) = (Topics::default(), Clock::System.moment());
        let account = AccountId::new(&moment);
        let job = || Topic::Job(BulkJobId::new(&moment));
        let count = || topics.watched.lock().expect("not poisoned").len();
        topics.mark(account, job());
        assert_eq!(count(), 0);
        drop(topics.watch(account, job()));
        let _watching = topics.watch(account, job());
        assert_eq!(count(), 1);
    }
}
