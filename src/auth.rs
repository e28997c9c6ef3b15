//! What proves who somebody is.

pub mod asking;
pub mod by_google;
pub mod by_password;
pub mod challenges;
pub mod code;
pub mod confirming;
pub mod door;
pub mod google;
pub mod jwt;
pub mod keys;
pub mod not_me;
pub mod own;
pub mod password;
pub mod refusal;
pub mod reset_password;
pub mod sessions;
pub mod set_password;
pub mod sign_in;
pub mod step_up;
pub mod viewer;
