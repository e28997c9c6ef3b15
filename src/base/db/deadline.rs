//! How long work waits for the database: see [`graphql_server::deadline`]. When the deadline passes, the work is dropped, and with
//! it its connection, which leaves the pool (see `held`).

use std::time::Duration;

pub(crate) use graphql_server::deadline::{Deadline, REQUEST, TimedOut, paused};
pub(crate) use graphql_server::deadline::{backend_responded, passed};

use crate::base::error::{Error, Result};

/// Of a background task.
pub(crate) const BACKGROUND: Duration = Duration::from_secs(5);

/// Work with a deadline of its own; `UNAVAILABLE` when it passes.
pub async fn within<T>(limit: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    let done = Deadline::new(limit).run(work).await;
    done.unwrap_or_else(|TimedOut| Err(Error::unanswered(false)))
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::base::error::Code;

    const SHORT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn work_that_takes_too_long_is_dropped_and_unavailable() {
        let late = within(SHORT, pending::<Result<()>>()).await;
        assert_eq!(late.expect_err("it never ends").code, Code::Unavailable);
        let done = within(SHORT, async { Ok(7) }).await;
        assert_eq!(done.expect("it ends"), 7);
    }
}
