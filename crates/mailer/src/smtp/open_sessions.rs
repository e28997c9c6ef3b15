//! How many sessions are open, and when one becomes free.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

#[derive(Default)]
pub(super) struct OpenSessions {
    count: AtomicUsize,
    freed: Notify,
}

/// Counts one session until it is dropped.
pub(super) struct OpenSession(Arc<OpenSessions>);

impl OpenSessions {
    pub fn add(self: &Arc<Self>) -> OpenSession {
        self.count.fetch_add(1, Ordering::SeqCst);
        OpenSession(Arc::clone(self))
    }

    pub fn any(&self) -> bool {
        self.count.load(Ordering::SeqCst) > 0
    }

    /// A session can be used by the next message.
    pub fn notify_freed(&self) {
        self.freed.notify_one();
    }

    pub async fn freed(&self) {
        self.freed.notified().await;
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::SeqCst);
        self.0.notify_freed();
    }
}
