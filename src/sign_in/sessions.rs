//! Sessions: opened by every method of sign-in, refreshed, listed and ended.

pub(crate) mod emails;
pub(crate) mod graphql;
pub mod model;
mod own_session;

pub use own_session::OwnSession;
pub(crate) use own_session::limited_error;
