//! Messages that staff write to one or many contacts. A mailing is what they say; each recipient gets a message of the kind `WRITTEN`.

pub(crate) mod emails;
pub(crate) mod graphql;
pub(crate) mod model;
pub(crate) mod pages;
