//! The profile: a person's own sessions, password and identities.

pub mod pages;
