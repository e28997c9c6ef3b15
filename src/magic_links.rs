//! Magic links, which sign a contact in once; menu links, which hold no credential; the login emails that staff send.

pub(crate) mod emails;
pub(crate) mod graphql;
pub mod model;
pub(crate) mod pages;
