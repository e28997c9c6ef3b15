//! Affiliates: contacts with a link to pass on, the clicks on it, and the sales that came from it.

pub(crate) mod graphql;
pub(crate) mod model;
pub(crate) mod pages;
