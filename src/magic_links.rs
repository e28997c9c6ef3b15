//! Magic links: single-use and reusable links into one section of a portal, and the login emails that carry one.

pub(crate) mod emails;
pub(crate) mod graphql;
pub mod model;
pub(crate) mod pages;
