//! Failures of the background tasks, in the log.

use crate::base::db::deadline;
use crate::base::error::Result;

/// Logs the first failure of a component, and its recovery.
#[derive(Debug)]
pub(crate) struct Outage {
    component: &'static str,
    failing: bool,
}

impl Outage {
    pub(crate) fn new(component: &'static str) -> Self {
        Self {
            component,
            failing: false,
        }
    }

    /// Runs work with the database under a deadline; `None` if it failed.
    pub(crate) async fn run<T>(&mut self, work: impl Future<Output = Result<T>>) -> Option<T> {
        self.record(deadline::within(deadline::BACKGROUND, work).await)
    }

    pub(crate) fn record<T>(&mut self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!(of = self.component, "recovered");
                }
                Some(value)
            }
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::warn!(
                        of = self.component,
                        error = error.report().message,
                        "unreachable, retrying"
                    );
                }
                None
            }
        }
    }
}
