//! Invitations: who was asked to join the portal, by whom, and what became of it.

pub(crate) mod emails;
pub mod graphql;
pub mod model;
