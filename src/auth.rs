//! What proves who somebody is.

pub mod asking;
pub mod challenges;
pub mod code;
pub mod confirming;
pub mod door;
pub mod jwt;
pub mod keys;
pub mod own;
pub mod refusal;
pub mod sign_in;
pub mod step_up;
pub mod viewer;
