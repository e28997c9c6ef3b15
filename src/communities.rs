//! Communities, and what staff announce to their members.

pub(crate) mod graphql;
pub(crate) mod model;
pub(crate) mod pages;
