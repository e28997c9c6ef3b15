//! "Why can't they get in?": each step that lets a contact in or stops them, with what staff can do about it.

pub(crate) mod graphql;
mod model;
