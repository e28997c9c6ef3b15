//! How long work waits for the database: see [`graphql_server::deadline`]. When the deadline passes, the work is dropped together
//! with its connection, which leaves the pool (see [`super::pool`]).

use std::time::Duration;

pub(crate) use graphql_server::deadline::{Deadline, REQUEST, TimedOut, paused};
pub(crate) use graphql_server::deadline::{backend_responded, passed};

use crate::base::error::{Error, Result};

/// The limit of a background task.
pub(crate) const BACKGROUND: Duration = Duration::from_secs(5);

/// Runs work with its own deadline; fails with `UNAVAILABLE` when it passes.
pub async fn within<T>(limit: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    let result = Deadline::new(limit).run(work).await;
    result.unwrap_or_else(|TimedOut| Err(Error::timed_out(false)))
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
