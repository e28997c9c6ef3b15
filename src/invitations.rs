//! Invitations: who was asked to join the portal, by whom, and what became of it.

pub(crate) mod emails;
pub(crate) mod graphql;
pub(crate) mod model;
