//! How long work waits for the database. When it has given no answer for so long, the work is dropped, and with it its
//! connection, which leaves the pool (see `held`). An answer begins the wait anew, so that work which goes on is not ended for
//! being long; after an error it does not. What waits for something else than the database stops the clock: [`outside`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::error::{Error, Result};

/// Of a request: clients are answered within 5 s.
pub const REQUEST: Duration = Duration::from_millis(4_500);

/// Of a request with a file, which is read while its rows are written.
pub const UPLOAD: Duration = Duration::from_secs(30);

/// Of a background task.
pub const BACKGROUND: Duration = Duration::from_secs(5);

tokio::task_local! {
    static CURRENT: Deadline;
}

/// One deadline, shared by the steps of a request.
#[derive(Clone, Debug)]
pub struct Deadline {
    limit: Duration,
    waited: Arc<Mutex<Waited>>,
}

#[derive(Debug)]
struct Waited {
    /// When the database gave its last answer, or the work began.
    since: Instant,
    /// An answer was an error: from then on no answer begins the wait anew.
    failed: bool,
    /// The time since then that does not count.
    outside: Duration,
    /// How many wait outside now, and since when.
    outsiders: usize,
    outside_since: Option<Instant>,
}

/// The deadline has passed, and the work was dropped.
#[derive(Debug)]
pub struct TimedOut;

impl Deadline {
    pub fn new(limit: Duration) -> Self {
        let waited = Waited {
            since: Instant::now(),
            failed: false,
            outside: Duration::ZERO,
            outsiders: 0,
            outside_since: None,
        };
        Self {
            limit,
            waited: Arc::new(Mutex::new(waited)),
        }
    }

    /// The one around this, for a task of its own that belongs to the same work.
    pub fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_else(|_| Self::request())
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

    fn waited(&self) -> MutexGuard<'_, Waited> {
        self.waited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) -> Instant {
        let waited = self.waited();
        let lasting = waited
            .outside_since
            .map_or(Duration::ZERO, |since| since.elapsed());
        waited.since + self.limit + waited.outside + lasting
    }

    fn passed(&self) -> bool {
        Instant::now() >= self.end()
    }

    fn answered(&self, well: bool) {
        let mut waited = self.waited();
        waited.failed |= !well;
        if !waited.failed {
            waited.since = Instant::now();
            waited.outside = Duration::ZERO;
            waited.outside_since = waited.outside_since.map(|_| Instant::now());
        }
    }

    fn pause(&self) -> Pause {
        let mut waited = self.waited();
        waited.outsiders += 1;
        waited.outside_since.get_or_insert_with(Instant::now);
        drop(waited);
        Pause(self.clone())
    }
}

struct Pause(Deadline);

impl Drop for Pause {
    fn drop(&mut self) {
        let mut waited = self.0.waited();
        waited.outsiders -= 1;
        if waited.outsiders == 0
            && let Some(since) = waited.outside_since.take()
        {
            waited.outside += since.elapsed();
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

/// The database has answered a statement of the work around this.
pub(super) fn answered(well: bool) {
    let _without = CURRENT.try_with(|deadline| deadline.answered(well));
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

    const SHORT: Duration = Duration::from_millis(50);

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
    async fn an_answer_begins_the_wait_anew_until_one_is_an_error() {
        let deadline = Deadline::new(SHORT);
        let began = deadline.end();
        let answers = async {
            sleep(SHORT / 10).await;
            answered(true);
        };
        assert!(deadline.over(answers).await.is_ok());
        let later = deadline.end();
        assert!(later > began);
        let errors = async {
            answered(false);
            sleep(SHORT / 10).await;
            answered(true);
        };
        assert!(deadline.over(errors).await.is_ok());
        assert_eq!(deadline.end(), later);
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
