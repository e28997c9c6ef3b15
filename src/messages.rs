//! Messages: each row is the promise to send one email. The worker claims it, renders it and marks what became of it;
//! suppressed addresses get nothing.

pub(crate) mod emails;
pub(crate) mod graphql;
pub(crate) mod jobs;
pub mod metrics;
pub mod model;
pub(crate) mod pages;
