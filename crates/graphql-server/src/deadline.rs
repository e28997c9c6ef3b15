//! How long work waits for its backend, as a database. When there was no answer for so long, the work is dropped, and with it
//! what it holds. An answer begins the wait anew ([`answered`]), so that work which goes on is not ended for being long; after
//! an error it does not. Waiting for something other than the backend stops the clock: [`outside`].
//!
//! The deadline of the work at hand is a task-local; a task of its own that belongs to the same work takes it along with
//! [`Deadline::current`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Of a request: clients are answered within 5 s.
pub const REQUEST: Duration = Duration::from_millis(4_500);

/// Of a request with a file, which is read while its rows are written.
pub const UPLOAD: Duration = Duration::from_secs(30);

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
    /// When the backend gave its last answer, or the work began.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    ///
    /// # Errors
    /// [`TimedOut`] when the work was dropped.
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

/// Work that does not use the backend and has a limit of its own: the deadline around it is later by as much.
pub async fn outside<T>(work: impl Future<Output = T>) -> T {
    let _pause = CURRENT.try_with(Deadline::pause).ok();
    work.await
}

/// The backend has answered the work around this, well or with an error.
pub fn answered(well: bool) {
    let _without = CURRENT.try_with(|deadline| deadline.answered(well));
}

/// Whether the deadline around this has passed.
pub fn passed() -> bool {
    CURRENT.try_with(Deadline::passed).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep;

    use super::*;
    const SHORT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn work_that_takes_too_long_is_dropped() {
        let late = Deadline::new(SHORT).over(pending::<()>()).await;
        assert_eq!(late, Err(TimedOut));
        let done = Deadline::new(SHORT).over(async { 7 }).await;
        assert_eq!(done, Ok(7));
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
            pending::<()>().await;
        };
        assert!(Deadline::new(SHORT).over(hang).await.is_err());
        assert_eq!(tell.recv().await, Some(true));
        drop(Deadline::request().over(async { Asks(told) }).await);
        assert_eq!(tell.recv().await, Some(false));
    }
}
