//! How long work waits for its backend, such as a database. When the backend does not respond for that long, the work is
//! dropped, with everything it holds. Each response restarts the wait ([`backend_responded`]), so long work that makes
//! progress is not dropped; after an error, responses no longer do. Waiting for anything else pauses the deadline:
//! [`paused`].
//!
//! The current deadline is a task-local. A spawned task of the same work inherits it by [`Deadline::current`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// For a request: clients get a response within 5 s.
pub const REQUEST: Duration = Duration::from_millis(4_500);

/// For a request with a file, which is read while its rows are written.
pub const UPLOAD: Duration = Duration::from_secs(30);

tokio::task_local! {
    static CURRENT: Deadline;
}

/// One deadline, shared by the steps of a request.
#[derive(Clone, Debug)]
pub struct Deadline {
    limit: Duration,
    state: Arc<Mutex<WaitState>>,
}

#[derive(Debug)]
struct WaitState {
    /// When the backend last responded, or the work began.
    waiting_since: Instant,
    /// The backend returned an error: from then on, responses don't restart the wait.
    failed: bool,
    /// The time since then for which the deadline was paused.
    paused: Duration,
    /// How many pauses are open now, and since when.
    pause_count: usize,
    paused_since: Option<Instant>,
}

/// The deadline has passed, and the work was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOut;

impl Deadline {
    pub fn new(limit: Duration) -> Self {
        let state = WaitState {
            waiting_since: Instant::now(),
            failed: false,
            paused: Duration::ZERO,
            pause_count: 0,
            paused_since: None,
        };
        Self {
            limit,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The current deadline, for a spawned task of the same work.
    pub fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_else(|_| Self::request())
    }

    pub fn request() -> Self {
        Self::new(REQUEST)
    }

    /// Runs the work until it is done or the deadline passes.
    ///
    /// # Errors
    /// [`TimedOut`] if the work was dropped.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, TimedOut> {
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

    fn state(&self) -> MutexGuard<'_, WaitState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) -> Instant {
        let state = self.state();
        let current_pause = state.paused_since.map_or(Duration::ZERO, |since| since.elapsed());
        state.waiting_since + self.limit + state.paused + current_pause
    }

    fn passed(&self) -> bool {
        Instant::now() >= self.end()
    }

    fn backend_responded(&self, ok: bool) {
        let mut state = self.state();
        state.failed |= !ok;
        if !state.failed {
            state.waiting_since = Instant::now();
            state.paused = Duration::ZERO;
            state.paused_since = state.paused_since.map(|_| Instant::now());
        }
    }

    fn pause(&self) -> Pause {
        let mut state = self.state();
        state.pause_count += 1;
        state.paused_since.get_or_insert_with(Instant::now);
        drop(state);
        Pause(self.clone())
    }
}

struct Pause(Deadline);

impl Drop for Pause {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.pause_count -= 1;
        if state.pause_count == 0
            && let Some(since) = state.paused_since.take()
        {
            state.paused += since.elapsed();
        }
    }
}

/// Pauses the current deadline for work that does not use the backend and has its own time limit.
pub async fn paused<T>(work: impl Future<Output = T>) -> T {
    let _pause = CURRENT.try_with(Deadline::pause).ok();
    work.await
}

/// Records that the backend responded, successfully or with an error.
pub fn backend_responded(ok: bool) {
    let _no_deadline = CURRENT.try_with(|deadline| deadline.backend_responded(ok));
}

/// Whether the current deadline has passed.
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
        let timed_out = Deadline::new(SHORT).run(pending::<()>()).await;
        assert_eq!(timed_out, Err(TimedOut));
        let done = Deadline::new(SHORT).run(async { 7 }).await;
        assert_eq!(done, Ok(7));
    }

    #[tokio::test]
    async fn steps_of_a_request_share_a_deadline() {
        let deadline = Deadline::new(SHORT);
        assert!(deadline.run(pending::<()>()).await.is_err());
        assert!(deadline.run(sleep(SHORT)).await.is_err());
    }

    #[tokio::test]
    async fn a_response_restarts_the_wait_until_one_is_an_error() {
        let deadline = Deadline::new(SHORT);
        let first_end = deadline.end();
        let responses = async {
            sleep(SHORT / 10).await;
            backend_responded(true);
        };
        assert!(deadline.run(responses).await.is_ok());
        let second_end = deadline.end();
        assert!(second_end > first_end);
        let errors = async {
            backend_responded(false);
            sleep(SHORT / 10).await;
            backend_responded(true);
        };
        assert!(deadline.run(errors).await.is_ok());
        assert_eq!(deadline.end(), second_end);
    }

    #[tokio::test]
    async fn pauses_do_not_count() {
        let deadline = Deadline::new(SHORT);
        let both = async { tokio::join!(paused(sleep(SHORT * 4)), paused(sleep(SHORT * 6))) };
        assert!(deadline.run(both).await.is_ok());
        assert!(deadline.run(pending::<()>()).await.is_err());
    }

    #[tokio::test]
    async fn a_dropped_value_can_tell_whether_the_deadline_has_passed() {
        struct RecordsPassed(tokio::sync::mpsc::UnboundedSender<bool>);
        impl Drop for RecordsPassed {
            fn drop(&mut self) {
                self.0.send(passed()).expect("the test listens");
            }
        }
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let record = RecordsPassed(sender.clone());
        let hang = async move {
            let _record = record;
            pending::<()>().await;
        };
        assert!(Deadline::new(SHORT).run(hang).await.is_err());
        assert_eq!(receiver.recv().await, Some(true));
        drop(Deadline::request().run(async { RecordsPassed(sender) }).await);
        assert_eq!(receiver.recv().await, Some(false));
    }
}
