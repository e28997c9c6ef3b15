//! Bulk jobs: one change for many contacts (invitations, login emails, imports), done item by item by the worker.

pub mod graphql;
pub mod jobs;
pub mod model;
