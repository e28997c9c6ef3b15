//! What the database's side counts, for `/metrics`.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use tokio::time::Instant;

/// All clones count together.
#[derive(Clone, Debug)]
pub struct DatabaseMetrics {
    /// Seconds that callers waited for a connection of the pool, whether they got one or gave up.
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
    /// Measures until it is dropped.
    pub(crate) fn waiting(&self) -> Waiting {
        Waiting {
            since: Instant::now(),
            histogram: self.pool_wait.clone(),
        }
    }
}

pub(crate) struct Waiting {
    since: Instant,
    histogram: Histogram,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.histogram.observe(self.since.elapsed().as_secs_f64());
    }
}
