//! The pages of a challenge: waiting for its email, and the second confirmation.

pub mod confirm;
pub mod wait;
