//! An account's own texts of the emails that the system sends: the subject, and what stands before the button. The button with its
//! link, or the code, and what must be said about it stay built in.
//!
//! A text that can't be rendered never holds up an email: the built-in one is sent.

pub(crate) mod emails;
pub(crate) mod fields;
pub(crate) mod graphql;
pub(crate) mod model;
pub(crate) mod text;
