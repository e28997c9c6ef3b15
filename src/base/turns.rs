//! Work that takes a processor for milliseconds and can't be stopped, such as reading a template.

use std::sync::LazyLock;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;

use crate::base::error::{Error, Result};

/// As many at once as there are processors: more would only slow down what somebody waits for.
static TURNS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, std::num::NonZero::get)));

/// Runs the work on a thread that may block, when it is its turn. It keeps its turn to its end, even if the request has ended before.
pub(crate) async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let turn = TURNS.acquire().await.map_err(Error::internal)?;
    let done = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    });
    done.await.map_err(Error::internal)
}
