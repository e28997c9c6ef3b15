//! The profile: a person's own sessions and password, and the step-up.

pub(crate) mod pages;
