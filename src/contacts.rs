//! Contacts: the people of an account. Their details and access, lists and filters, imports, and the counts of `portalStats`.

pub(crate) mod emails;
pub(crate) mod graphql;
pub mod model;
pub(crate) mod pages;
