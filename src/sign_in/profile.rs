//! The profile: a person's own sessions, password and identities.

pub(crate) mod pages;
