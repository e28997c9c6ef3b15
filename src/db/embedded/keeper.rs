//! Starts the postmaster again when it dies.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::launch::Launch;
use super::lock::Lock;
use super::postmaster::Postmaster;

/// Waits before a new start: 0.1 s, doubled each time up to 5 s, from the beginning after 30 s of life.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
const GOOD_LIFE: Duration = Duration::from_secs(30);

/// The task that watches. Its sender tells it to stop in order; dropped, to let go.
#[derive(Debug)]
pub(super) struct Keeper {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Why watching ended.
enum End {
    Asked,
    LetGo,
}

struct Watch {
    launch: Launch,
    postmaster: Postmaster,
    wait: Duration,
    restarts: Counter,
    /// Given back last, when nothing of ours runs any more.
    _lock: Lock,
}

impl Keeper {
    pub(super) fn watch(launch: Launch, postmaster: Postmaster, lock: Lock, restarts: Counter) -> Self {
        let (stop, asked) = oneshot::channel();
        let watch = Watch {
            launch,
            postmaster,
            wait: FIRST_WAIT,
            restarts,
            _lock: lock,
        };
        Self {
            stop,
            task: tokio::spawn(watch.run(asked)),
        }
    }

    pub(super) async fn stop(self) {
        let _ended = self.stop.send(());
        if let Err(error) = self.task.await {
            tracing::error!("the private PostgreSQL's keeper failed: {error}");
        }
    }
}

impl Watch {
    async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        let end = tokio::select! {
            biased;
            asked = &mut stop => if asked.is_ok() { End::Asked } else { End::LetGo },
            never = self.keep_alive() => match never {},
        };
        match (end, &self.postmaster) {
            (End::LetGo, Postmaster::Adopted(..)) => {}
            _ => {
                self.postmaster.shut_down().await;
                self.launch.tidy();
            }
        }
    }

    /// Can be given up at any await: `postmaster` is then the dead one, or the one that lives.
    async fn keep_alive(&mut self) -> std::convert::Infallible {
        loop {
            let began = Instant::now();
            let status = self.postmaster.ended().await;
            if began.elapsed() > GOOD_LIFE {
                self.wait = FIRST_WAIT;
            }
            tracing::warn!(wait = ?self.wait, "the private PostgreSQL ended ({status}): starting it again");
            self.revive().await;
        }
    }

    async fn revive(&mut self) {
        loop {
            sleep(self.wait).await;
            self.wait = (self.wait * 2).min(LONGEST_WAIT);
            match self.launch.spawn().await {
                Ok(postmaster) => {
                    self.postmaster = postmaster;
                    self.restarts.inc();
                    return;
                }
                Err(error) => {
                    tracing::warn!(wait = ?self.wait, "the private PostgreSQL can't be started: {error}")
                }
            }
        }
    }
}
