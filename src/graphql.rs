//! The schema: what GraphQL itself needs to know of Vestibule.

pub mod fault;
pub mod upload;
