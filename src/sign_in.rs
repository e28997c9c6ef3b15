//! Sign-in: a folder per method (`password`, `challenge` for codes and links by email, `google`), the sessions they open,
//! and the access tokens that carry them.

pub mod access_token;
pub mod attempt;
pub mod auth_context;
pub mod authenticator;
pub mod challenge;
pub mod google;
pub mod graphql;
pub mod not_me;
pub mod open_session;
pub mod pages;
pub mod password;
pub mod person;
pub mod profile;
pub mod refusal;
pub mod service;
pub mod sessions;
pub mod signing_keys;
pub mod step_up;
