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
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|_, sender| sender.receiver_count() > 0);
        if let Some(sender) = watched.get(&(account, topic)) {
            sender.send_replace(());
        }
    }

    pub(crate) fn watch(&self, account: AccountId, topic: Topic) -> impl Stream<Item = ()> + Send + use<> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
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
