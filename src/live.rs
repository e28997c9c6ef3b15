//! Live updates: who changes something nudges, who shows it is woken.

use crate::ids::{AccountId, BulkJobId};

/// What a nudge is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    Counts,
    Activity,
    Job(BulkJobId),
    /// There is something for the worker.
    Messages,
}

/// Clones share their subscribers.
#[derive(Clone, Debug, Default)]
pub struct Live {
    work: std::sync::Arc<tokio::sync::Notify>,
}

impl Live {
    pub fn nudge(&self, _account: AccountId, topics: &[Topic]) {
        if topics.contains(&Topic::Messages) {
            self.work.notify_waiters();
        }
    }

    pub async fn woken(&self, _topic: Topic) {
        self.work.notified().await;
    }
}
