//! Automations: what staff publish, and the runs of contacts through it.
//!
//! An event is queued in the transaction that records it (`base/audit`), if a workflow listens to it. The worker's loops make runs of events
//! (`model/enter.rs`), fire the triggers that depend on time (`model/timed.rs`), and take the runs from step to step (`model/advance.rs`).

pub(crate) mod graphql;
pub(crate) mod jobs;
pub(crate) mod model;
