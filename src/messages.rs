//! Messages: each row is the promise to send one email or text message. The worker claims it, renders it, sends it and records the outcome.
//! Nothing is sent to suppressed addresses.

pub(crate) mod emails;
pub(crate) mod graphql;
pub(crate) mod jobs;
pub mod metrics;
pub mod model;
pub(crate) mod pages;
pub mod texting;
