//! The team: members with their roles, API keys with their scopes, and staff sign-in links.

pub(crate) mod emails;
pub(crate) mod graphql;
pub mod model;
pub(crate) mod pages;
