//! Sessions: opened by every method of sign-in, refreshed, listed and ended.

pub(crate) mod emails;
pub mod ending;
pub mod graphql;
pub mod model;
pub mod own;
