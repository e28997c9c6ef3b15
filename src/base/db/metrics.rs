//! Metrics of the database, for `/metrics`.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use tokio::time::Instant;

/// `NaN` if the value is unknown.
type Figure = Gauge<f64, AtomicU64>;

fn unknown() -> Figure {
    let figure = Figure::default();
    figure.set(f64::NAN);
    figure
}

/// All clones share their values.
#[derive(Clone, Debug)]
pub struct DatabaseMetrics {
    /// Seconds that callers waited for a connection of the pool, whether they got one or timed out.
    pub pool_wait: Histogram,
    /// Restarts of the private PostgreSQL after it died.
    pub restart_count: Arc<AtomicU64>,
    /// How much our clock is ahead of the database's.
    pub clock_offset: Figure,
    pub replica_lag: Figure,
    /// 1 if the replica is used, else 0.
    pub replica_usable: Figure,
    /// Reads that were meant for the replica and were done on the primary.
    pub replica_fallbacks: Counter,
}

impl Default for DatabaseMetrics {
    fn default() -> Self {
        Self {
            pool_wait: Histogram::new(exponential_buckets(0.0005, 4.0, 8)),
            restart_count: Arc::default(),
            clock_offset: unknown(),
            replica_lag: unknown(),
            replica_usable: unknown(),
            replica_fallbacks: Counter::default(),
        }
    }
}

impl DatabaseMetrics {
    /// Registers what is up to date at any time.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let wait = "Seconds that callers waited for a connection of the pool";
        registry.register("database_pool_wait_seconds", wait, self.pool_wait.clone());
        let fallbacks = "Reads that were meant for the replica and were done on the primary";
        registry.register("replica_fallbacks", fallbacks, self.replica_fallbacks.clone());
        for (name, help, figure) in [
            (
                "clock_offset_seconds",
                "How much the clock of this machine is ahead of the database's",
                &self.clock_offset,
            ),
            (
                "replica_lag_seconds",
                "How far the replica is behind the primary, at most",
                &self.replica_lag,
            ),
            (
                "replica_usable",
                "1 if the replica is used, else 0",
                &self.replica_usable,
            ),
        ] {
            registry.register(name, help, Figure::clone(figure));
        }
    }

    pub(crate) fn start_pool_wait(&self) -> PoolWaitTimer {
        PoolWaitTimer {
            started_at: Instant::now(),
            histogram: self.pool_wait.clone(),
        }
    }
}

/// Observes the time since it was started when it is dropped.
pub(crate) struct PoolWaitTimer {
    started_at: Instant,
    histogram: Histogram,
}

impl Drop for PoolWaitTimer {
    fn drop(&mut self) {
        self.histogram.observe(self.started_at.elapsed().as_secs_f64());
    }
}
