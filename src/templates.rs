//! Templates that staff write for emails and text messages: their versions, their merge fields, and how they look.

pub(crate) mod content;
pub(crate) mod emails;
pub(crate) mod fields;
pub(crate) mod graphql;
pub(crate) mod model;
pub(crate) mod trigger;
pub(crate) mod values;
