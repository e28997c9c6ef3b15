//! Shows other workers that this one lives, and takes over the leases of those that don't.

use std::collections::HashSet;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::base::db::deadline;
use crate::base::error::{Error, Result};
use crate::messages::model::lease;
use crate::worker::Worker;
use crate::worker::backoff::{Backoff, catch_panic};

const LOOK_INTERVAL: Duration = Duration::from_secs(1);

impl Worker {
    /// Holds the worker's lock until `stop`, and reports when it is held and the leases of dead workers are taken over.
    pub(super) async fn hold_lock(&self, stop: &CancellationToken, locked: oneshot::Sender<()>) {
        let (mut locked, mut backoff) = (Some(locked), Backoff::new());
        while !stop.is_cancelled() {
            let held = Box::pin(catch_panic(self.hold(&mut locked, &mut backoff)));
            if let Some(Err(error)) = stop.run_until_cancelled(held).await {
                backoff.after(&error, stop).await;
            }
        }
    }

    /// Returns when the connection, and so the lock, is lost.
    async fn hold(&self, locked: &mut Option<oneshot::Sender<()>>, backoff: &mut Backoff) -> Result<()> {
        let connect = Box::pin(self.parts.db.connect_unpooled());
        let mut conn = deadline::within(deadline::BACKGROUND, connect).await?;
        if !deadline::within(deadline::BACKGROUND, lease::lock(&mut conn, self.owner)).await? {
            // The server has not noticed yet that the last connection is gone.
            return Err(Error::internal("the worker's lock is held by another connection"));
        }
        let mut known = HashSet::new();
        loop {
            let look = async {
                let live = lease::live_workers(&mut conn).await?;
                // Also right after the start: this worker is new.
                if !known.is_subset(&live) || known.is_empty() {
                    let count = lease::take_over(&mut conn, self.parts.clock.now()).await?;
                    if count > 0 {
                        tracing::info!(count, "took over the messages of a worker that died");
                    }
                }
                Ok(live)
            };
            known = deadline::within(deadline::BACKGROUND, look).await?;
            backoff.reset();
            if let Some(locked) = locked.take() {
                let _stopping = locked.send(());
            }
            sleep(LOOK_INTERVAL).await;
        }
    }
}
