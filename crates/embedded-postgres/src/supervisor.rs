//! Restarts the postmaster when it dies.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::launcher::Launcher;
use crate::lock::Lock;
use crate::postmaster::Postmaster;

/// Backoff before a restart: 0.1 s, doubled each time up to 5 s, reset after 30 s of uptime.
const MIN_BACKOFF: Duration = Duration::from_millis(100);
const MAX_BACKOFF: Duration = Duration::from_secs(5);
const BACKOFF_RESET: Duration = Duration::from_secs(30);

/// The supervising task. A message on its channel requests a shutdown; a dropped channel only ends the supervision of an
/// adopted server.
#[derive(Debug)]
pub(crate) struct Supervisor {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Why the supervision ends.
enum StopReason {
    Stopped,
    Dropped,
}

struct Supervision {
    launcher: Launcher,
    postmaster: Postmaster,
    backoff: Duration,
    restart_count: Arc<AtomicU64>,
    /// Released last, when this process runs no server any more.
    _lock: Lock,
}

impl Supervisor {
    pub(crate) fn spawn(
        launcher: Launcher,
        postmaster: Postmaster,
        lock: Lock,
        restart_count: Arc<AtomicU64>,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        let supervision = Supervision {
            launcher,
            postmaster,
            backoff: MIN_BACKOFF,
            restart_count,
            _lock: lock,
        };
        Self {
            stop,
            task: tokio::spawn(supervision.run(stopped)),
        }
    }

    pub(crate) async fn stop(self) {
        let _ended = self.stop.send(());
        if let Err(error) = self.task.await {
            tracing::error!("the private PostgreSQL's supervisor failed: {error}");
        }
    }
}

impl Supervision {
    async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        let reason = tokio::select! {
            biased;
            stopped = &mut stop => if stopped.is_ok() { StopReason::Stopped } else { StopReason::Dropped },
            never = self.keep_alive() => match never {},
        };
        match (reason, &self.postmaster) {
            (StopReason::Dropped, Postmaster::Adopted { .. }) => {}
            _ => {
                self.postmaster.shut_down().await;
                self.launcher.clean_up();
            }
        }
    }

    /// Cancel safe: `postmaster` is then the dead one or the running one.
    async fn keep_alive(&mut self) -> std::convert::Infallible {
        loop {
            let started_at = Instant::now();
            let status = self.postmaster.wait_for_exit().await;
            if started_at.elapsed() > BACKOFF_RESET {
                self.backoff = MIN_BACKOFF;
            }
            tracing::warn!(wait = ?self.backoff, "the private PostgreSQL ended ({status}): starting it again");
            self.restart().await;
        }
    }

    async fn restart(&mut self) {
        loop {
            sleep(self.backoff).await;
            self.backoff = (self.backoff * 2).min(MAX_BACKOFF);
            match self.launcher.spawn().await {
                Ok(postmaster) => {
                    self.postmaster = postmaster;
                    self.restart_count.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Err(error) => {
                    tracing::warn!(wait = ?self.backoff, "the private PostgreSQL can't be started: {error}")
                }
            }
        }
    }
}
