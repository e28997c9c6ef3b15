//! What proves who somebody is.

pub mod code;
pub mod door;
pub mod jwt;
pub mod keys;
pub mod not_me;
pub mod refusal;
pub mod sessions;
pub mod sign_in;
pub mod viewer;
