//! Limits the calls to a backend, such as database statements, that the queries of one request may make.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The calls of one request. The engine counts them, and refuses further ones when the budget is exhausted.
#[derive(Debug)]
pub struct CallBudget {
    used: AtomicU32,
    max: u32,
}

impl CallBudget {
    pub fn new(max: u32) -> Arc<Self> {
        Arc::new(Self {
            used: AtomicU32::new(0),
            max,
        })
    }

    pub fn max(&self) -> u32 {
        self.max
    }

    /// Counts a call.
    pub fn count(&self) {
        self.used.fetch_add(1, Ordering::Relaxed);
    }

    pub fn is_exhausted(&self) -> bool {
        self.used.load(Ordering::Relaxed) >= self.max
    }
}
