//! Metrics of the database, for `/metrics`.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use tokio::time::Instant;

/// All clones share their values.
#[derive(Clone, Debug)]
pub struct DatabaseMetrics {
    /// Seconds that callers waited for a connection of the pool, whether they got one or timed out.
    pub pool_wait: Histogram,
    /// Restarts of the private PostgreSQL after it died.
    pub restart_count: Arc<AtomicU64>,
}

impl Default for DatabaseMetrics {
    fn default() -> Self {
        Self {
            pool_wait: Histogram::new(exponential_buckets(0.0005, 4.0, 8)),
            restart_count: Arc::default(),
        }
    }
}

impl DatabaseMetrics {
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
