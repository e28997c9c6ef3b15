//! Invitations: which contacts were invited to the portal, who invited them, and the outcome.

pub(crate) mod emails;
pub(crate) mod graphql;
pub(crate) mod model;
