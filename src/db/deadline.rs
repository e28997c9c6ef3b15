//! How long work with the database may take. At the end of a deadline the work is dropped, and with it its connection, which
//! leaves the pool (see `held`). What waits for something else than the database stops the clock: [`outside`].

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::error::{Error, Result};

/// Of a request: clients are answered within 5 s.
pub const REQUEST: Duration = Duration::from_millis(4_500);

/// Of a request with a file, from the file's end on: its rows are written in one transaction.
pub const UPLOAD: Duration = Duration::from_secs(60);

/// Of one transaction of a background task.
pub const BACKGROUND: Duration = Duration::from_secs(5);

/// Of one chunk of a bulk job, or one batch of deletions.
pub const CHUNK: Duration = Duration::from_secs(10);

tokio::task_local! {
    static CURRENT: Deadline;
}

/// One deadline, shared by the steps of a request.
#[derive(Clone, Debug)]
pub struct Deadline {
    began: Instant,
    limit: Duration,
    outside: Arc<Mutex<Outside>>,
}

/// The time that does not count.
#[derive(Debug, Default)]
struct Outside {
    spent: Duration,
    /// How many wait outside now, and since when.
    waiting: usize,
    since: Option<Instant>,
}

/// The deadline has passed, and the work was dropped.
#[derive(Debug)]
pub struct TimedOut;

impl Deadline {
    pub fn new(limit: Duration) -> Self {
        Self {
            began: Instant::now(),
            limit,
            outside: Arc::default(),
        }
    }

    pub fn request() -> Self {
        Self::new(REQUEST)
    }

    /// The work's result, unless the deadline passes first.
    pub async fn over<T>(&self, work: impl Future<Output = T>) -> Result<T, TimedOut> {
        let mut work = std::pin::pin!(CURRENT.scope(self.clone(), work));
        loop {
            let end = self.end();
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                () = sleep_until(end) => if self.passed() { return Err(TimedOut) },
            }
        }
    }

    fn end(&self) -> Instant {
        let outside = self.outside.lock().unwrap_or_else(PoisonError::into_inner);
        let lasting = outside.since.map_or(Duration::ZERO, |since| since.elapsed());
        self.began + self.limit + outside.spent + lasting
    }

    fn passed(&self) -> bool {
        Instant::now() >= self.end()
    }

    fn pause(&self) -> Pause {
        let mut outside = self.outside.lock().unwrap_or_else(PoisonError::into_inner);
        outside.waiting += 1;
        outside.since.get_or_insert_with(Instant::now);
        drop(outside);
        Pause(self.clone())
    }
}

struct Pause(Deadline);

impl Drop for Pause {
    fn drop(&mut self) {
        let mut outside = self.0.outside.lock().unwrap_or_else(PoisonError::into_inner);
        outside.waiting -= 1;
        if outside.waiting == 0
            && let Some(since) = outside.since.take()
        {
            outside.spent += since.elapsed();
        }
    }
}

/// Work with a deadline of its own; `UNAVAILABLE` when it passes.
pub async fn within<T>(limit: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    let done = Deadline::new(limit).over(work).await;
    done.unwrap_or_else(|TimedOut| Err(Error::unanswered(false)))
}

/// Work that does not use the database and has a limit of its own: the deadline around it is later by as much.
pub async fn outside<T>(work: impl Future<Output = T>) -> T {
    let _pause = CURRENT.try_with(Deadline::pause).ok();
    work.await
}

/// Whether the deadline around this has passed.
pub(super) fn passed() -> bool {
    CURRENT.try_with(Deadline::passed).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep;

    use super::*;
    use crate::error::Code;

    const SHORT: Duration = Duration::from_millis(30);

    #[tokio::test]
    async fn work_that_takes_too_long_is_dropped_and_unavailable() {
        let late = within(SHORT, pending::<Result<()>>()).await;
        assert_eq!(late.expect_err("it never ends").code, Code::Unavailable);
        let done = within(SHORT, async { Ok(7) }).await;
        assert_eq!(done.expect("it ends"), 7);
    }

    #[tokio::test]
    async fn steps_of_a_request_share_a_deadline() {
        let deadline = Deadline::new(SHORT);
        assert!(deadline.over(pending::<()>()).await.is_err());
        assert!(deadline.over(sleep(SHORT)).await.is_err());
    }

    #[tokio::test]
    async fn waiting_for_something_else_does_not_count() {
        let deadline = Deadline::new(SHORT);
        let both = async { tokio::join!(outside(sleep(SHORT * 4)), outside(sleep(SHORT * 6))) };
        assert!(deadline.over(both).await.is_ok());
        assert!(deadline.over(pending::<()>()).await.is_err());
    }

    #[tokio::test]
    async fn what_is_dropped_knows_whether_its_deadline_has_passed() {
        struct Asks(tokio::sync::mpsc::UnboundedSender<bool>);
        impl Drop for Asks {
            fn drop(&mut self) {
                self.0.send(passed()).expect("the test listens");
            }
        }
        let (told, mut tell) = tokio::sync::mpsc::unbounded_channel();
        let asks = Asks(told.clone());
        let hang = async move {
            let _asks = asks;
            pending::<Result<()>>().await
        };
        assert!(within(SHORT, hang).await.is_err());
        assert_eq!(tell.recv().await, Some(true));
        drop(within(REQUEST, async { Ok(Asks(told)) }).await);
        assert_eq!(tell.recv().await, Some(false));
    }
}
