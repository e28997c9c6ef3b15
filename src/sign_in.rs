//! Sign-in: a folder or file per method ([`password`], [`challenge`] for codes and links by email, [`google`], [`link`] for
//! magic links and staff links, [`step_up`]), the sessions that they open, and the access tokens that carry them.
//!
//! Each method has `verify`, which counts the attempt and compares in no transaction, and `complete`, which opens the session
//! in the caller's transaction with [`open_session`]. The caller commits and nudges.

pub mod access_token;
pub mod attempt;
mod attempt_log;
pub mod auth_context;
pub(crate) mod authenticator;
pub mod challenge;
pub mod context;
pub(crate) mod google;
pub(crate) mod graphql;
pub mod keys;
pub mod link;
pub(crate) mod not_me;
pub mod open_session;
pub(crate) mod pages;
pub mod password;
pub mod person;
pub(crate) mod profile;
pub mod refusal;
pub mod sessions;
pub mod signing_keys;
pub(crate) mod step_up;
