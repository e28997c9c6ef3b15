//! What proves who somebody is.

pub mod asking;
pub mod by_password;
pub mod challenges;
pub mod code;
pub mod confirming;
pub mod device;
pub mod door;
pub mod jwt;
pub mod keys;
pub mod own;
pub mod password;
pub mod refusal;
pub mod reset_password;
pub mod set_password;
pub mod sign_in;
pub mod step_up;
pub mod viewer;
