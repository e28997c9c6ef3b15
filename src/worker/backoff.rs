//! Exponential backoff for the worker's loops. No failure ends a loop.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

use crate::base::error::{Error, Result};

/// After a failure 0.5 s, doubled each time up to 5 s.
const INITIAL: Duration = Duration::from_millis(500);
const MAX: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct Backoff(Duration);

impl Backoff {
    pub(crate) fn new() -> Self {
        Self(INITIAL)
    }

    pub(crate) fn reset(&mut self) {
        self.0 = INITIAL;
    }

    /// Logs the error and waits, but not longer than until the worker stops.
    pub(crate) async fn after(&mut self, error: &Error, stop: &CancellationToken) {
        let _for_callers = error.report();
        let wait = self.0;
        self.0 = (wait * 2).min(MAX);
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// A panic counts as a failure like any other.
pub(crate) async fn catch_panic<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Error::internal("a job panicked")))
}
