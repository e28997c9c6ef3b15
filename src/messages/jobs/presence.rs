//! Shows other workers that this one lives, and takes over the leases of those that don't.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::Delivery;
use crate::base::db::{Conn, deadline};
use crate::base::error::Result;
use crate::messages::model::lease;
use crate::worker::backoff::{Backoff, catch_panic};

const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// A worker that lost only its connection takes its lock again within this time.
const GRACE: Duration = Duration::from_secs(5);

impl Delivery {
    /// Holds the worker's lock for as long as it is polled. Nothing is claimed or sent without it.
    pub(super) async fn hold_lock(&self) {
        let (never, mut backoff) = (CancellationToken::new(), Backoff::new());
        // What died before this worker started is dead.
        let mut take_over_at = Some(Instant::now());
        loop {
            let held = Box::pin(catch_panic(self.hold(&mut take_over_at, &mut backoff))).await;
            self.state().locked = false;
            // The database may have ended the connections of all workers.
            take_over_at = Some(Instant::now() + GRACE);
            if let Err(error) = held {
                backoff.after(&error, &never).await;
            }
        }
    }

    /// Returns when the connection, and so the lock, is lost.
    async fn hold(&self, take_over_at: &mut Option<Instant>, backoff: &mut Backoff) -> Result<()> {
        let connect = Box::pin(self.worker.parts.db.connect_unpooled());
        let mut conn = deadline::within(deadline::BACKGROUND, connect).await?;
        deadline::within(deadline::BACKGROUND, lease::lock(&mut conn, self.worker.owner)).await?;
        let mut known = HashSet::new();
        loop {
            let look = self.look(&mut conn, &known, take_over_at);
            known = deadline::within(deadline::BACKGROUND, look).await?;
            backoff.reset();
            if !std::mem::replace(&mut self.state().locked, true) {
                self.sendable.send_replace(());
                self.room.send_replace(());
            }
            sleep(LOOK_INTERVAL).await;
        }
    }

    /// Returns the workers that live.
    async fn look(
        &self,
        conn: &mut Conn,
        known: &HashSet<i32>,
        take_over_at: &mut Option<Instant>,
    ) -> Result<HashSet<i32>> {
        let live = lease::live_workers(conn).await?;
        if !known.is_subset(&live) {
            take_over_at.get_or_insert(Instant::now() + GRACE);
        }
        if take_over_at.is_some_and(|at| at <= Instant::now()) {
            let count = lease::take_over(conn, self.worker.parts.clock.now()).await?;
            *take_over_at = None;
            if count > 0 {
                tracing::info!(count, "took over the messages of a worker that died");
            }
        }
        Ok(live)
    }
}
