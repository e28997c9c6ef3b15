//! Bulk jobs: one change for many contacts (invitations, login emails, imports), done item by item by the worker.

pub(crate) mod graphql;
pub(crate) mod jobs;
pub mod model;
