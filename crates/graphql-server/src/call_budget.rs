//! How many calls to a backend, as statements of a database, the queries of one request may make.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The calls of one request. The engine counts them and refuses what begins when they are spent.
#[derive(Debug)]
pub struct CallBudget {
    begun: AtomicU32,
    max: u32,
}

impl CallBudget {
    pub fn new(max: u32) -> Arc<Self> {
        Arc::new(Self {
            begun: AtomicU32::new(0),
            max,
        })
    }

    pub fn max(&self) -> u32 {
        self.max
    }

    /// Counts a call.
    pub fn count(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    pub fn spent(&self) -> bool {
        self.begun.load(Ordering::Relaxed) >= self.max
    }
}
