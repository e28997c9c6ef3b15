//! What proves who somebody is.

pub mod by_password;
pub mod code;
pub mod door;
pub mod jwt;
pub mod keys;
pub mod password;
pub mod refusal;
pub mod set_password;
pub mod sign_in;
pub mod viewer;
